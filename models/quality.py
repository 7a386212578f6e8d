"""How near a restored picture comes to the true one: PSNR and SSIM, of brightness. Plain arrays, no torch.

Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004,
https://doi.org/10.1109/TIP.2003.819861.
"""

import math
from collections.abc import Iterator

import numpy as np
from scipy import ndimage

LEVELS = 255.0
STRIP, REACH = (
    256,
    5,
)  # rows that are measured at once, so that memory does not follow the picture; SSIM's window


def luma(picture: np.ndarray) -> np.ndarray:
    """RGB (H, W, 3), range (0, 255) -> Y of ITU-R BT.601, float32 (H, W), range (16, 235), as enlarging is measured."""
    weights = np.array((65.481, 128.553, 24.966), np.float32) / np.float32(LEVELS)
    return picture.astype(np.float32) @ weights + np.float32(16)


def psnr(guess: np.ndarray, truth: np.ndarray) -> float:
    """Two pictures of one shape, range (0, 255) -> dB, 100 where they are all but equal."""
    total = 0.0
    for top in range(0, len(truth), STRIP):
        rows = slice(top, top + STRIP)
        total += float(np.square(guess[rows].astype(np.float64) - truth[rows]).sum())
    return min(100.0, 10 * math.log10(LEVELS**2 / max(total / truth.size, 1e-12)))


def ssim(guess: np.ndarray, truth: np.ndarray) -> float:
    """Two pictures (H, W), range (0, 255) -> at most 1; Gaussian window of 1.5 pixels, 11 wide."""
    return sum(float(likeness.sum()) for likeness in _likenesses(guess, truth)) / truth.size


def _likenesses(guess: np.ndarray, truth: np.ndarray) -> Iterator[np.ndarray]:
    """Of every pixel, strip by strip; each is read with the rows around it that its windows reach."""
    steady, contrast = (0.01 * LEVELS) ** 2, (0.03 * LEVELS) ** 2

    def blurred(values: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(values, 1.5, truncate=3.4)  # radius REACH

    for top in range(0, len(truth), STRIP):
        start = max(top - REACH, 0)
        rows, kept = slice(start, top + STRIP + REACH), slice(top - start, top - start + STRIP)
        one, two = guess[rows].astype(np.float64), truth[rows].astype(np.float64)
        mean_one, mean_two = blurred(one), blurred(two)
        spread_one, spread_two = blurred(one * one) - mean_one**2, blurred(two * two) - mean_two**2
        shared = blurred(one * two) - mean_one * mean_two
        likeness = (2 * mean_one * mean_two + steady) / (mean_one**2 + mean_two**2 + steady)
        yield (likeness * (2 * shared + contrast) / (spread_one + spread_two + contrast))[kept]
