"""Measures the live training: `python -m models train digit_vae` writes the card's block."""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from models import digit_data, generation
from models.digit_vae.net import SIZES, TRAINED, DigitVAE
from models.vae_net import bits_per_pixel

LONG, SHORT = 3600.0, 4  # seconds, so that a training runs to its last epoch; epochs


@dataclass(frozen=True)
class Recipe:
    """What live training must reach; how it trains stands in net.py."""

    bits_over_ppca_at_most: float = 0.9


def evaluate(net: DigitVAE, frozen: bool) -> dict[str, float]:
    """Bits a pixel (the negative ELBO) of 200 held-out digits after a whole training with beta 1, both sizes of code.

    frozen: with two numbers after SHORT epochs alone. Beside it probabilistic PCA with 16 numbers on the same digits,
    exact, and how far the samples are from the digits learned from: 1 where as far as held-out digits, 0 where copies.
    """
    short = next(one for one in net.learn(2, 1.0, 0, LONG) if one["epoch"] == SHORT and "held_out" in one)
    metrics = {"short_training_bits_per_pixel": short["held_out"]}
    if frozen:
        return metrics
    images, _ = digit_data.frozen()
    finals = {size: list(net.learn(size, 1.0, 0, LONG))[-1] for size in SIZES}
    for size, name in ((2, "two_numbers_"), (16, "")):
        metrics[f"{name}bits_per_pixel"], metrics[f"{name}code_nats"] = (
            finals[size][key] for key in ("held_out", "code")
        )
    metrics["ppca_bits_per_pixel"] = _ppca(images)
    metrics["bits_over_ppca"] = metrics["bits_per_pixel"] / metrics["ppca_bits_per_pixel"]
    metrics["novelty"] = generation.novelty(finals[16]["samples"], images[TRAINED:], images[:TRAINED])
    return metrics


def _ppca(images: np.ndarray) -> float:
    """Levels of grey are spread evenly, so that a density is a likelihood."""
    spread = (images.reshape(len(images), -1) + np.random.default_rng(0).random((len(images), 784))) / 256
    fitted = PCA(SIZES[1], svd_solver="covariance_eigh").fit(spread[:TRAINED])
    return bits_per_pixel(-fitted.score(spread[TRAINED:])) + 8.0
