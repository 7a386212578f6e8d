"""Cores and memory: the machine's, or the container's where it is lent less."""

import os
from pathlib import Path

import psutil
import pytest

from models import device, machine, settings


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder where a container's limits are written, as the kernel would."""
    monkeypatch.setattr(machine, "LIMITS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)), raising=False)
    monkeypatch.delenv("HUB_THREADS", raising=False)
    monkeypatch.delenv("HUB_MEMORY_MB", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("written", "cores"),
    [("200000 100000", 2), ("50000 100000", 1), ("max 100000", 64), ("9900000 100000", 64), (None, 64)],
)
def test_a_container_uses_the_cores_it_is_lent(container: Path, written: str | None, cores: int) -> None:
    if written:
        (container / "cpu.max").write_text(written + "\n")
    assert machine.cores() == cores
    assert settings.threads() == max(1, cores // 2)
    assert settings.runs_at_once() == cores // settings.threads()


def test_a_container_fills_the_memory_it_is_lent(container: Path) -> None:
    whole = psutil.virtual_memory().total
    assert machine.memory_bytes() == whole
    (container / "memory.max").write_text("max\n")
    assert machine.memory_bytes() == whole
    (container / "memory.max").write_text("1000000000\n")
    assert machine.memory_bytes() == 1_000_000_000
    assert device.Cpu().budget_mb() == 1000 * device.SHARE
