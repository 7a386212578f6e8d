"""Garment classifier: five 3x3 convolutions with batch normalisation, pooled globally (VGG style).

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014,
https://arxiv.org/abs/1409.1556; data: Xiao et al., "Fashion-MNIST", 2017, https://arxiv.org/abs/1708.07747.
"""

from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from torch import nn

from models.garment_page import LABELS, prepare

AT_ONCE = 250  # pictures in a batch of features()


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
        if self.training:
            return self._logits(x)
        return self._logits(torch.cat([x, x.flip(3)])).view(2, len(x), -1).mean(0)

    def _logits(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self._pooled(x)))

    def _pooled(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return x.mean((2, 3))  # 192

    @torch.inference_mode()
    def predict(self, page: Image.Image | np.ndarray) -> dict[str, float]:
        """Grey page, dark garment or outline on white, any size, or what prepare() made of it -> {label: share}."""
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

        Both float32: features (N, 192), 0 and above; probabilities of LABELS (N, 10).
        """
        found = []
        for part in torch.from_numpy(np.ascontiguousarray(pictures)).split(AT_ONCE):
            x = part[:, None].float().to(self.head.weight.device) / 255
            x = (self._pooled(x) + self._pooled(x.flip(3))) / 2  # the mirror image too, as forward() does
            found.append((x.cpu().numpy(), self.head(x).softmax(1).cpu().numpy()))
        features, shares = zip(*found, strict=True)
        return np.concatenate(features), np.concatenate(shares)

    def _tensor(self, page: Image.Image | np.ndarray) -> torch.Tensor:
        return torch.from_numpy(prepare(page))[None, None].to(self.head.weight.device)


def load(device: str) -> FashionCNN:
    """The trained net beside this file, on a torch device."""
    net = FashionCNN.from_pretrained(Path(__file__).parent).eval()
    return net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
