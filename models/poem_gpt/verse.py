"""What a poem is made of: forms, tokens, rhymes and tones. Plain Python; verse is in Traditional script."""

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
FORMS = {"5x4": (5, 4), "7x4": (7, 4), "5x8": (5, 8), "7x8": (7, 8)}  # characters a line, lines
ERAS = ("tang", "song")
UNKNOWN, COMMA, STOP, END, NO_THEME, KINDS = range(6)  # KINDS: the first of the form and era tokens
MARKS = {COMMA: "，", STOP: "。", END: "。"}
CHARACTERS = (HERE / "characters.txt").read_text().strip()
RHYMES: dict[str, str] = json.loads((HERE / "rhymes.json").read_text())  # Pingshui rhyme -> its characters
FIRST = KINDS + len(FORMS) * len(ERAS)  # the first character token
IDS = {character: FIRST + i for i, character in enumerate(CHARACTERS)}
TOKENS = FIRST + len(CHARACTERS)
# Characters that at least one in thirty times stand doubled in the training poems, as 悠悠 does.
DOUBLED = set(
    "悠紛年蕭處青寂茫漠區匆依翩蒼堂冥冉渺迢陰漫寥擾歲霏亭歷飄遲衮昏細離耿濛往森沉沈駸滔潺杳垂凜泠團點娟步纖浩片忽層"
    "皎兀涓萋纍淡獵溶騰嫋鬰咄瀟欣巍颼熙綿裊疊脈颯盈凄炯營苒箇默瑟淅碌煌喧珊鱗藹淒泛毿的融軋茸密黯灼稜粲赫滴峨悄"
)
THEME = 2  # characters
HEADER = 1 + THEME  # form and era, theme
LONGEST = HEADER + 8 * 8  # tokens: eight lines of seven characters and a mark each


def header(form: str, era: str, theme: str = "") -> list[int]:
    """The tokens before a poem. theme: at most two characters."""
    kind = KINDS + list(FORMS).index(form) * len(ERAS) + ERAS.index(era)
    themes = [IDS.get(character, UNKNOWN) for character in theme[:THEME]]
    return [kind, *themes, *[NO_THEME] * (THEME - len(themes))]


def tokens(lines: Sequence[str]) -> list[int]:
    """The tokens of a poem: after each line a comma or a stop, at the very end END."""
    ids: list[int] = []
    for number, line in enumerate(lines):
        ids += [IDS.get(character, UNKNOWN) for character in line]
        ids.append(STOP if number % 2 else COMMA)
    return [*ids[:-1], END]


def name(token: int) -> str:
    """How a token is written."""
    return MARKS.get(token) or (CHARACTERS[token - FIRST] if token >= FIRST else "□")


@functools.cache
def rhymes_of(character: str) -> frozenset[str]:
    """The rhymes a character is read with; none where the table lacks it."""
    return frozenset(rhyme for rhyme, row in RHYMES.items() if character in row)


def rhyme_of(lines: Sequence[str]) -> str:
    """The Pingshui rhyme that lines 2, 4 (6, 8) share, "" where they share none or end in a character twice."""
    ends = [line[-1] for line in lines[1::2]]
    shared = frozenset.intersection(*map(rhymes_of, ends))
    return min(shared, key=list(RHYMES).index) if shared and len(set(ends)) == len(ends) else ""


def split(text: str) -> list[str]:
    """A written poem -> its lines, without marks."""
    return [line for line in re.split("[，。]", text) if line]


def toned(line: str) -> bool:
    """Whether the 2nd, 4th (and 6th) characters alternate between level and oblique tones."""
    tones = [_tones(line[i]) for i in range(1, len(line) - 1, 2)]
    return any(
        all(want in found for want, found in zip(order, tones, strict=False))
        for order in ("平仄平", "仄平仄")
    )


@functools.cache
def _tones(character: str) -> str:
    """平 level, 仄 oblique, or both where it is read both ways or unknown."""
    rhymes = rhymes_of(character)
    return "".join({"平" if "平" in rhyme else "仄" for rhyme in rhymes}) or "平仄"


@functools.cache
def _among(tone: str) -> tuple[int, ...]:
    """The tokens of all characters that are read in a tone."""
    return tuple(IDS[character] for character in CHARACTERS if tone in _tones(character))


@dataclass(frozen=True)
class Step:
    """What may come next.

    token and text: the only choice, -1 and "" where there are more; among: any of these, where not empty.
    """

    token: int = -1
    text: str = ""
    characters_only: bool = True
    banned: list[int] = field(default_factory=list)
    among: list[int] = field(default_factory=list)


class Guide:
    """The pattern of a poem as it is written: line lengths, marks, given beginnings, rhyme.

    No character comes twice but DOUBLED ones, side by side.
    """

    def __init__(self, form: str, starts: Sequence[str], rhyme: bool) -> None:
        self._width, self._count = FORMS[form]
        self._starts, self._rhyme = [*starts, *[""] * (self._count - len(starts))], rhyme
        self._lines = [""]
        self._rhymes: frozenset[str] = frozenset()

    @property
    def ended(self) -> bool:
        return len(self._lines) > self._count

    def next(self) -> Step:
        number, line = len(self._lines) - 1, self._lines[-1]
        start, place = self._starts[number], len(line)
        if place == self._width:
            token = END if number == self._count - 1 else STOP if number % 2 else COMMA
            return Step(token, MARKS[token])
        if place < len(start):
            return Step(IDS.get(start[place], UNKNOWN), start[place])
        doubled = set(line[-1:]) & DOUBLED - set("".join(self._lines)[:-1])
        banned = [IDS[used] for used in set("".join(self._lines)) - doubled if used in IDS]
        return Step(
            banned=banned, among=self._ends(number) if place == self._width - 1 and self._rhyme else []
        )

    def took(self, text: str) -> None:
        """The next character or mark is this one."""
        if text in MARKS.values():
            self._note_rhyme()
            self._lines.append("")
        else:
            self._lines[-1] += text

    def _ends(self, number: int) -> list[int]:
        """What a line may end in: even lines rhyme in a level tone, odd ones after the first are oblique."""
        if number == 0:
            return []
        if number % 2 == 0:
            return list(_among("仄"))
        rows = [RHYMES[rhyme] for rhyme in self._rhymes]
        return [IDS[character] for row in rows for character in row] or list(_among("平"))

    def _note_rhyme(self) -> None:
        """A first line in a level tone and every even line say what is rhymed with."""
        number, rhymes = len(self._lines) - 1, rhymes_of(self._lines[-1][-1])
        level = frozenset(rhyme for rhyme in rhymes if "平" in rhyme)
        if number == 0:
            self._rhymes = level if level == rhymes else frozenset()
        elif number % 2:
            self._rhymes = (self._rhymes & level) or level or self._rhymes
