"""The character tab: writes on in two ways, colours by surprise and by units, tells what it found, safely."""

import re

import pytest

from demos._run import InvalidInput
from demos.char_rnn import CONCEPTS, EXAMPLES, MAX_CHARACTERS, MAX_WORDS, READ_EXAMPLES, read, readable, write


def text_of(page: str) -> str:
    return re.sub("<[^>]+>", "", page.split('<div class="text">')[1])


def depth_of(page: str, character: str) -> int:
    return int(re.search(rf"--doubt:(\d+)%[^>]*>{character}</span>", page)[1])  # type: ignore[index]


def test_both_ways_grow_from_the_same_beginning() -> None:
    *earlier, (likeliest, drawn) = write("And the LORD said unto", 60, 0.8, 1)
    assert len(earlier) > 5
    assert text_of(likeliest).startswith("And the LORD said unto")
    assert text_of(drawn).startswith("And the LORD said unto")
    assert text_of(likeliest) != text_of(drawn)
    assert len(text_of(drawn)) == len("And the LORD said unto") + 60


def test_the_same_seed_writes_the_same() -> None:
    assert list(write("It was", 40, 0.7, 5))[-1] == list(write("It was", 40, 0.7, 5))[-1]


def test_a_misprint_is_coloured_deepest() -> None:
    *_, page = read("She was very glaq to see him.", "surprise", 0)
    assert depth_of(page, "q") > 60 > depth_of(page, "y")


def test_a_web_address_fails_as_said() -> None:
    *_, page = read(*READ_EXAMPLES["会失败：网址", "Fails: a web address"])
    *_, english = read("She was very glad to see him.", "surprise", 0)
    bits, fewer = (float(re.search(r"([\d.]+) bits a character", one)[1]) for one in (page, english))  # type: ignore[index]
    assert bits > fewer + 2


@pytest.mark.parametrize("look", CONCEPTS)
def test_a_unit_is_told_with_its_auc(look: str) -> None:
    *_, page = read('"Yes," said he.\nGe1:1 In the', look, 0)
    assert re.search(r"[Uu]nit.*AUC [01]\.\d\d", page)


def test_a_unit_of_ones_own_is_shown() -> None:
    *_, page = read("Hello there", "unit", 7)
    assert "Unit 7" in page


def test_long_text_is_read_to_its_end() -> None:
    text = "word " * 700
    pages = list(read(text, "surprise", 0))
    assert len(pages) > 3
    assert text_of(pages[-1]) == text.strip()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"&amp;<b>', "שלום 😀\u200b", "a" + "\n" * 3000 + "b"]
)
def test_what_a_visitor_writes_is_shown_as_text(text: str) -> None:
    *_, page = read(text, "surprise", 0)
    *_, (likeliest, _) = write(text, 5, 0.5, 0)
    for shown in (page, likeliest):
        assert "<script" not in shown
        assert '"&amp;<b>' not in shown
    assert "&lt;" in page or "<" not in text  # each character stands in a box of its own


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["", 50, 0.7, 0], "Write a text"),
        (["a " * (MAX_WORDS + 1), 50, 0.7, 0], "2,000 words"),
        (["x" * (MAX_CHARACTERS + 1), 50, 0.7, 0], "12,000 characters"),
        (["a", 5000, 0.7, 0], "Length"),
        (["a", 50, 0, 0], "Temperature"),
        (["a", 50, float("nan"), 0], "Temperature"),
        (["a", 50, 0.7, -1], "Seed"),
    ],
)
def test_what_cannot_be_written_on_is_refused(
    values: list, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        list(write(*values))


@pytest.mark.parametrize(
    ("look", "unit", "told"),
    [("nothing", 0, "what to show"), ([], 0, "what to show"), ("unit", 9999, "Unit")],
)
def test_what_cannot_be_shown_is_refused(look: object, unit: int, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        list(read("a", look, unit))  # type: ignore[arg-type]


def test_every_example_can_be_read() -> None:
    assert all(readable(values[0]) for values in (*EXAMPLES.values(), *READ_EXAMPLES.values()))
