"""A classifier over MiniLM's sentence vectors, once it is trained; plain arrays, also where there is no torch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Head:
    """A linear classifier: labels in order, weights (labels, 384), bias (labels,); how well and how fast it learnt."""

    labels: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    own: (
        float | None
    )  # share right when each fifth is left out of training, 0..1; None: too few to leave any out
    seconds: float  # that training and this estimate took


def classify(head: Head, vectors: np.ndarray) -> list[dict[str, float]]:
    """Unit vectors (N, 384) -> {label: probability} each."""
    scores = vectors @ head.weights.T + head.bias
    shares = np.exp(scores - scores.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    return [dict(zip(head.labels, row.tolist(), strict=True)) for row in shares]
