"""python -m benchmarks [name ...]: prints all tables, or those, and renews them in RESULTS.md."""

import importlib
import os
import platform
import sys
from pathlib import Path

from benchmarks.row import Row

RESULTS = Path(__file__).parent / "RESULTS.md"
ALL = (
    "start",
    "clicks",
    "texts",
    "pictures",
    "calls",
    "together",
    "live",
    "pressure",
    "policy_replay",
    "order",
    "text_runtimes",
    "speech",
    "ray_serve",
    "load",
    "hostile",
)
HEAD = "| what | measured | target | | detail |\n|---|---|---|---|---|"


def main(names: list[str]) -> int:
    """Measures; -> the number of missed targets."""
    tables, missed = _tables(RESULTS.read_text() if RESULTS.exists() else ""), 0
    for name in names or ALL:
        module = importlib.import_module(f"benchmarks.{name}")
        rows: list[Row] = module.rows()
        missed += sum(row.verdict == "MISSED" for row in rows)
        told = f"{(module.__doc__ or '').strip()}\n\nMeasured on {_machine()}."
        tables[name] = "\n".join([f"## {name}", "", told, "", HEAD, *(row.line() for row in rows)])
        print(tables[name], flush=True)
        RESULTS.write_text("\n\n".join(["# Results", *(tables[one] for one in ALL if one in tables)]) + "\n")
    return missed


def _tables(results: str) -> dict[str, str]:
    """The text of RESULTS.md -> each benchmark's part."""
    parts = results.split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.strip()}" for part in parts}


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    print(f"{main(sys.argv[1:])} targets missed")
