"""python -m tests.memory <room>: MB that a process grows by for a room and the runs of its demo.

Counted the second time, after the room was loaded, run and dropped once: what libraries take when they are first used
stays with the process, whichever rooms come and go.
"""

import sys

import app
import demos
import models
from demos._ui import Demo, runs
from models import device


def grown(room: str) -> int:
    """-> MB (1e6 bytes)."""
    app.build()
    used = [demos.load(name) for name in demos.names() if room in demos.load(name).models]
    here = device.Cpu()
    _run_all(room, used)
    models.clear()
    here.empty()
    before = here.used_mb()
    here.reset_peak()
    _run_all(room, used)
    return here.peak_mb() - before


def _run_all(room: str, used: list[Demo]) -> None:
    for demo in used:
        run = runs(demo.name)[0]
        for values in run.examples.values():
            answer = run.fn(*values)
            list(answer if hasattr(answer, "__next__") else [])
            for other in demo.models:
                if other != room:
                    models.unload(other)  # or it would be counted too


if __name__ == "__main__":
    print(grown(sys.argv[1]))
