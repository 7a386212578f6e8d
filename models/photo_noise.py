"""Noise for clean photographs: as textbooks add it, and as phones leave it behind. Plain arrays, no torch."""

import io

import numpy as np
from PIL import Image
from scipy import ndimage

STRONGEST = 55.0  # grey levels of 255; what is trained on and shown goes no further
STRIP = 256  # rows that are made noisy at once: floats of a large photograph would fill the memory


def noisy(picture: np.ndarray, sigma: float, chance: np.random.Generator) -> np.ndarray:
    """uint8 (H, W, 3) and grey levels -> uint8 of the same shape: white Gaussian noise, each channel its own.

    Rounded and cut off at black and white, as a picture file is.
    """
    noised = np.empty_like(picture)
    for top in range(0, len(picture), STRIP):
        strip = picture[top : top + STRIP]
        noised[top : top + STRIP] = _rounded(strip + sigma * chance.standard_normal(strip.shape, np.float32))
    return noised


def as_phones_make(
    picture: np.ndarray, sigma: float, blur: float, quality: int, chance: np.random.Generator
) -> np.ndarray:
    """The same with noise in grains of a Gaussian of `blur` pixels, stored as a JPEG of this quality (1 to 95)."""
    grains = ndimage.gaussian_filter(chance.standard_normal(picture.shape, np.float32), (blur, blur, 0))
    return jpeg(_rounded(picture + sigma * grains / max(float(grains.std()), 1e-6)), quality)


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """uint8 (H, W, 3) -> what a JPEG of this quality keeps of it."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
