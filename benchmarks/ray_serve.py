"""Models lent by Ray Serve beside the same in this process: what a call costs more, and what a second replica gains.

The replicas run on this machine, so a second one can only use cores that the first leaves idle.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from PIL import Image

import models
from benchmarks.row import Row, median_ms

VISITORS, CALLS, TIMES = 16, 12, 60
DRAWING = Image.new("L", (280, 280))
SENTENCE = "Parcel {} has not come and nobody answers my calls"
ASKED: dict[
    str, Callable[[Any, int], Any]
] = {  # room, and a call of it; the sentences differ, since it remembers them
    "digit_cnn": lambda net, number: net.predict(DRAWING),
    "minilm": lambda net, number: net.embed([SENTENCE.format(number)]),
    "efficientnet_lite0": lambda net, number: net.embed([Image.new("RGB", (224, 224), (number % 256,) * 3)]),
}
_numbers = itertools.count()


def rows() -> list[Row]:
    os.environ["HUB_THREADS"] = "1"
    here = {room: seconds(room) for room in ASKED}
    with replicas(1):
        there = {room: seconds(room) for room in ASKED}
        one = {room: throughput(room) for room in ASKED}
    with replicas(2):
        two = {room: throughput(room) for room in ASKED}
    return [*itertools.chain(*(_rows(room, here[room], there[room], one[room], two[room]) for room in ASKED))]


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
    models._cache.cache_clear()
    try:
        for room in ASKED:  # each replica is to have each room before it counts
            throughput(room)
        yield
    finally:
        os.environ["HUB_BACKEND"] = ""
        models._cache.cache_clear()
        serve.shutdown()
        ray.shutdown()


def seconds(room: str) -> float:
    """Median milliseconds of a warm call."""
    return median_ms([_call(room) for _ in range(TIMES)][TIMES // 4 :])


def throughput(room: str) -> float:
    """Calls a second of VISITORS at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(VISITORS) as crowd:
        list(crowd.map(lambda _: [_call(room) for _ in range(CALLS)], range(VISITORS)))
    return VISITORS * CALLS / (time.perf_counter() - started)


def _call(room: str) -> float:
    started = time.perf_counter()
    with models.use(room) as net:
        ASKED[room](net, next(_numbers))
    return time.perf_counter() - started
