"""The rules of Connect Four on bitboards: one position, or many at once. No torch.

A board is a number of 49 bits: bit 7 c + r is the place in column c (0 to 6, from the left) and row r (0 to 5, from
below); bit 7 c + 6 stays empty, so that no line runs over from one column into the next. A position is a pair
`mine, theirs`: the stones of who is to move and of the other. Each may be an int or a uint64 array of any shape;
every function below answers in kind. Layout after John Tromp, https://tromp.github.io/c4/Connect4.java.
"""

from typing import Any

import numpy as np

COLUMNS, ROWS, LENGTH = 7, 6, 4
STRIDE = ROWS + 1
BOTTOM = tuple(1 << STRIDE * c for c in range(COLUMNS))  # each column's lowest place
COLUMN = tuple(((1 << ROWS) - 1) << STRIDE * c for c in range(COLUMNS))  # each column's six places
BOARD = sum(COLUMN)
TOP = tuple(1 << STRIDE * c + ROWS - 1 for c in range(COLUMNS))
STEPS = (1, STRIDE, STRIDE - 1, STRIDE + 1)  # up, along, and the two diagonals
LINES = tuple(
    sum(1 << STRIDE * (c + i * dc) + r + i * dr for i in range(LENGTH))
    for dc, dr in ((0, 1), (1, 0), (1, 1), (1, -1))
    for c in range(COLUMNS)
    for r in range(ROWS)
    if 0 <= c + 3 * dc < COLUMNS and 0 <= r + 3 * dr < ROWS
)  # all 69 lines of four
_BOTTOM, _COLUMN, _TOP = (np.array(bits, np.uint64) for bits in (BOTTOM, COLUMN, TOP))
_PLACES = np.array([[STRIDE * c + r for c in range(COLUMNS)] for r in range(ROWS)], np.uint64)


def won(stones: Any) -> Any:
    """Whether four of these stones stand in a line."""
    found = stones & 0
    for step in STEPS:
        pairs = stones & (stones >> step)
        found = found | (pairs & (pairs >> 2 * step))
    return found != 0


def full(mine: Any, theirs: Any) -> Any:
    """Whether no place is free."""
    return (mine | theirs) == BOARD


def drop(mine: Any, theirs: Any, column: Any) -> tuple[Any, Any]:
    """The position after who is to move has dropped a stone into a column that is not full."""
    if isinstance(mine, int):
        return theirs, mine | (((mine | theirs) + BOTTOM[column]) & COLUMN[column])
    return theirs, mine | (((mine | theirs) + _BOTTOM[column]) & _COLUMN[column])


def legal(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """uint64 (...) -> bool (..., 7): the columns that are not full."""
    return ((mine | theirs)[..., None] & _TOP) == 0


def columns_of(mine: int, theirs: int) -> list[int]:
    """The columns that are not full, from the middle outwards."""
    return [c for c in (3, 2, 4, 1, 5, 0, 6) if not (mine | theirs) & TOP[c]]


def all_drops(mine: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """uint64 (...) -> positions (..., 7) after a stone in each column; a full column changes no stone."""
    mine, theirs = (np.repeat(side[..., None], COLUMNS, -1) for side in (mine, theirs))
    return drop(mine, theirs, np.arange(COLUMNS))


def mirrored(stones: np.ndarray) -> np.ndarray:
    """The board seen in a mirror: column 0 becomes column 6."""
    parts = [((stones >> STRIDE * c) & 0x7F) << STRIDE * (COLUMNS - 1 - c) for c in range(COLUMNS)]
    return np.bitwise_or.reduce(parts)


def planes(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """uint64 (B,) -> float32 (B, 3, 6, 7), lowest row first: my stones, theirs, free places."""
    boards = np.stack([mine, theirs, ~(mine | theirs)], 1)
    return ((boards[:, :, None, None] >> _PLACES) & 1).astype(np.float32)


def position(moves: list[int]) -> tuple[int, int]:
    """Columns (0 to 6) played in turn -> the position. Raises ValueError, naming the move that cannot be made."""
    mine = theirs = 0
    for number, column in enumerate(moves, 1):
        if column not in columns_of(mine, theirs) or won(theirs):
            raise ValueError(f"move {number}")
        mine, theirs = drop(mine, theirs, column)
    return mine, theirs


def winning_line(stones: int) -> list[tuple[int, int]]:
    """The places (column, row) of all lines of four that stand; [] for none."""
    line = sum({bit for four in LINES if four & stones == four for bit in _bits(four)})
    return [divmod(bit.bit_length() - 1, STRIDE) for bit in _bits(line)]


def _bits(stones: int) -> list[int]:
    return [1 << place for place in range(STRIDE * COLUMNS) if stones >> place & 1]
