"""CMUdict cut into training, held-back and held-out words, so that no held-out word has a relative in training.

Relatives are found by spelling: a word is tied to the dictionary words that remain when a possessive, an
ending of inflection or derivation, or a common prefix is taken off, to the longest dictionary word that it begins
with (five letters or more; four where the rest is a word too, as in woodcarver). Ties are followed through, and a
whole family goes to one side.

`python -m models.g2p_gru.data` writes frozen.txt, 600 of the held-out words, that the tests measure on.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from models.lexicon import pronunciations

ENDINGS = """'s s' s es ed d ing er ers or ors est ly y ie ies ness less ful able ible ment ments al ally ial ic ical
    ically ion ions ation ations ity ities ist ists ism isms ize izes ized izing ise ous ive ively ance ence ant ent en
    ish ship ships hood man men son sons ian ians an ans a o i""".split()  # noqa: SIM905
PREFIXES = """un re in im dis non over under out up mis pre anti counter inter super sub mc mac o' de la
    le""".split()  # noqa: SIM905
STEM = 3  # letters that must remain when an ending is taken off, and one more for a prefix
BEGINNING, HALF = 5, 4  # letters of a word that another begins with, or is compounded of, to be its relative
FAMILY = 60  # words; a larger family is split no further and stays in training
HELD_OUT, HELD_BACK = 6000, 2000  # words
FROZEN = Path(__file__).parent / "frozen.txt"
FROZEN_WORDS = 600


@dataclass(frozen=True)
class Parts:
    """Words of each part, sorted; families: how many there are."""

    train: list[str]
    held_back: list[str]
    held_out: list[str]
    families: int


def split(seed: int = 0) -> Parts:
    """The same parts for the same seed and dictionary."""
    families = sorted(_families(sorted(pronunciations())))
    small = [family for family in families if len(family) <= FAMILY]
    random.Random(seed).shuffle(small)
    parts: list[list[str]] = [[], []]
    for part, size in zip(parts, (HELD_OUT, HELD_BACK), strict=True):
        while len(part) < size:
            part += small.pop()
    left = set(parts[0] + parts[1])
    train = [word for word in sorted(pronunciations()) if word not in left]
    return Parts(train, sorted(parts[1]), sorted(parts[0]), len(families))


def _families(words: list[str]) -> list[list[str]]:
    known, leader = set(words), {word: word for word in words}

    def head(word: str) -> str:
        while leader[word] != word:
            leader[word] = word = leader[leader[word]]
        return word

    for word in words:
        for relative in _relatives(word, known):
            leader[head(word)] = head(relative)
    groups = defaultdict(list)
    for word in words:
        groups[head(word)].append(word)
    return list(groups.values())


def _relatives(word: str, known: set[str]) -> set[str]:
    """Dictionary words that this one is made of."""
    stems = {word.replace("'", "")}
    for ending in ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= STEM:
            stems |= {stem, stem + "e", stem + "y"}
            stems |= {stem[:-1] + "y"} if stem.endswith("i") else set()
            stems |= {stem[:-1]} if stem[-1] == stem[-2] else set()
    stems |= {word.removeprefix(prefix) for prefix in PREFIXES if len(word) - len(prefix) > STEM}
    begins = [word[:end] for end in range(len(word) - 1, BEGINNING - 1, -1) if word[:end] in known]
    halves = [
        word[:cut] for cut in range(HALF, len(word) - HALF + 1) if word[:cut] in known and word[cut:] in known
    ]
    return {
        stem
        for stem in (*stems, *begins[:1], *halves)
        if stem in known and stem != word and len(stem) >= STEM
    }


def frozen() -> dict[str, list[str]]:
    """The sample of held-out words that is kept in the repo, as pronunciations() has them."""
    rows = [line.split("\t") for line in FROZEN.read_text().splitlines()]
    return {word: spoken for word, *spoken in rows}


if __name__ == "__main__":
    chosen = sorted(random.Random(1).sample(split().held_out, FROZEN_WORDS))
    FROZEN.write_text("".join("\t".join([word, *pronunciations()[word]]) + "\n" for word in chosen))
