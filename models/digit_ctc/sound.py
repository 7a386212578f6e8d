"""What the net hears: log-mel frames of a telephone's band, relative to the loudest one."""

import functools

import numpy as np
import torch

RATE = 8000  # Hz, a telephone's: every microphone and every voice sounds more alike below 4 kHz
WINDOW, HOP, SIZE = 200, 80, 256  # samples: 25 ms every 10 ms; of the Fourier transform
BANDS, LOWEST, HIGHEST = 40, 60.0, 3900.0  # Hz
RANGE = 80.0  # dB below the loudest, where silence begins
FAINTEST = (
    -40.0
)  # dB: what is called loud at least, so that nothing is not made loud; a voice at full scale has 40


def frames(waves: torch.Tensor, banks: torch.Tensor | None = None) -> torch.Tensor:
    """Float32 (B, N) at 8 kHz, N at least 256 -> log-mel (B, 1 + N // 80, 40), range (0, 1), 1 the loudest of a sound.

    banks: another filter bank for each sound, (B, 129, 40).
    """
    spectrum = torch.stft(
        waves, SIZE, HOP, WINDOW, torch.hann_window(WINDOW), pad_mode="constant", return_complex=True
    )
    energy = spectrum.abs().square().transpose(1, 2) @ (bank() if banks is None else banks)
    decibels = 10 * torch.log10(energy + 1e-10)
    loudest = decibels.amax((1, 2), keepdim=True).clamp(min=FAINTEST)
    return ((decibels - loudest) / RANGE + 1).clamp(min=0)


@functools.cache
def bank(stretch: float = 1.0) -> torch.Tensor:
    """Triangles on the mel scale, (129, 40). stretch: of all their frequencies, as a shorter vocal tract would."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST, HIGHEST))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1) * stretch
    bins = np.arange(SIZE // 2 + 1)[:, None] * RATE / SIZE
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.tensor(np.maximum(0, np.minimum(rising, falling)), dtype=torch.float32)
