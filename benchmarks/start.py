"""How fast the hub starts, beside Gradio itself and beside loading everything first."""

import statistics
import subprocess
import sys
import time

from benchmarks.row import Row
from benchmarks.server import ROOT, running

TIMES = 5


def rows() -> list[Row]:
    hub, gradio = (statistics.median(_import(module) for _ in range(TIMES)) for module in ("app", "gradio"))
    page, plain = _first_page("app.py"), _first_page("-m", "benchmarks.plain", "echo")
    torch_free = _python("import app, sys; sys.exit('torch' in sys.modules)") == 0
    seconds = f"{hub:.2f} s over {gradio:.2f} s; torch {'not imported' if torch_free else 'IMPORTED'}"
    with running("app.py") as server:
        memory = server.memory_mb()
    with running("-m", "benchmarks.plain", "eager") as server:
        eager, eager_memory = server.seconds, server.memory_mb()
    return [
        Row("import app / import gradio", hub / gradio, at_most=1.25, detail=seconds),
        Row("first page / bare one-textbox app", page / plain, at_most=1.6, detail=f"{page:.2f} s over {plain:.2f} s"),
        Row("first page of eager tabs / of the hub", eager / page, detail=f"{eager:.2f} s over {page:.2f} s"),
        Row("memory of eager tabs / of the hub at start", eager_memory / memory,
            detail=f"{eager_memory} MB over {memory} MB"),
    ]  # fmt: skip


def _python(code: str) -> int:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode


def _import(module: str) -> float:
    started = time.perf_counter()
    _python(f"import {module}")
    return time.perf_counter() - started


def _first_page(*command: str) -> float:
    times = []
    for _ in range(TIMES):
        with running(*command) as server:
            times.append(server.seconds)
    return statistics.median(times)
