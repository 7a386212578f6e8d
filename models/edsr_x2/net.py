"""Pictures enlarged 2 times in each direction by residual blocks and PixelShuffle, see enlarger_net.py.

Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution", 2017, https://arxiv.org/abs/1707.02921.
"""

from pathlib import Path

import torch
from huggingface_hub import PyTorchModelHubMixin

from models.enlarger_net import Enlarger

SCALE = 2


class Doubler(Enlarger, PyTorchModelHubMixin):
    """Twelve residual blocks of 16 channels; enlarge() takes and yields plain arrays."""

    def __init__(self, channels: int = 16, blocks: int = 12) -> None:
        super().__init__(SCALE, channels, blocks)


def load(device: str) -> Doubler:
    """The trained net beside this file, on a torch device."""
    net = Doubler.from_pretrained(Path(__file__).parent).eval()
    return net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
