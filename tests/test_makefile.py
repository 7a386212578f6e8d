"""`make run` and `make show` start though a weight cannot be had; `make test` does not go on without one."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = """#!/bin/sh
echo "$*" >> told
[ "$*" != "-m models fetch" ]
"""


@pytest.mark.skipif(not shutil.which("make"), reason="no make on this machine")
@pytest.mark.parametrize(("verb", "starts"), [("run", "app.py"), ("show", "-m deploy show"), ("test", "")])
def test_a_weight_that_cannot_be_had_keeps_only_the_tests_from_starting(
    verb: str, starts: str, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    there = [option for name in ("run", "dev") for option in ("-o", f".venv/{name}.done")]
    for name in ("run", "dev"):
        (tmp_path / ".venv").mkdir(exist_ok=True)
        (tmp_path / ".venv" / f"{name}.done").touch()
    subprocess.run(
        ["make", verb, f"BIN={tmp_path}", *there], cwd=tmp_path, capture_output=True, check=bool(starts)
    )
    assert (tmp_path / "told").read_text().splitlines() == ["-m models fetch", *filter(None, [starts])]
