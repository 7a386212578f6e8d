"""Measures Stable Diffusion Turbo as emoji_flow is: by which of fifty emojis its pictures resemble."""

import numpy as np
from PIL import Image

from models.emoji_flow.judge import ASKED, Judge, features
from models.emoji_flow.net import SIDE
from models.sd_turbo.net import SdTurbo


def evaluate(net: SdTurbo, frozen: bool) -> dict[str, float]:
    """The share of the fifty whose picture, made as small as emoji_flow's, has the asked one among the likeliest five.

    frozen: the first ten of them.
    """
    asked = np.arange(10 if frozen else len(ASKED))
    made = np.stack([_drawn(net, ASKED[one][0]) for one in asked])
    return {"top5": Judge().top5(features(made), asked)}


def _drawn(net: SdTurbo, name: str) -> np.ndarray:
    *_, picture = net.paint(f"emoji of a {name}, white background", 0, 1)
    if picture is None:
        raise ValueError("no step was asked for")
    return np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS))
