"""EfficientNet-Lite0: inverted residual blocks without squeeze-and-excitation, ReLU6 instead of swish.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019,
https://arxiv.org/abs/1905.11946; Lite: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
Where it looked: Selvaraju et al., "Grad-CAM", 2017, https://arxiv.org/abs/1610.02391. Classes of one's own: head.py.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models import settings
from models.batching import Batcher
from models.efficientnet_lite0 import head
from models.efficientnet_lite0.head import Head

SIDE = 224  # pixels
CROP = SIDE / (
    SIDE + 32
)  # of the shorter side: the square in the middle that the published accuracy is about
# repeats, kernel, stride of the first, expansion, channels out; ends at 320 x 7 x 7
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
TOGETHER = 4  # photos in one batch; on a CPU more only cost memory
CALLS = 16  # visitors whose pictures are embedded together
MIDDLE = 11  # blocks; what 112 channels hold there helps to tell apart what ImageNet does not name

LABELS: list[tuple[str, str]] = [
    tuple(pair) for pair in json.loads((Path(__file__).parent / "labels.json").read_text())
]


def convolution(before: int, after: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """TF "SAME" padding, convolution, normalisation."""
    least = (kernel - stride) // 2  # every side here is even wherever the stride is 2 ...
    pad = (
        nn.ZeroPad2d((least, least + 1) * 2) if stride == 2 else nn.Identity()
    )  # ... so right and below get one more
    inside = 0 if stride == 2 else least
    body = nn.Conv2d(before, after, kernel, stride, inside, groups=groups, bias=False)
    return nn.Sequential(pad, body, nn.BatchNorm2d(after, eps=1e-3))


Answer = tuple[int, str, str, float]  # class index, English and Chinese name, probability


class Block(nn.Module):
    """Widens, filters each channel by itself, narrows; adds its input where the shape allows."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        self.expand = convolution(before, wide) if expansion > 1 else None
        self.depthwise = convolution(wide, wide, kernel, stride, groups=wide)
        self.project = convolution(wide, after)
        self.residual = stride == 1 and before == after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x if self.expand is None else self.expand(x).clamp(0, 6)
        narrow = self.project(self.depthwise(wide).clamp(0, 6))
        return x + narrow if self.residual else narrow


class EfficientNetLite0(nn.Module, PyTorchModelHubMixin):
    """(B, 3, 224, 224), range (-1, 1) -> logits (B, 1000)."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = convolution(3, 32, 3, 2)  # 32 x 112 x 112
        blocks, channels = [], 32
        for repeats, kernel, stride, expansion, after in STAGES:
            for number in range(repeats):
                blocks.append(Block(channels, after, kernel, 1 if number else stride, expansion))
                channels = after
        self.blocks = nn.Sequential(*blocks)
        self.top = convolution(320, 1280)
        self.classifier = nn.Linear(1280, classes)
        self._see = Batcher(self._see_many, TOGETHER, settings.runs_at_once())
        self._embed = Batcher(self._embed_many, CALLS, settings.runs_at_once())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).mean((2, 3)))

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """-> what the classifier averages, (B, 1280, 7, 7), range (0, 6)."""
        return self.top(self.blocks(self.stem(x).clamp(0, 6))).clamp(0, 6)

    def predict(self, photo: Image.Image) -> list[Answer]:
        """Photo -> the five likeliest classes, likeliest first: (index, English, Chinese, probability)."""
        return _likeliest(self._see(prepare(photo))[0])

    def explain(self, photo: Image.Image, guess: int) -> tuple[list[Answer], np.ndarray]:
        """As predict(), and where the evidence for guess number 1 to 5 lies: float32 (height, width), range (0, 1).

        0 everywhere outside the square that the net saw.
        """
        shares, maps = self._see(prepare(photo))
        answers = _likeliest(shares)
        return answers, self._heat(photo, maps, answers[guess - 1][0])

    def embed(self, pictures: list[Image.Image]) -> np.ndarray:
        """Frozen features of the square in the middle of each -> float32 (pictures, LENGTH), each row of length 1."""
        return self._embed([prepare(picture, crop=1.0) for picture in pictures])

    def fit(self, vectors: np.ndarray, labels: list[str]) -> Iterator[Head]:
        """Trains a classifier on embedded pictures and their labels, see head.fit()."""
        return head.fit(vectors, labels)

    def left_out(self, vectors: np.ndarray, labels: list[str]) -> list[str]:
        """What each picture would be taken for had it not been shown, see head.left_out()."""
        return head.left_out(vectors, labels)

    def classify(self, head_: Head, vectors: np.ndarray) -> list[dict[str, float]]:
        """-> {label: probability} for each embedded picture."""
        return head.classify(head_, vectors)

    @torch.inference_mode()
    def _heat(self, photo: Image.Image, maps: torch.Tensor, class_index: int) -> np.ndarray:
        """Grad-CAM: behind an average and one linear layer the gradient of a class's logit is its row of weights.

        So no backward pass is needed.
        """
        heat = torch.einsum("c,chw->hw", self.classifier.weight[class_index], maps).clamp(min=0)
        coarse = (heat / heat.max().clamp(min=1e-6)).cpu().numpy()
        left, top, right, bottom = window(photo.size)
        seen = Image.fromarray(coarse).resize((right - left, bottom - top), Image.Resampling.BICUBIC)
        whole = np.zeros((photo.height, photo.width), np.float32)
        whole[top:bottom, left:right] = np.clip(np.asarray(seen), 0, 1)
        return whole

    @torch.inference_mode()
    def _see_many(self, pictures: list[np.ndarray]) -> list[tuple[np.ndarray, torch.Tensor]]:
        """-> for each its classes' probabilities, and the maps (1280, 7, 7) they come from."""
        maps = self.features(self._tensor(pictures))
        shares = self.classifier(maps.mean((2, 3))).softmax(1).cpu().numpy()
        return list(zip(shares, maps, strict=True))

    @torch.inference_mode()
    def _embed_many(self, calls: list[list[np.ndarray]]) -> list[np.ndarray]:
        pictures = [picture for call in calls for picture in call]
        rows = []
        for start in range(0, len(pictures), TOGETHER):
            x = self._tensor(pictures[start : start + TOGETHER])
            middle = self.blocks[:MIDDLE](self.stem(x).clamp(0, 6))
            top = self.top(self.blocks[MIDDLE:](middle)).clamp(0, 6)
            rows.append(torch.cat([_direction(maps) for maps in (top, middle)], 1))
        vectors = torch.cat(rows).cpu().numpy()
        return np.split(vectors, np.cumsum([len(call) for call in calls])[:-1])

    def _tensor(self, pictures: list[np.ndarray]) -> torch.Tensor:
        x = torch.from_numpy(np.stack(pictures)).to(self.classifier.weight.device)
        return x.contiguous(memory_format=torch.channels_last)


def _direction(maps: torch.Tensor) -> torch.Tensor:
    """Maps (B, C, h, w) -> square roots of their means, so that the strongest few do not drown the rest; length 0.7."""
    means = maps.mean((2, 3))
    return nn.functional.normalize(means.sign() * means.abs().sqrt(), dim=1) * 0.5**0.5


def _likeliest(shares: np.ndarray) -> list[Answer]:
    return [(int(i), *LABELS[i], float(shares[i])) for i in np.argsort(-shares)[:5]]


def window(size: tuple[int, int], crop: float = CROP) -> tuple[int, int, int, int]:
    """Width and height of a photo -> left, top, right, bottom of its middle square, `crop` of the shorter side."""
    side = max(1, round(min(size) * crop))
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return left, top, left + side, top + side


def prepare(photo: Image.Image, crop: float = CROP) -> np.ndarray:
    """Photo of any mode and size -> float32 (3, 224, 224), range (-1, 1)."""
    square = photo.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC, window(photo.size, crop))
    return (np.asarray(square, np.float32).transpose(2, 0, 1) - 127) / 128


def load(device: str) -> EfficientNetLite0:
    """The converted net beside this file; for speed normalisations melt into convolutions and channels come last."""
    net = EfficientNetLite0.from_pretrained(Path(__file__).parent, strict=True).eval()
    for layers in list(net.modules()):
        if isinstance(layers, nn.Sequential) and isinstance(normalise := layers[-1], nn.BatchNorm2d):
            layers[1], layers[2] = fuse_conv_bn_eval(layers[1], normalise), nn.Identity()  # type: ignore[type-var]
    return net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
