"""Late positions with their exact outcomes, which only the measurement sees: nothing here is trained on.

`python -m models.connect_four_net.data` plays games of minimax (two stones ahead, every third stone at random), keeps
one position of each that has 24 to 32 stones, solves it and writes frozen.npz.
"""

from pathlib import Path

import numpy as np

from models.connect_four_net import opponents, rules, solver

FROZEN = Path(__file__).parent / "frozen.npz"
POSITIONS, STONES, SEED = 1000, (24, 32), 7


def frozen() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """uint64 (N,) mine and theirs; int8 (N, 7) outcomes for who is to move, -2 where the column is full."""
    with np.load(FROZEN) as arrays:
        return arrays["mine"], arrays["theirs"], arrays["outcomes"]


def _late(games: int, chance: np.random.Generator) -> list[tuple[int, int]]:
    """One position of each game that lasts long enough."""
    mine, theirs = np.zeros(games, np.uint64), np.zeros(games, np.uint64)
    wanted, found = chance.integers(STONES[0], STONES[1] + 1, games), []
    clever, blind = opponents.minimax(2), opponents.at_random(chance)
    for number in range(STONES[1] + 1):
        found += [(int(a), int(b)) for a, b in zip(mine[wanted == number], theirs[wanted == number])]
        columns = np.where(chance.random(len(mine)) < 1 / 3, blind(mine, theirs), clever(mine, theirs))
        mine, theirs = rules.drop(mine, theirs, columns)
        playing = ~rules.won(theirs)
        mine, theirs, wanted = mine[playing], theirs[playing], wanted[playing]
    return found


def _solved(count: int, chance: np.random.Generator) -> dict[str, np.ndarray]:
    rows: dict[tuple[int, int], list[int]] = {}
    while len(rows) < count:
        for position in _late(2000, chance):
            if len(rows) < count:
                outcomes = solver.outcomes(*position)
                rows[position] = [outcomes.get(column, -2) for column in range(rules.COLUMNS)]
    mine, theirs = np.array(list(rows), np.uint64).T
    return {"mine": mine, "theirs": theirs, "outcomes": np.array(list(rows.values()), np.int8)}


if __name__ == "__main__":
    np.savez_compressed(FROZEN, **_solved(POSITIONS, np.random.default_rng(SEED)))  # type: ignore[arg-type]
