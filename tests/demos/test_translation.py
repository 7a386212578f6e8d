"""The translation tab: both directions, the right one by itself, clear refusals, text shown as text."""

import re

import pytest

from demos._run import InvalidInput
from demos._translated import MAX_CHARACTERS, MAX_SENTENCES
from demos.translation import EXAMPLES, from_chinese, translate


def example(name: str) -> tuple[str, str]:
    return translate(*next(values for (_, english), values in EXAMPLES.items() if english == name))


def whole(page: str) -> str:
    """The translation as a visitor reads it."""
    return re.sub("<[^>]+>", "", re.search(r'<div class="text".*?</div>', page, re.DOTALL)[0]).strip()  # type: ignore[index]


def test_the_direction_follows_the_script() -> None:
    assert re.search("[\u4e00-\u9fff]", whole(translate("I like tea.", "auto", 3, 1.0)[0]))
    assert whole(translate("我喜欢茶。", "auto", 3, 1.0)[0]).isascii()


def test_each_sentence_gets_its_candidates_and_its_picture() -> None:
    page, pictures = example("Three sentences")
    assert page.count("<table") == pictures.count("<svg") == 3
    assert pictures.count("<details open") == 1


def test_the_same_input_gives_the_same_result() -> None:
    assert translate("我在图书馆。", "auto", 5, 1.0) == translate("我在图书馆。", "auto", 5, 1.0)


def test_an_idiom_is_not_understood_as_said() -> None:
    said = whole(example("Fails: an idiom")[0]).lower()
    assert not {"unnecessary", "needless", "too far", "gild"} & set(re.findall(r"\w+", said))


@pytest.mark.parametrize(
    ("text", "direction", "told"),
    [
        ("Привет, как дела?", "auto", "Chinese and English"),
        ("😀😀", "auto", "Chinese and English"),
        ("Hello there", "zh_en", "This is English"),
        ("你好", "en_zh", "This is Chinese"),
        ("Hi", "fr_de", "Choose a direction"),
        ("Hi", ["auto"], "Choose a direction"),
        ("a" * (MAX_CHARACTERS + 1), "auto", "Shorten"),
        ("好" * 200, "auto", "too long"),
        ("Go. " * (MAX_SENTENCES + 1), "auto", "sentences at a time"),
    ],
)
def test_what_cannot_be_translated_is_said(
    text: str, direction: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        translate(text, direction, 5, 1.0)


@pytest.mark.parametrize(("beam", "penalty"), [(0, 1.0), (99, 1.0), (5, -1), (5, float("nan")), (None, 1.0)])
def test_settings_out_of_range_are_refused(beam: int, penalty: float) -> None:
    with pytest.raises(InvalidInput):
        translate("Hi there", "auto", beam, penalty)


def test_mixed_text_is_read_as_chinese() -> None:
    assert from_chinese("Tom有个女友在Boston。", "auto")


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    page, pictures = translate("<script>alert(1)</script> Hello!", "auto", 2, 1.0)
    assert "<script" not in page + pictures
    assert "&lt;script&gt;" in page + pictures
