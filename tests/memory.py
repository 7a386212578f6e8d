"""python -m tests.memory <room>: MB that a fresh process grows by for a room and the runs of its demo.

Counted from when the room's libraries are imported to the highest point of the examples that use it.
"""

import importlib
import sys

import app
import demos
import models
from demos._ui import runs
from models import device, sources


def grown(room: str) -> int:
    """-> MB (1e6 bytes)."""
    app.build()
    used = [demos.load(name) for name in demos.names() if room in demos.load(name).models]
    for weight in models.spec(room).weights:
        sources.fetch(weight)
    importlib.import_module(f"models.{room}.net")
    device.limit_threads()
    here = device.Cpu()
    before = here.used_mb()
    here.reset_peak()
    models.warm(room)
    for demo in used:
        run = runs(demo.name)[0]
        for values in run.examples.values():
            answer = run.fn(*values)
            list(answer if hasattr(answer, "__next__") else [])
            if {room} != {other.name for other in models.resident() if other.state != "cold"}:
                break  # another room's example: it would be counted too
    return here.peak_mb() - before


if __name__ == "__main__":
    print(grown(sys.argv[1]))
