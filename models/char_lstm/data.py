"""The King James Bible and Jane Austen's six novels, both in the public domain, 8.4 million characters.

The Bible lies in a Debian package, in 68 windows that compress(1) packed; the novels in one that ships them as R
data. Whole books are held out. `python -m models.char_lstm.data` writes frozen.txt, the start of the held-out
books, that the tests measure on.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from models import sources
from models.spec import Dataset, Deb

BIBLE = Dataset(
    name="bible.data",
    sha256="6c746c2acc8a34bfded980883ff1701a5d68934a1c853ebf88a07b978fe0ae0e",
    parts=(Deb("bible-kjv-text", "4.38", "usr/lib/bible.data"),),
)
NOVELS = Dataset(
    name="Rdata.rdb",
    sha256="8fb5198960d0da724b1562f96e4221e5c1b41ff455000280b02c55980c3d8f21",
    parts=(Deb("r-cran-janeaustenr", "1.0.0-1", "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"),),
)
TITLES = (
    "Emma",
    "Mansfield Park",
    "Northanger Abbey",
    "Persuasion",
    "Pride and Prejudice",
    "Sense and Sensibility",
)
HELD_OUT_NOVEL, HELD_OUT_BOOKS = "Persuasion", ("Est", "Eccl", "Jonah", "Jas")
HELD_BACK_BOOKS, HELD_BACK = (
    ("Ruth", "Amos", "Titus"),
    60_000,
)  # and so many last characters of Northanger Abbey
FROZEN = Path(__file__).parent / "frozen.txt"
FROZEN_CHARACTERS = 15_000  # of each style
CLEAR = 256  # the code that empties compress's table


@dataclass(frozen=True)
class Parts:
    """Texts: those to train on, one to watch the training by, and what is held out of each style."""

    train: list[str]
    held_back: str
    bible: str
    novel: str


def parts() -> Parts:
    """Always the same parts."""
    books, novels = bible(), dict(zip(TITLES, _novels(), strict=True))
    held_novel, northanger = novels.pop(HELD_OUT_NOVEL), novels["Northanger Abbey"]
    novels["Northanger Abbey"] = northanger[:-HELD_BACK]
    held_back = "".join(books.pop(book) for book in HELD_BACK_BOOKS) + northanger[-HELD_BACK:]
    held_books = "".join(books.pop(book) for book in HELD_OUT_BOOKS)
    return Parts([*books.values(), *novels.values()], held_back, held_books, held_novel)


def bible() -> dict[str, str]:
    """Books, by the short name that each verse begins with, as in "Ge1:1 In the beginning"."""
    packed = sources.fetch(BIBLE).read_bytes()
    (windows,) = struct.unpack_from(">I", packed, 0x58)
    starts = struct.unpack_from(f">{windows}I", packed, 0x5C)
    plain = b"".join(_unpacked(packed[a:b]) for a, b in zip(starts, (*starts[1:], len(packed)), strict=True))
    books: dict[str, str] = {}
    for line in plain.decode("latin-1").splitlines(keepends=True)[1:]:  # the first names the edition
        book = re.match(r"\d?[A-Za-z]+", line)
        if book:
            books[book[0]] = books.get(book[0], "") + line
    return books


def _unpacked(packed: bytes) -> bytes:
    """compress(1) without its header: LZW codes of 9 bits and more, low bits first, in groups of eight."""
    table, words, last = [bytes([i]) for i in range(CLEAR)] + [b""], [], b""
    at = group = 0  # bits; codes of a new width begin where a group of the old ends
    width = 9
    while at + width <= 8 * len(packed):
        code = int.from_bytes(packed[at // 8 : at // 8 + 4], "little") >> (at % 8) & ((1 << width) - 1)
        at += width
        if code == CLEAR:
            table, last = table[: CLEAR + 1], b""
        else:
            word = table[code] if code < len(table) else last + last[:1]
            words.append(word)
            if last and len(table) < 1 << 16:
                table.append(last + word[:1])
            last = word
        if code == CLEAR or (len(table) >> width and width < 16):
            at = group = group + -(-(at - group) // (8 * width)) * 8 * width
            width = 9 if code == CLEAR else width + 1
    return b"".join(words)


def _novels() -> list[str]:
    """R keeps each novel as a length and a zlib stream of one character vector, a string for each line."""
    packed, novels = sources.fetch(NOVELS).read_bytes(), []
    while packed:
        stream = zlib.decompressobj()
        novels.append(_lines(stream.decompress(packed[4:])))
        packed = stream.unused_data
    return novels


def _lines(vector: bytes) -> str:
    """R's XDR serialisation of a character vector -> its strings, a line each; blank lines are single."""
    at = vector.index(b"\0\0\0\x10") + 4  # the type: strings
    (count,) = struct.unpack_from(">I", vector, at)
    at, lines = at + 4, []
    for _ in range(count):
        (length,) = struct.unpack_from(">I", vector, at + 4)  # four bytes of flags before it
        lines.append(vector[at + 8 : at + 8 + length].decode())
        at += 8 + length
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)) + "\n"


if __name__ == "__main__":
    held = parts()
    FROZEN.write_text(held.bible[:FROZEN_CHARACTERS] + held.novel[:FROZEN_CHARACTERS])
