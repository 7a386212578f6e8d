"""What a click costs beyond the model's own time, warm and cold."""

import contextlib
import importlib
import re
import time
from collections.abc import Iterator
from typing import Any

import app
import demos
import models
from benchmarks.row import Row, median_ms
from benchmarks.server import Server, running
from demos._ui import runs
from models import device, settings, sources

TIMES = 15
_loaded: dict[str, Any] = {}


def rows() -> list[Row]:
    app.build()
    with running("-m", "benchmarks.plain", "echo") as plain:
        echo = median_ms([_timed(plain, "echo", ["hello"])[0] for _ in range(4 * TIMES)])
    found = [Row("bare Gradio echo, one click", echo, "ms")]
    for name in demos.names():
        with running("app.py") as hub:  # a hub of its own: what another demo imported would be warm
            found += [_cold(hub, name), *_warm(hub, name, echo)]
    return found


def example(name: str) -> list:
    """The values of a demo's first example."""
    return next(iter(runs(name)[0].examples.values()))


def _warm(hub: Server, name: str, echo: float) -> list[Row]:
    """What a click costs beyond the demo's function, and as a whole."""
    inputs = hub.inputs(example(name))
    whole, own = [], []
    for _ in range(TIMES):
        seconds, outputs = _timed(hub, name, inputs)
        whole.append(seconds)
        own.append(computed(outputs))
    cost = median_ms([all - alone for all, alone in zip(whole, own, strict=True)])
    return [
        Row(f"warm click of {name} beyond its model / echo", cost / echo, at_most=1.2, detail=f"{cost:.1f} ms"),
        Row(f"warm click of {name} as a whole", median_ms(whole), "ms",
            detail=f"{median_ms(own):.1f} ms of it computing, {settings.threads()} thread(s)"),
    ]  # fmt: skip


def _cold(hub: Server, name: str) -> Row:
    """The first click over the same function with rooms that it loads itself, each in a fresh process."""
    inputs = hub.inputs(example(name))
    click = _timed(hub, name, inputs)[0]
    bare = _bare(name)
    return Row(f"cold first click of {name} / bare load and run", click / bare, at_most=1.3,
               detail=f"{click:.2f} s over {bare:.2f} s")  # fmt: skip


def _bare(name: str) -> float:
    """Seconds for one call of a demo's function, loading included, in a fresh process without the hub."""
    import subprocess
    import sys

    code = f"from benchmarks.clicks import bare_here; bare_here({name!r})"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(told.stdout.split()[-1])


def bare_here(name: str) -> None:
    """Prints the seconds; to be called in a fresh process."""
    app.build()
    run, values = runs(name)[0], example(name)
    models.use = _lent  # type: ignore[assignment]
    started = time.perf_counter()
    _consume(run.fn(*values))
    print(time.perf_counter() - started)


@contextlib.contextmanager
def _lent(room: str) -> Iterator[Any]:
    """A room without the cache: loaded when it is first asked for, and kept."""
    if room not in _loaded:
        for weight in models.spec(room).weights:
            sources.fetch(weight)
        _loaded[room] = importlib.import_module(f"models.{room}.net").load("cpu")
        device.limit_threads()
    yield _loaded[room]


def _consume(answer: object) -> None:
    for _ in answer if hasattr(answer, "__next__") else ():
        pass


def _timed(server: Server, endpoint: str, inputs: list) -> tuple[float, list]:
    started = time.perf_counter()
    outputs = server.call(endpoint, inputs)
    return time.perf_counter() - started, outputs


def computed(outputs: list) -> float:
    """Seconds that the demo's function took, as the receipt tells."""
    return float(re.search(r'data-computed="([\d.]+)"', outputs[-1])[1])
