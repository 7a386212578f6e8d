"""Trains the GAN that writes digits. Ten minutes on one CPU thread: `python -m models train digit_gan`."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from models import digit_data as data
from models import gan_training, generation
from models.digit_gan.net import DigitGAN
from models.gan_training import GanRecipe
from models.train import Run

JUDGE = "digit_cnn"
SEED = 1  # of the samples that are measured
HANDS = 100  # that write all digits


@dataclass(frozen=True)
class Recipe(GanRecipe):
    minutes: float = 6.5
    shift: float = 0.08
    turn: float = 0.1
    alike: float = 0.3
    class_agreement_at_least: float = 0.97
    frechet_of_vae_at_most: float = 1.0

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.2, rounds=2)


def train(recipe: Recipe, run: Run) -> DigitGAN:
    images, labels = data.training()
    net = DigitGAN()
    gan_training.train(net, images, labels, recipe, run, JUDGE, watch=lambda step: None)
    return net


def evaluate(net: DigitGAN, frozen: bool) -> dict[str, float]:
    """2,000 samples, 200 of each digit, beside the 2,000 test digits, and what a VAE with the same decoder makes.

    data_frechet_distance is that of as many training digits: what a perfect generator would reach.
    """
    held_out, asked = data.frozen()
    if frozen:
        return generation.measured(JUDGE, net.sample(asked, SEED), asked, held_out) | one_hand(net)
    training, labels = data.training()
    metrics = generation.measured(JUDGE, net.sample(asked, SEED), asked, held_out, training) | one_hand(net)
    chosen = np.concatenate(
        [np.flatnonzero(labels == digit)[: np.sum(asked == digit)] for digit in range(10)]
    )
    metrics["data_frechet_distance"] = generation.measured(JUDGE, training[chosen], None, held_out)[
        "frechet_distance"
    ]
    blurred = gan_training.vae_pictures(net, training, labels, asked, Recipe())
    vae = generation.measured(JUDGE, blurred, asked, held_out, training)
    metrics |= {f"vae_{name}": value for name, value in vae.items()}
    return metrics | {"frechet_of_vae": metrics["frechet_distance"] / vae["frechet_distance"]}


def one_hand(net: DigitGAN) -> dict[str, float]:
    """Whether a hand that presses, slants or writes wide does so in every digit: correlations over HANDS hands.

    0: each digit as if by somebody else; 1: one digit tells how the others look. Means over all pairs of digits.
    """
    written = np.stack([net.write(list(range(10)), hand)[0] for hand in range(HANDS)])  # HANDS x 10 x 28 x 28
    flat = torch.from_numpy(written.reshape(-1, 1, 28, 28)).float() / 255
    seen = gan_training.looks(flat).reshape(HANDS, 10, 3).numpy()
    found = {}
    for number, look in enumerate(("ink", "slant", "width")):
        together = np.corrcoef(seen[:, :, number].T)[np.triu_indices(10, 1)]
        found[f"one_hand_{look}"] = float(together.mean())
    return found


def pictures(net: DigitGAN) -> dict[str, Image.Image]:
    """The card's picture: 16 samples over their nearest training digits."""
    samples = net.sample(np.arange(generation.SHOWN) % 10, SEED)
    return {"nearest.png": generation.nearest_sheet(JUDGE, samples, data.training()[0])}
