"""The mel spectrogram of a sound, and a sound for a mel spectrogram by guessing phases, without a net.

As librosa computes them, whose first use compiles for many seconds and which adds a second to every start.

Griffin and Lim, "Signal Estimation from Modified Short-Time Fourier Transform", 1984; with the momentum of Perraudin,
Balazs and Søndergaard, "A Fast Griffin-Lim Algorithm", 2013, https://doi.org/10.1109/WASPAA.2013.6701851.
"""

import functools

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

BANDS, WINDOW, HOP = 80, 1024, 256  # of the mel scale; samples
ROUNDS, MOMENTUM = 32, 0.99  # of Griffin-Lim
UPDATES = 40  # that find magnitudes with the given mel bands
LINEAR, STEP = (
    1000.0,
    27 / np.log(6.4),
)  # Slaney's scale: linear up to 1000 Hz, 15 mels, then 27 for a factor of 6.4
TINY = np.float32(1e-8)


def mel(wave: np.ndarray, rate: int) -> np.ndarray:
    """Float32 (N,) -> magnitudes of its mel bands, low ones first, float32 (80, 1 + N // 256)."""
    return filters(rate) @ np.abs(_stft(wave))


def griffin_lim(bands: np.ndarray, rate: int) -> np.ndarray:
    """Magnitudes as mel() gives, (80, frames) -> a sound with about these, float32 (256 * (frames - 1),)."""
    size = _magnitudes(bands, filters(rate))
    chance = np.random.default_rng(0)
    phases = np.exp(2j * np.pi * chance.random(size.shape, np.float32)).astype(np.complex64)
    before = np.zeros_like(phases)
    for _ in range(ROUNDS):
        now = _stft(_istft(size * phases))
        ahead = now - MOMENTUM / (1 + MOMENTUM) * before
        phases, before = ahead / np.maximum(np.abs(ahead), TINY), now
    return _istft(size * phases)


@functools.cache
def filters(rate: int) -> np.ndarray:
    """Triangles on the mel scale of Slaney, each 1 in area, float32 (80, 513)."""
    top = 15 + STEP * np.log(rate / 2 / LINEAR)
    steps = np.linspace(0, top, BANDS + 2)
    edges = np.where(steps < 15, steps * LINEAR / 15, LINEAR * np.exp((np.maximum(steps, 15) - 15) / STEP))
    bins = np.fft.rfftfreq(WINDOW, 1 / rate)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return (np.clip(np.minimum(rising, falling), 0, None) * 2 / (high - low)).astype(np.float32)


def _magnitudes(bands: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Lee and Seung's updates: magnitudes, none below 0, whose mel bands are these. (80, T) -> (513, T)."""
    size = np.maximum(np.linalg.pinv(triangles).astype(np.float32) @ bands, TINY)
    wanted, square = triangles.T @ bands, triangles.T @ triangles
    for _ in range(UPDATES):
        size *= wanted / np.maximum(square @ size, TINY)
    return size


def _stft(wave: np.ndarray) -> np.ndarray:
    """(N,) -> complex64 (513, 1 + N // 256), the middle of a frame every 256 samples."""
    padded = np.pad(wave, WINDOW // 2)
    frames = sliding_window_view(padded, WINDOW)[::HOP] * _hann()
    return np.fft.rfft(frames, axis=1).T.astype(np.complex64)


def _istft(spectrum: np.ndarray) -> np.ndarray:
    """Complex (513, T) -> float32 (256 * (T - 1),): frames added up where they overlap."""
    frames = np.fft.irfft(spectrum.T, axis=1).astype(np.float32) * _hann()
    wave = np.zeros(HOP * (len(frames) - 1) + WINDOW, np.float32)
    weight = np.zeros_like(wave)
    for part in range(WINDOW // HOP):  # every fourth frame: these stand side by side
        chosen = frames[part :: WINDOW // HOP]
        place = slice(part * HOP, part * HOP + chosen.size)
        wave[place] += chosen.ravel()
        weight[place] += np.tile(_hann() ** 2, len(chosen))
    return (wave / np.maximum(weight, TINY))[WINDOW // 2 : -WINDOW // 2]


@functools.cache
def _hann() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
