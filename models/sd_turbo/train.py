"""Measures Stable Diffusion Turbo by whether another net recognises what it drew."""

from PIL import Image

import models
from models.sd_turbo.net import SdTurbo

ASKED = (  # names of ImageNet's classes
    "hummingbird", "tabby cat", "goldfish", "zebra", "lion", "strawberry", "banana", "pizza", "sunglasses", "umbrella",
    "teapot", "violin", "sports car", "accordion", "castle", "lighthouse", "volcano", "daisy", "mushroom",
    "desk",
)  # fmt: skip
FROZEN = 5  # of them that a quick check draws


def evaluate(net: SdTurbo, frozen: bool) -> dict[str, float]:
    """The share of names that EfficientNet-Lite0 has among its five likeliest for photos asked for by them."""
    asked = ASKED[:FROZEN] if frozen else ASKED
    return {"top5": sum(name in _seen(net, name) for name in asked) / len(asked)}


def _seen(net: SdTurbo, name: str) -> list[str]:
    *_, picture = net.paint(f"a photo of a {name}", 0, 1)
    if picture is None:
        raise ValueError("no step was asked for")
    with models.use("efficientnet_lite0") as eye:
        return [english for _, english, _, _ in eye.predict(Image.fromarray(picture))]
