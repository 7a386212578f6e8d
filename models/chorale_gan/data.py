"""Makes passages.npz of the four-voice chorales of Johann Sebastian Bach that the package music21 holds.

A passage ends where its phrase does, at a fermata, so that it has a cadence. Chorales that share a tune belong to one
family, and a family stands on one side of the split.

`python -m models.chorale_gan.data` reads for two minutes; the package is trained with, not run by the app.
"""

import io
import itertools
import random
import zipfile
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
from music21 import converter

from models import sources
from models.chorale_gan.passages import FILE, LOWEST, PITCHES, STEPS, VOICES
from models.spec import Dataset, Wheel

CORPUS = Dataset(
    name="music21.whl",
    sha256="dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1",
    parts=(Wheel("music21", "10.5.1", ""),),
)
FOLDER = "music21/corpus/bach/"
CENTRE = 60.5  # MIDI number that the mean of a moved chorale is near
SHARED = 14  # notes in a row that two tunes of one family have in common, repeated ones counted once
HELD = 0.12  # share of the families for testing, and as many for validation
SEED = 15


class Chorale(NamedTuple):
    """A chorale in C or A. midi: int64 (4, T), 0 for a rest; struck: bool (4, T); ends: steps where fermatas end."""

    work: str
    midi: np.ndarray
    struck: np.ndarray
    ends: list[int]
    minor: bool
    upbeat: int  # steps before the first bar line


def main() -> None:
    """Reads, splits and writes."""
    families = _families(chorales())
    random.Random(SEED).shuffle(families)
    held = round(HELD * len(families))
    parts = families[2 * held :], families[held : 2 * held], families[:held]
    found = [
        (*one, part) for part, some in enumerate(parts) for family in some for chorale in family
        for one in passages(chorale)
    ]  # fmt: skip
    kept = list(
        {one[1].tobytes() + one[2].tobytes(): one for one in found}.values()
    )  # some stand there twice
    names = ("work", "pitches", "struck", "minor", "upbeat", "part")
    arrays = {name: np.array(column) for name, column in zip(names, zip(*kept, strict=True), strict=True)}
    for name in ("pitches", "upbeat", "part"):
        arrays[name] = arrays[name].astype(np.int8)
    np.savez_compressed(FILE, **arrays)  # type: ignore[arg-type]


def passages(chorale: Chorale) -> list[tuple[str, np.ndarray, np.ndarray, bool, int]]:
    """The four bars before each fermata's end, where no voice rests: work, pitches, struck, minor, upbeat."""
    found = []
    for end in chorale.ends:
        window = slice(end - STEPS, end)
        pitches = chorale.midi[:, window] - np.array(LOWEST)[:, None]
        if end < STEPS or pitches.shape[1] < STEPS or pitches.min() < 0 or pitches.max() >= PITCHES:
            continue
        struck = chorale.struck[:, window].copy()
        struck[:, 0] = True  # what sounds already is struck anew
        found.append((chorale.work, pitches, struck, chorale.minor, (chorale.upbeat - end) % 8))
    return found


def chorales() -> list[Chorale]:
    """Every chorale of four voices in 4/4."""
    with zipfile.ZipFile(sources.fetch(CORPUS)) as box:
        names = sorted(name for name in box.namelist() if name.startswith(FOLDER) and name.endswith(".mxl"))
        read = []
        for name in names:
            with zipfile.ZipFile(io.BytesIO(box.read(name))) as packed:
                inner = next(one for one in packed.namelist() if one.endswith("xml") and "META" not in one)
                score = converter.parse(packed.read(inner).decode(), format="musicxml")
            read.append(_read(score, name.removeprefix(FOLDER + "bwv").removesuffix(".mxl")))
    return [one for one in read if one is not None]


def _read(score: Any, number: str) -> Chorale | None:
    """A score -> its grid, moved to C or A; None: not four voices, or not in 4/4."""
    parts = list(score.parts)
    times = {one.ratioString for one in score.recurse().getElementsByClass("TimeSignature")}
    if len(parts) != VOICES or times != {"4/4"}:
        return None
    key = score.analyze("key")
    steps, ends = int(2 * float(score.highestTime)), set()
    midi, struck = np.zeros((VOICES, steps), np.int64), np.zeros((VOICES, steps), bool)
    for voice, part in enumerate(parts):
        for note in part.flatten().notes:
            start, end = float(2 * note.offset), float(2 * (note.offset + note.quarterLength))
            first, last = int(np.ceil(start)), int(np.ceil(end))  # what lies between two steps is left out
            midi[voice, first:last] = note.pitches[-1].midi
            if first < min(last, steps):
                struck[voice, first] = note.tie is None or note.tie.type == "start"
            if any("Fermata" in type(mark).__name__ for mark in note.expressions):
                ends.add(last)
    minor = key.mode == "minor"
    moved = _moved(midi, (9 if minor else 0) - key.tonic.pitchClass)
    upbeat = int(2 * parts[0].getElementsByClass("Measure")[0].duration.quarterLength) % 8
    return Chorale(f"BWV {number}", moved, struck, sorted(ends), minor, upbeat)


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
    for number, one in enumerate(found):
        tune = [int(pitch) % 12 for pitch in one.midi[0][one.struck[0]]]
        tune = [pitch for pitch, _ in itertools.groupby(tune)]
        for start in range(len(tune) - SHARED + 1):
            parent[root(number)] = root(owner.setdefault(tuple(tune[start : start + SHARED]), number))
    families = defaultdict(list)
    for number, one in enumerate(found):
        families[root(number)].append(one)
    return list(families.values())


if __name__ == "__main__":
    main()
