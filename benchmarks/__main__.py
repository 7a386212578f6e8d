"""python -m benchmarks [name ...]: prints the tables and writes RESULTS.md, with the machine they were measured on."""

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
    "together",
    "live",
    "pressure",
    "policy_replay",
    "text_runtimes",
    "speech",
    "load",
    "hostile",
)
HEAD = "| what | measured | target | | detail |\n|---|---|---|---|---|"


def main(names: list[str]) -> int:
    """Measures; -> the number of missed targets."""
    sections, missed = [], 0
    for name in names or ALL:
        module = importlib.import_module(f"benchmarks.{name}")
        rows: list[Row] = module.rows()
        missed += sum(row.verdict == "MISSED" for row in rows)
        sections.append(
            "\n".join([f"## {name}", "", module.__doc__ or "", HEAD, *(row.line() for row in rows)])
        )
        print(sections[-1], flush=True)
    if not names:
        RESULTS.write_text(
            "\n\n".join([f"# Results\n\nMeasured by `make bench` on {_machine()}.", *sections]) + "\n"
        )
    return missed


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()}, Python {platform.python_version()}"


if __name__ == "__main__":
    print(f"{main(sys.argv[1:])} targets missed")
