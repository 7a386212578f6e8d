"""Who the net is measured against, and how: random play, minimax, and matches from drawn openings. No torch."""

from collections.abc import Callable

import numpy as np

from models.connect_four_net import rules

Player = Callable[[np.ndarray, np.ndarray], np.ndarray]  # uint64 (B,) mine, theirs -> int columns (B,)
OPENING = 4  # random stones at the start of a game of a match
WIN = 10_000
WEIGHTS = np.array(
    [0, 0, 2, 5, 0], np.int32
)  # of a line with so many stones of one side and none of the other
MIDDLE = 3  # weight of a stone in the middle column
NEARNESS = np.array([3, 2, 1, 0, 1, 2, 3]) * 0.01  # between equal columns the one nearer the middle is played


def minimax(depth: int) -> Player:
    """Looks so many stones ahead in full width, then counts the lines of four that are still open to each side."""

    def choose(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return (_scores(mine, theirs, depth) - NEARNESS).argmax(1)

    return choose


def _scores(mine: np.ndarray, theirs: np.ndarray, depth: int) -> np.ndarray:
    """uint64 (B,) -> float (B, 7): what each column is worth to who is to move; -inf where it is full."""
    own, other = (one.reshape(-1) for one in rules.all_drops(mine, theirs))
    below = _counted(own, other) if depth == 1 else _scores(own, other, depth - 1).max(1)
    scores = np.where(rules.full(own, other), 0, -below)
    scores = np.where(rules.won(other), WIN + depth, scores).reshape(-1, 7)
    return np.where(rules.legal(mine, theirs), scores, -np.inf)


def _counted(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """The usual estimate: open lines with two or three stones, and stones in the middle, for who is to move."""
    worth = np.zeros(len(mine), np.int32)
    for line in rules.LINES:
        own, other = np.bitwise_count(mine & line), np.bitwise_count(theirs & line)
        worth += WEIGHTS[own] * (other == 0) - WEIGHTS[other] * (own == 0)
    middle = rules.COLUMN[3]
    counts = [np.bitwise_count(side & middle).astype(np.int32) for side in (mine, theirs)]
    return (worth + MIDDLE * (counts[0] - counts[1])).astype(float)


def at_random(chance: np.random.Generator) -> Player:
    """Any column that is not full."""
    return lambda mine, theirs: (rules.legal(mine, theirs) * chance.random((len(mine), 7))).argmax(1)


def openings(count: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Different positions after OPENING random stones, no two of them mirror images."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    while len(found) < count:
        boards = rules.position(chance.integers(0, 7, OPENING).tolist())
        mirror = tuple(int(rules.mirrored(np.array(side, np.uint64))) for side in boards)
        found.setdefault(min(boards, mirror), boards)  # type: ignore[arg-type]
    return tuple(np.array(side, np.uint64) for side in zip(*found.values(), strict=True))  # type: ignore


def match(player: Player, opponent: Player, count: int, seed: int) -> tuple[float, float]:
    """Two games from each of count / 2 drawn openings, who begins alternates; -> shares that player won, and drew."""
    half = openings(count // 2, np.random.default_rng(seed))
    mine, theirs = (np.concatenate([side, side]) for side in half)
    turn = np.arange(count) < count // 2  # the player moves next in the first half
    result = np.zeros(count, np.int8)
    alive = np.arange(count)
    while len(alive):
        for mover, moving in ((player, alive[turn[alive]]), (opponent, alive[~turn[alive]])):
            if len(moving):
                columns = mover(mine[moving], theirs[moving])
                mine[moving], theirs[moving] = rules.drop(mine[moving], theirs[moving], columns)
        over = rules.won(theirs[alive])
        result[alive[over]] = np.where(turn[alive[over]], 1, -1)
        alive = alive[~(over | rules.full(mine[alive], theirs[alive]))]
        turn = ~turn
    return float((result > 0).mean()), float((result == 0).mean())
