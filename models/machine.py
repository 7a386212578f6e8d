"""What this process may use of the machine: in a container, less than the machine has."""

import os
from pathlib import Path

import psutil

LIMITS = Path("/sys/fs/cgroup")  # of this container, kernel documentation "Control Group v2"


def cores() -> int:
    """Cores that this process may keep busy, at least 1.

    A container that is lent 2 of 64 cores sees all 64; threads for 64 would then wait for each other.
    """
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _limit("cpu.max").partition(" ")
    return max(1, min(here, round(int(quota) / int(period)))) if period and quota != "max" else here


def memory_bytes() -> int:
    """Memory that this process may hold."""
    whole, limit = psutil.virtual_memory().total, _limit("memory.max")
    return min(whole, int(limit)) if limit.isdigit() else whole


def _limit(name: str) -> str:
    """A limit as the kernel writes it; "" outside a container."""
    file = LIMITS / name
    return file.read_text().strip() if file.exists() else ""
