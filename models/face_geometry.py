"""Pixels of faces: the resampling that TensorFlow.js does, and the upright square that is cut out around a face."""

import math

import numpy as np
from PIL import Image

SIDE = 150  # pixels of a chip, what face_resnet reads
# Where the middles of the eyes and of the mouth come to lie on a chip, in shares of its side. These are the places
# on the chips that dlib's net, from which face_resnet descends, was trained on: the mean face with a quarter around it.
PLACES = np.array([[0.3170, 0.3107], [0.6699, 0.3107], [0.4934, 0.7130]])
EYES_AND_MOUTH = (slice(36, 42), slice(42, 48), slice(48, 68))  # of 68 points


def resample(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Float32 (H, W, C) -> (height, width, C) as tf.image.resizeBilinear: sampled at i * H / height, not smoothed."""
    for axis, size in ((0, height), (1, width)):
        had = pixels.shape[axis]
        at = np.arange(size, dtype=np.float32) * np.float32(had / size)
        low = np.floor(at).astype(int)
        high = np.minimum(np.ceil(at).astype(int), had - 1)
        shape = [1, 1, 1]
        shape[axis] = size
        part = (at - low).astype(np.float32).reshape(shape)
        below = pixels.take(low, axis)
        pixels = below + (pixels.take(high, axis) - below) * part
    return pixels


def square(pixels: np.ndarray, side: int, centred: bool) -> np.ndarray:
    """uint8 (H, W, 3) -> float32 (side, side, 3): black is added to the right or below (centred: on both
    sides), then resampled."""
    finer = max(pixels.shape[:2]) // (2 * side)
    if finer > 1:  # sampling alone would skip most of a large photo
        pixels = np.asarray(Image.fromarray(pixels).reduce(finer))
    height, width = pixels.shape[:2]
    lack = abs(height - width)
    before = lack - math.floor(lack / 2 + 0.5) if centred else 0
    around = (before, lack - before)
    wide, high = (around, (0, 0)) if height > width else ((0, 0), around)
    padded = np.pad(pixels.astype(np.float32), (high, wide, (0, 0)))
    return padded if padded.shape[0] == side else resample(padded, side, side)


def chip(photo: Image.Image, points: np.ndarray, side: int = SIDE) -> Image.Image:
    """RGB photo and the 68 points of a face, (68, 2), pixels -> the face upright, side x side; black beyond it."""
    seen = np.stack([points[part].mean(0) for part in EYES_AND_MOUTH])
    # Similarity from chip to photo, z -> a z + b over complex numbers, by least squares.
    z, w = (PLACES * side) @ (1, 1j), seen @ (1, 1j)
    a = np.vdot(z - z.mean(), w - w.mean()) / np.vdot(z - z.mean(), z - z.mean())
    b = w.mean() - a * z.mean()
    finer = max(1, math.ceil(abs(a)))  # photo pixels per chip pixel: sampled that finely, then averaged
    a /= finer
    turn = (a.real, -a.imag, b.real, a.imag, a.real, b.imag)
    large = photo.transform((side * finer,) * 2, Image.Transform.AFFINE, turn, Image.Resampling.BILINEAR)
    return large.reduce(finer) if finer > 1 else large
