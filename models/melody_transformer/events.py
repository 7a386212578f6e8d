"""Tunes as rows of numbers: a kind of dance, an upbeat, then notes, each a pitch with a length, and an end.

Times are in ticks, of which a quarter note has 24: sixteenths, triplets and their halves are whole numbers. Tunes in
2/4 are written in double lengths, so that reels look alike in all books.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TICKS = 24  # of a quarter note
SIXTEENTH = 6
DANCES = {  # kind -> ticks of a bar
    "reel": 96,
    "hornpipe": 96,
    "strathspey": 96,
    "common": 96,  # all other 4/4
    "jig": 72,
    "waltz": 72,  # 3/4; mostly airs
    "slip_jig": 108,
}
UPBEATS = 18  # sixteenths, that an upbeat may have, and none
LENGTHS = (3, 4, 6, 8, 9, 12, 16, 18, 24, 30, 36, 48, 60, 72, 96)  # ticks
LOWEST, HIGHEST = 48, 95  # MIDI numbers, C3 to B6
REST = 0  # in the place of a pitch
PITCHES = (REST, *range(LOWEST, HIGHEST + 1))

KINDS = tuple(DANCES)
END = len(KINDS) + UPBEATS
FIRST = END + 1  # the first token of a note
TOKENS = FIRST + len(PITCHES) * len(LENGTHS)
HEADER = 2  # tokens before the notes
MOST = 256  # tokens that the net reads

Event = tuple[int, int]  # MIDI number or REST, ticks


@dataclass(frozen=True)
class Piece:
    """A tune or its beginning. upbeat: ticks before the first bar line."""

    kind: str
    upbeat: int
    events: tuple[Event, ...]
    title: str = ""

    @property
    def bar(self) -> int:
        """Ticks of a bar."""
        return DANCES[self.kind]

    def moved(self, semitones: int) -> "Piece":
        """In another key."""
        events = tuple((pitch and pitch + semitones, ticks) for pitch, ticks in self.events)
        return Piece(self.kind, self.upbeat, events, self.title)


def token(pitch: int, ticks: int) -> int:
    """The number of a note. Raises ValueError: a pitch or a length that is not known."""
    return FIRST + PITCHES.index(pitch) * len(LENGTHS) + LENGTHS.index(ticks)


def event(token: int) -> Event:
    pitch, length = divmod(token - FIRST, len(LENGTHS))
    return PITCHES[pitch], LENGTHS[length]


def header(kind: str, upbeat: int) -> list[int]:
    return [KINDS.index(kind), len(KINDS) + round(upbeat / SIXTEENTH)]


def tokens(piece: Piece, ended: bool = True) -> list[int]:
    """A piece as the net reads it, at most MOST tokens."""
    notes = [token(*one) for one in piece.events]
    return [*header(piece.kind, piece.upbeat), *notes, *[END] * ended][:MOST]


def onsets(piece: Piece) -> list[int]:
    """For each token of tokens(piece, False), when the note after it begins: ticks from the first bar line on.

    Those of an upbeat are negative.
    """
    now = [-piece.upbeat] * HEADER
    for _, ticks in piece.events:
        now.append(now[-1] + ticks)
    return now


def in_range(events: Sequence[Event]) -> bool:
    return all(pitch == REST or LOWEST <= pitch <= HIGHEST for pitch, _ in events)
