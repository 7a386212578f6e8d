"""Four-voice chorales of Johann Sebastian Bach, as the package music21 holds them: four bars each, on a grid of eighths.

A passage ends where its phrase does, at a fermata, so that it has a cadence. Major keys are moved to C, minor ones to A.
Chorales that share a tune belong to one family, and a family stands on one side of the split.

`python -m models.chorale_data` writes frozen.npz, the test passages, into the room chorale_gan.
"""

import functools
import io
import itertools
import random
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from models import settings, sources
from models.spec import Dataset, Wheel

CORPUS = Dataset(
    name="music21.whl",
    sha256="dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1",
    parts=(Wheel("music21", "10.5.1", ""),),
)
FOLDER = "music21/corpus/bach/"
FROZEN = Path(__file__).parent / "chorale_gan" / "frozen.npz"
VOICES = 4  # soprano, alto, tenor, bass
STEPS = 32  # eighths: four bars of 4/4
LOWEST = (56, 48, 42, 32)  # MIDI number of the lowest pitch of each voice, in C or A
PITCHES = 33  # of each voice, from its lowest on
CENTRE = 60.5  # MIDI number that the mean of a moved chorale is near
SHARED = 14  # notes that two tunes have in common in one family
HELD = 0.12  # share of the families for testing, and as many for validation
SEED = 15

Passages = tuple[np.ndarray, np.ndarray, np.ndarray]


def training() -> Passages:
    """int64 pitches (N, 4, 32), from each voice's lowest on; bool struck (N, 4, 32); bool minor (N,)."""
    return _split()[0]


def validation() -> Passages:
    """Passages to choose among nets by; shapes as training()."""
    return _split()[1]


def frozen() -> Passages:
    """The test passages, which are kept in the repo; shapes as training()."""
    with np.load(FROZEN) as arrays:
        return arrays["pitches"].astype(np.int64), arrays["struck"], arrays["minor"]


@functools.cache
def _split() -> tuple[Passages, Passages, Passages]:
    """Training, validation and test passages: the same on every machine."""
    families = _families(chorales())
    random.Random(SEED).shuffle(families)
    held = round(HELD * len(families))
    parts = families[2 * held :], families[held : 2 * held], families[:held]
    first, second, third = (
        _stacked([passage for family in part for one in family for passage in passages(*one)]) for part in parts
    )
    return first, second, third


def _stacked(found: list[tuple[np.ndarray, np.ndarray, bool]]) -> Passages:
    pitches, struck, minor = (np.array(part) for part in zip(*found, strict=True))
    _, first = np.unique(np.concatenate([pitches, struck], 1).reshape(len(pitches), -1), axis=0, return_index=True)
    kept = np.sort(first)  # chorales stand in the corpus more than once
    return pitches[kept].astype(np.int64), struck[kept].astype(bool), minor[kept].astype(bool)


Chorale = tuple[np.ndarray, np.ndarray, np.ndarray, bool]


def passages(midi: np.ndarray, struck: np.ndarray, ends: np.ndarray, minor: bool) -> list[tuple]:
    """A chorale's passages: (pitches, struck, minor) of the four bars before each fermata's end, where no voice rests."""
    found = []
    for end in ends:
        window = slice(end - STEPS, end)
        if end < STEPS or (midi[:, window] <= 0).any():
            continue
        pitches = midi[:, window] - np.array(LOWEST)[:, None]
        if pitches.min() < 0 or pitches.max() >= PITCHES:
            continue
        begun = struck[:, window].copy()
        begun[:, 0] = True  # what sounds already is struck anew
        found.append((pitches, begun, minor))
    return found


def chorales() -> list[Chorale]:
    """Every chorale of four voices in 4/4: MIDI numbers (4, T), 0 for a rest, in C or A; struck; fermatas' ends; minor.

    Reading takes minutes, so what was read is kept in the cache folder.
    """
    path = settings.cache_folder() / f"chorales-{CORPUS.sha256[:16]}.npz"
    if not path.exists():
        found = [one for one in _read_all() if one is not None]
        arrays = {f"{number}-{part}": np.asarray(value) for number, one in enumerate(found)
                  for part, value in enumerate(one)}  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name("half-" + path.name)
        np.savez_compressed(half, count=np.array(len(found)), **arrays)
        half.replace(path)
    with np.load(path) as kept:
        read = [[kept[f"{number}-{part}"] for part in range(4)] for number in range(int(kept["count"]))]
    return [(midi, struck, ends, bool(minor)) for midi, struck, ends, minor in read]


def _read_all() -> list[Chorale | None]:
    from music21 import converter

    with zipfile.ZipFile(sources.fetch(CORPUS)) as box:
        names = sorted(name for name in box.namelist() if name.startswith(FOLDER) and name.endswith(".mxl"))
        read = []
        for name in names:
            with zipfile.ZipFile(io.BytesIO(box.read(name))) as packed:
                inner = next(one for one in packed.namelist() if one.endswith("xml") and "META" not in one)
                read.append(_read(converter.parse(packed.read(inner).decode(), format="musicxml")))
    return read


def _read(score: Any) -> Chorale | None:
    """A score -> its grid, moved to C or A; None: not four voices, or not in 4/4."""
    parts = list(score.parts)
    times = {one.ratioString for one in score.recurse().getElementsByClass("TimeSignature")}
    if len(parts) != VOICES or times != {"4/4"}:
        return None
    key = score.analyze("key")
    steps = int(2 * float(score.highestTime))
    midi, struck, ends = np.zeros((VOICES, steps), np.int64), np.zeros((VOICES, steps), bool), set()
    for voice, part in enumerate(parts):
        for note in part.flatten().notes:
            start, end = float(2 * note.offset), float(2 * (note.offset + note.quarterLength))
            first, last = int(np.ceil(start)), int(np.ceil(end))  # what begins and ends between two steps is left out
            midi[voice, first:last] = note.pitches[-1].midi
            if first < min(last, steps):
                struck[voice, first] = note.tie is None or note.tie.type == "start"
            if any("Fermata" in type(mark).__name__ for mark in note.expressions):
                ends.add(last)
    if not (midi > 0).any():
        return None
    minor = key.mode == "minor"
    return _moved(midi, (9 if minor else 0) - key.tonic.pitchClass), struck, np.array(sorted(ends)), minor


def _moved(midi: np.ndarray, shift: int) -> np.ndarray:
    """Moved by shift semitones and as many octaves as bring its mean near CENTRE."""
    mean = midi[midi > 0].mean() + shift
    return np.where(midi > 0, midi + shift + 12 * round((CENTRE - mean) / 12), 0)


def _families(found: list[Chorale]) -> list[list[Chorale]]:
    """Chorales joined over SHARED notes in a row that their sopranos have in common (union-find), in a fixed order."""
    parent = list(range(len(found)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    owner: dict[tuple, int] = {}
    for number, (midi, struck, _, _) in enumerate(found):
        tune = [int(pitch) % 12 for pitch in midi[0][struck[0]]]
        tune = [pitch for pitch, _ in itertools.groupby(tune)]
        for start in range(len(tune) - SHARED + 1):
            parent[root(number)] = root(owner.setdefault(tuple(tune[start : start + SHARED]), number))
    families = defaultdict(list)
    for number, one in enumerate(found):
        families[root(number)].append(one)
    return list(families.values())


if __name__ == "__main__":
    pitches, struck, minor = _split()[2]
    np.savez_compressed(FROZEN, pitches=pitches.astype(np.int8), struck=struck, minor=minor)
