"""ZeroGPU, a kind of Space: a GPU is lent for the length of one call, which runs in another process.

Only what is on "cuda" when the app is launched reaches that process, so a few rooms are loaded then, and what the cache
holds for each is a stand-in, whose methods go through one decorated function: plain data in, a generator of plain data
out. All other rooms run on the CPU. https://huggingface.co/docs/hub/spaces-zerogpu
"""

import functools
import importlib
from collections.abc import Iterator
from typing import Any

import spaces

from models import lent, sources
from models.spec import ModelSpec

DEVICE = "cuda"
SECONDS = 60  # that a call may take at most

_nets: dict[str, Any] = {}


def load(specs: list[ModelSpec]) -> None:
    """Brings and loads rooms, before the app is launched."""
    for spec in specs:
        for weight in spec.weights:
            sources.fetch(weight)
        _nets[spec.name] = importlib.import_module(f"models.{spec.name}.net").load(DEVICE)


@spaces.GPU(duration=SECONDS)
def answers(room: str, name: str, *args: Any, **options: Any) -> Iterator[lent.Message]:
    """What a method of a room answers, as lent.spoken() says it."""
    yield from lent.spoken(_nets[room], name, args, options)


class Lent(lent.Lent):
    """Stands for a room's net."""

    runs_on = "ZeroGPU"

    def __init__(self, room: str) -> None:
        super().__init__(
            lambda name, *args, **options: answers(room, name, *args, **options),
            functools.partial(lent.names, _nets[room]),
        )
