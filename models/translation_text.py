"""Chinese and English text as the translation rooms read it: one form of each mark, and sentence by sentence."""

import functools
import re
import unicodedata

from opencc import OpenCC

PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "—": "-", "–": "-", "⋯": "...",
                       "「": '"', "」": '"', "『": '"', "』": '"'})  # fmt: skip
WIDE = str.maketrans(",.?!:;()", "，。？！：；（）")
LATE_ZHE = re.compile("(?<![显名原卓昭译专论巨土编])著(?![名作称述书者])")  # 著 for 着, usual in Taiwan
ENDS = re.compile(r"(?<=[。！？])(?![。！？])[\"'”’」』)）]*|(?<=[.!?])[\"'”’)]*(?=\s+[^a-z\s]|\s*$)|\n+")
CLAUSES = re.compile(r"(?<=[，；：,;:])")
TITLES = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|No|vs|[A-Z])\.$")  # a full stop that ends no sentence


def clean_chinese(text: str) -> str:
    """Simplified characters, wide punctuation, spaces only between Latin words."""
    text = LATE_ZHE.sub("着", _visible(_opencc().convert(text)))
    text = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", " ".join(text.split()))
    narrow = r"(?<![A-Za-z0-9])[,.?!:;()]|[?!:;,](?!\d)|[.](?=$)"
    text = re.sub(narrow, lambda mark: mark[0].translate(WIDE), text)
    return text.replace("。。。", "...").strip()


def clean_english(text: str) -> str:
    """Plain quotation marks and single spaces."""
    return " ".join(_visible(text).split())


def is_chinese(text: str) -> bool | None:
    """True: Chinese; False: English; None: neither, such as another script or only signs."""
    han = len(re.findall("[\u3400-\u4dbf\u4e00-\u9fff]", text))
    latin = sum("LATIN" in unicodedata.name(one, "") for one in text if one.isalpha())
    letters = sum(one.isalpha() for one in text)
    if not letters or han + latin < 0.5 * letters:
        return None
    return 3 * han >= latin  # a Chinese character says about as much as three letters


def sentences(text: str, longest: int) -> list[str]:
    """The sentences of a text; one of more than so many characters is cut at its commas where it has any."""
    found: list[str] = []
    for piece in _cut(ENDS, text):
        if found and TITLES.search(found[-1]):
            found[-1] += " " + piece
        else:
            found.append(piece)
    return [part for sentence in found for part in _shorter(sentence, longest)]


def _shorter(sentence: str, longest: int) -> list[str]:
    if len(sentence) <= longest:
        return [sentence]
    parts = [""]
    for clause in CLAUSES.split(sentence):
        if parts[-1] and len(parts[-1]) + len(clause) > longest:
            parts.append("")
        parts[-1] += clause
    return [part.strip() for part in parts if part.strip()]


def _cut(where: re.Pattern, text: str) -> list[str]:
    """The pieces between what ends them; what closes a quotation stays with its sentence."""
    pieces, start = [], 0
    for end in where.finditer(text):
        pieces.append(text[start : end.end()].strip())
        start = end.end()
    return [piece for piece in (*pieces, text[start:].strip()) if piece]


def _visible(text: str) -> str:
    """Without zero-width and control characters, and with plain quotation marks."""
    plain = unicodedata.normalize("NFKC", text).translate(PLAIN)
    return "".join(
        one if unicodedata.category(one) not in ("Cc", "Cf") else " " * one.isspace() for one in plain
    )


@functools.cache
def _opencc() -> OpenCC:
    return OpenCC("t2s")
