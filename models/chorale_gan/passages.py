"""Passages of Bach's chorales, four voices and four bars each on a grid of eighths: what the GAN is trained, tested and
compared on. They lie beside this file, as data.py made them.

Pitches are counted from each voice's lowest on. Major keys were moved to C, minor ones to A.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np

FILE = Path(__file__).parent / "passages.npz"
VOICES = 4  # soprano, alto, tenor, bass
STEPS = 32  # eighths: four bars of 4/4
LOWEST = (56, 48, 42, 32)  # MIDI number of the lowest pitch of each voice, in C or A
PITCHES = 33  # of each voice, from its lowest on


class Passages(NamedTuple):
    """pitches: int64 (N, 4, 32); struck: whether a note begins there, bool (N, 4, 32); minor: bool (N,)."""

    pitches: np.ndarray
    struck: np.ndarray
    minor: np.ndarray

    @property
    def midi(self) -> np.ndarray:
        """MIDI numbers (N, 4, 32)."""
        return self.pitches + np.array(LOWEST)[:, None]


@functools.cache
def works() -> np.ndarray:
    """Where the training passages are from, such as "BWV 1.6", str (N,)."""
    with np.load(FILE) as arrays:
        return arrays["work"][arrays["part"] == 0]


@functools.cache
def training() -> Passages:
    return _part(0)


@functools.cache
def validation() -> Passages:
    """Passages to choose among nets by."""
    return _part(1)


@functools.cache
def test() -> Passages:
    return _part(2)


def _part(number: int) -> Passages:
    with np.load(FILE) as arrays:
        chosen = arrays["part"] == number
        pitches, struck, minor = (arrays[name][chosen] for name in ("pitches", "struck", "minor"))
    return Passages(pitches.astype(np.int64), struck, minor)
