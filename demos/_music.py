"""Notes, and how they sound: a small synthesiser in numpy, some timbres in a little room.

Ten seconds of four voices take about a tenth of a second on one thread.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

RATE = 24_000  # Hz
CONCERT_A, A4 = 440.0, 69  # Hz; its MIDI number
LOUDEST = 0.89  # of full scale, the highest point of a whole piece
TAIL = 1.2  # seconds after the last note in which the room falls silent
ROOM_SECONDS, ROOM_DELAY, ROOM_DARKNESS = 1.1, 0.012, 0.6  # until -60 dB; seconds; 0 bright .. 1 dark
VIBRATO_HZ, VIBRATO_RISE = 5.3, 0.35  # seconds until it is whole
HIGHEST = 0.45  # of RATE; partials above are left out
NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")


class Note(NamedTuple):
    """One note; a rest is where there is none."""

    pitch: int  # MIDI number, 60 is middle C
    start: float  # beats (quarter notes) from the beginning
    beats: float  # how long it lasts
    voice: int = 0
    loud: float = 0.8  # 0..1


@dataclass(frozen=True)
class Timbre:
    """What an instrument's tone is made of. Times in seconds."""

    partials: tuple[float, ...]  # strength of 1, 2, 3... times the frequency
    attack: float
    release: float
    decay: float = 0.0  # nepers a second of the lowest partial; higher ones die sooner
    vibrato: float = 0.0  # of the frequency
    breath: float = 0.0  # noise beside the tone
    room: float = 0.25  # what comes back from the walls


TIMBRES = {
    "flute": Timbre((1, 0.42, 0.2, 0.06, 0.03), 0.03, 0.07, vibrato=0.004, breath=0.012),
    "fiddle": Timbre(
        (1, 0.8, 0.75, 0.42, 0.36, 0.3, 0.16, 0.14, 0.1, 0.08, 0.05), 0.035, 0.08, vibrato=0.005, breath=0.004
    ),
    "harp": Timbre((1, 0.62, 0.36, 0.25, 0.15, 0.12, 0.07, 0.06, 0.03), 0.004, 0.25, decay=2.2, room=0.3),
    "organ": Timbre((1, 0.6, 0.32, 0.3, 0.06, 0.16, 0.0, 0.1), 0.03, 0.09, room=0.35),
}


def name_of(pitch: int) -> str:
    """60 -> C4."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def sound(notes: Sequence[Note], bpm: float, timbre: str = "flute") -> np.ndarray:
    """Notes -> float32 mono (N,) at RATE, range (-1, 1); bpm: quarter notes a minute; timbre: a key of TIMBRES.

    Nothing of it is random. No notes give a moment of silence.
    """
    of, second = TIMBRES[timbre], 60 / bpm
    end = max((note.start + note.beats for note in notes), default=0) * second
    wave = np.zeros(int((end + TAIL) * RATE) + 1, np.float32)
    tones: dict[tuple[int, int], np.ndarray] = {}  # a tune says the same note often
    for note in notes:
        key = (note.pitch, round(note.beats * second * RATE))
        if key not in tones:
            tones[key] = _tone(note.pitch, key[1] / RATE, of)
        at = round(note.start * second * RATE)
        piece = tones[key][: len(wave) - at]
        wave[at : at + len(piece)] += note.loud * piece
    return _loud(wave + of.room * _room(wave))


def _loud(wave: np.ndarray) -> np.ndarray:
    return (wave * (LOUDEST / max(float(np.abs(wave).max()), 1e-6))).astype(np.float32)


def _tone(pitch: int, seconds: float, of: Timbre) -> np.ndarray:
    """One note held for so long, and its release, float32 (N,)."""
    hertz = CONCERT_A * 2 ** ((pitch - A4) / 12)
    time = np.arange(int((seconds + of.release) * RATE)) / RATE
    wobble = of.vibrato * np.sin(2 * np.pi * VIBRATO_HZ * time) * np.minimum(1, time / VIBRATO_RISE) ** 2
    turns = hertz * (time + wobble / (2 * np.pi * VIBRATO_HZ)) % 1
    angle = (2 * np.pi * turns).astype(np.float32)
    now = time.astype(np.float32)
    wave = np.zeros(len(time), np.float32)
    for number, strength in enumerate(of.partials, 1):
        if number * hertz < HIGHEST * RATE and strength:
            partial = np.float32(strength) * np.sin(number * angle)
            wave += partial * np.exp(np.float32(-of.decay * number**0.8) * now) if of.decay else partial
    if of.breath:
        wave += of.breath * _noise(len(wave))
    # Low notes need more strength to be heard as loud as high ones.
    return wave * _shape(now, seconds, of) * np.float32((CONCERT_A / hertz) ** 0.3 / sum(of.partials))


def _shape(time: np.ndarray, seconds: float, of: Timbre) -> np.ndarray:
    """How a note comes and goes, float32 (N,), range (0, 1)."""
    attack = min(of.attack, seconds / 3)
    rise = np.sin(np.pi / 2 * np.clip(time / attack, 0, 1)) ** 2
    fall = np.cos(np.pi / 2 * np.clip((time - seconds) / of.release, 0, 1)) ** 2
    return rise * fall


def _room(wave: np.ndarray) -> np.ndarray:
    from scipy.signal import oaconvolve

    return oaconvolve(wave, _echoes())[: len(wave)].astype(np.float32)


@functools.cache
def _echoes() -> np.ndarray:
    """What a room answers to one click: noise that fades and darkens, float32 (N,), of energy 1."""
    from scipy.signal import lfilter

    time = np.arange(int(ROOM_SECONDS * RATE)) / RATE
    fading = _noise(len(time)) * 10 ** (-3 * time / ROOM_SECONDS)
    dark = lfilter([1 - ROOM_DARKNESS], [1, -ROOM_DARKNESS], fading)
    late = np.concatenate([np.zeros(int(ROOM_DELAY * RATE)), dark])
    return (late / np.sqrt(np.square(late).sum())).astype(np.float32)


def _noise(count: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(count, np.float32)
