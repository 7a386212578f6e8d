"""Irish and American dance tunes and airs of public domain, out of two books in the package music21.

O'Neill, "Music of Ireland", Chicago 1903, and "Ryan's Mammoth Collection", Boston 1883, in ABC notation, as volunteers
wrote them down. `python -m models.melody_transformer.data` writes frozen.json, 60 held-out tunes.
"""

import functools
import hashlib
import itertools
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from models import sources
from models.melody_transformer import abc_notation
from models.melody_transformer.abc_notation import REST, TIED, Bar, Tune
from models.melody_transformer.events import DANCES, LENGTHS, SIXTEENTH, TICKS, Piece, in_range
from models.spec import Dataset, Wheel

FROZEN = Path(__file__).parent / "frozen.json"
MUSIC21 = Dataset(
    name="music21-10.5.1-py3-none-any.whl",
    sha256="dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1",
    parts=(Wheel("music21", "10.5.1", ""),),
)
BOOKS = ("music21/corpus/ryansMammoth/", "music21/corpus/oneills1850/")
FEWEST_BARS, FEWEST_NOTES = 8, 24
WINDOW, SHARED = 12, 4  # steps in a row, and how many such rows two variants of one tune have in common
PARTS = 20  # of which the first is for validation, the next two for testing
FROZEN_TUNES = 60
NAMED = {  # what the books call a dance -> its kind, in the metre of that kind
    "4/4": {
        "reel": "reel",
        "hornpipe": "hornpipe",
        "clog": "hornpipe",
        "strathspey": "strathspey",
        "fling": "strathspey",
    },
    "6/8": {"": "jig"},
    "3/4": {"": "waltz"},
    "9/8": {"": "slip_jig"},
}


def pieces() -> dict[str, list[Piece]]:
    """-> {"train", "validation", "test"}: every tune once, about 85 : 5 : 10, whole families on one side.

    A family are tunes of the same title, and those that share SHARED rows of WINDOW steps, in any key: variants.
    """
    found = list({(one.kind, one.events): one for one in _all()}.values())
    split: dict[str, list[Piece]] = {"train": [], "validation": [], "test": []}
    for family in families(found):
        name = min(plain(found[i].title) for i in family)
        part = int(hashlib.sha256(name.encode()).hexdigest(), 16) % PARTS
        split["train" if part > 2 else "test" if part else "validation"] += [found[i] for i in family]
    return split


def frozen() -> list[Piece]:
    """The held-out tunes that are kept in the repo."""
    rows = json.loads(FROZEN.read_text())
    return [Piece(kind, upbeat, tuple(map(tuple, events)), title) for title, kind, upbeat, events in rows]


def families(found: list[Piece]) -> list[list[int]]:
    """Groups of tunes that are variants of each other, by their places."""
    parent = list(range(len(found)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    owners: dict[object, list[int]] = defaultdict(list)
    for i, piece in enumerate(found):
        owners[plain(piece.title)].append(i)
    for same in owners.values():
        for other in same[1:]:
            parent[root(other)] = root(same[0])
    for one, other in _variants(found):
        parent[root(other)] = root(one)
    groups = defaultdict(list)
    for i in range(len(found)):
        groups[root(i)].append(i)
    return list(groups.values())


def _variants(found: list[Piece]) -> Iterator[tuple[int, int]]:
    """Pairs of tunes that share SHARED windows of steps between neighbouring notes."""
    owners: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for i, piece in enumerate(found):
        for window in windows(steps(piece), WINDOW):
            owners[window].add(i)
    shared = Counter((a, b) for group in owners.values() for a in group for b in group if a < b)
    yield from (pair for pair, count in shared.items() if count >= SHARED)


def steps(piece: Piece) -> list[int]:
    """Semitones from note to note, rests left out."""
    pitches = [pitch for pitch, _ in piece.events if pitch]
    return [after - before for before, after in itertools.pairwise(pitches)]


def windows(row: list, size: int) -> Iterator[tuple]:
    return (tuple(row[i : i + size]) for i in range(len(row) - size + 1))


def plain(title: str) -> str:
    """A title without its dance, its setting and small words: variants are often named so."""
    title = re.sub(r"\(.*?\)|--.*|\bno\.? ?\d+|[^a-z ]", " ", title.lower().replace("'", ""))
    small = {
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "and",
        "reel",
        "jig",
        "hornpipe",
        "setting",
        "clog",
        "strathspey",
        "o",
    }
    words = [word for word in title.split() if word not in small]
    return " ".join(sorted(words)) or title


@functools.cache
def _all() -> tuple[Piece, ...]:
    """Every tune that can be read and whose bars are full, in the package's order."""
    found = []
    with zipfile.ZipFile(sources.fetch(MUSIC21)) as box:
        for name in sorted(box.namelist()):
            if name.startswith(BOOKS) and name.endswith(".abc"):
                tunes = abc_notation.read(box.read(name).decode("utf-8", "replace"))
                found += [one for one in map(_piece, tunes) if one]
    return tuple(found)


def _piece(tune: Tune) -> Piece | None:
    """None: of another metre, too short, out of range, with broken bars or rare lengths."""
    kind = _kind(tune)
    if kind is None or len(tune.bars) < FEWEST_BARS:
        return None
    scale = TICKS * (2 if tune.metre == "2/4" else 1)
    bars = [Bar([(pitch, scale * length) for pitch, length in bar.notes], bar.ends) for bar in tune.bars]
    full, first = DANCES[kind], _length(bars[0])
    if not _fill(bars, full):
        return None
    events: list[list] = []
    for pitch, ticks in (note for bar in bars for note in bar.notes):
        if events and (pitch == TIED or pitch == REST == events[-1][0]):
            events[-1][1] += ticks
        else:
            events.append([pitch, ticks])
    rows = tuple((pitch, int(ticks)) for pitch, ticks in events)
    upbeat = int(first) if first < full else 0
    if {ticks for _, ticks in events} - set(LENGTHS) or not in_range(rows) or len(rows) < FEWEST_NOTES:
        return None
    return Piece(kind, upbeat, rows, tune.title) if upbeat % SIXTEENTH == 0 else None


def _kind(tune: Tune) -> str | None:
    metre = "4/4" if tune.metre == "2/4" else tune.metre
    said = f"{tune.dance} {tune.title.lower()}"
    named = (kind for word, kind in NAMED.get(metre, {}).items() if word in said)
    return next(named, "common" if metre == "4/4" else None)


def _length(bar: Bar) -> Fraction:
    return sum((ticks for _, ticks in bar.notes), Fraction(0))


def _fill(bars: list[Bar], full: int) -> bool:
    """Makes the end of each part and the upbeat of the next one bar together, as players do, by the last note.

    -> whether all other bars are full.
    """
    begins = True
    for number, bar in enumerate(bars):
        length, last = _length(bar), number == len(bars) - 1
        if begins and length < full and not bar.ends:  # an upbeat
            begins = False
            continue
        begins = bar.ends
        if last:
            return length <= full
        after = _length(bars[number + 1])
        upbeat = after if bar.ends and after < full and not bars[number + 1].ends else Fraction(0)
        pitch, ticks = bar.notes[-1]
        missing = full - upbeat - length
        if (missing and not bar.ends) or ticks + missing <= 0:
            return False
        bar.notes[-1] = (pitch, ticks + missing)
    return True


def write() -> None:
    """Writes frozen.json."""
    tested = pieces()["test"]
    chosen = tested[:: len(tested) // FROZEN_TUNES][:FROZEN_TUNES]
    rows = [[one.title, one.kind, one.upbeat, one.events] for one in chosen]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    FROZEN.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    write()
