"""Tiny face detector: one pass over a 13 x 13 grid, five boxes a cell, of separable convolutions; and 68 landmarks.

Boxes: Redmon and Farhadi, "YOLO9000: Better, Faster, Stronger", 2016, https://arxiv.org/abs/1612.08242. Separable
convolutions: Howard et al., "MobileNets", 2017, https://arxiv.org/abs/1704.04861. Landmarks: densely added layers,
after Huang et al., "Densely Connected Convolutional Networks", 2016, https://arxiv.org/abs/1608.06993.
"""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from torch import nn

from models.face_geometry import chip, square

# Pixels of the square that is searched: the published side, 13 cells of 32, and a coarse one, for faces that fill the
# photo; where they find no face, or only small ones, a fine one too.
LOOKS, FINE = (416, 224), 832
SMALL = 0.2  # of the longer side of a photo
MARKED = 112  # pixels of the square in which landmarks are sought
POINTS = 68
# Width and height of the five boxes that a cell starts from, in cells.
ANCHORS = (
    (1.603231, 2.094468),
    (6.041143, 7.080126),
    (2.882459, 3.518061),
    (4.266906, 5.178857),
    (9.041765, 10.66308),
)
SURE = 0.5  # least score of a face
# A photo on which no face scores UPRIGHT is turned too, and the turn kept on which a face scores TURNED: of photos
# upside down a few faces are found with scores up to 0.61, and a cup of coffee that lies sideways scores 0.64.
UPRIGHT, TURNED = 0.65, 0.7
TURNS = (90, 270, 180)  # degrees against the clock
OVERLAP = 0.4  # of two boxes, intersection over union; above it the less sure one is dropped
FINDER_MEAN = (117.001, 114.697, 97.404)  # red, green, blue of 0..255
MARKER_MEAN = (122.782, 117.001, 104.298)

Box = tuple[float, ...]  # left, top, right, bottom
Face = dict[str, Any]  # box, score, points, chip


class Separable(nn.Module):
    """3 x 3 in each channel by itself, then 1 x 1 across them."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(before, before, 3, groups=before, bias=False)
        self.pointwise = nn.Conv2d(before, after, 1)

    def forward(self, x: torch.Tensor, stride: int = 1) -> torch.Tensor:
        around = (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1)  # "same" for even sides
        return self.pointwise(
            F.conv2d(F.pad(x, around), self.depthwise.weight, None, stride, groups=x.shape[1])
        )


class Finder(nn.Module):
    """(B, 3, 416, 416) -> (B, 25, 13, 13): for each cell five boxes of x, y, width, height, score, not yet squashed."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3)
        widths = (16, 32, 64, 128, 256, 512)
        self.blocks = nn.ModuleList(Separable(*pair) for pair in pairwise(widths))
        self.last = nn.Conv2d(512, 25, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.first(x), 0.1, inplace=True)  # 16 x 414
        for block in self.blocks:
            x = F.max_pool2d(x, 2, ceil_mode=True)  # 207, 104, 52, 26, 13
            x = F.leaky_relu(block(x), 0.1, inplace=True)
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-math.inf), 2, 1)  # 512 x 13
        return self.last(x)


class Dense(nn.Module):
    """Halves the picture; each of four layers is added to all before it."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, after, 3, 2) if before == 3 else Separable(before, after)
        self.layers = nn.ModuleList(Separable(after, after) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        entered = (
            self.enter(F.pad(x, (0, 1, 0, 1))) if isinstance(self.enter, nn.Conv2d) else self.enter(x, 2)
        )
        total = x = F.relu(entered)
        for layer in self.layers:
            total = total + layer(x)
            x = F.relu(total)
        return x


class Marker(nn.Module):
    """(B, 3, 112, 112) -> (B, 136): x and y of 68 points, in shares of the square."""

    def __init__(self, points: int) -> None:
        super().__init__()
        widths = (3, 32, 64, 128, 256)
        self.blocks = nn.Sequential(*(Dense(*pair) for pair in pairwise(widths)))
        self.last = nn.Linear(256, 2 * points)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.blocks(x).mean((2, 3)))  # 256 x 7 x 7


class FaceDetector(nn.Module, PyTorchModelHubMixin):
    """Photo -> its faces."""

    def __init__(self, points: int = POINTS) -> None:
        super().__init__()
        self.finder, self.marker = Finder(), Marker(points)

    def search(self, photo: Image.Image) -> tuple[int, list[Face]]:
        """As detect(), but also finds faces on a photo that lies sideways.

        -> degrees (0, 90, 180, 270, against the clock) by which the photo is to be turned, with expand=True, to be
        upright, and the faces on the turned photo.
        """
        faces = self.detect(photo)
        if _best(faces) >= UPRIGHT:
            return 0, faces
        turned = [(turn, self.detect(photo.rotate(turn, expand=True), fine=False)) for turn in TURNS]
        best = max(turned, key=lambda one: _best(one[1]))
        return best if _best(best[1]) >= TURNED else (0, faces)

    def detect(self, photo: Image.Image, fine: bool = True) -> list[Face]:
        """RGB photo -> its faces, largest first. fine: look closely where only small faces are found, or none.

        Each: box (left, top, right, bottom), in pixels, may reach beyond the photo; score, 0.5 to 1; points, float32
        (68, 2), pixels: chin 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67; chip, RGB, 150 x 150: the face
        turned upright, eyes and mouth at fixed places.
        """
        pixels = np.asarray(photo)
        found = _surest([one for side in LOOKS for one in self.find(pixels, side)])
        if fine and max((_width(box) for box, _ in found), default=0) < SMALL * max(photo.size):
            found = _surest([*found, *self.find(pixels, FINE)])
        faces = []
        for box, score in found:
            points = self.mark(pixels, box)
            if points is not None:
                faces.append({"box": box, "score": score, "points": points, "chip": chip(photo, points)})
        return sorted(faces, key=lambda face: -_area(face["box"]))

    @torch.inference_mode()
    def find(self, pixels: np.ndarray, side: int = LOOKS[0]) -> list[tuple[Box, float]]:
        """uint8 (H, W, 3) -> boxes and scores, surest first, no two of one face. side: see LOOKS."""
        grid = self.finder(self._tensor(square(pixels, side, centred=False), FINDER_MEAN))[0]
        cells, size = grid.shape[1], np.array(pixels.shape[1::-1])
        whole = np.floor(
            size * side / size.max() + 0.5
        )  # on the square, in whole pixels as the package has it
        raw = grid.double().cpu().numpy().reshape(len(ANCHORS), 5, cells, cells)
        scores = _sigmoid(raw[:, 4])
        found = []
        for anchor, row, column in zip(*np.nonzero(scores > SURE), strict=True):
            x, y, wide, high = raw[anchor, :4, row, column]
            middle = np.array([column + _sigmoid(x), row + _sigmoid(y)])
            half = np.exp([wide, high]) * ANCHORS[anchor] / 2
            box = np.stack([middle - half, middle + half]) / cells * side / whole * size
            found.append((tuple(box.ravel().tolist()), float(scores[anchor, row, column])))
        return _surest(found)

    @torch.inference_mode()
    def mark(self, pixels: np.ndarray, box: Box) -> np.ndarray | None:
        """The 68 points of the face in a box, float32 (68, 2); None where the box lies beyond the picture."""
        height, width = pixels.shape[:2]
        left, top = max(box[0], 0), max(box[1], 0)
        wide, high = math.floor(min(box[2], width) - left), math.floor(min(box[3], height) - top)
        x, y = math.floor(left), math.floor(top)
        if wide < 1 or high < 1:
            return None
        face = square(pixels[y : y + high, x : x + wide], MARKED, centred=True)
        shares = self.marker(self._tensor(face, MARKER_MEAN))[0].cpu().numpy().reshape(POINTS, 2)
        longer = max(wide, high)
        margin = (longer - np.array([wide, high])) / 2
        return (shares * longer - margin + [x, y]).astype(np.float32)

    def _tensor(self, pixels: np.ndarray, mean: tuple[float, ...]) -> torch.Tensor:
        """Float32 (side, side, 3) -> (1, 3, side, side) around 0, on the net's device."""
        centred = (torch.from_numpy(pixels) - torch.tensor(mean)) / 255
        return centred.permute(2, 0, 1)[None].to(self.marker.last.weight.device)  # channels last


def _best(faces: list[Face]) -> float:
    return max((face["score"] for face in faces), default=0.0)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _width(box: Box) -> float:
    return box[2] - box[0]


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _surest(found: list[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Drops each box that lies over a surer one."""
    kept: list[tuple[Box, float]] = []
    for box, score in sorted(found, key=lambda one: -one[1]):
        if all(_overlap(box, other) <= OVERLAP for other, _ in kept):
            kept.append((box, score))
    return kept


def _overlap(a: Box, b: Box) -> float:
    both = _area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))
    return both / (_area(a) + _area(b) - both)


def load(device: str) -> FaceDetector:
    """The converted net beside this file. Channels last: a third of the time on a CPU."""
    net = FaceDetector.from_pretrained(Path(__file__).parent, strict=True).eval().to(device)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
