"""The character model: at home in its two styles, the same text for the same seed, and decoded sources."""

import math
import re

import numpy as np
import pytest

import models
from models.char_lstm import baseline
from models.char_lstm.concepts import aucs, best_units, concepts
from models.char_lstm.data import _lines, _unpacked

VERSE = "Ge1:1 In the beginning God created the heaven and the earth."


def bits(text: str) -> float:
    with models.use("char_lstm") as net:
        read = [one for chunk in net.read(text) for one in chunk]
    assert "".join(one["text"] for one in read) == text
    return sum(one["bits"] for one in read) / len(read)


def test_english_surprises_less_than_the_same_letters_shuffled_or_other_languages() -> None:
    text = "She was very glad to see him, and he sat down by her."
    shuffled = "".join(np.random.default_rng(0).permutation(list(text)))
    assert bits(text) < 2.5 < 4 < bits(shuffled)
    assert bits(text) + 1 < bits("Der Hund schläft unter dem großen Küchentisch.")


def test_a_misprint_surprises_where_it_stands() -> None:
    with models.use("char_lstm") as net:
        read = [one for chunk in net.read("And the LORD spake unto Mosxs, saying,") for one in chunk]
    assert max(read, key=lambda one: one["bits"])["text"] == "x"
    assert all(0 <= share <= 1 for one in read for _, share in one["alternatives"])


def test_the_same_seed_writes_the_same_and_the_likeliest_needs_none() -> None:
    def written(seed: int) -> tuple[str, str]:
        with models.use("char_lstm") as net:
            steps = [step for step in net.write("It was a ", 80, [0, 0.8], seed) if step]
        return "".join(step[0]["text"] for step in steps), "".join(step[1]["text"] for step in steps)

    first, again, other = written(1), written(1), written(2)
    assert first == again
    assert first[0] == other[0]
    assert first[1] != other[1]


def test_it_goes_on_with_a_verse_as_the_bible_does() -> None:
    with models.use("char_lstm") as net:
        steps = [step[0]["text"] for step in net.write(VERSE, 500, [0.5], 0) if step]
    assert re.search(r"\n\d?[A-Z][A-Za-z]+\d+:\d+ ", "".join(steps))


@pytest.mark.parametrize("text", ["😀", "שלום", "\n" * 50, "“curly” – dash", "a"])
def test_any_text_can_be_read_and_what_it_never_saw_is_told(text: str) -> None:
    with models.use("char_lstm") as net:
        read = [one for chunk in net.read(text) for one in chunk]
    assert [one["known"] for one in read] == [one not in "😀שלום" for one in text]
    assert all(math.isfinite(one["bits"]) and -1 <= one["activation"] <= 1 for one in read)


def test_the_units_found_are_told_with_how_well_they_tell() -> None:
    with models.use("char_lstm") as net:
        found = net.found()
    assert set(found) == set(concepts("a"))
    assert all(0 <= one["auc"] <= 1 and one["sign"] in (-1, 1) for one in found.values())
    assert found["bible"]["auc"] > 0.9


def test_a_unit_that_follows_a_concept_is_found_and_others_are_not() -> None:
    text = 'He said "yes" and left.\nShe did not say "no" at all, I hear.\n' * 5
    chance = np.random.default_rng(0)
    memories = chance.normal(size=(len(text), 6))
    memories[:, 4] = -1.0 * concepts(text)["quotes"] + 0.01 * memories[:, 4]
    found = best_units((text, memories), (text, memories))
    assert found["quotes"] == {"unit": 4, "sign": -1, "auc": 1.0}
    assert found["word_start"]["auc"] < 0.8


def test_the_concepts_hold_where_they_should() -> None:
    text = 'Ge1:1 In the\n"Oh!" he said. Is it so?\n'
    held = {name: "".join(one for one, holds in zip(text, marks, strict=True) if holds)
            for name, marks in concepts(text).items()}  # fmt: skip
    assert held["verse_number"] == "Ge1:1"
    assert held["bible"] == "Ge1:1 In the"
    assert held["quotes"] == '"Oh!'
    assert held["question"] == " Is it so?"
    assert held["line_end"] == " the so?"


def test_auc_is_one_half_for_noise_a_still_unit_and_a_concept_that_never_holds() -> None:
    noise = np.random.default_rng(0).normal(size=(4000, 1))
    assert aucs(noise, [np.arange(4000) % 2 == 0])[0, 0] == pytest.approx(0.5, abs=0.03)
    assert aucs(noise, [np.zeros(4000, bool)])[0, 0] == 0.5
    assert aucs(np.ones((4000, 1)), [np.arange(4000) < 1000])[0, 0] == 0.5


def test_the_ngram_is_a_distribution_that_learns_and_backs_off() -> None:
    train = np.tile([1, 2, 3], 200)
    alphabet = 5
    context = [3, 1, 2, 3, 1]
    shares = [
        2 ** -baseline.bits(train, np.array([*context, last]), alphabet)[-1] for last in range(alphabet)
    ]
    assert sum(shares) == pytest.approx(1)
    assert shares[2] > 0.98
    assert min(shares) > 0


def test_compress_and_r_are_decoded() -> None:
    codes, packed = [ord("a"), ord("b"), 257, 259, ord("c")], 0
    for place, code in enumerate(codes):
        packed |= code << 9 * place
    assert _unpacked(packed.to_bytes(6, "little")) == b"abababac"
    strings = ["one", "", "two"]
    vector = b"X\n" + b"\0\0\0\x10" + len(strings).to_bytes(4, "big")
    for one in strings:
        vector += b"\0\4\0\x09" + len(one).to_bytes(4, "big") + one.encode()
    assert _lines(vector) == "one\n\ntwo\n"
