"""Noise estimated by a convolutional autoencoder with skips, and subtracted; it is not told how strong the noise is.

Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015,
https://arxiv.org/abs/1505.04597 (encoder and decoder with skips); Zhang et al., "Beyond a Gaussian Denoiser: Residual
Learning of Deep CNN for Image Denoising", 2017, https://arxiv.org/abs/1608.03981 (the net's answer is the noise);
Zhang et al., "FFDNet: Toward a Fast and Flexible Solution for CNN-based Image Denoising", 2018,
https://arxiv.org/abs/1710.04026 (four pixels in one place: a quarter of the work); Mohan et al., "Robust and
Interpretable Blind Image Denoising via Bias-Free Convolutional Neural Networks", 2020,
https://arxiv.org/abs/1906.05478 (no biases: what is learned at one noise level holds at others).
"""

import itertools
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.nn import functional as F

from models.device import half_is_fast
from models.tiles import Steps, tiled

HALVINGS = 3  # unshuffled once, halved twice: a picture's sides are multiples of 2 ** 3
ALIGN = 2**HALVINGS
TILE, OVERLAP = 640, 32  # pixels; what lies further away moves no pixel by more than rounding


class Denoiser(nn.Module, PyTorchModelHubMixin):
    """RGB (B, 3, H, W), range (0, 1), sides multiples of 8 -> the same without noise, not clamped.

    widths: channels at half, a quarter and an eighth of the resolution; blocks: residual blocks there, on each side.
    """

    def __init__(self, widths: tuple[int, ...] = (48, 80, 128), blocks: tuple[int, ...] = (1, 2, 2)) -> None:
        super().__init__()
        self.exact = False  # True: float32 everywhere, so that what is measured is the same on every machine
        pairs = list(itertools.pairwise(widths))
        self.head = _conv(12, widths[0])
        self.encoder = nn.ModuleList(_stage(*size) for size in zip(widths, blocks, strict=True))
        self.down = nn.ModuleList(nn.Conv2d(wide, deep, 2, 2, bias=False) for wide, deep in pairs)
        self.up = nn.ModuleList(nn.ConvTranspose2d(deep, wide, 2, 2, bias=False) for wide, deep in pairs)
        self.decoder = nn.ModuleList(_stage(*size) for size in zip(widths[:-1], blocks[:-1], strict=True))
        self.tail = _conv(widths[0], 12)
        with torch.no_grad():  # training starts from almost nothing taken away
            self.tail.weight.mul_(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        four = F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
        y, skips = self.head(four), []  # (B, 48, H / 2, W / 2)
        for stage, down in zip(self.encoder, self.down, strict=False):
            skips.append(stage(y))
            y = down(skips[-1])  # (B, 80, H / 4, W / 4), then (B, 128, H / 8, W / 8)
        y = self.encoder[-1](y)
        for stage, up in zip(reversed(self.decoder), reversed(self.up), strict=True):
            y = stage(up(y) + skips.pop())  # what the encoder saw, past the narrow middle
        return x - F.pixel_shuffle(self.tail(y), 2)

    def denoise(self, picture: np.ndarray) -> Steps:
        """RGB uint8 (H, W, 3) -> yields (share done, None) tile by tile, at last (1.0, uint8 (H, W, 3)).

        Raises ValueError for an empty picture.
        """
        if picture.ndim != 3 or not picture.size:
            raise ValueError(f"a picture is (H, W, 3) and not empty, this is {picture.shape}")
        height, width, _ = picture.shape
        # Mirrored at the border: the zeros that convolutions see there look like a black frame.
        sides = ((ALIGN, ALIGN + -height % ALIGN), (ALIGN, ALIGN + -width % ALIGN), (0, 0))
        framed = np.pad(picture, sides, "symmetric")
        for share, output in tiled(framed, self._denoised, side=TILE, overlap=OVERLAP, align=ALIGN):
            yield share, None if output is None else output[ALIGN : ALIGN + height, ALIGN : ALIGN + width]

    @torch.inference_mode()
    def _denoised(self, tile: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(tile).to(self.head.weight.device).permute(2, 0, 1)[None].float() / 255
        half = not self.exact and half_is_fast(x.device.type)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=half):
            y = self(x)
        return (255 * y[0]).round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()


class Block(nn.Module):
    """(B, channels, H, W) -> the same shape, with something added."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = _conv(channels, channels), _conv(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(F.relu(self.first(x), inplace=True))


def _stage(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(Block(channels) for _ in range(blocks)))


def _conv(inward: int, outward: int) -> nn.Conv2d:
    return nn.Conv2d(inward, outward, 3, padding=1, bias=False)


def load(device: str) -> Denoiser:
    """The trained net beside this file, on a torch device."""
    net = Denoiser.from_pretrained(Path(__file__).parent).eval()
    return net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
