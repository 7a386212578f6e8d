"""The English sentiment tab: right on its examples, text shown as text, many at once from lines or a CSV."""

import re
from pathlib import Path
from typing import Any

import pytest

from demos._run import InvalidInput
from demos._sentiment import NEGATIVE, POSITIVE, coloured
from demos._text import share_in
from demos.sentiment import EXAMPLES, MANY, MAX_LENGTH, MAX_ROWS, classify, classify_many, fill

SCRIPT = "A lovely film <script>alert(1)</script> & more"
RIGHT = {"Praise": POSITIVE, "A complaint": NEGATIVE, "Not and but": POSITIVE, "A long review": NEGATIVE}


def last(answer: Any) -> Any:
    *_, final = answer
    return final


@pytest.mark.parametrize("name", RIGHT)
def test_an_example_is_answered_as_promised(name: str) -> None:
    (text,) = next(values for (_, english), values in EXAMPLES.items() if english == name)
    shares, words = last(classify(text))
    assert max(shares, key=shares.__getitem__) == RIGHT[name]
    shown = re.sub("<[^>]*>", "", words.split("</div>")[0])
    assert shown == text


def test_irony_fails_as_said() -> None:
    (text,) = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert last(classify(text))[0][POSITIVE] > 0.5


def test_the_answer_comes_before_the_words() -> None:
    first = next(classify(SCRIPT))
    assert first[0] == last(classify(SCRIPT))[0]
    assert "token" not in first[1]


@pytest.mark.parametrize("text", ["这家酒店很好", "😀😀😀", "1234 !?", "word " * 2001, "x" * 16_001])
def test_what_it_cannot_read_is_refused_before_a_model_is_asked(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        next(classify(text))


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    for _, words in classify(SCRIPT):
        assert "<script" not in words
    table, _ = last(classify_many(SCRIPT))
    assert "<script" not in table
    assert "&lt;script&gt;" in table
    assert coloured([("<b>", 1.0), ("&", -0.5)]).count("&lt;b&gt;") == 1


def test_lines_become_a_table_and_a_csv() -> None:
    table, csv = last(classify_many(MANY))
    rows = csv.removeprefix("\ufeff").splitlines()
    assert rows[0] == "text,label,positive"
    assert [row.rsplit(",", 2)[1] for row in rows[1:4]] == ["positive", "negative", "positive"]
    assert "5 of 5" in table


@pytest.mark.parametrize(
    "texts", [None, "", " \n ", 7, "good\n" * (MAX_ROWS + 1), "x" * (MAX_LENGTH + 1), "很好\n太差了"]
)
def test_lines_that_cannot_be_read_are_refused(texts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        next(classify_many(texts))


def test_an_uploaded_table_fills_the_lines_from_the_column_that_is_chosen(tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text("id,review,title\n1,The whole long story of it,Short\n2,Another long story,Brief\n")
    box, texts, _ = fill(str(file), None)
    assert (box.value, texts) == ("review", "The whole long story of it\nAnother long story")
    assert fill(str(file), "title")[1] == "Short\nBrief"
    assert "refused" in fill(None, None)[2]


@pytest.mark.parametrize(("count", "cut"), [(MAX_ROWS, False), (MAX_ROWS + 50, True)])
def test_of_a_long_table_the_first_rows_are_read_and_that_is_said(
    tmp_path: Path, count: int, cut: bool
) -> None:
    file = tmp_path / "many.csv"
    file.write_text("text\n" + "good\n" * count)
    _, texts, told = fill(str(file), None)
    assert texts.splitlines() == ["good"] * MAX_ROWS
    assert ("first ones only" in told) is cut


def test_scripts_are_told_apart() -> None:
    assert share_in("LATIN", "Good 很好") == pytest.approx(4 / 6)
    assert share_in("CJK", "123") == 0
