"""Models lent by Ray Serve beside the same in this process: what a call costs more, and what a second replica gains.

The replicas run on this machine, so a second one can only use cores that the first leaves idle. The last rows tell why
rooms form their batches themselves in a replica too: @serve.batch closes a batch when its time is over, whether or not
anything is free to run it, so it either keeps a lone caller waiting or finds nobody to batch.
"""

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from PIL import Image

import models
from benchmarks.row import Row, median_ms

VISITORS, CALLS, TIMES = 16, 12, 60
WAITS = (0.0, 0.01)  # seconds that @serve.batch waits for others
DRAWING = Image.new("L", (280, 280))
SENTENCE = "Parcel {} has not come and nobody answers my calls"
# A call of each room; sentences differ, since minilm remembers them.
ASKED: dict[str, Callable[[Any, int], Any]] = {
    "digit_cnn": lambda net, number: net.predict(DRAWING),
    "minilm": lambda net, number: net.embed([SENTENCE.format(number)]),
    "efficientnet_lite0": lambda net, number: net.embed([Image.new("RGB", (224, 224), (number % 256,) * 3)]),
}
_numbers = itertools.count()


def rows() -> list[Row]:
    with patch.dict(os.environ, HUB_THREADS="1"):
        here = {room: seconds(room) for room in ASKED}
        with replicas(1):
            there = {room: seconds(room) for room in ASKED}
            one = {room: throughput(room) for room in ASKED}
            beside = _by_serve()
        with replicas(2):
            two = {room: throughput(room) for room in ASKED}
    return [
        *itertools.chain(*(_rows(room, here[room], there[room], one[room], two[room]) for room in ASKED)),
        *beside,
    ]


def _rows(room: str, here: float, there: float, one: float, two: float) -> list[Row]:
    return [
        Row(f"{room}: a call through a replica over one in this process", there / here,
            detail=f"{there:.1f} over {here:.1f} ms: {there - here:.1f} ms more"),
        Row(f"{room}: {VISITORS} visitors, throughput of two replicas over one", two / one,
            detail=f"{two:.0f} over {one:.0f} calls a second"),
    ]  # fmt: skip


@contextmanager
def replicas(count: int) -> Iterator[None]:
    """A Ray on this machine with so many replicas, that lends the rooms."""
    import ray
    from ray import serve

    from models import door, replica

    os.environ |= {"HUB_BACKEND": "ray", "HUB_REPLICAS": str(count)}
    ray.init(**door.ALONE, num_cpus=count, namespace=replica.NAMESPACE, log_to_driver=False)
    serve.start(proxy_location="Disabled")
    many = replica.CPU.options(num_replicas=count, autoscaling_config=None)
    serve.run(many.bind(count), name=door.APPS["cpu"], route_prefix=None)
    models._made.cache_clear()
    try:
        for room in ASKED:  # each replica is to have each room before it counts
            throughput(room)
        yield
    finally:
        os.environ["HUB_BACKEND"] = ""
        models._made.cache_clear()
        serve.shutdown()
        ray.shutdown()


def _by_serve() -> list[Row]:
    """minilm alone in a deployment, its batches formed by @serve.batch over formed by the room."""
    alone = _alone()

    def timed(method: str) -> Callable[[], float]:
        return lambda: _timed(lambda: getattr(alone, method).remote(SENTENCE.format(next(_numbers))).result())

    told, own = [], (_median(timed("own")), _crowd(timed("own")))
    for wait in WAITS:
        alone.wait.remote(wait).result()
        lone, many = _median(timed("served")), _crowd(timed("served"))
        name = f"minilm: @serve.batch that waits {1000 * wait:.0f} ms over the room's own batches"
        told += [
            Row(f"{name}, a lone call", lone / own[0], detail=f"{lone:.1f} over {own[0]:.1f} ms"),
            Row(f"{name}, {VISITORS} callers, throughput", many / own[1],
                detail=f"{many:.0f} over {own[1]:.0f} calls a second"),
        ]  # fmt: skip
    return told


def _alone() -> Any:
    """minilm in a deployment, without the door: own() and served() embed a sentence."""
    from ray import serve

    from models import device, settings
    from models.minilm import net as room

    class Alone:
        def __init__(self) -> None:
            device.limit_threads()
            self._net, self._threads = room.load("cpu"), ThreadPoolExecutor(VISITORS)

        async def own(self, sentence: str) -> Any:
            return await self._in_thread(self._net.embed, [sentence])

        @serve.batch(max_batch_size=room.TOGETHER, max_concurrent_batches=settings.runs_at_once())
        async def served(self, sentences: list[str]) -> list[Any]:
            return await self._in_thread(self._net._embed_many, [[one] for one in sentences])

        def _in_thread(self, work: Callable, asked: list) -> asyncio.Future:
            return asyncio.get_running_loop().run_in_executor(self._threads, work, asked)

        async def wait(self, seconds: float) -> None:
            self.served.set_batch_wait_timeout_s(seconds)  # type: ignore[attr-defined]

    options = {"max_ongoing_requests": VISITORS, "ray_actor_options": {"num_cpus": 0}}
    return serve.run(serve.deployment(Alone, **options).bind(), name="alone", route_prefix=None)


def seconds(room: str) -> float:
    """Median milliseconds of a warm call."""
    return _median(lambda: _call(room))


def throughput(room: str) -> float:
    """Calls a second of VISITORS at once."""
    return _crowd(lambda: _call(room))


def _median(call: Callable[[], float]) -> float:
    return median_ms([call() for _ in range(TIMES)][TIMES // 4 :])


def _crowd(call: Callable[[], float]) -> float:
    def visit(_: int) -> list[float]:
        return [call() for _ in range(CALLS)]

    with ThreadPoolExecutor(VISITORS) as crowd:
        return VISITORS * CALLS / _timed(lambda: list(crowd.map(visit, range(VISITORS))))


def _call(room: str) -> float:
    def ask() -> None:
        with models.use(room) as net:
            ASKED[room](net, next(_numbers))

    return _timed(ask)


def _timed(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
