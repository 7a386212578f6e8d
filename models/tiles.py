"""Works through a large picture in overlapping tiles, so that a net's memory follows the tile, not the picture.

Each tile is read with `overlap` more pixels on every side that the picture has, and only its core is kept. Where
overlap is at least the net's receptive radius, the result is that of the whole picture, to the last bit but for
rounding: no seam. A net that halves its picture n times needs align = 2 ** n, so that every tile is halved between
the same pixels as the whole would be.
"""

from collections.abc import Callable, Iterator

import numpy as np

Apply = Callable[[np.ndarray], np.ndarray]
Steps = Iterator[tuple[float, np.ndarray | None]]  # (share done, None); at last (1.0, the whole output)


def tiled(
    picture: np.ndarray, apply: Apply, *, scale: int = 1, side: int = 256, overlap: int = 32, align: int = 1
) -> Steps:
    """Yields (share done, None) after each tile, row by row, but after the last one (1.0, whole output).

    picture: (height, width, channels), any dtype. apply: a window of it (h, w, channels) -> (h * scale, w * scale,
    channels of its own), which decides dtype and channels of the output, (height * scale, width * scale, ...). side:
    longest side of a core, in pixels of the picture. Raises ValueError for an empty picture or an answer of another
    size.
    """
    if picture.ndim != 3 or not picture.size:
        raise ValueError(f"a picture is (height, width, channels) and not empty, this is {picture.shape}")
    height, width, _ = picture.shape
    cores = [(rows, columns) for rows in spans(height, side, align) for columns in spans(width, side, align)]
    output = np.zeros(0)
    for number, (rows, columns) in enumerate(cores, 1):
        down, across = _around(rows, height, overlap, align), _around(columns, width, overlap, align)
        window = picture[down[0] : down[1], across[0] : across[1]]
        answer = apply(window)
        if answer.ndim != 3 or answer.shape[:2] != (window.shape[0] * scale, window.shape[1] * scale):
            raise ValueError(f"a window of {window.shape} at scale {scale} was answered by {answer.shape}")
        if number == 1:
            output = np.zeros((height * scale, width * scale, answer.shape[2]), answer.dtype)
        output[_cut(rows, 0, scale), _cut(columns, 0, scale)] = answer[
            _cut(rows, down[0], scale), _cut(columns, across[0], scale)
        ]
        yield number / len(cores), output if number == len(cores) else None


def spans(length: int, side: int, align: int = 1) -> list[tuple[int, int]]:
    """Cuts 0..length into (start, end) of nearly equal length, at most side; every start is a multiple of align.

    Nearly equal, since a narrow last tile would cost as much context as a full one.
    """
    most = max(side // align, 1) * align
    count = -(-length // most)
    step = -(-length // (count * align)) * align
    return [(start, min(start + step, length)) for start in range(0, length, step)]


def _around(span: tuple[int, int], length: int, overlap: int, align: int) -> tuple[int, int]:
    """A core's span with its context, inside 0..length; the start stays a multiple of align."""
    margin = -(-overlap // align) * align
    return max(span[0] - margin, 0), min(-(-span[1] // align) * align + margin, length)


def _cut(span: tuple[int, int], origin: int, scale: int) -> slice:
    return slice((span[0] - origin) * scale, (span[1] - origin) * scale)
