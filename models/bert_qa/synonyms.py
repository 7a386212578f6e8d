"""Other words for verbs and nouns of a question, so that it does not only repeat the sentence: WordNet 3.0.

Fellbaum, "WordNet: An Electronic Lexical Database", 1998, https://wordnet.princeton.edu.
"""

import functools
import random
import re

from models import sources
from models.spec import Dataset, Deb

DIGESTS = {
    "index.verb": "e2ac24816c3a8289dcb72aaa9cf8db81fdf25ec34d792bfc96ac5b7a20c8b4ae",
    "data.verb": "adcf43e35b581e8036d8b5a52d63d9cd3d3b4870b2720d3c03c799df44777bc2",
    "index.noun": "a490d99d93d017bf4822fe2f0ffa51fd73911ce271dc7535fade21f8814b5a04",
    "data.noun": "fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",
}
KEEP = frozenset(
    (
        "be", "is", "are", "was", "were", "do", "does", "did", "have", "has", "had", "can", "could", "will",
        "would", "may", "might", "must", "shall", "should", "when", "where", "what", "who", "whom", "which",
        "why", "how", "many", "much", "long", "far", "in", "on", "at", "by", "of", "to", "from", "for",
        "with", "as", "and", "or", "the", "a", "an", "not", "his", "her", "its", "their", "year", "more",
        "most", "than", "that", "this", "before", "after", "during", "between", "into", "about", "there",
        "one",
    )
)  # fmt: skip


@functools.cache
def _table(part: str) -> dict[str, list[str]]:
    """part "verb" or "noun" -> other single words of the first sense of each word."""
    data: dict[str, list[str]] = {}
    for line in _lines(f"data.{part}"):
        fields = line.split(" ")
        data[fields[0]] = [fields[4 + 2 * i].lower() for i in range(int(fields[3], 16))]
    table = {}
    for line in _lines(f"index.{part}"):
        fields = line.split()
        first = fields[-int(fields[2])]  # the commonest sense
        others = [word for word in data[first] if word != fields[0] and word.isalpha()]
        if others and fields[0].isalpha():
            table[fields[0]] = others
    return table


def _lines(name: str) -> list[str]:
    file = sources.fetch(
        Dataset(name, DIGESTS[name], (Deb("wordnet-base", "1:3.0-37", f"usr/share/wordnet/{name}"),))
    )
    return [line for line in file.read_text().splitlines() if not line.startswith("  ")]


def varied(question: str, share: float, chance: random.Random) -> str:
    """The question with a share (0..1) of the words that have synonyms replaced; names are left."""
    words = question.rstrip("?").split(" ")
    helped = words[1:2] and {"did", "does", "do"} & {word.lower() for word in words}
    for number, word in enumerate(words[1:], 1):
        if not re.fullmatch(r"[a-z]{3,}", word) or word in KEEP or chance.random() > share:
            continue
        words[number] = _other(word, bool(helped), chance)
    return " ".join(words) + "?"


def _other(word: str, helped: bool, chance: random.Random) -> str:
    """helped: the verb stands in its base form, after did."""
    verbs, nouns = _table("verb"), _table("noun")
    for ending, stems in (("ed", (word[:-2], word[:-1])), ("s", (word[:-1],)), ("", (word,))):
        if ending and not word.endswith(ending):
            continue
        for stem in stems:
            table = verbs if ending == "ed" or (not ending and helped and stem in verbs) else nouns
            if stem in table:
                return _ended(chance.choice(table[stem]), ending)
    return word


def _ended(stem: str, ending: str) -> str:
    if ending == "ed":
        return stem + "d" if stem.endswith("e") else re.sub(r"([^aeou])y$", r"\1i", stem) + "ed"
    if ending == "s" and stem.endswith(("s", "x", "ch", "sh")):
        return stem + "es"
    return stem + ending
