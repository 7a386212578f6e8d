"""Every environment variable the hub reads, in one place. Read at call time, so that tests can set them."""

import getpass
import logging
import os
import tempfile
from pathlib import Path

from models import machine


def device() -> str:
    """HUB_DEVICE: cuda, mps or cpu; empty: the best one present."""
    return os.environ.get("HUB_DEVICE", "")


def memory_mb() -> int | None:
    """HUB_MEMORY_MB: the budget of all resident models in MB (1e6 bytes); None: taken from the device."""
    value = os.environ.get("HUB_MEMORY_MB", "")
    return int(value) if value else None


def threads() -> int:
    """HUB_THREADS: threads of one model call; default half the cores, so that two visitors do not fight."""
    return int(os.environ.get("HUB_THREADS", "") or max(1, machine.cores() // 2))


def cache_folder() -> Path:
    """HUB_CACHE: where fetched weights, training data and checkpoints are kept; default ~/.cache/ai-demo-hub."""
    return Path(os.environ.get("HUB_CACHE", "") or Path.home() / ".cache" / "ai-demo-hub")


def own_temporary_folder() -> Path:
    """Where visitors' files are kept for a while, unless Gradio is told another place; what is old in it is deleted."""
    who = os.getuid() if hasattr(os, "getuid") else getpass.getuser()  # a container's user may have no name
    return Path(tempfile.gettempdir()) / f"ai-demo-hub-{who}"


def login() -> tuple[str, str] | None:
    """HUB_USER and HUB_PASSWORD: both set, they are asked for before the app opens."""
    user, password = os.environ.get("HUB_USER", ""), os.environ.get("HUB_PASSWORD", "")
    if bool(user) != bool(password):
        logging.getLogger("hub").warning(
            "only one of HUB_USER and HUB_PASSWORD is set, so no login is asked for"
        )
    return (user, password) if user and password else None


def backend() -> str:
    """HUB_BACKEND: ray lends models by replicas of Ray Serve; empty: in this process. Raises ValueError otherwise."""
    value = os.environ.get("HUB_BACKEND", "")
    if value not in ("", "ray"):
        raise ValueError(f"HUB_BACKEND is ray or empty, not {value}")
    return value


def replicas() -> int:
    """HUB_REPLICAS: how many replicas of each kind Ray Serve may start; default 2."""
    return int(os.environ.get("HUB_REPLICAS", "") or 2)


def runs_at_once() -> int:
    """How many runs share the device: as many as the cores hold at threads() each; with Ray, those of each replica."""
    return max(1, machine.cores() // threads()) * (replicas() if backend() else 1)


def queue_length() -> int:
    """HUB_QUEUE: visitors who may wait at once; the next one is told to come back."""
    return int(os.environ.get("HUB_QUEUE", "") or 100)


def zero_gpu() -> bool:
    """SPACES_ZERO_GPU: set by Spaces whose GPU is lent for each call."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def agents() -> bool:
    """HUB_MCP: 1 offers every demo to agents as a tool, by the Model Context Protocol."""
    return os.environ.get("HUB_MCP", "") == "1"
