"""Trains the garment GAN. A quarter of an hour on one CPU thread: `python -m models train fashion_gan`."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from models import gan_training, generation
from models import garment_data as data
from models.fashion_gan.net import EDGE, FRAMES, SPREAD, FashionGAN
from models.gan_training import GanRecipe
from models.train import Run

JUDGE = "fashion_cnn"
SEED = 1  # of the samples that are measured
SAMPLES = 2000  # and as many test pictures beside them
FILMED_AT = (
    *range(0, 64, 8),
    *(round(64 * 1.4**n) for n in range(FRAMES - 9)),
)  # steps; the last photograph is the end


@dataclass(frozen=True)
class Recipe(GanRecipe):
    minutes: float = 8.0
    penalty: float = 1.0
    class_agreement_at_least: float = 0.95

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.2, rounds=2)


def train(recipe: Recipe, run: Run) -> FashionGAN:
    images, labels = data.pictures("train")
    net = FashionGAN()

    def watch(step: int) -> None:
        if step in FILMED_AT:
            net.photograph(step)

    gan_training.train(net, edged(images), labels, recipe, run, JUDGE, watch)
    net.photograph(int(run.curve[-1]["step"]))
    return net


def evaluate(net: FashionGAN, frozen: bool) -> dict[str, float]:
    """SAMPLES at the spread that the tab starts with, beside as many test pictures, and a VAE's with the same decoder.

    frozen: half as many, beside the frozen 1,000. data_frechet_distance is that of as many training pictures.
    """
    if frozen:
        held_out, asked = data.frozen()
        return _measured(net.sample(asked, SEED, SPREAD), asked, held_out)
    held_out, asked = (part[:SAMPLES] for part in data.pictures("t10k"))
    training, labels = data.pictures("train")
    metrics = _measured(net.sample(asked, SEED, SPREAD), asked, held_out, training)
    widest = _measured(net.sample(asked, SEED, 1.0), asked, held_out)
    real = generation.measured(JUDGE, training[:SAMPLES], labels[:SAMPLES], held_out)
    blurred = gan_training.vae_pictures(net, edged(training), labels, asked, Recipe())
    vae = _measured(blurred, asked, held_out, training)
    for name, part in (("spread_1", widest), ("data", real), ("vae", vae)):
        metrics |= {f"{name}_{metric}": value for metric, value in part.items()}
    return metrics


def edged(images: np.ndarray) -> np.ndarray:
    """(N, 28, 28) -> (N, 32, 32), black around."""
    return np.pad(images, ((0, 0), (EDGE, EDGE), (EDGE, EDGE)))


def pictures(net: FashionGAN) -> dict[str, Image.Image]:
    """The card's picture: 16 samples over their nearest training pictures."""
    samples = net.trimmed(net.sample(np.arange(generation.SHOWN) % 10, SEED, SPREAD))
    return {"nearest.png": generation.nearest_sheet(JUDGE, samples, data.pictures("train")[0])}


def _measured(
    made: np.ndarray, asked: np.ndarray, held_out: np.ndarray, training: np.ndarray | None = None
) -> dict:
    return generation.measured(JUDGE, FashionGAN.trimmed(made), asked, held_out, training)
