"""python -m tests.memory <room>: MB that a fresh process grows by for a room and the runs of its demo.

Counted from when the room's libraries are imported to the highest point of the examples that use it. Pages of
shared libraries, mapped as code is first run, are left out: how many depends on the system's file cache.
"""

import importlib
import sys

import psutil

import app
import demos
import models
from demos._ui import runs
from models import device, sources
from models.device import MB


def grown(room: str) -> int:
    """-> MB (1e6 bytes). An example is counted up to where it asks another room, which is then dropped."""
    app.build()
    used = [demos.load(name) for name in demos.names() if room in demos.load(name).models]
    for weight in models.spec(room).weights:
        sources.fetch(weight)
    importlib.import_module(f"models.{room}.net")
    device.limit_threads()
    here = device.Cpu()
    before = here.used_mb() - _library_mb()
    here.reset_peak()
    models.warm(room)
    peak = here.peak_mb() - _library_mb()
    for demo in used:
        examples = [(run.fn, values) for run in runs(demo.name)[:1] for values in run.examples.values()]
        for fn, values in examples:
            answer = fn(*values)
            for _ in answer if hasattr(answer, "__next__") else [answer]:
                if others := {other.name for other in models.resident() if other.state != "cold"} - {room}:
                    break
                peak = max(peak, here.peak_mb() - _library_mb())
            for other in others:
                models.unload(other)
            here.reset_peak()
    return peak - before


def _library_mb() -> int:
    """Resident pages of this process that are mapped from shared libraries."""
    return sum(one.rss for one in psutil.Process().memory_maps() if ".so" in one.path) // MB


if __name__ == "__main__":
    print(grown(sys.argv[1]))
