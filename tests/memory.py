"""python -m tests.memory [room ...]: MB that a fresh process grows by for a room and the runs of its demo.

Counted from when the room's libraries are imported to the highest point of the examples that use it. Pages of
shared libraries, mapped as code is first run, are left out: how many depends on the system's file cache. Without
arguments, rooms are read from the standard input, a line each.
"""

import importlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable

import psutil

import app
import demos
import models
from demos._ui import runs
from models import device, sources
from models.device import MB

LONG = 10.0


def grown(room: str) -> int:
    """-> MB (1e6 bytes): the loaded room, and the most that one example of any of its runs adds to that.

    An example is counted up to where it asks another room, which is dropped before the next one, and for LONG seconds:
    what runs longer goes round in the same memory. The app is built.
    """
    used = [demos.load(name) for name in demos.names() if room in demos.load(name).models]
    for weight in models.spec(room).weights:
        sources.fetch(weight)
    importlib.import_module(f"models.{room}.net")
    device.limit_threads()
    here = device.Cpu()
    before = _held_mb(here)
    here.reset_peak()
    with models.use(room):
        pass  # loaded
    loading, loaded = _peak_mb(here) - before, _held_mb(here) - before
    examples = [
        (run.fn, values) for demo in used for run in runs(demo.name) for values in run.examples.values()
    ]
    return max(loading, loaded + max(_added(room, fn, values, here) for fn, values in examples))


def _added(room: str, fn: Callable, values: list, here: device.Cpu) -> int:
    """What one example adds at its highest."""
    here.empty()
    before, most = _held_mb(here), 0
    here.reset_peak()
    answer = fn(*values)
    others: set[str] = set()
    until = time.monotonic() + LONG
    for _ in answer if hasattr(answer, "__next__") else [answer]:
        others = {other.name for other in models.resident() if other.state != "cold"} - {room}
        if others:
            break
        most = max(most, _peak_mb(here) - before)
        if time.monotonic() > until:
            break
    if hasattr(answer, "close"):
        answer.close()
    for other in others:
        models.unload(other)
    return most


def _held_mb(here: device.Cpu) -> int:
    return here.used_mb() - _library_mb()


def _peak_mb(here: device.Cpu) -> int:
    return here.peak_mb() - _library_mb()


def _library_mb() -> int:
    """Resident pages of this process that are mapped from shared libraries."""
    return sum(one.rss for one in psutil.Process().memory_maps() if ".so" in one.path) // MB


def main(rooms: Iterable[str]) -> None:
    """Prints a number for each room, measured in a process that is forked for it: only the imports are shared."""
    app.build()
    for library in ("torch", "transformers"):  # of most rooms
        importlib.import_module(library)
    fresh = multiprocessing.get_context("fork")
    for room in rooms:
        process = fresh.Process(target=lambda room: print(grown(room), flush=True), args=(room.strip(),))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(process.exitcode)


if __name__ == "__main__":
    main(sys.argv[1:] or sys.stdin)
