"""Training curves as HTML: one small chart for each number that training reported."""

import html

from demos._run import both

WIDTH, HEIGHT, MARGIN = 220, 90, 6  # pixels


def curves(rows: list[dict[str, float]], room: str) -> str:
    """What training of a room reported, one row an epoch (or some steps), each {name: value}; "" for no rows.

    Rows may hold different names.
    """
    names = [
        name for name in dict.fromkeys(name for row in rows for name in row) if name not in ("epoch", "step")
    ]
    charts = "".join(chart(name, [row[name] for row in rows if name in row]) for name in names)
    told = both(f"{room} 的训练曲线", f"How {room} was trained")
    return f'<div class="curves"><p>{told}</p>{charts}</div>' if charts else ""


def chart(name: str, values: list[float]) -> str:
    """One number over the course of training, as HTML."""
    low, span = min(values), max(max(values) - min(values), 1e-9)
    across = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    points = " ".join(
        f"{MARGIN + i * across:.1f},{HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN):.1f}"
        for i, value in enumerate(values)
    )
    told = f"{html.escape(name)}: {values[0]:.4g} → {values[-1]:.4g}"
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}"><polyline points="{points}"/>'
        f"</svg><figcaption>{told}</figcaption></figure>"
    )
