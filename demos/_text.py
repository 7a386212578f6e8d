"""What visitors write and choose: checked, with one sentence in both languages for what cannot be used."""

import unicodedata
from collections.abc import Iterable
from typing import TypeVar

from demos._run import InvalidInput

Choice = TypeVar("Choice")


def open_text(text: str | None, most: int, *, words: bool = False) -> str:
    """The text without the space around it, any Unicode that can be encoded. most: characters, or words.

    Raises InvalidInput: no text, nothing but space, or too long.
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput("请先写一段文字", "Write a text first")
    text = text.encode("utf-8", "ignore").decode().strip()  # half a surrogate pair cannot be sent back
    if (len(text.split()) if words else len(text)) > most:
        zh, en = ("单词", "words") if words else ("个字符", "characters")
        raise InvalidInput(f"太长了，请缩短到 {most:,} {zh}以内", f"Shorten it to {most:,} {en}")
    return text


def share_in(script: str, text: str) -> float:
    """The share of a text's letters that are of a script as Unicode names it (LATIN, CJK), 0..1; 0 without letters."""
    letters = [character for character in text if character.isalpha()]
    return sum(unicodedata.name(one, "").startswith(script) for one in letters) / max(1, len(letters))


def english(text: str) -> str:
    """The text, for a model that knows no other script. Raises InvalidInput: most of its letters are not Latin."""
    if any(map(str.isalpha, text)) and share_in("LATIN", text) < 0.5:
        raise not_english()
    return text


def not_english() -> InvalidInput:
    return InvalidInput("这个模型只懂英语，请用英语写", "This model knows English only; write in English")


def short_words(words: Iterable[str], most: int) -> None:
    """Raises InvalidInput: a word with more letters than that; what reads letter by letter takes long over it."""
    if any(len(word) > most for word in words):
        raise InvalidInput(f"每个单词最多 {most} 个字母", f"At most {most} letters a word")


def lines_of(text: str | None, most: int, most_characters: int) -> list[str]:
    """The lines that hold something, without the space around them; [] for an empty text.

    Raises InvalidInput: no text, too many lines, or one that is too long.
    """
    if not isinstance(text, str):
        raise InvalidInput("请写文字", "Write text")
    lines = [line.strip() for line in text.encode("utf-8", "ignore").decode().splitlines() if line.strip()]
    if len(lines) > most:
        raise InvalidInput(f"最多 {most} 行", f"At most {most} lines")
    if any(len(line) > most_characters for line in lines):
        raise InvalidInput(
            f"每行最多 {most_characters} 个字符", f"At most {most_characters} characters a line"
        )
    return lines


def within(value: float, low: float, high: float, zh: str, en: str) -> float:
    """The number, where it lies in its range. Raises InvalidInput, naming it."""
    if isinstance(value, int | float) and low <= value <= high:  # NaN is not
        return value
    raise InvalidInput(f"{zh}要在 {low} 到 {high} 之间", f"{en} must be from {low} to {high}")


def choice(value: Choice, known: Iterable[Choice], zh: str, en: str) -> Choice:
    """The one of those known that the value equals: 2 for 2.0. Raises InvalidInput with the two sentences."""
    for one in known:
        if one == value:
            return one
    raise InvalidInput(zh, en)
