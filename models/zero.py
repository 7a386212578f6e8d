"""ZeroGPU, a kind of Space: a GPU is lent for the length of one call, which runs in another process.

Only what is on "cuda" when the app is launched reaches that process, so a few rooms are loaded then, and what the cache
holds for each is a stand-in, whose methods go through one decorated function: plain data in, a generator of plain data
out. All other rooms run on the CPU. https://huggingface.co/docs/hub/spaces-zerogpu
"""

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import spaces

from models import sources
from models.spec import ModelSpec

ROOMS = ("qwen25",)  # slow on a CPU, and there is a hub on Spaces to bring them
DEVICE = "cuda"
SECONDS = 60  # that a call may take at most

_nets: dict[str, Any] = {}


def load(specs: list[ModelSpec]) -> None:
    """Brings and loads the rooms of ROOMS, before the app is launched."""
    for spec in specs:
        for weight in spec.weights:
            sources.fetch(weight)
        _nets[spec.name] = importlib.import_module(f"models.{spec.name}.net").load(DEVICE)


@spaces.GPU(duration=SECONDS)
def answers(room: str, method: str, args: tuple, options: dict[str, Any]) -> Iterator[Any]:
    """What a method of a room yields, or the one thing it returns."""
    answer = getattr(_nets[room], method)(*args, **options)
    if inspect.isgenerator(answer):
        yield from answer
    else:
        yield answer


class Lent:
    """Stands for a room's net. What is no method is read here, in the process of the app."""

    runs_on = "ZeroGPU"

    def __init__(self, room: str) -> None:
        self._room = room

    def __getattr__(self, name: str) -> Any:
        found = getattr(_nets[self._room], name)
        if not callable(found):
            return found
        return self._drawn(name) if inspect.isgeneratorfunction(found) else self._called(name)

    def _drawn(self, method: str) -> Callable[..., Iterator[Any]]:
        return lambda *args, **options: answers(self._room, method, args, options)

    def _called(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            (answer,) = answers(self._room, method, args, options)
            return answer

        return call
