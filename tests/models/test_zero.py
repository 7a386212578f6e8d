"""Rooms whose calls go to a GPU that is lent: as the package that lends it does elsewhere, and in another process."""

import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import pytest
import spaces
from spaces.zero import gradio as refusals

import models
from models import settings, zero
from models.cache import ModelCache
from models.errors import ModelUnavailable

ROOMS = ("text_cnn", "char_lstm")
REVIEW = "房间很干净，下次还来"


def in_a_child(answers: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """As ZeroGPU calls: a forked worker, arguments and answers pickled."""

    def work(sent: bytes, back: Any) -> None:
        for answer in answers(*pickle.loads(sent)):
            back.put(pickle.dumps((os.getpid(), answer)))
        back.put(None)

    def called(*args: Any) -> Iterator[Any]:
        fork = multiprocessing.get_context("fork")
        back = fork.Queue()
        worker = fork.Process(target=work, args=(pickle.dumps(args), back))
        worker.start()
        while (told := back.get(timeout=60)) is not None:
            process, answer = pickle.loads(told)
            assert process == worker.pid
            yield answer
        worker.join()

    return called


@pytest.fixture(params=["elsewhere", "in another process"])
def lent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelCache]:
    """Rooms that are here stand for those that a hub brings, and the CPU for the GPU."""
    monkeypatch.setattr(settings, "zero_gpu", lambda: True)
    monkeypatch.setattr(models, "SLOW_ON_CPU", ROOMS)
    monkeypatch.setattr(zero, "DEVICE", "cpu")
    monkeypatch.setattr(zero, "_nets", {})
    if request.param != "elsewhere":
        monkeypatch.setattr(zero, "answers", in_a_child(zero.answers))
    models.clear()
    models.lend()
    yield models._cache()
    models.clear()


def test_what_a_lent_room_answers_is_what_the_room_answers(lent: ModelCache) -> None:
    with models.watch() as visits, models.use("text_cnn") as net:
        assert isinstance(net, zero.Lent)
        answer = net.predict([REVIEW])
    assert visits[0].device == "ZeroGPU"
    assert str(answer) == str(zero._nets["text_cnn"].predict([REVIEW]))


def test_what_a_room_yields_is_lent_one_by_one(lent: ModelCache) -> None:
    with models.use("char_lstm") as net:
        found = [one for one, _ in zip(net.write("It was ", 5, (0.0,), 0), range(3))]
    with models.use("char_lstm") as net:
        assert str(found) == str(list(zero._nets["char_lstm"].write("It was ", 5, (0.0,), 0))[:3])


def test_other_rooms_run_here(lent: ModelCache) -> None:
    with models.watch() as visits, models.use("digit_cnn") as net:
        assert not isinstance(net, zero.Lent)
    assert visits[0].device == "cpu"


def test_where_no_gpu_is_lent_nothing_is_loaded_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zero, "load", lambda specs: pytest.fail("it was loaded"))
    models.lend()


def test_outside_zero_gpu_the_package_changes_nothing() -> None:
    assert spaces.GPU(zero.load) is zero.load


def test_a_room_that_cannot_be_had_at_the_start_keeps_no_other_from_serving(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(zero, "DEVICE", "cpu")
    monkeypatch.setattr(zero, "_nets", {})
    zero.load([models.spec(name) for name in ("qwen25", "text_cnn")])  # no hub is in reach here
    assert list(zero._nets) == ["text_cnn"]
    assert "No model hub in reach" in caplog.text
    with pytest.raises(ModelUnavailable, match=r"(?s)qwen25.*重启.*qwen25.*restart the Space"):
        zero.Lent("qwen25")


def refusing(monkeypatch: pytest.MonkeyPatch, title: str, message: str) -> Callable[[], Any]:
    """A room whose calls ZeroGPU refuses."""

    def answers(*_: Any, **__: Any) -> Iterator[Any]:
        raise refusals.error(title, message)
        yield

    monkeypatch.setattr(zero, "_nets", {"text_cnn": models.spec("text_cnn")})
    monkeypatch.setattr(zero, "answers", answers)
    return lambda: zero.Lent("text_cnn").name


def test_a_quota_that_is_used_up_is_said_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    call = refusing(
        monkeypatch, "ZeroGPU quota exceeded", "You have exceeded your free quota. Try again in 1:00"
    )
    with pytest.raises(ModelUnavailable) as told:
        call()
    assert "没有借出 GPU" in told.value.zh
    assert "lent no GPU" in told.value.en
    assert "Try again in 1:00" in told.value.en


def test_a_call_that_failed_on_the_lent_gpu_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(gr.Error, match="KeyError"):
        refusing(monkeypatch, "ZeroGPU worker error", "KeyError")()
