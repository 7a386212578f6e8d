"""The diffusion tab: pictures stream out of the noise, Chinese is translated, rubbish is refused beforehand."""

import contextlib
import re
from types import SimpleNamespace

import numpy as np
import pytest

import models
from demos import _turbo
from demos._run import InvalidInput
from demos.diffusion import EXAMPLES, MOST, paint

PLAIN = ["red apple", "any", 2, 0, 3, 3.0]


def changed(**values: object) -> list:
    names = ("text", "style", "count", "seed", "steps", "guidance")
    return [values.get(name, value) for name, value in zip(names, PLAIN, strict=True)]


def last(**values: object) -> tuple[str, str, str]:
    *_, end = paint(*changed(**values))
    return end


def test_each_step_is_shown_and_the_names_that_are_near_are_told() -> None:
    shown = list(paint(*PLAIN))
    assert len(shown) == 4
    assert len({pictures for pictures, _, _ in shown}) == 4
    assert shown[-1][0].count("<img") == 2
    assert "Step 0 of 3, 100% noise left" in shown[0][1]
    assert "Step 3 of 3, 0% noise left" in shown[-1][1]
    assert "red apple 1.00" in shown[-1][2]


def test_a_hundred_come_at_once_and_the_second_of_a_seed_is_the_first_of_the_next() -> None:
    assert last(count=MOST, steps=1)[0].count("<img") == MOST
    assert 'alt="seed 7"' in last(seed=6, steps=1)[0]


def test_the_same_seed_gives_the_same_answer_and_another_another() -> None:
    assert last() == last()
    assert last()[0] != last(seed=5)[0]


def test_chinese_is_translated_and_the_translation_shown() -> None:
    told = last(text="红苹果", steps=1)[2]
    assert "Translated" in told
    assert "red apple" in told.lower()


def test_what_it_never_learned_is_said_to_be_strange() -> None:
    assert "expect anything" in last(text="the third amendment of the treaty", steps=1)[2]
    assert "expect anything" not in last(steps=1)[2]


def test_no_markup_of_a_visitor_gets_onto_the_page() -> None:
    assert not any("<script" in part for part in last(text="<script>alert(1)</script> apple", steps=1))
    assert not any("<script" in part for part in last(text="<script>苹果苹果苹果</script>", steps=1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "😀"}, {"text": "12 + 3"}, {"text": "تفاحة حمراء"}, {"text": "a" * 201}, {"text": 7}, {"text": ["a"]},
        {"style": "apple"}, {"style": None}, {"style": []}, {"count": 0}, {"count": 101}, {"count": None},
        {"count": float("nan")}, {"seed": -1}, {"seed": 2**31}, {"seed": "1"}, {"steps": 0}, {"steps": 51},
        {"steps": float("inf")}, {"guidance": -0.5}, {"guidance": 11}, {"guidance": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_before_a_model_is_asked(
    wrong: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        next(paint(*changed(**wrong)))


def test_examples_ask_for_what_is_allowed() -> None:
    for values in EXAMPLES.values():
        assert 1 <= values[2] <= MOST
        assert re.search(r"\w", values[0])


def test_the_second_choice_tells_its_steps_then_shows_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    net = SimpleNamespace(paint=lambda text, seed, steps: [*[None] * steps, np.zeros((8, 8, 3), np.uint8)])
    monkeypatch.setattr(
        "models.use", lambda room: contextlib.nullcontext(net) if room == "sd_turbo" else None
    )
    *steps, picture = _turbo.paint("<script>a cat", 0, 2)
    assert ["Step 1 of 2" in steps[0], "Step 2 of 2" in steps[1], len(steps)] == [True, True, 2]
    assert picture.startswith("<img")
    assert "<script>" not in picture


@pytest.mark.parametrize("wrong", [("", 0, 1), ("a cat", -1, 1), ("a cat", 0, 5), ("a cat", 0, float("nan"))])
def test_the_second_choice_refuses_what_it_cannot_use(wrong: tuple) -> None:
    with pytest.raises(InvalidInput):
        list(_turbo.paint(*wrong))
