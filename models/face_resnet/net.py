"""Face ResNet: a 29-layer residual net that places a face among 128 numbers, pictures of one person close together.

He et al., "Deep Residual Learning for Image Recognition", 2015, https://arxiv.org/abs/1512.03385; half the filters and
a metric loss as in Davis King's dlib, http://blog.dlib.net/2017/02/high-quality-face-recognition-with-deep.html, whose
weights these are, converted for face-api.js by Vincent Mühler.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from models import settings
from models.batching import Batcher
from models.face_geometry import SIDE, square

MEAN = (122.782, 117.001, 104.298)  # red, green, blue of 0..255
WIDTHS = (
    32,
    32,
    32,
    32,
    64,
    64,
    64,
    64,
    128,
    128,
    128,
    256,
    256,
    256,
    256,
)  # channels after the stem and each block
THRESHOLD = 0.5  # two faces less far apart than this are taken for one person
TOGETHER = 4  # calls in one batch
# Levels of a tensor and what they stand for: levels x step + least.
STEP, LEAST = ".step", ".least"


class Scaled(nn.Module):
    """Convolution, then each channel times a factor plus a term."""

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.stride, self.pad = stride, 0 if stride == 2 else kernel // 2
        self.conv = nn.Conv2d(before, after, kernel)
        self.factor: nn.Parameter | None = nn.Parameter(torch.ones(after))
        self.term: nn.Parameter | None = nn.Parameter(torch.zeros(after))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.conv2d(x, self.conv.weight, self.conv.bias, self.stride, self.pad)
        if self.factor is None or self.term is None:
            return x
        return x * self.factor[:, None, None] + self.term[:, None, None]

    @torch.no_grad()
    def melt(self) -> None:
        """Puts factor and term into the convolution."""
        if self.factor is None or self.term is None or self.conv.bias is None:
            return
        self.conv.weight *= self.factor[:, None, None, None]
        self.conv.bias.copy_(self.conv.bias * self.factor + self.term)
        self.factor = self.term = None


class Block(nn.Module):
    """Two convolutions beside a short cut; down: half the size, and new channels start at 0 on the short cut."""

    def __init__(self, before: int, after: int, down: bool) -> None:
        super().__init__()
        self.down = down
        self.one, self.two = Scaled(before, after, 3, 2 if down else 1), Scaled(after, after, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.two(F.relu(self.one(x)))
        if self.down:
            x = F.avg_pool2d(x, 2)
            lack = x.shape[2] - seen.shape[2]  # an even side loses a row more in the convolution
            seen = F.pad(seen, (0, lack, 0, lack))
            x = F.pad(x, (0, 0, 0, 0, 0, seen.shape[1] - x.shape[1]))
        return F.relu(x + seen)


class FaceResNet(nn.Module, PyTorchModelHubMixin):
    """(B, 3, 150, 150) -> (B, 128)."""

    def __init__(self, numbers: int = 128) -> None:
        super().__init__()
        self.stem = Scaled(3, 32, 7, 2)
        self.blocks = nn.Sequential(
            *(
                Block(before, after, before != after or number == len(WIDTHS) - 2)
                for number, (before, after) in enumerate(pairwise(WIDTHS))
            )
        )
        self.last = nn.Linear(256, numbers, bias=False)
        self.coded: dict[str, torch.Tensor] = {}  # the published 8-bit levels, where it was just converted
        self._place = Batcher(self._place_many, TOGETHER, settings.runs_at_once())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(self.stem(x)), 3, 2)  # 32 x 35
        return self.last(self.blocks(x).mean((2, 3)))  # 256 x 2

    def embed(self, chips: list[Image.Image]) -> np.ndarray:
        """RGB pictures of one face each, best 150 x 150 -> float32 (chips, 128).

        The Euclidean distance of two rows tells how alike two faces are: 0 to about 1.
        """
        if not chips:
            return np.zeros((0, self.last.out_features), np.float32)
        return self._place([square(np.asarray(chip), SIDE, centred=True) for chip in chips])

    @torch.inference_mode()
    def _place_many(self, calls: list[list[np.ndarray]]) -> list[np.ndarray]:
        pixels = torch.from_numpy(np.stack([picture for call in calls for picture in call]))
        x = ((pixels - torch.tensor(MEAN)) / 255).permute(0, 3, 1, 2)
        vectors = self(x.to(self.last.weight.device)).float().cpu().numpy()
        return np.split(vectors, np.cumsum([len(call) for call in calls])[:-1])

    def _save_pretrained(self, save_directory: Path) -> None:
        """Writes the published levels, a quarter of float32 and exact."""
        save_file(self.coded, save_directory / "model.safetensors")

    @classmethod
    def _load_as_safetensor(  # type: ignore[override]
        cls, model: "FaceResNet", model_file: str, map_location: str, strict: bool
    ) -> "FaceResNet":
        model.load_state_dict(decoded(load_file(model_file)), strict=strict)
        return model


def decoded(coded: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """8-bit levels with their step and least value -> float32, rounded once; what is float32 stays."""
    return {
        name: (kept.double() * coded[name + STEP] + coded[name + LEAST]).float()
        if name + STEP in coded
        else kept
        for name, kept in coded.items()
        if not name.endswith((STEP, LEAST))
    }


def load(device: str) -> FaceResNet:
    """The converted net beside this file; factors and terms melt into the convolutions."""
    net = FaceResNet.from_pretrained(Path(__file__).parent, strict=True).eval()
    for layer in net.modules():
        if isinstance(layer, Scaled):
            layer.melt()
    return net.to(device)
