"""The question tab: the answer is marked where it stands, none is said where there is none, text stays text."""

import contextlib
import re
from types import SimpleNamespace
from typing import Any

import pytest

import models
from demos._run import InvalidInput
from demos.question_answering import CANAL, EXAMPLES, MAX_QUESTION, MAX_WORDS, answer

SCRIPT = 'The <script>alert(1)</script> code was written by Ada Byron in 1843. It ran "well" & fast.'


def read(passage: str, question: str, reader: str = "bert_qa") -> str:
    """The page once all is read, before SmolLM2 writes."""
    pages = []
    steps: Any = answer(passage, question, reader)
    for page, words in steps:
        if words:
            break
        pages.append(page)
    steps.close()
    return pages[-1]


def marked(page: str) -> list[str]:
    return re.findall("<mark>(.*?)</mark>", page)


@pytest.mark.parametrize(
    ("name", "right"), [("How many days", "eleven days"), ("Which ship", "Ancon"), ("Where", "the Sahara")]
)
def test_an_example_is_answered_as_promised(name: str, right: str) -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english == name)
    assert right in marked(read(*values))[0]


def test_no_answer_is_said_where_the_text_has_none() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english == "Not in the text")
    page = read(*values)
    assert "No answer here" in page
    assert marked(page) == []


def test_counting_fails_as_said() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert marked(read(*values)) != ["four"]


def test_the_passage_is_shown_whole_with_the_answer_in_place() -> None:
    page = read(CANAL, "Who owns the canal today?")
    shown = re.sub("<[^>]*>", "", re.search(r'class="passage" dir="auto">(.*?)</div>', page, re.S)[1])  # type: ignore[index]
    assert shown == CANAL


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    *_, (page, words) = answer(SCRIPT, "Who wrote the <script> code?")
    assert "<script" not in page + words
    assert "&lt;script&gt;" in page
    assert "SmolLM2" in words


@pytest.mark.parametrize(
    ("passage", "question"),
    [
        ("", "Who?"),
        ("Text.", " \n"),
        ("Text.", None),
        ("word " * (MAX_WORDS + 1), "Who?"),
        ("运河在1869年开通。", "When?"),
        ("The canal opened in 1869.", "什么时候开通的？"),
        ("Text.", "x" * (MAX_QUESTION + 1)),
    ],
)
def test_what_cannot_be_read_is_refused_before_a_model_is_asked(
    passage: Any, question: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        next(answer(passage, question))


def test_a_text_of_few_words_and_very_many_tokens_is_answered_without_the_writer() -> None:
    *_, (page, words) = answer("😀" * 5000, "Who?")
    assert "passage" in page
    assert "Too long for SmolLM2" in words
    assert models.resident()


def test_another_reader_may_be_chosen_of_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"read": 1.0, "spans": [], "found": False}
    net = SimpleNamespace(answers=lambda question, passage: iter([found]), chat=lambda *asked: iter([]))
    used: list[str] = []
    monkeypatch.setattr("models.use", lambda room: used.append(room) or contextlib.nullcontext(net))
    assert "No answer here" in read("A text.", "What?", "roberta_squad2")
    list(answer("A text.", "What?", "roberta_squad2"))
    assert set(used) == {"roberta_squad2", "smollm2"}
    with pytest.raises(InvalidInput):
        next(answer("A text.", "What?", "smollm2"))
