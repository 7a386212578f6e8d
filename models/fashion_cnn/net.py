"""Garment classifier: five 3x3 convolutions with batch normalisation, pooled globally (VGG style).

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014,
https://arxiv.org/abs/1409.1556; data: Xiao et al., "Fashion-MNIST", 2017, https://arxiv.org/abs/1708.07747.
"""

from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image, ImageOps
from scipy import ndimage
from torch import nn

SIDE = 28  # pixels; the longest side of a garment fills it, as in Fashion-MNIST
INK = 32  # of 255; what is darker than paper by more than this is drawn
INSIDE = 0.6  # grey that an outline is filled with; training shows outlines filled with 0.3 to 0.9
LABELS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class FashionCNN(nn.Module, PyTorchModelHubMixin):
    """(B, 1, 28, 28), range (0, 1), bright garment on black -> logits (B, 10)."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 96, 128, 192), dropout: float = 0.3) -> None:
        super().__init__()
        blocks = []
        for number, (before, after) in enumerate(zip((1, *widths), widths, strict=False)):
            pool = nn.MaxPool2d(2) if number in (0, 2) else nn.Identity()
            convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
            blocks.append(nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(), pool))
        self.blocks = nn.ModuleList(
            blocks
        )  # 32 x 14 x 14, 64 x 14 x 14, 96 x 7 x 7, 128 x 7 x 7, 192 x 7 x 7
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(widths[-1], len(LABELS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """When not training: the mean of the picture and its mirror image, which shows the same garment."""
        return self._logits(x) if self.training else (self._logits(x) + self._logits(x.flip(3))) / 2

    def _logits(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.head(self.dropout(x.mean((2, 3))))

    @torch.inference_mode()
    def predict(self, page: Image.Image) -> dict[str, float]:
        """Grey page, dark garment or outline on white, any size -> {label: probability}."""
        shares = self(self._tensor(page)).softmax(1)[0].tolist()
        return dict(zip(LABELS, shares, strict=True))

    @torch.inference_mode()
    def feature_maps(self, page: Image.Image) -> list[np.ndarray]:
        """Page as for predict -> what the net sees, then what each block answers.

        Each is float32 (channels, height, width), 0 and above.
        """
        x = self._tensor(page)
        maps = [x[0].cpu().numpy()]
        for block in self.blocks:
            x = block(x)
            maps.append(x[0].cpu().numpy())
        return maps

    def _tensor(self, page: Image.Image) -> torch.Tensor:
        return torch.from_numpy(prepare(page))[None, None].to(self.head.weight.device)


def prepare(page: Image.Image) -> np.ndarray:
    """Page, dark on white -> float32 (28, 28), range (0, 1), bright on black: cropped, filled, fitted, centred."""
    grey = ImageOps.invert(page.convert("L"))
    box = grey.point(lambda value: 255 * (value > INK)).getbbox()
    if box is None:
        return np.zeros((SIDE, SIDE), np.float32)
    fitted = ImageOps.contain(_filled(grey.crop(box)), (SIDE, SIDE), Image.Resampling.BOX)
    canvas = Image.new("L", (SIDE, SIDE))
    canvas.paste(fitted, ((SIDE - fitted.width) // 2, (SIDE - fitted.height) // 2))
    return np.asarray(canvas, np.float32) / 255


def _filled(grey: Image.Image) -> Image.Image:
    """An outline (thin ink around much paper) is filled in, since the net learned from photos of whole garments."""
    pixels = np.asarray(grey)
    ink = pixels > INK
    body = ndimage.binary_fill_holes(ink)
    if ink.sum() > 0.6 * body.sum():
        return grey
    return Image.fromarray(np.where(body & ~ink, np.uint8(255 * INSIDE), pixels))


def load(device: str) -> FashionCNN:
    """The trained net beside this file, on a torch device."""
    return FashionCNN.from_pretrained(Path(__file__).parent).eval().to(device)
