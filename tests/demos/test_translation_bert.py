"""The BERT translation tab: both translators answer, English only, text shown as text."""

import re

import pytest

from demos._run import InvalidInput
from demos._translated import MAX_CHARACTERS, MAX_SENTENCES
from demos.translation_bert import EXAMPLES, compare


def last(*values: object) -> tuple[str, str, str, str]:
    """What stands there at the end."""
    return list(compare(*values))[-1]  # type: ignore[arg-type]


def whole(page: str) -> str:
    """The translation as a visitor reads it."""
    return re.sub("<[^>]+>", "", re.search(r'<div class="text".*?</div>', page, re.DOTALL)[0]).strip()  # type: ignore[index]


def test_both_write_chinese_and_each_its_own_candidates() -> None:
    over_bert, from_nothing, pictures, mix = last("He is a teacher. Where do you live?", 3, 1.0)
    for page in (over_bert, from_nothing):
        assert "老师" in whole(page)
        assert page.count("<table") == 2
    assert over_bert != from_nothing
    assert pictures.count("<svg") == 2
    assert pictures.count("<details open") == 1
    assert mix.count("<tr>") == 8


def test_the_same_input_gives_the_same_result() -> None:
    assert last("I am in the library.", 5, 1.0) == last("I am in the library.", 5, 1.0)


def test_an_idiom_is_not_understood_by_either() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    said = [whole(page) for page in last(*values)[:2]]
    assert not any(right in one for one in said for right in ("大雨", "倾盆", "瓢泼"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("你好，我是学生。", "English only"),
        ("Привет, как дела?", "English only"),
        ("😀😀", "English only"),
        ("a" * (MAX_CHARACTERS + 1), "Shorten"),
        ("word " * 80, "too long"),
        ("Go. " * (MAX_SENTENCES + 1), "sentences at a time"),
    ],
)
def test_what_cannot_be_translated_is_said(text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        next(compare(text, 5, 1.0))


@pytest.mark.parametrize(("beam", "penalty"), [(0, 1.0), (99, 1.0), (5, -1), (5, float("nan")), (None, 1.0)])
def test_settings_out_of_range_are_refused(beam: int, penalty: float) -> None:
    with pytest.raises(InvalidInput):
        next(compare("Hi there", beam, penalty))


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    parts = "".join(last("<script>alert(1)</script> Hello!", 2, 1.0))
    assert "<script" not in parts
    assert "&lt;script&gt;" in parts
