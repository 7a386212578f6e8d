"""What a run tells its visitor: answers, status, receipt, sentences; and that it ends when nobody listens."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.context import LocalContext
from gradio.queueing import EventQueue
from gradio.state_holder import SessionState

import models
from demos import _run
from demos._run import DEVICE, Hub, InvalidInput, both, stream, train
from models.errors import ModelUnavailable


class Steps:
    """What stream() yields, one by one, on an event loop of its own."""

    def __init__(
        self, fn: object, *args: object, outputs: int = 1, seed: int | None = None, way: Callable = stream
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._steps = self._loop.run_until_complete(self._start(way, fn, args, outputs, seed))

    async def _start(self, way: Callable, *run: object) -> object:
        return way(*run)

    def __iter__(self) -> "Steps":
        return self

    def __next__(self) -> tuple:
        try:
            return self._loop.run_until_complete(anext(self._steps))
        except StopAsyncIteration:
            self._loop.close()
            raise StopIteration from None

    def close(self) -> None:
        """As when a browser is closed."""
        self._loop.run_until_complete(self._steps.aclose())
        self._loop.close()


def last(fn: object, *args: object, outputs: int = 1, seed: int | None = None) -> tuple:
    return list(Steps(fn, *args, outputs=outputs, seed=seed))[-1]


def test_a_function_answers_with_a_receipt() -> None:
    value, receipt = last(lambda text: text.upper(), "hi", seed=7)
    assert value == "HI"
    assert "computed" in receipt
    assert "7" in receipt
    assert "warm" in receipt


def test_an_update_is_whole_at_the_end_though_gradio_takes_the_value_out_of_what_it_sent() -> None:
    ended = threading.Event()

    def fn() -> Iterator[dict]:
        yield gr.update(value="file", interactive=True)
        ended.wait(10)

    steps = Steps(fn)
    told = next(steps)[0]
    assert told.pop("value") == "file"
    ended.set()
    *_, (final, _) = steps
    assert final["value"] == "file"


def test_several_outputs_come_in_order() -> None:
    assert last(lambda: ("a", "b"), outputs=2)[:2] == ("a", "b")


def test_a_generator_ends_with_its_last_value() -> None:
    def count() -> Iterator[int]:
        yield from range(5)

    assert last(count)[0] == 4


def test_slow_work_shows_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "POLL", 0.01)
    go = threading.Event()
    steps = Steps(go.wait, 5)
    assert "computing" in next(steps)[1]
    go.set()
    assert "receipt" in list(steps)[-1][1]


def test_a_run_that_is_silent_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "POLL", 0.01)
    monkeypatch.setattr(_run, "QUIET", 0.05)
    go = threading.Event()
    with pytest.raises(gr.Error, match="silent for too long"):
        list(Steps(go.wait, 5))
    go.set()


def test_a_run_that_tells_something_now_and_then_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "QUIET", 0.5)

    def slow() -> Iterator[int]:
        for step in range(8):
            threading.Event().wait(0.1)
            yield step

    assert last(slow)[0] == 7


def test_a_closed_page_ends_the_generator() -> None:
    closed = threading.Event()

    def forever() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    steps = Steps(forever)
    next(steps)
    steps.close()
    assert closed.wait(5)


@pytest.mark.parametrize("error", [InvalidInput("请画", "Draw"), ModelUnavailable("请等", "Wait")])
def test_both_kinds_of_error_are_said_in_both_languages(error: InvalidInput | ModelUnavailable) -> None:
    def refuse() -> None:
        raise error

    steps = Steps(refuse)
    assert error.zh in next(steps)[1]
    with pytest.raises(gr.Error, match=f"{error.zh}.*{error.en}"):
        next(steps)


def test_an_unforeseen_failure_is_logged_and_shows_no_detail(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise KeyError("secret path")

    steps = Steps(fail)
    told = next(steps)[1]
    assert "secret" not in told
    assert "This run failed" in told
    assert "secret path" in caplog.text


def test_who_asks_is_known_where_the_demo_runs() -> None:
    """ZeroGPU reads there whose quota a call is taken from."""
    request = gr.Request()
    before = LocalContext.request.set(request)
    try:
        assert last(lambda: LocalContext.request.get(None))[0] is request
    finally:
        LocalContext.request.reset(before)


def test_a_run_that_ran_out_of_memory_is_tried_again() -> None:
    attempts = []

    def twice() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise models.TryAgain
        return len(attempts)

    assert last(twice)[0] == 2


def test_texts_are_escaped() -> None:
    assert "<script>" not in both("<script>", "<script>")
    steps = Steps(lambda: (_ for _ in ()).throw(InvalidInput("<b>", "<b>")))
    assert "&lt;b&gt;" in next(steps)[1]


def test_a_visitor_trains_one_thing_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = SimpleNamespace(session_hash="one", enqueue_time=0.0)
    monkeypatch.setattr(_run, "_event", lambda: visitor)

    def forever() -> Iterator[int]:
        while True:
            yield 1

    first = Steps(forever, way=train)
    next(first)
    refused = Steps(forever, way=train)
    assert "Another training of yours" in next(refused)[1]
    with pytest.raises(gr.Error, match=r"(?s)停止.*Stop"):
        next(refused)
    visitor.session_hash = "two"
    other = Steps(forever, way=train)
    assert "refused" not in next(other)[1]
    visitor.session_hash = "one"
    first.close()  # as Stop does
    again = Steps(forever, way=train)
    assert "refused" not in next(again)[1]
    again.close()
    other.close()
    assert not _run._TRAINING


def test_a_session_describes_no_box_and_keeps_no_value() -> None:
    with Hub() as hub:
        boxes = [gr.Textbox("a text", label="A") for _ in range(3)]
    session = SessionState(hub)
    session._update_value_in_config(boxes[0]._id, "a secret")
    assert session.blocks_config.blocks == hub.blocks
    assert set(map(str, session.config_values.values())) == {"{}"}
    assert "a text" in str(hub.default_config.get_config())


def test_demos_take_turns_on_the_device() -> None:
    def waiting(demo: int, visitor: str) -> SimpleNamespace:
        now = time.monotonic()
        return SimpleNamespace(fn=SimpleNamespace(_id=demo, batch=False), visitor=visitor, enqueue_time=now)

    with Hub() as hub:
        queue = hub.queue()._queue
    lane = EventQueue(DEVICE, concurrency_limit=1)
    queue.event_queue_per_concurrency_id = {DEVICE: lane}
    lane.queue = [
        waiting(1, "a"),
        waiting(1, "b"),
        waiting(1, "c"),
        waiting(2, "d"),
        waiting(2, "e"),
        waiting(3, "f"),
    ]
    order = "".join(queue.get_events()[0][0].visitor for _ in range(6))
    assert order == "adfbec"
    assert queue.get_events() is None


def test_only_a_run_that_came_to_its_end_tells_what_the_next_one_will_ask_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[_run.Work] = []
    monkeypatch.setattr(_run, "_tell_turns", told.append)
    with pytest.raises(gr.Error):
        list(Steps(lambda: (_ for _ in ()).throw(InvalidInput("请画", "Draw"))))
    assert told == []
    assert last(lambda: 1)[0] == 1
    assert len(told) == 1
