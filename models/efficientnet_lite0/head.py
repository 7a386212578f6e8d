"""A classifier of a few classes on frozen features: multinomial logistic regression, trained in a blink.

It is computed on the products of all pairs of pictures, so that a step costs next to nothing however long the
features are. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)", 1983;
few pictures on frozen features: Tian et al., "Rethinking Few-Shot Image Classification", 2020,
https://arxiv.org/abs/2003.11539.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

LENGTH = (
    1280 + 112
)  # numbers that a picture becomes: means over the last feature maps and over those in the middle
STEPS, EVERY = 160, 8  # of training; steps between two answers
LEFT_OUT_STEPS = 80  # with one picture left out, from the classifier of all
INVERSE_PENALTY = 100.0  # scikit-learn's C; chosen on training pictures of Fashion-MNIST


@dataclass(frozen=True)
class Head:
    """labels in order; weights (labels, D) and bias (labels,), float32; losses: mean over the pictures, each step."""

    labels: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    losses: tuple[float, ...] = ()


def fit(vectors: np.ndarray, labels: list[str]) -> Iterator[Head]:
    """Features (N, D) and their labels -> the classifier every few steps of training; the last one is trained.

    Raises ValueError for less than two labels.
    """
    names, wanted = _wanted(labels)
    middle = vectors.mean(0)
    away = vectors - middle
    losses: list[float] = []
    for step, (given, bias, loss) in enumerate(_descend(away @ away.T, wanted, STEPS), 1):
        losses.append(loss)
        if step % EVERY == 0:
            weights = (given.T @ away).astype(np.float32)
            yield Head(names, weights, (bias - weights @ middle).astype(np.float32), tuple(losses))


def left_out(vectors: np.ndarray, labels: list[str]) -> list[str]:
    """The label that each picture gets from a classifier that was trained on all the others."""
    names, wanted = _wanted(labels)
    count = len(vectors)
    away = vectors - vectors.mean(0)
    products = away @ away.T
    *_, (given, bias, _) = _descend(products, wanted, STEPS)
    seen = (1 - np.eye(count, dtype=np.float32))[..., None]
    start = given * seen, np.repeat(bias[None, None], count, 0)
    *_, (given, bias, _) = _descend(products, wanted, LEFT_OUT_STEPS, seen, start)
    scores = np.einsum("inm,ni->im", given, products) + bias[:, 0]
    return [names[best] for best in scores.argmax(1)]


def classify(head: Head, vectors: np.ndarray) -> list[dict[str, float]]:
    """Features (N, D) -> {label: probability} each."""
    shares = _softmax(vectors @ head.weights.T + head.bias)
    return [dict(zip(head.labels, row.tolist(), strict=True)) for row in shares]


def _wanted(labels: list[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """-> the different labels in order, and for each picture 1 at its own, 0 elsewhere."""
    names = tuple(dict.fromkeys(labels))
    if len(names) < 2:
        raise ValueError("a classifier needs at least two labels")
    return names, np.eye(len(names), dtype=np.float32)[[names.index(label) for label in labels]]


def _descend(
    products: np.ndarray,
    wanted: np.ndarray,
    steps: int,
    seen: np.ndarray | float = 1.0,
    start: tuple[np.ndarray, np.ndarray] | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Yields what each picture gives to each label's weights, (..., N, labels), the biases, and the mean loss.

    products: of centred features, (N, N), so that weights and biases hardly get in each other's way; seen: 0 at
    pictures that are left out. Steps are as long as the curvature, at most 1/2 of the products, allows.
    """
    count, labels = wanted.shape
    curved = float(np.linalg.eigvalsh(products)[-1])
    stride, bias_stride = 1 / (curved + 1 / INVERSE_PENALTY), 1 / count
    given, bias = start or (np.zeros_like(wanted), np.zeros(labels, np.float32))
    ahead, bias_ahead = given, bias
    for step in range(steps):
        shares = _softmax(products @ ahead + bias_ahead)
        loss = float(-np.log(np.maximum((shares * wanted).sum(-1), 1e-12)).mean())
        wrong = (shares - wanted) * seen
        new = ahead - stride * (wrong + ahead / INVERSE_PENALTY)
        new_bias = bias_ahead - bias_stride * wrong.sum(-2, keepdims=bias.ndim > 1)
        swing = step / (step + 3)
        ahead, bias_ahead = new + swing * (new - given), new_bias + swing * (new_bias - bias)
        given, bias = new, new_bias
        yield given, bias, loss


def _softmax(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)
