"""What the benchmarks count as reached, and what they leave as they found it."""

import asyncio
import contextlib
import os
from types import SimpleNamespace

import pytest

from benchmarks import load, pressure, ray_serve, speech
from deploy import report


@pytest.mark.parametrize(("last", "verdict"), [(1386, "MISSED"), (1280, "reached"), (1100, "reached")])
def test_memory_that_falls_is_no_growth(last: int, verdict: str) -> None:
    row = pressure.growth([900, 1000, 1100, 1200, 1280, *[1300] * 14, last])
    assert row.verdict == verdict
    assert row.what == "growth of resident memory from round 5 to round 20"
    assert f"1280 -> {last} MB" in row.detail


def test_a_call_that_was_refused_is_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> tuple[None, str]:
        return None, "Too many visitors are waiting"

    monkeypatch.setattr(load, "asks", refused)
    hub = SimpleNamespace(client=SimpleNamespace(base_url="http://127.0.0.1:1"))
    with pytest.raises(RuntimeError, match=f"{load.HEAVY}: Too many visitors"):
        asyncio.run(load.fairness(hub, {(load.HEAVY, 0): [], (load.LIGHT, 0): []}))  # type: ignore[arg-type]


def test_threads_of_ray_s_benchmark_are_not_those_of_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setenv("HUB_THREADS", "7")
    monkeypatch.setattr(ray_serve, "seconds", lambda room: seen.append(os.environ["HUB_THREADS"]) or 1.0)
    monkeypatch.setattr(ray_serve, "throughput", lambda room: 1.0)
    monkeypatch.setattr(ray_serve, "replicas", lambda count: contextlib.nullcontext())
    monkeypatch.setattr(ray_serve, "_by_serve", list)
    assert ray_serve.rows()
    assert set(seen) == {"1"}
    assert os.environ["HUB_THREADS"] == "7"


def test_without_a_browser_nothing_is_listened_to_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BROWSERS", ("no-such-browser",))
    assert speech.listened() == []
