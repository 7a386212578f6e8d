"""The Chinese sentiment tab: right on its examples, its table adds up, text shown as text."""

import re
from typing import Any

import pytest

import models
from demos._run import InvalidInput
from demos._sentiment import NEGATIVE, POSITIVE
from demos.sentiment_cnn import EXAMPLES, MAX_CHARACTERS, SHOWN, classify

RIGHT = {
    "Hotel, praise": POSITIVE,
    "Computer, complaint": NEGATIVE,
    "A book": POSITIVE,
    "Traditional script": NEGATIVE,
}


@pytest.mark.parametrize("name", RIGHT)
def test_an_example_is_answered_as_promised(name: str) -> None:
    (text,) = next(values for (_, english), values in EXAMPLES.items() if english == name)
    shares, marked, _ = classify(text)
    assert max(shares, key=shares.__getitem__) == RIGHT[name]
    assert re.sub("<[^>]*>", "", marked.split("</div>")[0]) == text


def test_irony_fails_as_said() -> None:
    (text,) = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert classify(text)[0][POSITIVE] > 0.5


def test_the_table_adds_up_to_the_score() -> None:
    text = "房间干净，服务热情"
    table = classify(text)[2]
    rows = [float(value) for value in re.findall(r'<td class="\w+">([+-][\d.]+)', table)]
    *_, rest, alone, bias, total = map(float, re.findall(r"[+-]\d+\.\d+", table.split('lang="en"')[-1]))
    assert len(rows) == SHOWN
    assert sum(rows) + rest + alone + bias == pytest.approx(total, abs=0.1)
    with models.use("text_cnn") as net:
        assert (total > 0) == (net.predict([text])[0] > 0.5)


@pytest.mark.parametrize("text", ["A lovely hotel", "😀😀😀", "123 !?", "好" * (MAX_CHARACTERS + 1), None, 7])
def test_what_it_cannot_read_is_refused_before_a_model_is_asked(
    text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        classify(text)


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    _, marked, table = classify("很好很好很好很好很好很好很好很好<script>")
    assert "<script" not in marked + table


@pytest.mark.parametrize("text", ["好", "好\n" * 1000, "好\u200b\u202e差"])
def test_short_tall_and_odd_texts_pass(text: str) -> None:
    assert sum(classify(text)[0].values()) == pytest.approx(1)
