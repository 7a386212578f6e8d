"""How a word sounds: from the dictionary, by the company it keeps where it can be said in two ways, and as the
voice writes it: IPA in the fashion of American English that it was trained with, a number for each sign.
"""

import re
from collections.abc import Sequence

from models.lexicon import pronunciations, with_s

# ARPAbet -> signs of the voice. T, AH, ER, IH and IY have another sign in some places: see spell().
SIGNS = {
    **{
        "AA": "ɑː",
        "AE": "æ",
        "AH": "ʌ",
        "AO": "ɔː",
        "AW": "aʊ",
        "AY": "aɪ",
        "EH": "ɛ",
        "ER": "ɜː",
        "EY": "eɪ",
    },
    **{"IH": "ɪ", "IY": "iː", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "uː", "B": "b", "CH": "tʃ", "D": "d"},
    **{
        "DH": "ð",
        "F": "f",
        "G": "ɡ",
        "HH": "h",
        "JH": "dʒ",
        "K": "k",
        "L": "l",
        "M": "m",
        "N": "n",
        "NG": "ŋ",
    },
    **{"P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j", "Z": "z"},
    **{"ZH": "ʒ"},
}
STRESS = {"1": "ˈ", "2": "ˌ"}
PREFIXED = ("", "R", "B", "D", "P")  # as in elect, report, before, decide, prefer
SHORT = ("NG", "N", "F", "S", "TH")  # before these AO is short, as in long, on, off, cost, cloth
ENDING = re.compile("[AI]H0 [DZ]")  # as in started, houses
FLAPPED = re.compile("(?:ER|IY|OW|AH|IH)0(?! N)")  # what follows a T that is said like a D
# The numbers of the signs above in the voice's phoneme_id_map, which has 151 entries; the rest no English word needs.
NUMBERS = {
    **{"_": 0, "^": 1, "$": 2, " ": 3, "!": 4, ",": 8, ".": 10, ":": 11, ";": 12, "?": 13, "a": 14, "b": 15},
    **{"d": 17, "e": 18, "f": 19, "h": 20, "i": 21, "j": 22, "k": 23, "l": 24, "m": 25, "n": 26, "o": 27},
    **{"p": 28, "s": 31, "t": 32, "u": 33, "v": 34, "w": 35, "z": 38, "æ": 39, "ð": 41, "ŋ": 44, "ɐ": 50},
    **{"ɑ": 51, "ɔ": 54, "ə": 59, "ɚ": 60, "ɛ": 61, "ɜ": 62, "ɡ": 66, "ɪ": 74, "ɹ": 88, "ɾ": 92, "ʃ": 96},
    **{"ʊ": 100, "ʌ": 102, "ʒ": 108, "ˈ": 120, "ˌ": 121, "ː": 122, "θ": 126, "ᵻ": 128},
}
# Words of one syllable that carry no stress in a sentence: their vowels stand without a digit.
UNSTRESSED = set(
    """a an the and or but nor if as than of to in on at by for from with into am is are was were be been has have
    had do does did will would can could shall should must may might i you he she it we they me him her us them my your
    his its our their that this there some when where what which who how""".split()  # noqa: SIM905
)
# Words that carry less stress than others.
HALF_STRESSED = set(
    """before behind about over under between after until through because while since during without within upon above
    below against so just very only""".split()  # noqa: SIM905
)
WEAK = {
    "a": "AH0",
    "an": "AH0 N",
    "the": "DH AH0",
    "to": "T AH0",
    "of": "AH V",
    "and": "AE N D",
    "was": "W AH Z",
}
WEAK |= {
    "on": "AO2 N",
    "into": "IH2 N T UH",
    "every": "EH1 V R IY0",
    "monday": "M AH1 N D EY2",
    "tuesday": "T UW1 Z D EY2",
}
WEAK |= {"wednesday": "W EH1 N Z D EY2", "thursday": "TH ER1 Z D EY2", "friday": "F R AY1 D EY2"}
WEAK |= {"saturday": "S AE1 T ER0 D EY2", "sunday": "S AH1 N D EY2"}
GROUPS = {
    "HAVE": "have has had having be been being is are was were am well i've you've we've they've he'd she'd",
    "TO": "to will would can could must should shall may might please don't i we you they not let's and",
    "BE": "was is are were am feel felt",
}
# Words that are written alike and sound otherwise: the usual reading, the other one, after which words, before which.
HETERONYMS_TOLD = """
read     | R IY1 D           | R EH1 D           | HAVE |
live     | L IH1 V           | L AY1 V           | is was went go | music show concert audience stream event band
lead     | L IY1 D           | L EH1 D           | of | pipe pipes paint poisoning pencil weight bullet
wind     | W IH1 N D         | W AY1 N D         | TO | up down
winds    | W IH1 N D Z       | W AY1 N D Z       | road river path | up down
tear     | T EH1 R           | T IH1 R           | a single every | drop drops gas
tears    | T IH1 R Z         | T EH1 R Z         | he she it | up down apart
close    | K L OW1 Z         | K L OW1 S         | very so too how got stay came a BE | to by friend friends call look
use      | Y UW1 S           | Y UW1 Z           | TO who people | the a an it this that your our my
record   | R EH1 K ER0 D     | R AH0 K AO1 R D   | TO |
object   | AA1 B JH EH0 K T  | AH0 B JH EH1 K T  | TO |
present  | P R EH1 Z AH0 N T | P R IY0 Z EH1 N T | to will can must please |
produce  | P R AH0 D UW1 S   | P R OW1 D UW0 S   | fresh farm local of | aisle
project  | P R AA1 JH EH0 K T | P R AA0 JH EH1 K T | TO |
content  | K AA1 N T EH0 N T | K AH0 N T EH1 N T | BE |
permit   | P ER1 M IH2 T     | P ER0 M IH1 T     | TO |
refuse   | R IH0 F Y UW1 Z   | R EH1 F Y UW2 Z   | the of | collection bin
wound    | W UW1 N D         | W AW1 N D         | was is he she it | up around
bow      | B AW1             | B OW1             | cross the his her | tie and
bass     | B EY1 S           | B AE1 S           | sea caught striped largemouth | fishing
excuse   | IH0 K S K Y UW1 S | IH0 K S K Y UW1 Z | to please | me
desert   | D EH1 Z ER0 T     | D IH0 Z ER1 T     | TO |
separate | S EH1 P R AH0 T   | S EH1 P ER0 EY2 T | TO |
estimate | EH1 S T AH0 M AH0 T | EH1 S T AH0 M EY2 T | TO |
perfect  | P ER1 F IH2 K T   | P ER0 F EH1 K T   | to |
polish   | P AA1 L IH0 SH    | P OW1 L IH0 SH    | in speak speaks | people language
"""


def _heteronyms() -> dict[str, tuple[str, str, set[str], set[str]]]:
    """Word -> its usual reading, the other one, the words after which and before which that one is meant."""
    lines = [[part.strip() for part in line.split("|")] for line in HETERONYMS_TOLD.strip().splitlines()]
    several = {word: set(told.split()) for word, told in GROUPS.items()}
    return {
        word: (
            usual,
            other,
            set().union(*(several.get(one, {one}) for one in left.split())),
            set(right.split()),
        )
        for word, usual, other, left, right in lines
    }


HETERONYMS = _heteronyms()


def known(words: Sequence[str], at: int) -> list[str] | None:
    """ARPAbet of the word at a place of a sentence, as reading.read() gives its words; None where nobody knows it.

    A word that the dictionary lacks is known if it is the possessive or plural of one.
    """
    word = words[at]
    before, after = (words[at - 1] if at else ""), (words[at + 1] if at + 1 < len(words) else "")
    if word[:1].isupper():
        name = pronunciations()[word[0].lower()][-1 if word[0] == "A" else 0].split()
        if after[:1].isupper():  # the last letter of several bears the stress
            name = [one.replace("1", "2") for one in name]
        return with_s(name) if len(word) > 1 else name
    if word in WEAK:
        vowel = after and (
            (after[:1].isupper() and after[0] in "AEFHILMNORSX") or _first(after)[-1:].isdigit()
        )
        return ["DH", "IY0"] if word == "the" and vowel else WEAK[word].split()
    if word in HETERONYMS:
        usual, other, left, right = HETERONYMS[word]
        return (other if before in left or after in right else usual).split()
    if word in pronunciations():
        said = pronunciations()[word][0].split()
        if word in UNSTRESSED:
            return [one.rstrip("12") for one in said]
        return [one.replace("1", "2") for one in said] if word in HALF_STRESSED else said
    stem = word.removesuffix("'s").removesuffix("s'")
    return with_s(pronunciations()[stem][0].split()) if stem != word and stem in pronunciations() else None


def _first(word: str) -> str:
    """The first phoneme of a word of the dictionary; "" for another."""
    return pronunciations().get(word, [""])[0].split(" ")[0]


def spell(phonemes: Sequence[str]) -> list[str]:
    """ARPAbet of a word -> the voice's signs for each phoneme, the stress mark before its vowel.

    A side stress right after the main one, as in lighthouse, is not marked: the voice learned it so.
    """
    main = False
    plain = []
    for phoneme in phonemes:
        plain.append(phoneme[:-1] if main and phoneme.endswith("2") else phoneme)
        main = phoneme.endswith("1") if phoneme[-1].isdigit() else main
    return [_signs(plain, at) for at in range(len(plain))]


def _signs(phonemes: Sequence[str], at: int) -> str:
    phoneme = phonemes[at]
    before, after = phonemes[at - 1] if at else "", " ".join(phonemes[at + 1 : at + 3])
    if phoneme == "T" and (before[-1:].isdigit() or before == "R") and FLAPPED.match(after):
        return "ɾ"
    vowel, stress = phoneme.rstrip("012"), phoneme[-1]
    if stress == "0":
        weak = {"AH": "ə" if at else "ɐ", "ER": "ɚ", "IY": "i"}
        signs = weak.get(vowel, SIGNS[vowel])
        prefix = vowel == "IH" and at < 2 and before in PREFIXED and after.endswith(("1", "2"))
        if prefix or (at > 2 and ENDING.fullmatch(f"{phoneme} {after}")):
            signs = "ᵻ"
    else:
        short = {("IY", "R"): "ɪ", **{("AO", one): "ɔ" for one in SHORT}}
        signs = STRESS.get(stress, "") + short.get((vowel, after.split(" ")[0]), SIGNS[vowel])
    return signs + "ɹ" * (vowel == "ER" and after.split(" ")[0][-1:].isdigit())
