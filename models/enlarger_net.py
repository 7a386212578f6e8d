"""The net that enlarging rooms share: it adds to the bicubic enlargement the detail that was lost.

Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution", 2017, https://arxiv.org/abs/1707.02921
(residual blocks without normalisation); Shi et al., "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", 2016, https://arxiv.org/abs/1609.05158 (PixelShuffle).
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.device import half_is_fast
from models.tiles import Steps, tiled

TILE = 448  # small pixels; the core of a tile


class Enlarger(nn.Module):
    """RGB (B, 3, h, w), range (0, 1) -> (B, 3, scale h, scale w), not clamped."""

    def __init__(self, scale: int, channels: int = 16, blocks: int = 12) -> None:
        super().__init__()
        self.scale, self.radius = scale, 2 * blocks + 2  # radius: how far a pixel looks, in small pixels
        self.exact = False  # True: float32 everywhere, so that what is measured is the same on every machine
        self.head = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.ModuleList(Block(channels) for _ in range(blocks))
        self.tail = nn.Conv2d(channels, 3 * scale * scale, 3, padding=1)
        with torch.no_grad():  # training starts from almost nothing added
            self.tail.weight.mul_(0.1)
            nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # antialias chooses the cubic that Pillow uses; enlarging, it smooths nothing
        bicubic = F.interpolate(x, scale_factor=self.scale, mode="bicubic", antialias=True)
        seen = y = self.head(x.contiguous(memory_format=torch.channels_last))  # (B, channels, h, w)
        for block in self.blocks:
            y = block(y)
        return bicubic + F.pixel_shuffle(self.tail(y + seen), self.scale)

    def enlarge(self, picture: np.ndarray, ensemble: bool = False) -> Steps:
        """RGB uint8 (h, w, 3) -> yields (share done, None) tile by tile, at last (1.0, uint8 (scale h, scale w, 3)).

        ensemble: the mean over the eight turned and mirrored forms of each tile, eight times the work. Raises
        ValueError for an empty picture.
        """
        if picture.ndim != 3 or not picture.size:
            raise ValueError(f"a picture is (h, w, 3) and not empty, this is {picture.shape}")
        edge, margin = self.radius, self.radius * self.scale
        # The border repeated: the zeros beyond it, which convolutions would see, look like a black frame.
        framed = np.pad(picture, ((edge, edge), (edge, edge), (0, 0)), "edge")
        tiles = tiled(
            framed, lambda tile: self._enlarged(tile, ensemble), scale=self.scale, side=TILE, overlap=edge
        )
        for share, output in tiles:
            yield share, None if output is None else output[margin:-margin, margin:-margin]

    @torch.inference_mode()
    def _enlarged(self, tile: np.ndarray, ensemble: bool) -> np.ndarray:
        x = torch.from_numpy(tile).to(self.head.weight.device).permute(2, 0, 1)[None].float() / 255
        half = not self.exact and half_is_fast(x.device.type)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=half):
            y = self._mean_of_eight(x) if ensemble else self(x)
        return (255 * y[0]).round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()

    def _mean_of_eight(self, x: torch.Tensor) -> torch.Tensor:
        total = torch.zeros((), device=x.device)
        for quarters in range(4):
            turned = x.rot90(quarters, (2, 3))
            total = total + self(turned).rot90(-quarters, (2, 3))
            total = total + self(turned.flip(3)).flip(3).rot90(-quarters, (2, 3))
        return total / 8


class Block(nn.Module):
    """(B, channels, h, w) -> the same shape, with something added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(F.leaky_relu(self.first(x), 0.1, inplace=True))
