"""What breaks around the hub, over HTTP: one sentence each, nothing lost for others, and the next call works.

Files that are cut off, of a wrong digest, or cannot be stored are in models/test_sources.py, and how memory is found
again in models/test_cache.py.
"""

import errno
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio.route_utils import GradioMultiPartParser

import models
from benchmarks import hostile
from benchmarks.server import Server, running
from demos import _run
from demos._refusals import ENDED, UNSTORED
from models import sources

ROOM, VICTIM = "text_cnn", ("sentiment_cnn", ["房间很干净，下次还来"])
BYSTANDER = ("pronunciation", ["knighthood", 1])
LONG = ("char_rnn", ["It was a", 1000, 0.6, 1])


@pytest.fixture(scope="module")
def hub() -> Iterator[hostile.Hub]:
    with hostile.running() as one:
        ask(one, *BYSTANDER)
        yield one


def ask(hub: hostile.Hub, endpoint: str, inputs: list[Any]) -> Any:
    """What a visitor of his own is answered: the outputs, or the sentence."""
    with httpx.Client(base_url=f"{hub.address}gradio_api/", timeout=60) as client:
        event = client.post(f"call/{endpoint}", json={"data": inputs}).raise_for_status().json()["event_id"]
        last = client.get(f"call/{endpoint}/{event}").text.strip().splitlines()[-1]
        told = json.loads(last.removeprefix("data: "))
        return told["error"] if isinstance(told, dict) else told


class Broken:
    """A net whose every method does the same."""

    def __init__(self, does: Callable[[], Any]) -> None:
        self._does = does

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self._does()


def fails(cause: Exception) -> Callable[[], Any]:
    def does() -> None:
        raise cause

    return does


def torn(tmp: Path) -> Any:
    """Loads half a file of weights."""
    from safetensors.torch import load_file

    whole = Path(models.__file__).parent / ROOM / "model.safetensors"
    (tmp / "half").write_bytes(whole.read_bytes()[:5000])
    return load_file(tmp / "half")


OUT = MemoryError("injected")
AT_LOAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a torn file": (torn, "text_cnn failed to load (SafetensorError). Run: python -m models fetch text_cnn"),
    "a room that does not load": (lambda _: fails(KeyError("x"))(), "text_cnn failed to load (KeyError)"),
    "no memory to load": (lambda _: fails(OUT)(), "Out of memory loading text_cnn"),
    "no memory in the middle": (lambda _: Broken(fails(OUT)), "Out of memory while text_cnn ran"),
    "a room that raises": (
        lambda _: Broken(fails(ValueError("x"))),
        "This run failed; the cause is in the log",
    ),
    "a room that hangs": (lambda _: Broken(lambda: time.sleep(8)), "This run was silent for too long"),
}


@pytest.mark.parametrize("fault", AT_LOAD)
def test_a_fault_is_one_sentence_others_go_on_and_the_next_call_works(
    hub: hostile.Hub, fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    breaks, sentence = AT_LOAD[fault]
    cache = models._cache()
    load = cache._load
    models.unload(ROOM)
    with monkeypatch.context() as now:
        now.setattr(
            cache, "_load", lambda name, place: breaks(tmp_path) if name == ROOM else load(name, place)
        )
        now.setattr(_run, "QUIET", 3.0 if "hangs" in fault else _run.QUIET)
        with ThreadPoolExecutor(2) as crowd:
            broken, other = crowd.submit(ask, hub, *VICTIM), crowd.submit(ask, hub, *BYSTANDER)
        chinese, english = broken.result().split("\n")
        assert english.startswith(sentence)
        assert hostile.CHINESE.search(chinese)
        assert "knighthood" in str(other.result())
    for _ in range(100):  # what hung is let go of when it ends
        if models.unload(ROOM) or all(
            room.state == "cold" for room in models.resident() if room.name == ROOM
        ):
            break
        time.sleep(0.1)
    assert "positive" in str(ask(hub, *VICTIM))


def test_while_a_hub_is_slow_others_go_on_and_who_waits_is_told_how_far_it_is(
    hub: hostile.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, go, seen = models._cache()._prepare, threading.Event(), []

    def slow(name: str, report: sources.Progress) -> None:
        report(0.4)
        go.wait(20)
        monkeypatch.setattr(_run, "QUIET", 60)  # here it was
        prepare(name, report)

    models.unload(ROOM)
    monkeypatch.setattr(models._cache(), "_prepare", slow)
    monkeypatch.setattr(_run, "QUIET", 3.0)  # to fetch is not to be silent
    with httpx.Client(base_url=f"{hub.address}gradio_api/", timeout=60) as client:
        event = client.post(f"call/{VICTIM[0]}", json={"data": VICTIM[1]}).json()["event_id"]
        with client.stream("GET", f"call/{VICTIM[0]}/{event}") as answer:
            for line in answer.iter_lines():
                seen.append(line)
                if "fetching text_cnn 40%" in line and not go.is_set():
                    assert "knighthood" in str(ask(hub, *BYSTANDER))
                    time.sleep(3.5)
                    go.set()
    assert go.is_set()
    assert "positive" in seen[-2] or "positive" in seen[-1] or "positive" in "".join(seen[-4:])


def test_who_closes_the_browser_in_the_middle_gives_his_place_to_the_next(hub: hostile.Hub) -> None:
    with httpx.Client(base_url=f"{hub.address}gradio_api/", timeout=60) as client:
        for _ in range(3):  # more than may run at once
            event = client.post(f"call/{LONG[0]}", json={"data": LONG[1]}).json()["event_id"]
            with client.stream("GET", f"call/{LONG[0]}/{event}") as answer:
                next(line for line in answer.iter_lines() if line.startswith("data: ["))
    started = time.monotonic()
    hub.complaints()  # of other tests
    assert "knighthood" in str(ask(hub, *BYSTANDER))
    for _ in range(100):
        if not any(hub.blocks._queue.active_jobs):
            break
        time.sleep(0.1)
    assert not any(hub.blocks._queue.active_jobs)
    assert time.monotonic() - started < 60
    assert hub.complaints() == []


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_jumps_harms_no_run(
    hub: hostile.Hub, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + days * 86_400)
    models.unload(ROOM)
    outputs = ask(hub, *VICTIM)
    assert "positive" in str(outputs)
    assert float(outputs[-1].split('data-computed="')[1].split('"')[0]) < 60


def test_a_server_that_is_told_to_stop_says_so_to_all_and_is_gone() -> None:
    with running("app.py", HF_HUB_OFFLINE="1") as server, ThreadPoolExecutor(3) as crowd:
        begun = [threading.Event() for _ in range(2)]
        training = [crowd.submit(_told, server, "lander_cartpole", ["0.0001", 0], one) for one in begun]
        assert all(one.wait(120) for one in begun)
        waiting = crowd.submit(_told, server, "lander_cartpole", ["0.0001", 0])
        time.sleep(1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        late = _told(server, *VICTIM)
        assert server.process.wait(20) == 0
        assert [one.result() for one in (*training, waiting)] == ["\n".join(ENDED)] * 3
        assert late == "\n".join(ENDED)


def test_an_upload_that_a_full_disk_cannot_hold_is_not_the_caller_s_fault(
    hub: hostile.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(GradioMultiPartParser, "parse", full)
    hub.complaints()  # of other tests
    answer = httpx.post(f"{hub.address}gradio_api/upload", files={"files": b"x"})
    assert (answer.status_code, answer.json()["detail"]) == (507, "\n".join(UNSTORED))
    assert "No space left on device" in hub.complaints()[0]


def test_an_open_page_does_not_keep_a_server_from_ending() -> None:
    with running("app.py") as server, server.client.stream("GET", "/gradio_api/heartbeat/page") as page:
        heard = page.iter_lines()  # as long as it is held, the page is open
        assert "ALIVE" in next(heard)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - started < _run.GONE / 2


def _told(server: Server, endpoint: str, inputs: list[Any], begun: threading.Event | None = None) -> str:
    """The sentence that a call ends with. begun: set with its first output."""
    path, text = f"/gradio_api/call/{endpoint}", ""
    with httpx.Client(base_url=server.client.base_url, timeout=60) as client:
        answer = client.post(path, json={"data": inputs})
        if not answer.is_success:
            return str(answer.json()["detail"])
        with client.stream("GET", f"{path}/{answer.json()['event_id']}") as lines:
            for line in lines.iter_lines():
                text = line.removeprefix("data: ") if line.startswith("data: {") else text
                if begun and line.startswith("data: ["):
                    begun.set()
    return str(json.loads(text)["error"])
