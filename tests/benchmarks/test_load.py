"""The harness of `python -m benchmarks load`, for some seconds, on demos that are quick."""

import asyncio

import pytest

import app
import models
from benchmarks import load
from benchmarks.server import running

DEMOS = ("sentiment_cnn", "pronunciation", "sketch_cnn", "gan_digits")
VISITORS, SECONDS, QUEUE = 16, 12, 4


def test_a_crowd_under_half_the_memory_gets_the_answers_of_calls_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(load, "THINKING", 0.5)
    app.build()
    sizes = [models.spec(room).memory_mb for room in load.rooms(DEMOS)]
    budget = max(sum(sizes) // 2, *sizes)
    with running("app.py", HUB_MEMORY_MB=str(budget), HUB_QUEUE=str(QUEUE), HUB_THREADS="1") as hub:
        inputs = load.asked(hub, DEMOS)
        alone = {
            call: load.same(*(load.answered(hub, call, one) for _ in range(2)))
            for call, one in inputs.items()
        }
        seen = asyncio.run(load.crowd(hub, inputs, alone, VISITORS, SECONDS))
        state = hub.call("models", [])[0]
    assert seen.failed == []
    assert len(seen.waits) > QUEUE  # on a busy machine there are not many more
    assert all(alone.values())
    assert state["used_mb"] <= budget
    assert seen.turned_away > 0


def test_what_differs_only_in_numbers_and_pictures_is_taken_for_the_same() -> None:
    once, again = (
        load.blurred(
            [f"<p>{share}</p><img src='data:image/png;base64,{data}'>", {"path": data, "size": 1}, "receipt"]
        )
        for share, data in (("12.5%", "AAAA"), ("12.6%", "BB+/="))
    )
    assert once == again
    assert load.same(once, again) == dict(enumerate(once))
    assert load.blurred(["yes", "receipt"]) != load.blurred(["no", "receipt"])
