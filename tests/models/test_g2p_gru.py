"""Pronunciations: right by the ear on words nobody has said before, aligned with letters, cut into syllables."""

import numpy as np
import pytest

import models
from models.g2p_gru import baseline, data
from models.lexicon import in_words, ipa, pieces, spelled, syllables, with_s


@pytest.mark.parametrize(
    ("word", "begins", "ends"),
    [
        ("blorptastic", "B L", "T AE1 S T IH0 K"),
        ("wugs", "W AH1", "G Z"),
        ("knibble", "N", "B AH0 L"),
        ("phlogging", "F L", "IH0 NG"),
        ("snarfness", "S N AA1 R F", "N AH0 S"),
    ],
)
def test_invented_words_are_said_as_english_would(word: str, begins: str, ends: str) -> None:
    with models.use("g2p_gru") as net:
        told = net.pronounce(word)
    said = " ".join(told["candidates"][0]["phonemes"])
    assert told["dictionary"] == []
    assert said.startswith(begins)
    assert said.endswith(ends)


def test_the_baseline_reads_letters_and_the_end_of_a_word() -> None:
    assert baseline.spelled(["ab'", "zoo"]).tolist() == [[3, 4, 1, 2], [28, 17, 17, 2]]


def test_candidates_come_likeliest_first_and_look_at_the_letters_they_say() -> None:
    with models.use("g2p_gru") as net:
        told = net.pronounce("Blimpton")
    shares = [one["probability"] for one in told["candidates"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1
    best = told["candidates"][0]
    assert best["attention"].shape == (len(best["phonemes"]), len("blimpton"))
    assert np.allclose(best["attention"].sum(1), 1, atol=1e-4)
    looked = dict(zip(best["phonemes"], best["attention"].argmax(1).tolist(), strict=True))
    assert abs(looked["B"] - "blimpton".index("b")) <= 1
    assert abs(looked["M"] - "blimpton".index("m")) <= 1


def test_a_word_is_said_the_same_alone_and_in_company() -> None:
    words = ["wug", "glimmerous", "zorp", "fen"]
    with models.use("g2p_gru") as net:
        together = [one[0]["phonemes"] for one in net.pronounce_many(words)]
        alone = [net.pronounce(word)["candidates"][0]["phonemes"] for word in words]
    assert together == alone


def test_a_sentence_asks_the_dictionary_first_and_says_numbers_and_signs() -> None:
    with models.use("g2p_gru") as net:
        said = net.sentence("Dr. Zuckerbot's café sold 21 wugs & GRUs — 東京!")
    told = [(one["word"], one["source"]) for one in said if one["word"]]
    assert told[:4] == [
        ("doctor", "dictionary"),
        ("zuckerbot's", "net"),
        ("cafe", "dictionary"),
        ("sold", "dictionary"),
    ]
    assert told[4:7] == [("twenty", "number"), ("one", "number"), ("wugs", "net")]
    assert ("and", "dictionary") in told
    assert next(one for one in said if one["word"] == "zuckerbot's")["phonemes"][-2:] == ["T", "S"]
    assert [one["text"] for one in said if one["source"] == "sign"] == [".", "—", "東京", "!"]


def test_a_possessive_of_a_known_word_is_the_dictionarys() -> None:
    with models.use("g2p_gru") as net:
        (said,) = net.sentence("wheelbarrow's")
    assert (said["source"], " ".join(said["phonemes"])) == ("dictionary", "W IY1 L B EH2 R OW0 Z")


@pytest.mark.parametrize(
    "text", ["😀", "\u200b", "'''", "...", "٣", "²", "a" * 60, "1" * 200, "'tis", "ROCK'N'ROLL"]
)
def test_any_text_passes(text: str) -> None:
    with models.use("g2p_gru") as net:
        assert "".join(dict.fromkeys(one["text"] for one in net.sentence(text))) or text == "\u200b"


def test_a_word_without_letters_is_refused() -> None:
    with models.use("g2p_gru") as net, pytest.raises(ValueError, match="letter"):
        net.pronounce("東京")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "zero"),
        ("13", "thirteen"),
        ("1,984", "one thousand nine hundred eighty four"),
        ("1984", "nineteen eighty four"),
        ("1905", "nineteen oh five"),
        ("1800", "eighteen hundred"),
        ("2000000", "two million"),
        ("3.14", "three point one four"),
        ("21st", "twenty first"),
        ("12th", "twelfth"),
        ("20th", "twentieth"),
        ("100th", "one hundredth"),
        ("8th", "eighth"),
        ("99.9th", "ninety nine point ninth"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
    ],
)
def test_numbers_are_said_in_words(number: str, said: str) -> None:
    assert pieces(number) == [number]
    assert " ".join(in_words(number)) == said


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("In 1984, he", ["In", "1984", ",", "he"]),
        ("1,2,3", ["1", ",", "2", ",", "3"]),
        ("3,5", ["3", ",", "5"]),
        ("1,2345", ["1", ",", "2345"]),
        ("12,345,6", ["12,345", ",", "6"]),
    ],
)
def test_a_comma_belongs_to_a_number_only_before_three_digits(text: str, cut: list[str]) -> None:
    assert pieces(text) == cut


@pytest.mark.parametrize(
    ("phonemes", "written"),
    [
        ("K AE1 T", "ˈkæt"),
        ("AH0 B R IY1 V IY0 EY2 T", "əˈbɹi.viˌeɪt"),
        ("EH1 K S T R AH0", "ˈɛk.stɹə"),
        ("S IH1 NG ER0", "ˈsɪŋ.ɚ"),
        ("HH ER1", "ˈhɝ"),
        ("SH", "ʃ"),
    ],
)
def test_ipa_marks_stress_before_the_syllable(phonemes: str, written: str) -> None:
    assert ipa(phonemes.split()) == written


def test_nothing_has_no_syllables_and_a_possessive_its_sound() -> None:
    assert syllables([]) == []
    assert [with_s(["K", last])[2:] for last in ("AE1", "T", "S")] == [["Z"], ["S"], ["IH0", "Z"]]
    assert spelled("Naïve’s Straße") == "naive'sstrasse"
    assert spelled("Łódź Søren Æther Œuvre Þór ĐIỆN™") == "lodzsorenaetheroeuvrethordientm"


def test_no_held_out_word_has_its_inflection_or_possessive_in_training() -> None:
    parts = data.split()
    train = set(parts.train)
    assert not train & set(parts.held_out)
    assert not train & set(parts.held_back)
    for ending in ("s", "es", "ed", "ing", "ly", "'s", "s'", "ness"):
        assert not train & {word + ending for word in parts.held_out if len(word) >= data.STEM}
    assert set(data.frozen()) <= set(parts.held_out)
