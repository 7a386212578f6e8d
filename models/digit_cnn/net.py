"""Digit reader: LeNet's plan with 3x3 filters, batch normalisation and dropout.

LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998,
http://yann.lecun.com/exdb/publis/pdf/lecun-01a.pdf; its section III.A describes how MNIST centres a digit.
"""

from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image, ImageOps
from scipy import ndimage
from torch import nn

from models.page import contained

SIDE, BOX = 28, 20  # pixels; a digit's longer side fills 20, its centre of mass lies in the middle of 28
INK = 32  # of 255; what is darker than paper by more than this is drawn
LABELS = tuple("0123456789")
AT_ONCE = 250  # pictures in a batch of features()


class DigitCNN(nn.Module, PyTorchModelHubMixin):
    """(B, 1, 28, 28), range (0, 1), bright digit on black -> logits (B, 10)."""

    def __init__(self, widths: tuple[int, ...] = (24, 32, 48, 64), dropout: float = 0.3) -> None:
        super().__init__()
        blocks = []
        for number, (before, after) in enumerate(zip((1, *widths), widths, strict=False)):
            pool = nn.MaxPool2d(2) if number % 2 else nn.Identity()
            convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
            blocks.append(nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(), pool))
        self.blocks = nn.ModuleList(blocks)  # 24 x 28 x 28, 32 x 14 x 14, 48 x 14 x 14, 64 x 7 x 7
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(widths[-1] * 7 * 7, 64)
        self.head = nn.Linear(64, len(LABELS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self._hidden(x)))

    def _hidden(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.hidden(self.dropout(x.flatten(1))).relu()  # 64

    @torch.inference_mode()
    def predict(self, page: Image.Image) -> dict[str, float]:
        """Grey page, dark ink on white, any size -> {digit: probability}."""
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

    @torch.inference_mode()
    def features(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pictures as the data has them, uint8 (N, 28, 28), bright on black -> what the last layer reads and says.

        Both float32: features (N, 64), 0 and above; probabilities of LABELS (N, 10).
        """
        found = []
        for part in torch.from_numpy(np.ascontiguousarray(pictures)).split(AT_ONCE):
            x = self._hidden(part[:, None].float().to(self.head.weight.device) / 255)
            found.append((x.cpu().numpy(), self.head(x).softmax(1).cpu().numpy()))
        features, shares = zip(*found, strict=True)
        return np.concatenate(features), np.concatenate(shares)

    def _tensor(self, page: Image.Image) -> torch.Tensor:
        return torch.from_numpy(prepare(page))[None, None].to(self.head.weight.device)


def prepare(page: Image.Image) -> np.ndarray:
    """Page, dark on white -> float32 (28, 28), range (0, 1), bright on black: cropped and centred as MNIST was."""
    grey = ImageOps.invert(page.convert("L"))
    box = grey.point(lambda value: 255 * (value > INK)).getbbox()
    canvas = Image.new("L", (SIDE, SIDE))
    digit = contained(grey.crop(box), BOX) if box else canvas
    if not digit.getbbox():  # two dots far apart leave nothing either, once shrunk
        return np.zeros((SIDE, SIDE), np.float32)
    row, column = ndimage.center_of_mass(np.asarray(digit))
    left, top = (round(SIDE / 2 - 0.5 - place) for place in (column, row))
    canvas.paste(digit, (min(max(left, 0), SIDE - digit.width), min(max(top, 0), SIDE - digit.height)))
    return np.asarray(canvas, np.float32) / 255


def load(device: str) -> DigitCNN:
    """The trained net beside this file, on a torch device."""
    return DigitCNN.from_pretrained(Path(__file__).parent).eval().to(device)
