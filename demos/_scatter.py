"""A map of points with labels, as an SVG that both themes can show."""

import html
import math

import numpy as np

from demos._run import both

COLOURS = ("#0f766e", "#d97706", "#7c3aed", "#be123c", "#2563eb", "#4d7c0f", "#a21caf", "#475569")
WIDTH, HEIGHT, MARGIN = 520, 340, 24  # pixels
RADIUS, OUTER, INNER = 7, 11, 5  # of a circle, of a star


def scatter(vectors: np.ndarray, points: list[tuple[str, str, bool]]) -> str:
    """Vectors (N, D) on the plane in which they differ most (principal components), as HTML.

    points: for each its label, at most eight different ones, its text, and whether it is a star.
    """
    centred = vectors - vectors.mean(0)
    plane = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T  # (N, 2)
    plane = (plane - plane.min(0)) / np.maximum(np.ptp(plane, axis=0), 1e-6)
    places = MARGIN + plane * (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    names = dict.fromkeys(label for label, _, _ in points)
    colour = dict(zip(names, COLOURS, strict=False))
    marks = "".join(
        (_star if star else _circle)(place, colour[label], f"{label}: {text}")
        for place, (label, text, star) in zip(places, points, strict=True)
    )
    legend = "".join(
        f'<span style="color:{colour[name]} !important">● {html.escape(name)} </span>' for name in names
    )
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="map 地图">{marks}</svg>'
    return f'<div class="map">{picture}<p>{legend}{both("★ 你的句子", "★ your sentences")}</p></div>'


def _circle(place: np.ndarray, colour: str, text: str) -> str:
    x, y = place
    title = f"<title>{html.escape(text)}</title>"
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}" fill="{colour}" fill-opacity=".55">{title}</circle>'
    )


def _star(place: np.ndarray, colour: str, text: str) -> str:
    turns = [(OUTER if i % 2 == 0 else INNER, i * math.pi / 5) for i in range(10)]
    corners = [(place[0] + r * math.sin(a), place[1] - r * math.cos(a)) for r, a in turns]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    title = f"<title>{html.escape(text)}</title>"
    return f'<polygon points="{points}" fill="{colour}" stroke="#111">{title}</polygon>'
