"""Clean patches of photographs and drawn pages, and the noise that is put on them."""

from dataclasses import dataclass

import numpy as np
import torch

from models import enlarger_data, photo_data
from models.enlarger_data import drawing, resized
from models.photo_noise import STRONGEST, as_phones_make, noisy

GRID = 32  # pixels between the places where a patch may begin
DRAWN = 100  # drawings to train on
DRAWINGS = 0.08  # share of patches
PHONES = 0.2  # share of patches with grains and JPEG; the others have white noise


@dataclass(frozen=True)
class Batch:
    """noised, clean: float32 (B, 3, side, side), range (0, 1); sigma: float32 (B,), grey levels of 255."""

    noised: torch.Tensor
    clean: torch.Tensor
    sigma: torch.Tensor


class Patches:
    """Squares cut from photographs, those with more detail oftener, turned and mirrored at random, and made noisy."""

    def __init__(self, side: int, photos: int) -> None:
        large = photo_data.photographs("train")[:photos]
        # Test pictures are small and sharp, so half the patches come from photographs halved once more.
        small = [resized(one, one.shape[1] // 2, one.shape[0] // 2) for one in large]
        pages = [drawing(seed) for seed in range(DRAWN)]
        self.pictures, self.side, self.chance = [*large, *small, *pages], side, np.random.default_rng()
        tables, weights, first = [], [], 0
        for group, share in ((large, 0.5 - DRAWINGS / 2), (small, 0.5 - DRAWINGS / 2), (pages, DRAWINGS)):
            table = np.concatenate([_places(first + number, one, side) for number, one in enumerate(group)])
            tables.append(table[:, :3].astype(int))
            weights.append(share * table[:, 3] / table[:, 3].sum())
            first += len(group)
        self.places, self.bounds = np.concatenate(tables), np.cumsum(np.concatenate(weights))

    def batch(self, count: int) -> Batch:
        """Sigma is drawn from 0 to STRONGEST, weak noise oftener: what it hides is hardest to tell from it."""
        sigma = STRONGEST * self.chance.random(count) ** 1.5
        clean = [self._patch() for _ in range(count)]
        noised = [self._noised(one, float(level)) for one, level in zip(clean, sigma, strict=True)]
        return Batch(_tensor(noised), _tensor(clean), torch.from_numpy(sigma).float())

    def _noised(self, clean: np.ndarray, sigma: float) -> np.ndarray:
        if self.chance.random() >= PHONES:
            return noisy(clean, sigma, self.chance)
        blur, quality = float(self.chance.uniform(0.3, 0.9)), int(self.chance.integers(40, 96))
        return as_phones_make(clean, sigma / 2, blur, quality, self.chance)

    def _patch(self) -> np.ndarray:
        row = min(int(np.searchsorted(self.bounds, self.chance.random())), len(self.places) - 1)
        number, *corner = self.places[row]
        picture = self.pictures[number]
        ends = (length - self.side for length in picture.shape[:2])
        top, left = (
            min(at + int(self.chance.integers(GRID)), end) for at, end in zip(corner, ends, strict=True)
        )
        patch = np.rot90(
            picture[top : top + self.side, left : left + self.side], int(self.chance.integers(4))
        )
        return np.ascontiguousarray(patch[:, ::-1] if self.chance.integers(2) else patch)


def held_back(side: int) -> list[np.ndarray]:
    """The middles of the four photographs that no training sees -> uint8 (side, side, 3) each."""
    return [middle(resized(one, one.shape[1] // 2, one.shape[0] // 2), side)
            for one in photo_data.photographs("held_back")]  # fmt: skip


def test_pictures(frozen: bool) -> list[np.ndarray]:
    """-> seven photographs, or (frozen) the middles of three of them, that no choice rests on; uint8 (H, W, 3)."""
    if not frozen:
        return list(photo_data.test_photographs().values())
    with np.load(enlarger_data.FROZEN) as arrays:
        return list(arrays["photos"])


def middle(picture: np.ndarray, side: int) -> np.ndarray:
    top, left = (max(length - side, 0) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


def _places(number: int, picture: np.ndarray, side: int) -> np.ndarray:
    """-> rows (picture, top, left, root of the mean difference between neighbouring pixels there)."""
    grey = picture.mean(2)
    change = np.abs(np.diff(grey, axis=0))[:, 1:] + np.abs(np.diff(grey, axis=1))[1:]
    total = np.pad(change, ((1, 0), (1, 0))).cumsum(0).cumsum(1)  # sums of squares in one look-up each
    tops, lefts = (np.arange(0, max(length - side, 1), GRID) for length in change.shape)
    down, right = np.minimum(tops + side, len(change)), np.minimum(lefts + side, change.shape[1])
    sums = (
        total[np.ix_(down, right)]
        - total[np.ix_(tops, right)]
        - total[np.ix_(down, lefts)]
        + total[np.ix_(tops, lefts)]
    )
    top, left = np.meshgrid(tops, lefts, indexing="ij")
    detail = np.sqrt(sums / side**2 + 0.1)
    return np.stack([np.full(top.size, number), top.ravel(), left.ravel(), detail.ravel()], 1)


def _tensor(patches: list[np.ndarray]) -> torch.Tensor:
    return torch.from_numpy(np.stack(patches)).permute(0, 3, 1, 2).float() / 255
