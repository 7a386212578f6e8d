"""How a classifier of one's own was trained, and how far to trust it, as HTML."""

import html
from collections.abc import Sequence

import numpy as np

from demos._curve import chart
from demos._lesson import Lesson
from demos._photo import inline
from demos._run import both

SHOWN = 8  # mistakes
TWINS = 0.97  # cosine of two pictures that are nearly one


def course(losses: Sequence[float]) -> str:
    """The loss of each step, as HTML."""
    return f'<div class="curves">{chart("loss", list(losses))}</div>'


def trained(count: int, looked: float, learned: float) -> str:
    """How many seconds it took to look at the pictures, and to train on them, as HTML."""
    told = both(
        f"看 {count} 张图用了 {looked:.1f} 秒，训练只用了 {1000 * learned:.0f} 毫秒。",
        f"It took {looked:.1f} s to look at {count} pictures, and {1000 * learned:.0f} ms to train on them.",
    )
    return f"<p>{told}</p>"


def trust(shown: Lesson, guesses: list[str], vectors: np.ndarray) -> str:
    """How far to trust it: how many pictures are right when left out in turn, which are not, and what flatters."""
    count = len(guesses)
    wrong = [i for i, (guess, label) in enumerate(zip(guesses, shown.labels, strict=True)) if guess != label]
    right = count - len(wrong)
    low, high = interval(right, count)
    most = max(shown.labels.count(name) for name in shown.names) / count
    told = both(
        f"轮流留出一张、用其余的训练：{count} 张里对 {right} 张（{right / count:.0%}）。只有 {count} 张图，"
        f"真实水平在 {low:.0%} 到 {high:.0%} 之间都不奇怪；总猜最多的一类能对 {most:.0%}。",
        f"Left out in turn, the others trained on: {right} of {count} right ({right / count:.0%}). With "
        f"{count} pictures anything from {low:.0%} to {high:.0%} would be no surprise; always guessing the "
        f"largest class gets {most:.0%}.",
    )
    near = vectors @ vectors.T - 2 * np.eye(count)
    twins = int((near.max(1) > TWINS).sum())
    if twins:
        told += "<br>" + both(f"有 {twins} 张几乎和另一张一样，这会让估计偏高。",
                              f"{twins} are nearly the same as another one, which flatters the estimate.")  # fmt: skip
    marks = "".join(_mistake(shown, i, guesses[i]) for i in wrong[:SHOWN])
    return f'<p><b>{told}</b></p><div class="mistakes">{marks}</div>'


def _mistake(shown: Lesson, number: int, guess: str) -> str:
    small = shown.pictures[number].copy()
    small.thumbnail((72, 72))
    names = f"{html.escape(shown.labels[number])} → {html.escape(guess)}"
    return f'<figure><img src="{inline(small)}" alt=""><figcaption dir="auto">{names}</figcaption></figure>'


def interval(right: int, count: int) -> tuple[float, float]:
    """95 % interval of a share, 0..1. Wilson, "Probable inference", 1927."""
    z = 1.96
    middle = (right + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * (right * (count - right) / count + z * z / 4) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
