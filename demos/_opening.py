"""The beginning of a tune as visitors give it: written in ABC, or a MIDI file, of which the highest notes are taken."""

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

from demos._midi import Score
from demos._music import Note
from demos._run import InvalidInput
from demos._text import open_text
from models.melody_transformer import abc_notation
from models.melody_transformer.events import (
    DANCES,
    HEADER,
    HIGHEST,
    LENGTHS,
    LOWEST,
    MOST,
    REST,
    SIXTEENTH,
    TICKS,
    UPBEATS,
    Event,
)

METRES = {"jig": (6, 8), "slip_jig": (9, 8), "waltz": (3, 4)}  # all others: 4/4
MAX_CHARACTERS = 2000
MOST_BARS = 8  # of an opening
MOST_EVENTS = MOST - HEADER  # notes and rests of an opening: the net reads no more
NO_NOTES = re.compile(r'(?m)^\s*[A-Za-z]:.*$|\[[KL]:[^\]\n]*\]|"[^"\n]*"|![^!\s]+!|%.*$')
NOTES = re.compile(r"[A-Ga-gxz0-9^_=,'/|:()<>\[\]{}\s.~\\uvHT-]+")
LEGATO = TICKS // 2  # ticks of silence that end a note and are no rest
SHORTEST = min(LENGTHS)


class Opening(NamedTuple):
    """What the room's write() asks for, and what to say about how it was read (zh, en)."""

    dance: str
    upbeat: int  # ticks
    events: list[Event]
    told: list[tuple[str, str]]


def metre_of(dance: str) -> tuple[int, int]:
    return METRES.get(dance, (4, 4))


def from_abc(text: str | None, dance: str) -> Opening:
    """ "D2 FA dAFA | d2 fa" in eighth notes; lines such as K:G and bar lines are read too.

    Raises InvalidInput: no text, too long, no ABC, another metre than the dance's, too few notes.
    """
    text, metre = open_text(text, MAX_CHARACTERS), "{}/{}".format(*metre_of(dance))
    other = NOTES.sub("", NO_NOTES.sub("", text))
    if other:
        raise InvalidInput(
            f"请用 ABC 记谱法写音符：C D E 到 b，后面的数字是时值；读不了“{other[:6]}”",
            f"Write notes in ABC: C D E up to b, a digit after one is its length; {other[:6]!a} cannot be read",
        )
    try:
        bars = abc_notation.read_one(f"M:{metre}\nL:1/8\nK:C\n{text}").bars
        rows = [(pitch, round(length * TICKS)) for bar in bars for pitch, length in bar.notes]
    except (abc_notation.Unreadable, LookupError, ArithmeticError, ValueError) as cause:
        raise InvalidInput(
            f"这段 ABC 读不懂：请检查升降号和时值，拍号要与所选的舞曲一致（{metre}）",
            f"This ABC cannot be read: check accidentals and lengths; its metre must be the dance's, {metre}",
        ) from cause
    first = round(sum(length for _, length in bars[0].notes) * TICKS) if len(bars) > 1 else 0
    upbeat = _upbeat(first, dance)
    if sum(ticks for _, ticks in rows) - upbeat > MOST_BARS * DANCES[dance]:
        raise InvalidInput(f"开头最多 {MOST_BARS} 小节", f"At most {MOST_BARS} bars of an opening")
    return _checked(dance, upbeat, _joined(rows), [])


def from_midi(score: Score, dance: str) -> Opening:
    """The highest notes of the first bars, in sixteenths and triplets. Raises InvalidInput: too few notes."""
    bar, told, tune = DANCES[dance], [], highest(score.notes)
    if len(tune) < len(score.notes):
        told.append(
            ("有和弦或几个声部：只取最高的音", "Chords or several voices: the highest notes were taken")
        )
    if score.metre[0] / score.metre[1] not in _alike(metre_of(dance)):
        own, asked = ("{}/{}".format(*metre) for metre in (score.metre, metre_of(dance)))
        told.append((f"文件是 {own} 拍，所选舞曲是 {asked}", f"The file is in {own}, the dance in {asked}"))
    starts = [_tick(note.start - tune[0].start) for note in tune]
    upbeat = _upbeat(-_tick(tune[0].start) % bar, dance)
    rows: list[Event] = []
    for note, start, following in itertools.zip_longest(tune, starts, starts[1:]):
        own = max(SHORTEST, _tick(note.beats))
        gap = -(-own // SIXTEENTH) * SIXTEENTH if following is None else following - start
        if start + min(own, gap) > upbeat + MOST_BARS * bar:
            told.append((f"只用了前 {MOST_BARS} 小节", f"The first {MOST_BARS} bars were used"))
            break
        held = gap if gap - own <= LEGATO else own
        rows += [(note.pitch, held), (REST, min(gap - held, 4 * bar))]
    return _checked(dance, upbeat, _joined(rows), told)


def highest(notes: Sequence[Note]) -> list[Note]:
    """One note at a time: of those that begin together, or begin below one that sounds, the highest.

    notes: by start. A note ends where a higher one begins.
    """
    tune: list[Note] = []
    for note in sorted(notes, key=lambda one: (round(one.start, 2), -one.pitch)):
        if tune and note.start < tune[-1].start + tune[-1].beats - 0.05:  # played a little long is no chord
            if note.pitch < tune[-1].pitch or note.start - tune[-1].start < 0.05:
                continue
            tune[-1] = tune[-1]._replace(beats=note.start - tune[-1].start)
        tune.append(note)
    return tune


def _alike(metre: tuple[int, int]) -> tuple[float, float]:
    """Shares of a whole note that a bar may have: 2/4 is written like 4/4, 3/8 like 6/8."""
    return metre[0] / metre[1], metre[0] / metre[1] / 2


def _tick(beats: float) -> int:
    """The nearest sixteenth or triplet eighth, in ticks; a sixteenth where both are as near."""
    ticks = min(beats, 1e6) * TICKS
    return min((SIXTEENTH * round(ticks / SIXTEENTH), 8 * round(ticks / 8)), key=lambda one: abs(one - ticks))


def _upbeat(ticks: int, dance: str) -> int:
    """0 where it is a whole bar, or longer than any the net knows."""
    ticks = SIXTEENTH * round(ticks / SIXTEENTH)
    return ticks if ticks < min(DANCES[dance], UPBEATS * SIXTEENTH) else 0


def _joined(rows: Sequence[Event]) -> list[Event]:
    """Tied notes in one, and each in lengths that the net knows; what is left over of a length is a rest."""
    whole: list[Event] = []
    for pitch, ticks in rows:
        if pitch == abc_notation.TIED or (whole and pitch == REST == whole[-1][0]):
            whole[-1:] = [(whole[-1][0], whole[-1][1] + ticks)] if whole else []
        else:
            whole.append((pitch, ticks))
    known: list[Event] = []
    for pitch, ticks in whole:
        while ticks >= SHORTEST:
            fitting = max(length for length in LENGTHS if length <= ticks)
            known.append((pitch, fitting))
            pitch, ticks = REST, ticks - fitting
    return known


def _checked(dance: str, upbeat: int, events: list[Event], told: list[tuple[str, str]]) -> Opening:
    """Moved by octaves where it is too high or too low."""
    while events and events[0][0] == REST:
        events = events[1:]
    pitches = [pitch for pitch, _ in events if pitch != REST]
    if len(pitches) < 2:
        raise InvalidInput("请至少给两个音", "Give two notes or more")
    if len(events) > MOST_EVENTS:
        raise InvalidInput(
            f"开头最多 {MOST_EVENTS} 个音和休止符", f"At most {MOST_EVENTS} notes and rests of an opening"
        )
    octaves = next((12 * k for k in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5)
                    if min(pitches) + 12 * k >= LOWEST and max(pitches) + 12 * k <= HIGHEST), None)  # fmt: skip
    if octaves is None:
        raise InvalidInput("音域太宽，请在四个八度之内", "Keep the notes within four octaves")
    if octaves:
        told = [*told, ("移了八度，好让模型认得", "Moved by octaves, to where the net knows notes")]
    return Opening(dance, upbeat, [(pitch and pitch + octaves, ticks) for pitch, ticks in events], told)
