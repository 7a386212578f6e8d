"""Clips to learn from, each another: words of one speaker in a row, in a room, with noise, through a telephone."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.signal import fftconvolve

from models.digit_ctc.data import Piece, one_sign
from models.digit_ctc.sound import BANDS, RATE, bank, frames

STRETCHES = np.round(
    np.arange(0.84, 1.2, 0.03), 2
).tolist()  # of all frequencies, as other vocal tracts would
SECONDS = (0.9, 1.2, 1.6, 2.4)  # of a clip
QUIET = 0.06  # share of clips in which nobody speaks


class Clips:
    """Draws batches of one length. speakers: engine -> the pieces of each of its speakers."""

    def __init__(self, speakers: dict[str, list[list[Piece]]], weights: dict[str, float]) -> None:
        self._speakers = speakers
        self._engines = list(speakers)
        shares = np.array([weights[engine] for engine in self._engines])
        self._shares = shares / shares.sum()

    def batch(
        self, size: int, chance: np.random.Generator, seconds: Sequence[float] = SECONDS, hard: float = 1.0
    ) -> tuple[torch.Tensor, list[str]]:
        """-> log-mel (size, T, 40), range (0, 1), and what is said in each.

        seconds: that a batch may last; hard: share of clips that are heard through a room, a line and a microphone.
        """
        length = int(RATE * chance.choice(seconds))
        waves, texts = zip(*(self._clip(length, chance, hard) for _ in range(size)), strict=True)
        banks = torch.stack([bank(float(chance.choice(STRETCHES))) for _ in waves])
        mel = frames(torch.from_numpy(np.float32(waves)), banks)
        return _seen(mel, chance) if chance.random() < hard else mel, list(texts)

    def _clip(self, length: int, chance: np.random.Generator, hard: float) -> tuple[np.ndarray, str]:
        wave, words = np.zeros(length), list[str]()
        if chance.random() > QUIET:
            wave, words = _row(self._speaker(chance), length, chance)
        if chance.random() < hard:
            babble = _row(self._speaker(chance), length, chance)[0] if chance.random() < 0.15 else None
            wave = _heard(wave, babble, chance)
        return wave, " ".join(words)

    def _speaker(self, chance: np.random.Generator) -> list[Piece]:
        speakers = self._speakers[chance.choice(self._engines, p=self._shares)]
        return speakers[chance.integers(len(speakers))]


def _row(pieces: list[Piece], length: int, chance: np.random.Generator) -> tuple[np.ndarray, list[str]]:
    """Pieces with pauses between, as many as there is room for; at least one, which may be made shorter."""
    wave, words, at = np.zeros(length), list[str](), int(RATE * chance.uniform(0.02, 0.4))
    speed = chance.uniform(0.85, 1.2)
    while True:
        piece = pieces[chance.integers(len(pieces))]
        if not words and len(piece.wave) / speed > length - at - RATE // 20:
            fitting = [one for one in pieces if len(one.wave) / speed < length - at - RATE // 20]
            if not fitting:
                return wave, words
            piece = fitting[chance.integers(len(fitting))]
        sound = np.interp(np.arange(0, len(piece.wave) - 1, speed), np.arange(len(piece.wave)), piece.wave)
        if at + len(sound) > length:
            return wave, one_sign(words)
        wave[at : at + len(sound)] += sound * 10 ** (chance.uniform(-4, 4) / 20)
        words += piece.words
        at += len(sound) + int(
            RATE * (chance.uniform(0.0, 0.08) if chance.random() < 0.3 else chance.uniform(0.08, 0.5))
        )


def _heard(wave: np.ndarray, babble: np.ndarray | None, chance: np.random.Generator) -> np.ndarray:
    """What a microphone and a line make of it."""
    if chance.random() < 0.5:
        wave = fftconvolve(wave, _room(chance))[: len(wave)]
    level = float(np.sqrt(np.mean(wave**2))) or 0.05
    if babble is not None:
        loud = float(np.sqrt(np.mean(babble**2))) or 1.0
        wave = wave + babble / loud * level * 10 ** (-chance.uniform(12, 25) / 20)
    if chance.random() < 0.85:
        wave = wave + noise(len(wave), chance) * level * 10 ** (-chance.uniform(2, 45) / 20)
    if chance.random() < 0.15:  # too loud for the microphone
        most = np.abs(wave).max() * chance.uniform(0.2, 0.8)
        wave = np.clip(wave, -most, most)
    if chance.random() < 0.3:  # mu-law, eight bits
        most = (np.abs(wave).max() or 1.0) / chance.uniform(0.1, 1)
        squeezed = np.sign(wave) * np.log1p(255 * np.abs(wave) / most) / np.log(256)
        squeezed = np.round(squeezed * 127) / 127
        wave = np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log(256)) / 255 * most
    return wave


def _room(chance: np.random.Generator) -> np.ndarray:
    """An impulse response: the direct sound, and echoes that fade in 0.1 to 0.7 seconds."""
    fade = chance.uniform(0.1, 0.7)
    times = np.arange(int(RATE * min(fade, 0.35))) / RATE
    echo = chance.standard_normal(len(times)) * 10 ** (-3 * times / fade)
    echo *= chance.uniform(0.1, 0.8) / np.sqrt(np.sum(echo**2))
    echo[0] = 1.0
    return echo


def noise(length: int, chance: np.random.Generator) -> np.ndarray:
    """Of any colour from white to brown, sometimes with a hum or a tune, root mean square 1."""
    spectrum = np.fft.rfft(chance.standard_normal(length))
    steep = chance.uniform(0, 1.2)
    sound = np.fft.irfft(spectrum / np.arange(1, len(spectrum) + 1) ** steep, length)
    sound /= np.sqrt(np.mean(sound**2))
    if chance.random() < 0.2:
        for _ in range(chance.integers(1, 5)):
            pitch, start = chance.uniform(50, 1500), chance.integers(length)
            tone = np.sin(2 * np.pi * pitch / RATE * np.arange(length - start))
            sound[start:] += chance.uniform(0.2, 1.5) * tone
        sound /= np.sqrt(np.mean(sound**2))
    return sound


def _seen(mel: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
    """Other microphones, tempi, silences and gaps, drawn on the log-mel (B, T, 40)."""
    size, length, _ = mel.shape
    slopes = torch.tensor(chance.normal(0, 0.04, (size, 5)), dtype=torch.float32)
    curve = torch.nn.functional.interpolate(slopes[:, None], BANDS, mode="linear", align_corners=True)
    floor = torch.tensor(chance.choice([0.0, 0.0, 0.2, 0.35, 0.5], size), dtype=torch.float32)[:, None, None]
    mel = torch.where(mel > 0, mel + curve, mel)
    mel = (mel - mel.amax((1, 2), keepdim=True) + 1).clamp(min=0)
    mel = torch.where(mel > floor, mel, floor * int(chance.integers(2)))  # noise, or what a codec leaves out
    tempo = int(length * chance.uniform(0.8, 1.3))
    mel = (
        torch.nn.functional.interpolate(mel.transpose(1, 2), tempo, mode="linear")
        .transpose(1, 2)
        .contiguous()
    )
    for one in mel:
        band, frame = chance.integers(BANDS - 6), chance.integers(tempo - 8)
        one[:, band : band + chance.integers(7)] = 0
        one[frame : frame + chance.integers(8)] = 0
    return mel
