"""The text tab: English in, escaped text out, numbers in their ranges, a conversation that is remembered."""

import contextlib
import re
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from demos._run import InvalidInput
from demos.text_generation import MAX_CHARACTERS, _token, checked, recent, write

USUAL: dict[str, Any] = {
    "prompt": "Say hello to Anna.", "mode": "chat", "tokens": 12, "temperature": 0.0, "top_p": 0.9, "seed": 0,
    "history": [],
}  # fmt: skip


def last(**changes: Any) -> tuple[str, list[dict]]:
    *_, final = write(**(USUAL | changes))
    return final


def test_a_conversation_is_remembered() -> None:
    _, history = last()
    assert [message["role"] for message in history] == ["user", "assistant"]
    fresh, _ = last(prompt="What is her name?")
    page, history = last(prompt="What is her name?", history=history)
    assert page.split('assistant">')[-1] != fresh.split('assistant">')[-1]
    assert len(history) == 4
    assert page.count('class="turn') == 4


def test_a_continuation_keeps_no_conversation() -> None:
    page, history = last(mode="continue", prompt="Monday, Tuesday, Wednesday,")
    assert history == []
    assert "Thursday" in page


def test_the_text_grows_and_the_same_seed_writes_the_same() -> None:
    (first, _), *steps = write(**(USUAL | {"temperature": 1.0, "seed": 3}))
    assert "tokens / s" not in first
    pages = [history[-1]["content"] for _, history in steps]
    assert all(later.startswith(earlier) for earlier, later in pairwise(pages))
    assert last(temperature=1.0, seed=3)[1][-1]["content"] == pages[-1]


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    page, _ = last(prompt="<img src=x onerror=alert(1)> hello", tokens=1)
    assert "<img" not in page
    assert "&lt;img" in page


def test_what_stands_between_two_pairs_of_stars_is_bold() -> None:
    def shown(text: str, marks: int) -> str:
        token = {"text": text, "probability": 0.5, "alternatives": []}
        return re.sub("</?span.*?>", "", _token(token, marks))

    assert [shown(" **", 0), shown("Practice", 1), shown("**:", 1)] == [" ", "<b>Practice</b>", ":"]
    assert shown("a **b** <c>", 0) == "a <b>b</b> &lt;c&gt;"


@pytest.mark.parametrize("prompt", ["你好，讲个故事", "مرحبا بالعالم", "😀😀😀", "12 + 30"])
def test_what_is_not_english_is_told(prompt: str) -> None:
    with pytest.raises(InvalidInput, match="English only"):
        checked(prompt)


def test_the_second_model_may_be_asked_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    net = SimpleNamespace(chat=lambda messages, *sampling: iter(asked.append(messages[-1]["content"]) or ()))
    monkeypatch.setattr("models.use", lambda room: contextlib.nullcontext(net) if room == "qwen25" else None)
    ((page, history),) = write(**(USUAL | {"prompt": "你好", "model": "qwen25"}))
    assert asked == ["你好"]
    assert "你好" in page  # with no answer, not that to the last prompt
    assert history == []


def test_of_a_conversation_that_is_too_long_a_new_one_is_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    def chat(*asked: Any) -> Iterator[dict]:
        raise ValueError("too many tokens")
        yield

    monkeypatch.setattr("models.use", lambda room: contextlib.nullcontext(SimpleNamespace(chat=chat)))
    earlier = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "1 2 3"}]
    for history, told in (([], "shorten it"), (earlier, "begin a new one")):
        with pytest.raises(InvalidInput, match=told):
            list(write(**(USUAL | {"history": history})))


def test_half_a_surrogate_does_no_harm() -> None:
    assert checked("hello \ud800 there") == "hello  there"


def test_a_long_prompt_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Shorten"):
        checked("word " * MAX_CHARACTERS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokens": 0}, {"tokens": 401}, {"tokens": None}, {"temperature": -0.1}, {"temperature": float("nan")},
        {"temperature": "hot"}, {"top_p": 0}, {"top_p": 1.1}, {"seed": -1}, {"seed": None}, {"seed": 1e300},
        {"mode": "sing"}, {"model": "gpt9"}, {"model": ["smollm2"]},
    ],
    ids=str,
)  # fmt: skip
def test_a_number_out_of_range_is_refused(wrong: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        last(**wrong)


def test_an_old_conversation_is_forgotten_round_by_round() -> None:
    rounds = [{"role": role, "content": "x" * 400} for _ in range(6) for role in ("user", "assistant")]
    kept = recent(rounds)
    assert len(kept) == 6
    assert kept[0]["role"] == "user"
