"""Games that the net plays against itself, all in step, and what is learned from. No torch.

Playout cap randomisation: a few moves are searched long and learned from, the others are played fast (Wu,
"Accelerating Self-Play Learning in Go", 2019, https://arxiv.org/abs/1902.10565).
"""

from dataclasses import dataclass

import numpy as np

from models.connect_four_net import rules
from models.connect_four_net.search import Evaluate, Trees

FREE_MOVES = 12  # stones until which moves are drawn by their visits; then nearly always the most visited
COLD = 4.0  # power of the visits from then on
RANDOM_MOVES = 8  # a game starts after up to so many random stones


@dataclass
class Lessons:
    """Positions of finished games. mine, theirs: uint64 (N,); shares: visits of the long search, float32 (N, 7);
    values: float32 (N,), half the result for who was to move, half what the search found."""

    mine: np.ndarray
    theirs: np.ndarray
    shares: np.ndarray
    values: np.ndarray


def random_openings(count: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Positions after 0 to RANDOM_MOVES random stones, half of them empty, none of them ended."""
    mine, theirs = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    length = chance.integers(0, RANDOM_MOVES + 1, count) * (chance.random(count) < 0.5)
    for number in range(RANDOM_MOVES):
        columns = (rules.legal(mine, theirs) * chance.random((count, 7))).argmax(1)
        after = rules.drop(mine, theirs, columns)
        playing = (number < length) & ~rules.won(after[1])
        mine, theirs = np.where(playing, after[0], mine), np.where(playing, after[1], theirs)
    return mine, theirs


def play(
    evaluate: Evaluate, games: int, long: int, short: int, share: float, chance: np.random.Generator
) -> tuple[Lessons, float]:
    """Plays so many games to their end; -> lessons, and the mean number of stones at the end.

    long, short: simulations of a move that is learned from and of the others; share: how many are the first.
    """
    mine, theirs = random_openings(games, chance)
    alive, result, told = np.arange(games), np.zeros(games, np.float32), []
    while len(alive):
        stones = np.bitwise_count(mine[alive] | theirs[alive]).astype(np.int64)
        learned = chance.random(len(alive)) < share
        visits, found = np.zeros((len(alive), 7)), np.zeros(len(alive), np.float32)
        for group, simulations in ((learned, long), (~learned, short)):
            if group.any():
                trees = Trees(mine[alive[group]], theirs[alive[group]], evaluate, simulations)
                if simulations == long:
                    trees.add_noise(chance)
                trees.simulate(simulations)
                visits[group], found[group] = trees.visits, trees.mean
        shares = (visits / visits.sum(1, keepdims=True)).astype(np.float32)
        kept = alive[learned]
        told.append((kept, stones[learned] % 2, mine[kept], theirs[kept], shares[learned], found[learned]))
        columns = _drawn(shares, stones, chance)
        mine[alive], theirs[alive] = rules.drop(mine[alive], theirs[alive], columns)
        over = rules.won(theirs[alive])
        result[alive[over]] = 1 - 2 * (stones[over] % 2)  # 1: who began has won
        alive = alive[~(over | rules.full(mine[alive], theirs[alive]))]
    game, second, own, other, shares, found = (np.concatenate(part) for part in zip(*told, strict=True))
    values = (result[game] * (1 - 2 * second) + found) / 2
    length = float(np.bitwise_count(mine | theirs).mean())
    return Lessons(own, other, shares, values.astype(np.float32)), length


def _drawn(shares: np.ndarray, stones: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """One column for each game, by the shares of visits: float (G, 7) -> int (G,)."""
    wishes = shares ** np.where(stones < FREE_MOVES, 1.0, COLD)[:, None]
    steps = wishes.cumsum(1) / wishes.sum(1, keepdims=True)
    return (chance.random((len(shares), 1)) < steps).argmax(1)
