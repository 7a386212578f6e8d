"""A matrix of shares, such as attention, as an SVG whose cells and labels can be pointed at."""

import html

import numpy as np

from demos._run import both

CELL, GAP = 22, 6  # pixels; GAP between the cells and their labels
WIDE, NARROW = 13, 8  # pixels that a Chinese and a Latin letter take at the labels' size
MOST = 64  # rows or columns that are drawn
LETTERS = 14  # of a label; the rest is behind an ellipsis


def matrix(values: np.ndarray, rows: list[str], columns: list[str], label: str = "attention 注意力") -> str:
    """Shares (rows, columns), range (0, 1) -> HTML. A row tells where its label looks; darker is more.

    Each row is scaled to its own largest share. Labels are escaped; what exceeds MOST rows or columns is left out, and
    said.
    """
    left_out = max(len(rows), len(columns)) > MOST
    rows, columns = rows[:MOST], columns[:MOST]
    shares = np.nan_to_num(np.asarray(values, np.float32))[: len(rows), : len(columns)]
    left = GAP + max(map(_width, rows), default=0)
    top = GAP + max(map(_width, columns), default=0)
    width, height = left + CELL * len(columns), top + CELL * len(rows)
    heads = "".join(_column(name, left + CELL * x, top) for x, name in enumerate(columns))
    lines = "".join(_row(name, shares[y], columns, left, top + CELL * y) for y, name in enumerate(rows))
    return (
        f'<div class="matrix"><svg viewBox="0 0 {width} {height}" style="width:{width}px" role="img" '
        f'aria-label="{html.escape(label)}">{heads}{lines}</svg></div>{_cut() if left_out else ""}'
    )


def _cut() -> str:
    return f'<p class="speed">{both(f"只画前 {MOST} 个词元", f"The first {MOST} tokens only")}</p>'


def _column(name: str, x: int, bottom: int) -> str:
    place = f"{x + CELL * 0.7:.0f} {bottom - GAP}"
    return f'<text transform="translate({place}) rotate(-90)">{_short(name)}</text>'


def _row(name: str, shares: np.ndarray, columns: list[str], left: int, y: int) -> str:
    most = max(float(shares.max(initial=0.0)), 1e-6)
    cells = "".join(
        f'<rect x="{left + CELL * x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" '
        f'fill-opacity="{0.04 + 0.96 * max(share, 0) / most:.2f}">'
        f"<title>{html.escape(name)} → {html.escape(to)}: {share:.0%}</title></rect>"
        for x, (share, to) in enumerate(zip(shares.tolist(), columns, strict=True))
    )
    return f'<g><text x="{left - GAP}" y="{y + CELL * 0.7:.0f}" text-anchor="end">{_short(name)}</text>{cells}</g>'


def _short(name: str) -> str:
    return html.escape(name if len(name) <= LETTERS else name[: LETTERS - 1] + "…")


def _width(name: str) -> int:
    return sum(WIDE if ord(letter) > 0x2E80 else NARROW for letter in name[:LETTERS])
