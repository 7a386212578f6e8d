"""Lander: the examples do as their names say, flying by hand is checked and kept apart, CartPole rises and fails."""

import json
import re

import pytest

from demos import _moon, _pole, lander
from demos._run import InvalidInput


def example(name: str, of: dict = lander.EXAMPLES) -> list:
    return next(values for (_, english), values in of.items() if english.startswith(name))


def flown(name: str) -> tuple[dict, str]:
    *_, last = lander.fly(*example(name))
    return last


@pytest.mark.parametrize("name", ["Calm", "Strong wind", "As light"])
def test_it_lands_in_the_examples(name: str) -> None:
    flight, told = flown(name)
    assert flight["ended"] == "landed"
    assert "It came to rest" in told
    assert "停稳了" in told


def test_the_storm_is_too_much_as_said() -> None:
    flight, told = flown("Fails")
    assert flight["ended"] == "crashed"
    assert "crashed" in told


def test_it_streams_and_each_run_has_its_own_name() -> None:
    *_, before, last = [flight for flight, _ in lander.fly(0, 0, 10)]
    some, all = (json.loads(flight["poses"]) for flight in (before, last))
    assert some == all[: len(some)]
    assert before["id"] == last["id"] != flown("Calm")[0]["id"]


@pytest.mark.parametrize(
    "values",
    [
        (0, -1, 10),
        (0, 21, 10),
        (0, float("nan"), 10),
        (0, 0, 0),
        (0, 0, 12),
        (0, None, 10),
        (2**31, 0, 10),
        ("0", 0, 10),
    ],
)
def test_wrong_numbers_are_refused_before_a_model_is_asked(
    values: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        list(lander.fly(*values))
    assert _moon.before(*values) is None


def asked(before: str, now: str, seed: int = 0) -> dict:
    return _moon.steer({"seed": seed, "wind": 0, "gravity": 10, "before": before, "now": now})


def test_flying_by_hand_goes_on_where_it_was() -> None:
    one, two = asked("", "222"), asked("222", "111")
    assert one["engines"] == [2, 2, 2]
    assert two["engines"] == [1, 1, 1]
    assert asked("222", "111") == two  # another visitor who flew alike
    assert len(one["poses"]) == len(one["values"]) == len(one["shares"]) == 3


@pytest.mark.parametrize(
    "rubbish",
    [
        None,
        [],
        "aaa",
        {},
        {"seed": 0, "wind": 0, "gravity": 10, "before": "", "now": ""},
        {"seed": 0, "wind": 0, "gravity": 10, "before": "", "now": "a" * 11},
        {"seed": 0, "wind": 0, "gravity": 10, "before": "a" * 1001, "now": "a"},
        {"seed": 0, "wind": 0, "gravity": 10, "before": "<script>", "now": "a"},
        {"seed": 0, "wind": 0, "gravity": 10, "before": None, "now": "a"},
        {"seed": -1, "wind": 0, "gravity": 10, "before": "", "now": "a"},
    ],
)
def test_rubbish_from_a_page_is_refused_in_both_languages(
    rubbish: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    zh, en = _moon.steer(rubbish)["refused"]
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not re.search("[\u4e00-\u9fff]", en)


def test_a_page_that_opens_shows_the_moon_before_a_flight() -> None:
    moon = _moon.start()
    assert moon is not None
    assert (len(json.loads(moon["poses"])), moon["ended"], moon["engines"]) == (1, "", [])
    assert moon["rewards"] == [0]


def test_cartpole_rises_to_a_full_test() -> None:
    answers = list(_pole.balance(*example("Learns well", _pole.EXAMPLES)))
    picture, told = answers[-1]
    assert "500 steps of 500" in told
    assert len(picture["episode"]) == 500
    assert len(answers) > 10
    assert picture["look"] > answers[0][0]["look"]


def test_cartpole_with_too_large_a_step_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pole, "LIMIT", 4)
    *_, (_, told) = _pole.balance(*example("Fails", _pole.EXAMPLES))
    mean = int(re.search(r"seen before: (\d+) steps", told)[1])  # type: ignore[index]
    assert mean < 100


@pytest.mark.parametrize(
    "values", [(None, 0), ("", 0), ("1", 0), ([], 0), ("0.003", -1), ("0.003", float("nan"))]
)
def test_wrong_settings_of_cartpole_are_refused(values: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        list(_pole.balance(*values))
