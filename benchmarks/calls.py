"""How long a warm call of a model takes by itself, on one thread, where a whole click does more than that."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np

import models
from benchmarks.row import Row, median_ms
from demos._chorale import notes_of
from demos._music import sound
from models import device
from models.efficientnet_lite0 import head

TIMES = 15
SIXTEEN = np.arange(16) % 10
CODE = np.zeros((1, 16), np.float32)
SHOTS = np.random.default_rng(0).normal(size=(100, head.LENGTH)).astype(np.float32), [*"abcde"] * 20


def chorale(net: Any) -> np.ndarray:
    """Four bars in C major, composed and sounded."""
    return sound(notes_of(net.compose(False, 3), 0), 84, "organ")


CALLS: dict[str, tuple[str, Callable[[Any], Any], int]] = {  # what -> room, call, most milliseconds
    "sixteen digits": ("digit_gan", lambda net: net.sample(SIXTEEN, 0), 60),
    "sixteen garments": ("fashion_gan", lambda net: net.sample(SIXTEEN, 0), 60),
    "a garment of a code": ("fashion_vae", lambda net: net.decode("beta4", CODE), 15),
    "a head for a hundred pictures, trained": (
        "efficientnet_lite0",
        lambda _: list(head.fit(*SHOTS)),
        500,
    ),
    "a move with fifty simulations": ("connect_four_net", lambda net: list(net.think([3, 3, 2], 50)), 300),
    "four bars in four voices, with their sound": ("chorale_gan", chorale, 300),
}


def rows() -> list[Row]:
    with patch.dict(os.environ, HUB_THREADS="1"):
        device.limit_threads()
        return [
            Row(f"{room}: {what}", median_ms(list(seconds(room, call))), "ms", at_most=most)
            for what, (room, call, most) in CALLS.items()
        ]


def seconds(room: str, call: Callable[[Any], Any]) -> Iterator[float]:
    """What each of TIMES calls takes, after one that does not count."""
    with models.use(room) as net:
        call(net)
        for _ in range(TIMES):
            started = time.perf_counter()
            call(net)
            yield time.perf_counter() - started
