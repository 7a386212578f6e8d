"""Tunes in ABC notation: bars of the melody's notes with their lengths.

The standard: https://abcnotation.com/wiki/abc:standard:v2.1. music21 builds whole scores, which takes minutes for
three thousand tunes; this reads in seconds what the two collections use. Grace notes, decorations, chord names and
slurs are left out; of a chord the highest note is kept, of two endings the last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

SHARPS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}  # of the major keys
MODES = {"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "lyd": 1}
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}  # semitones
ORDER = "FCGDAEB"  # in which keys get their sharps; flats in reverse
SIGNS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
TUPLETS = {2: 3, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2, 8: 3, 9: 2}  # so many in the time of so many
FIELD = re.compile(r"\s*([A-Za-z]):\s*([^%]*?)\s*(%.*)?")
LEFT_OUT = re.compile(r'"[^"]*"|\{[^}]*\}|![^!\s]+!|%.*|\\')
TOKEN = re.compile(
    r"\[(?P<field>[KLM]:[^\]]*)\]|(?P<ending>\[[1-9]|(?<=[|\]:])\s?[1-9])|(?P<bar>\[\||:*\|+[\]:|]*|::+)"
    r"|\((?P<tuplet>[2-9](?::\d*)*)|(?P<broken>>+|<+)|(?P<tie>-)"
    r"|\[(?P<chord>[^\]|:]+)\](?P<times>\d*/*\d*)|(?P<note>(?:\^{1,2}|_{1,2}|=)?[A-Ga-gzx][,']*\d*/*\d*)"
)
NOTE = re.compile(r"(\^{1,2}|_{1,2}|=)?([A-Ga-gzx])([,']*)(\d*/*\d*)")


REST, TIED = 0, -1  # in the place of a pitch; TIED: the last note goes on


class Unreadable(Exception):
    """A tune that changes its metre, or says what this reader does not know."""


@dataclass
class Bar:
    notes: list[tuple[int, Fraction]] = field(
        default_factory=list
    )  # MIDI number, REST or TIED; quarter notes
    ends: bool = False  # a part of the tune ends with it


@dataclass(frozen=True)
class Tune:
    title: str
    dance: str
    metre: str  # such as 6/8
    bars: list[Bar]


def read(text: str) -> Iterator[Tune]:
    """Every tune of a file; what cannot be read is left out."""
    for part in re.split(r"(?m)^(?=X:)", text):
        try:
            yield read_one(part)
        except (Unreadable, ValueError, KeyError, ZeroDivisionError):
            continue


def read_one(text: str) -> Tune:
    """One tune. Raises Unreadable, or ValueError, LookupError, ZeroDivisionError where it is no ABC at all."""
    return _Reader(text).tune()


def key_signs(name: str) -> dict[str, int]:
    """A key such as Ador or Bb -> {letter: 1 sharp, -1 flat}."""
    named = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)", name)
    if not named:
        raise Unreadable(name)
    mode = named[3].lower()
    count = SHARPS[named[1]] + 7 * (named[2] == "#") - 7 * (named[2] == "b")
    count += MODES["m" if mode == "m" else mode[:3]]
    return dict.fromkeys(ORDER[:count], 1) if count >= 0 else dict.fromkeys(ORDER[count:], -1)


class _Reader:
    """One tune's text, read from left to right."""

    def __init__(self, text: str) -> None:
        self._head: dict[str, str] = {}
        music: list[str] = []
        for line in text.splitlines():
            named = FIELD.fullmatch(line)
            if named and "K" not in self._head:
                self._head.setdefault(named[1], named[2])
            elif named:
                music += [f"[{named[1]}:{named[2]}]"] if named[1] in "KLM" else []
            elif "K" in self._head:
                music.append(LEFT_OUT.sub(" ", line))
        self._music = " ".join(music)
        self._bars = [Bar()]
        self._signs: dict[str, int] = {}  # accidentals of this bar
        self._factors: list[Fraction] = []  # of the notes to come, in a tuplet
        self._broken, self._tied, self._skips = Fraction(1), False, False

    def tune(self) -> Tune:
        self._metre = _metre(self._head["M"])
        self._unit = _unit(self._head.get("L") or ("1/16" if Fraction(self._metre) < 0.75 else "1/8"))
        self._key = key_signs(self._head["K"])
        for token in TOKEN.finditer(self._music):
            self._take(token)
        bars = [bar for bar in self._bars if bar.notes]
        return Tune(self._head.get("T", ""), self._head.get("R", "").lower(), self._metre, bars)

    def _take(self, token: re.Match) -> None:
        kind = token.lastgroup
        if kind == "field":
            self._change(token["field"][0], token["field"][2:].strip())
        elif kind == "ending":
            self._skips = token["ending"].strip("[ ") == "1"
        elif kind == "bar":
            self._end_bar(token["bar"])
        elif self._skips:
            return
        elif kind == "tuplet":
            self._begin_tuplet(token["tuplet"])
        elif kind == "broken":
            self._break(token["broken"])
        elif kind == "tie":
            self._tied = True
        elif kind == "note":
            self._note(*self._read_note(token["note"]))
        else:
            inside = [self._read_note(found[0]) for found in NOTE.finditer(token["chord"])]
            self._note(max(pitch for pitch, _ in inside), inside[0][1] * _times(token["times"]))

    def _change(self, kind: str, value: str) -> None:
        if kind == "K":
            self._key = key_signs(value)
        elif kind == "L":
            self._unit = _unit(value)
        elif _metre(value) != self._metre:
            raise Unreadable("the metre changes")

    def _end_bar(self, text: str) -> None:
        ends, skipped = len(text) > 1, self._skips
        self._signs = {}
        self._skips = skipped and not ends
        if skipped:
            return
        self._bars[-1].ends = self._bars[-1].ends or ends
        if self._bars[-1].notes:
            self._bars.append(Bar())
        elif ends and len(self._bars) > 1:  # "| |:"
            self._bars[-2].ends, self._bars[-1].ends = True, False

    def _begin_tuplet(self, text: str) -> None:
        """(3 is three in the time of two; (3:2:4 tells also of how many notes."""
        count, time, notes = (int(part or 0) for part in (f"{text}::".split(":"))[:3])
        compound = count in (5, 7, 9) and self._metre in ("6/8", "9/8")
        self._factors = [Fraction(time or (3 if compound else TUPLETS[count]), count)] * (notes or count)

    def _break(self, signs: str) -> None:
        """A broken rhythm: the last note gets longer and the next shorter, or the other way round."""
        short = Fraction(1, 2 ** len(signs))
        last, self._broken = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
        pitch, length = self._bars[-1].notes[-1]
        self._bars[-1].notes[-1] = (pitch, length * last)

    def _read_note(self, text: str) -> tuple[int, Fraction]:
        """-> MIDI number or REST, length in quarter notes as written."""
        found = NOTE.fullmatch(text)
        if not found:
            raise Unreadable(text)
        sign, letter, octaves, times = found.groups()
        if letter in "xz":
            return REST, self._unit * _times(times)
        name = letter.upper()  # an accidental holds in all octaves
        if sign:
            self._signs[name] = SIGNS[sign]
        alter = self._signs.get(name, self._key.get(name, 0))
        octave = 5 + letter.islower() + octaves.count("'") - octaves.count(",")
        return 12 * octave + STEPS[name] + alter, self._unit * _times(times)

    def _note(self, pitch: int, length: Fraction) -> None:
        length *= self._broken * (self._factors.pop() if self._factors else 1)
        self._broken = Fraction(1)
        bars = [bar for bar in self._bars[-2:] if bar.notes]
        if self._tied and bars and bars[-1].notes[-1][0] == pitch:
            self._bars[-1].notes.append((TIED, length))
        else:
            self._bars[-1].notes.append((pitch, length))
        self._tied = False


def _metre(text: str) -> str:
    return {"C": "4/4", "C|": "4/4", "2/2": "4/4"}.get(text, text)


def _unit(text: str) -> Fraction:
    return Fraction(text) * 4


def _times(text: str) -> Fraction:
    """3/2, 3, /, // -> how many units long."""
    over, slashes, under = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()  # type: ignore[union-attr]
    return Fraction(int(over or 1), int(under) if under else 2 ** len(slashes))
