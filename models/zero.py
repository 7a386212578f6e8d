"""ZeroGPU, a kind of Space: a GPU is lent for the length of one call, which runs in another process.

Only what is on "cuda" when the app is launched reaches that process, so a few rooms are loaded then, and what the cache
holds for each is a stand-in, whose methods go through one decorated function: plain data in, a generator of plain data
out. All other rooms run on the CPU. https://huggingface.co/docs/hub/spaces-zerogpu
"""

import functools
import importlib
import logging
from collections.abc import Iterator
from typing import Any

import spaces

from models import lent, sources
from models.errors import ModelUnavailable
from models.spec import ModelSpec

DEVICE = "cuda"
SECONDS = 60  # that a call may take at most
WORKER = "ZeroGPU worker error"  # what the package calls a call that was begun and failed

_nets: dict[str, Any] = {}


def load(specs: list[ModelSpec]) -> None:
    """Brings and loads rooms, before the app is launched. One that cannot be had is logged: the others serve."""
    for spec in specs:
        try:
            for weight in spec.weights:
                sources.fetch(weight)
            _nets[spec.name] = importlib.import_module(f"models.{spec.name}.net").load(DEVICE)
        except ModelUnavailable as cause:
            logging.getLogger("hub").warning("%s is not there: %s", spec.name, cause)


@spaces.GPU(duration=SECONDS)
def answers(room: str, name: str, *args: Any, **options: Any) -> Iterator[lent.Message]:
    """What a method of a room answers, as lent.spoken() says it."""
    yield from lent.spoken(_nets[room], name, args, options)


def asked(room: str, name: str, *args: Any, **options: Any) -> Iterator[lent.Message]:
    """As answers(). Raises ModelUnavailable where no GPU is lent: a visitor's quota is used up, or all are taken."""
    try:
        yield from answers(room, name, *args, **options)
    except Exception as cause:
        title = str(getattr(cause, "title", ""))  # of a gradio.Error, with which the package refuses
        if not title.startswith("ZeroGPU") or title == WORKER:
            raise
        said = " ".join(str(getattr(cause, "message", "")).split())
        raise ModelUnavailable(
            f"ZeroGPU 这次没有借出 GPU（{said}）。请登录 Hugging Face 或过一会儿再试，或用在 CPU 上运行的默认模型",
            f"ZeroGPU lent no GPU this time ({said}). Sign in to Hugging Face, try again later, or use the default "
            "model, which runs on a CPU",
        ) from cause


class Lent(lent.Lent):
    """Stands for a room's net."""

    runs_on = "ZeroGPU"

    def __init__(self, room: str) -> None:
        """Raises ModelUnavailable for a room that load() could not bring."""
        if room not in _nets:
            raise ModelUnavailable(
                f"启动时没有取得 {room}，而 ZeroGPU 只能用启动时载入的模型。请用默认模型，或重启这个 Space",
                f"{room} could not be had when the Space started, and ZeroGPU serves only what was loaded then. "
                "Use the default model, or restart the Space",
            )
        super().__init__(
            functools.partial(asked, room),
            functools.partial(lent.names, _nets[room]),
        )
