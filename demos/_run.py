"""Runs a demo's function for one visitor: status while it works, a receipt at the end, errors as sentences.

The function runs in a thread of its own and this side only listens, on the server's event loop. So a
visitor sees "loading 40 %" while a model is fetched, Stop and a closed browser are noticed within POLL
seconds, and fast streams send the newest state only.
"""

import asyncio
import contextlib
import contextvars
import html
import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import gradio as gr
from gradio import utils
from gradio.blocks import BlocksConfig
from gradio.context import LocalContext

import models
from demos._refusals import ENDED, FULL, ONE_TRAINING, SILENT, UNSUITABLE, Sentence
from demos._turns import Turns, Waiting
from models import settings
from models.errors import ModelUnavailable

POLL = 0.2  # seconds between two looks at a run that has no news
QUIET = 300.0  # seconds without news, from a run that is not fetching, after which it is given up
GRACE = 2.5  # seconds that runs have to finish when the server is told to stop
GONE = 8.0  # seconds after which it stops at the latest, whether or not all are told that their run did not finish
DEVICE = "device"  # the queue of all runs that wait for each other
END = 0.01  # seconds that a value waits for a later one or the end, to be told together with it
_ending = threading.Event()  # set when runs have to stop
_POOL = ThreadPoolExecutor(64, thread_name_prefix="run")  # kept threads: a new one costs torch a new team
# At the first click Gradio would import matplotlib, where something brought it: half a second, for nothing we draw.
utils.MatplotlibBackendMananger = contextlib.nullcontext  # type: ignore[misc, assignment]


class InvalidInput(Exception):
    """Something the visitor can mend; the two sentences say what to change."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh, self.en = zh, en


def both(zh: str, en: str) -> str:
    """HTML that shows one of two texts, by the language of the page. The texts are escaped."""
    return f'<span lang="zh">{html.escape(zh)}</span><span lang="en">{html.escape(en)}</span>'


class Final(tuple):
    """The last outputs of a run: nothing comes after them."""


class Hub(gr.Blocks):
    """gr.Blocks that asks a run for nothing more once it has said all, and keeps nothing of what was given and got.

    Gradio would ask each generator once more to hear that it ended, and send every answer twice: half the
    cost of a fast click. What it would answer in English only, or not at all, is said in a sentence.
    """

    _closed = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.default_config = _Shared(self)

    def queue(self, *args: Any, **options: Any) -> "Hub":
        super().queue(*args, **options)
        push = self._queue.push

        async def told(*event: Any, **more: Any) -> tuple:
            if self._closed:
                return False, "\n".join(ENDED), "queue_full"
            success, answer, state = await push(*event, **more)
            return success, "\n".join(FULL) if state == "queue_full" else answer, state

        self._queue.push = told  # type: ignore[method-assign]
        self._take_turns()
        return self

    def _take_turns(self) -> None:
        """Of the runs that wait for the device, lets Gradio take that whose turn it is, or none."""
        take, self.turns = self._queue.get_events, Turns(settings.runs_at_once(), models.holds)

        def in_turn() -> tuple | None:
            lane = self._queue.event_queue_per_concurrency_id.get(DEVICE)
            if lane:
                first = self._next(lane.queue)
                # Gradio also divides by the limit.
                lane.concurrency_limit = max(1, lane.current_concurrency + bool(first))
                if first:
                    lane.queue.remove(first)
                    lane.queue.insert(0, first)
            taken = take()
            if taken:
                self.turns.begins(taken[0][0].fn._id)
            return taken

        self._queue.get_events = in_turn  # type: ignore[method-assign]

    def _next(self, waiting: list[Any]) -> Any:
        """The event that goes first, None where all have to wait."""
        begun = [event for some in self._queue.active_jobs for event in some or ()]
        at_work = [event.fn._id for event in begun if event.concurrency_id == DEVICE]
        place = self.turns.next([Waiting(event.fn._id, event.enqueue_time) for event in waiting], at_work)
        return None if place is None else waiting[place]

    def end(self) -> None:
        """Takes no more calls, lets runs finish for GRACE seconds, tells those that did not, and closes."""
        self._closed, started = True, time.monotonic()
        self._idle_by(started + GRACE)
        _ending.set()
        self._idle_by(started + GONE)
        self._queue.close()
        self.is_running, self.server.should_exit = False, True
        self.server_app.stop_event.set()  # ends the heartbeats of open pages, for which the server would wait
        # So long, for who is still being told; close() would wait for five seconds more.
        self.server.thread.join(max(1.0, started + GONE - time.monotonic()))

    def _idle_by(self, end: float) -> None:
        """Waits until no run is waiting or at work, until `end` at most."""
        while (len(self._queue) or any(self._queue.active_jobs)) and time.monotonic() < end:
            time.sleep(POLL)

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], state: Any, *rest: Any, **more: Any
    ) -> Any:
        try:
            return await super().preprocess_data(block_fn, inputs, state, *rest, **more)
        except Exception as cause:
            raise gr.Error("\n".join(UNSUITABLE), print_exception=False) from cause
        finally:
            inputs.clear()  # the queue would hold them until somebody runs something else

    async def postprocess_data(
        self, block_fn: Any, predictions: Any, state: Any, *rest: Any, **more: Any
    ) -> Any:
        try:
            return await super().postprocess_data(block_fn, predictions, state, *rest, **more)
        except gr.Error:
            raise
        except Exception as cause:
            if block_fn.api_visibility == "private":  # of a helper that was handed what no box can hold
                raise _unsuitable(block_fn, cause) from cause
            raise _error(_sentence(cause)) from cause  # an answer of ours that a box cannot show

    async def call_function(
        self, block_fn: Any, processed_input: Any, iterator: Any = None, requests: Any = None, *rest: Any
    ) -> Any:
        if iterator is None:
            _empty(requests)
        try:
            result = await super().call_function(block_fn, processed_input, iterator, requests, *rest)
        except gr.Error:
            raise
        except Exception as cause:
            raise _unsuitable(block_fn, cause) from cause
        if iterator is None and isinstance(result["prediction"], Final):
            await result["iterator"].aclose()
            return result | {"is_generating": False, "iterator": None}
        return result


class _Shared(BlocksConfig):
    """What all sessions share; a session's copy describes no box anew, nor what is in it.

    Gradio would do so for links of its own kind (ours carry their values with them): for each new session, which any
    call may begin, 40 ms and 2 MB, and a visitor's last inputs and answers would stay there when the page is closed.
    """

    def __copy__(self) -> BlocksConfig:
        session, nothing = super().__copy__(), dict[str, Any]()
        session.config_for_block = lambda *_, **__: nothing
        return session


def _unsuitable(block_fn: Any, cause: Exception) -> gr.Error:
    """Of a helper of the page that was called by hand; a run says what it met itself."""
    logging.getLogger("hub").warning("%s was asked wrongly: %r", block_fn.api_name, cause)
    return gr.Error("\n".join(UNSUITABLE), print_exception=False)


def _empty(requests: Any) -> None:
    """Drops what an HTTP request brought, which has been read: the queue keeps the last one until the next."""
    for request in requests if isinstance(requests, list) else [requests]:
        web = getattr(request, "request", None)
        if web is not None:
            vars(web).pop("_body", None)
            vars(web).pop("_json", None)


class Work:
    """One call of a demo's function or generator, in a thread; keeps only the newest of what it yields."""

    def __init__(self, fn: Callable, args: tuple) -> None:
        self._fn, self._args = fn, args
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        self._newest: deque[Any] = deque(maxlen=1)
        self._stopped = False
        self.visits: list[models.Visit] = []
        self.finished = False
        self.error: BaseException | None = None
        self.started = self.ended = time.monotonic()
        # With what Gradio knows of the call: ZeroGPU takes from it whose quota a lent GPU goes to.
        _POOL.submit(contextvars.copy_context().run, self._go)

    async def listen(self, seconds: float) -> tuple[bool, list[Any]]:
        """Waits until there is news, or so long; -> whether this was the end, [] or [the newest answer]."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()
        finished = self.finished  # asked first: what came before the end is then here
        return finished, [self._newest.pop()] if self._newest else []

    def stop(self) -> None:
        """Nobody listens any more: a generator is closed at its next yield, the wait for a model ends."""
        self._stopped = True

    def fetches(self) -> bool:
        """Whether it waits for files, which may take long and ends by itself."""
        return any(visit.state == "fetching" for visit in self.visits)

    def _go(self) -> None:
        try:
            with models.watch(gone=lambda: self._stopped) as self.visits:
                self._call()
        except BaseException as cause:  # noqa: BLE001 - every cause is told to the visitor or logged by stream()
            self.error = cause
        self.ended, self.finished = time.monotonic(), True
        self._wake()

    def _call(self) -> None:
        while not self._stopped:
            try:
                answer = self._fn(*self._args)
                if not inspect.isgenerator(answer):
                    self._newest.append(
                        answer
                    )  # told together with the end: one message to the page, not two
                    return None
                with contextlib.closing(answer):
                    for value in answer:
                        self._newest.append(value)
                        self._wake()
                        if self._stopped:
                            break
                return None
            except models.TryAgain:  # memory was freed for another attempt; the cache bounds how many
                continue
        return None

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(self._news.set)


async def stream(fn: Callable, args: tuple, outputs: int, seed: int | None) -> AsyncGenerator[tuple]:
    """Yields (*outputs, status or receipt as HTML) as a Gradio event does. Raises gr.Error, in both languages."""
    queued = _queued_seconds()
    work, heard = Work(fn, args), time.monotonic()
    nothing = latest = (gr.skip(),) * outputs
    try:
        while True:
            finished, newest = await work.listen(POLL)
            if (
                newest and not finished
            ):  # told twice, a picture or a sound would be written twice while it is fetched
                finished, newer = await work.listen(END)
                newest = newer or newest
            values = _as_tuple(newest[0], outputs) if newest else nothing
            latest = values if newest else latest
            if finished and not work.error:  # the last values once more: API callers get what the end brings
                _tell_turns(work)
                yield Final((*latest, receipt(work, queued, seed)))
                return
            heard = time.monotonic() if newest or work.fetches() else heard
            values = _copies(values)
            sentence = _sentence(work.error) if finished and work.error else _given_up(heard)
            if sentence:
                yield (*values, _refused(sentence))
                raise _error(sentence) from work.error
            yield (*values, status(work))
    finally:
        work.stop()


def _given_up(heard: float) -> Sentence | None:
    """Why a run is ended before its end, None where it is not. heard: when there was news of it."""
    if _ending.is_set():
        return ENDED
    return SILENT if time.monotonic() - heard > QUIET else None


_TRAINING: set[str] = set()  # visitors who train something now, by the session of their page


async def train(fn: Callable, args: tuple, outputs: int, seed: int | None) -> AsyncGenerator[tuple]:
    """As stream(), of live training: a visitor trains one thing at a time."""
    event = _event()
    visitor = event.session_hash if event else ""
    if visitor in _TRAINING:
        yield (*(gr.skip(),) * outputs, _refused(ONE_TRAINING))
        raise _error(ONE_TRAINING)
    try:
        if visitor:
            _TRAINING.add(visitor)
        async with contextlib.aclosing(stream(fn, args, outputs, seed)) as steps:
            async for step in steps:
                yield step
    finally:
        _TRAINING.discard(visitor)


def _refused(sentence: Sentence) -> str:
    return f'<p class="refused">{both(*sentence)}</p>'


def _error(sentence: Sentence) -> gr.Error:
    """The page shows the sentence by the Run button; API callers get it as the event's error."""
    return gr.Error("\n".join(sentence), visible=False, print_exception=False)


def _as_tuple(value: Any, outputs: int) -> tuple:
    return (value,) if outputs == 1 else tuple(value)


def _copies(values: tuple) -> tuple:
    """Outputs whose updates Gradio may take the value out of, as it does of what it sends: they are sent again."""
    return tuple(dict(value) if isinstance(value, dict) else value for value in values)


def _sentence(cause: BaseException) -> Sentence:
    if isinstance(cause, InvalidInput | ModelUnavailable):
        return cause.zh, cause.en
    logging.getLogger("hub").error("a demo failed", exc_info=cause)
    return (
        "这次没有算成，原因已记入日志，请换个输入再试",
        "This run failed; the cause is in the log. Try another input",
    )


def _queued_seconds() -> float:
    """How long Gradio's queue held this event; 0 where there was no queue."""
    waiting = _event()
    return time.monotonic() - waiting.enqueue_time if waiting else 0.0


def _tell_turns(work: Work) -> None:
    """For the queue to know what the next run of this demo will ask for."""
    blocks, event = LocalContext.blocks.get(None), _event()
    if event and isinstance(blocks, Hub):
        blocks.turns.used(event.fn._id, {visit.name for visit in work.visits})


def _event() -> Any:
    """What Gradio's queue knows of this run; None where there was no queue."""
    blocks, event = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    return blocks._queue.event_ids_to_events.get(event) if blocks and event else None


_STATES = {
    "waiting": ("等待内存", "waiting for memory"),
    "fetching": ("下载", "fetching"),
    "loading": ("载入", "loading"),
    "computing": ("计算", "computing"),
}


def status(work: Work) -> str:
    """What the run does now, as HTML."""
    zh, en = _STATES["computing"]
    visit = next(
        (visit for visit in work.visits if visit.state in _STATES and visit.state != "computing"), None
    )
    if visit:
        share = f" {visit.progress:.0%}" if visit.state == "fetching" else ""
        zh, en = (f"{text} {visit.name}{share}" for text in _STATES[visit.state])
    seconds = time.monotonic() - work.started
    return f'<p class="status" role="status">{both(zh, en)} · {seconds:.1f} s</p>'


def receipt(work: Work, queued: float, seed: int | None) -> str:
    """What the run used and how long each part took, as HTML."""
    visits = {visit.name: visit for visit in work.visits}.values()  # a room asked twice is told once
    loaded = sum(visit.waited_s + visit.loaded_s for visit in work.visits)
    computed = work.ended - work.started - loaded
    facts = [
        *(f"<b>{visit.name}</b> <code>{visit.revision}</code>" for visit in visits),
        both("冷启动", "cold") if any(visit.cold for visit in work.visits) else both("热", "warm"),
        f"{both('排队', 'queued')} {queued:.2f} s",
        f"{both('载入', 'loaded')} {loaded:.2f} s",
        f"{both('计算', 'computed')} {computed:.2f} s",
        *sorted({visit.device for visit in visits}),
    ]
    peak = max((visit.peak_mb or 0 for visit in visits), default=0)
    facts += [f"{both('内存峰值', 'peak memory')} {peak} MB"] if peak else []
    facts += [f"{both('种子', 'seed')} {seed}"] if seed is not None else []
    dropped = ", ".join(name for visit in work.visits for name in visit.dropped)
    facts += [f"{both('为此释放', 'dropped for it')} {dropped}"] if dropped else []
    if any(visit.on_cpu_instead for visit in visits):
        facts.append(both("显存不足，改用 CPU", "out of GPU memory, ran on the CPU"))
    told = " · ".join(f'<span class="fact">{fact}</span>' for fact in facts)
    return f'<p class="receipt" data-computed="{computed:.5f}">{told}</p>'
