"""Chorales as they are shown: their keys, their notes, and what a teacher of harmony would count in them."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from demos._music import NAMES, Note
from demos._roll import roll
from demos._run import both
from models import music_statistics as statistics

VOICES = {"soprano": "女高音", "alto": "女低音", "tenor": "男高音", "bass": "男低音"}
NAMED = [(zh, en.capitalize()) for en, zh in VOICES.items()]
MODES = {"major": "大调", "minor": "小调"}
KEYS = {f"{tonic} {mode}": (number, mode == "minor") for mode in MODES for number, tonic in enumerate(NAMES)}
C, A = 0, 9  # pitch classes of the tonics that pieces are composed in, major and minor
UPBEAT = 1.0  # beats before the first bar line, as in most of Bach's passages
LAST = 2.0  # beats that the last chord is held longer
LOUD = (0.85, 0.62, 0.66, 0.8)  # of each voice: the tune is heard, and what carries it
FIFTH, OCTAVE = 7, 0  # semitones, of 12


def key_name(key: str) -> tuple[str, str]:
    """ "G major" in Chinese and English."""
    tonic, mode = key.split()
    return f"{tonic} {MODES[mode]}", key


def lift(tonic: int, minor: bool) -> int:
    """Semitones from the key that pieces are composed in to another, -6 to 5."""
    return (tonic - (A if minor else C) + 6) % 12 - 6


def notes_of(piece: dict[str, Any], up: int) -> list[Note]:
    """A piece of eighths {"midi": (4, T), "struck": (4, T)}, so many semitones higher; the last chord is held."""
    midi = piece["midi"]
    begun = statistics.onsets(midi[None], piece["struck"][None])[0]
    notes = []
    for voice, row in enumerate(midi):
        for at, end in itertools.pairwise([*np.flatnonzero(begun[voice]).tolist(), len(row)]):
            held = LAST if end == len(row) else 0
            notes.append(Note(int(row[at]) + up, at / 2, (end - at) / 2 + held, voice, LOUD[voice]))
    return notes


def drawn(notes: list[Note], kept: Sequence[int] = (), legend: bool = True) -> str:
    """The roll of a chorale, as HTML; voices that were kept in grey."""
    kinds = ["given" if note.voice in kept else "" for note in notes]
    return roll(notes, first_bar=UPBEAT, voices=NAMED if legend else (), kinds=kinds)


def counted(piece: dict[str, Any], minor: bool) -> str:
    """What can be counted in a piece, and the discriminator's opinion of it, as HTML."""
    midi, struck = piece["midi"][None], piece["struck"][None]
    scale = statistics.in_scale(midi, struck, np.array([minor]))[0]
    fifths, octaves = (statistics.parallels(midi, one, counted=True)[0] for one in (FIFTH, OCTAVE))
    clashes = statistics.dissonances(midi)[0]
    lines = [
        both(f"调内音：{scale:.0%}", f"Notes of the scale: {scale:.0%}"),
        both(
            f"平行五度 {fifths:.0f} 处，平行八度 {octaves:.0f} 处",
            f"Parallel fifths: {fifths:.0f}, octaves: {octaves:.0f}",
        ),
        both(
            f"拍点上不协和的音程：{clashes:.0%}",
            f"Dissonant intervals on the beat: {clashes:.0%}",
        ),
        both(
            f"判别器觉得它比这个网络写的 {piece['opinion']:.0%} 的曲子更像真的",
            f"The discriminator finds it more real than {piece['opinion']:.0%} of what this net composes",
        ),
    ]
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def beside(like: dict[str, Any], up: int) -> str:
    """The training passage that a piece is nearest to, drawn, and how much is the same."""
    told = both(
        f"最像的训练片段：{like['work']}，同一位置相同的音占 {like['same']:.0%}",
        f"Nearest training passage: {like['work']}; {like['same']:.0%} of the pitches are the same at the same place",
    )
    return f"<p>{told}</p>{drawn(notes_of(like, up), legend=False)}"
