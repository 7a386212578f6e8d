"""What visitors write: cleaned, or refused with a sentence in both languages."""

import pytest

from demos._run import InvalidInput
from demos._text import choice, lines_of, open_text, within


@pytest.mark.parametrize("text", ["", " \n\t", None, 7, [], {}, float("nan")])
def test_no_text_is_refused(text: object) -> None:
    with pytest.raises(InvalidInput, match="Write a text first"):
        open_text(text, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["😀", "שלום", "a\u200bb", "<script>", "二〇二六", "e\u0301"])
def test_any_unicode_passes(text: str) -> None:
    assert open_text(f" {text}\n", 20) == text


def test_half_a_surrogate_pair_is_left_out() -> None:
    assert open_text("a\ud83db", 10) == "ab"
    assert lines_of("a\ud83d\n\n b ", 5, 5) == ["a", "b"]


def test_what_is_too_long_is_told_its_limit() -> None:
    assert open_text("one two", 2, words=True) == "one two"
    with pytest.raises(InvalidInput, match="2 words"):
        open_text("one two three", 2, words=True)
    with pytest.raises(InvalidInput, match="1,000 characters"):
        open_text("x" * 1001, 1000)


def test_lines_are_counted_and_measured() -> None:
    assert lines_of("\n" * 10_000, 1, 1) == []
    with pytest.raises(InvalidInput, match="At most 2 lines"):
        lines_of("a\nb\nc", 2, 5)
    with pytest.raises(InvalidInput, match="5 characters"):
        lines_of("abcdef", 2, 5)


@pytest.mark.parametrize("value", [-1, 11, 10**400, float("nan"), float("inf"), "5", None, []])
def test_a_number_out_of_range_is_named(value: object) -> None:
    with pytest.raises(InvalidInput, match="Length must be from 0 to 10"):
        within(value, 0, 10, "长度", "Length")  # type: ignore[arg-type]


def test_only_what_is_known_can_be_chosen() -> None:
    assert choice("a", ("a", "b"), "请选", "Choose") == "a"
    for wrong in ("c", None, [], {}):
        with pytest.raises(InvalidInput, match="Choose"):
            choice(wrong, {"a": 1, "b": 2}, "请选", "Choose")


def test_a_choice_is_the_one_that_is_known() -> None:
    chosen = choice(2.0, (2, 4), "请选", "Choose")
    assert (chosen, type(chosen)) == (2, int)
    for wrong in (3, None, [2], {}, float("nan"), "2"):
        with pytest.raises(InvalidInput):
            choice(wrong, (2, 4), "请选", "Choose")
