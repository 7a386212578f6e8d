"""The doors to every model: `with models.use("minilm") as net: net.embed([...])`. Imports no torch.

What goes in and comes out of a net is plain data (strings, numbers, pictures, arrays, generators of these),
so a room could as well live in another process.
"""

import functools
import hashlib
import importlib
import threading
from collections.abc import Collection
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import settings, sources
from models.cache import Event, ModelCache, Resident, TryAgain, Visit, Warming, watch
from models.errors import ModelUnavailable
from models.policy import GreedyDualSizeFrequency
from models.spec import ModelSpec

if TYPE_CHECKING:
    from models.door import Asked, Door

__all__ = [
    "ROOMS",
    "Event",
    "ModelUnavailable",
    "Resident",
    "TryAgain",
    "Visit",
    "Warming",
    "budget",
    "clear",
    "events",
    "holds",
    "lend",
    "resident",
    "spec",
    "unload",
    "use",
    "warm",
    "watch",
]

ROOMS = (
    "smollm2",
    "qwen25",
    "minilm",
    "bert_qa",
    "roberta_squad2",
    "efficientnet_lite0",
    "digit_cnn",
    "fashion_cnn",
    "fashion_vit",
    "fashion_vae",
    "digit_vae",
    "digit_gan",
    "fashion_gan",
    "chorale_gan",
    "emoji_flow",
    "sd_turbo",
    "whisper_base",
    "vits_joe",
    "digit_ctc",
    "poem_gpt",
    "transformer_zh_en",
    "transformer_en_zh",
    "bert_en_zh",
    "g2p_gru",
    "char_lstm",
    "melody_transformer",
    "gcn",
    "link_gnn",
    "bert_sentiment",
    "text_cnn",
    "lander_ppo",
    "cartpole_ppo",
    "lstm_forecast",
    "connect_four_net",
    "face_detector",
    "face_resnet",
    "edsr_x2",
    "denoise_ae",
)

# Transformers cannot be imported from by two threads at once, nor Box2D beside others.
_importing, _making = threading.Lock(), threading.Lock()
SLOW_ON_CPU = ("qwen25",)  # rooms that go to a GPU that is lent or stands elsewhere


def use(name: str) -> AbstractContextManager[Any]:
    """Lends a room's net for the length of a block, loading it first where needed.

    Raises ModelUnavailable, with the command that helps; TryAgain when memory ran out inside the block.
    """
    spec(name)
    return _cache().use(name)


def warm(name: str) -> "Warming | Asked":
    """Starts loading a room in the background; cancel() the answer when it is no longer needed."""
    spec(name)
    return _cache().warm(name)


def spec(name: str) -> ModelSpec:
    """What is known of a room. Raises ModelUnavailable, naming the rooms there are."""
    if name not in ROOMS:
        known = ", ".join(ROOMS)
        raise ModelUnavailable(
            f"没有名为 {name} 的模型，现有：{known}", f"No model named {name}; there are: {known}"
        )
    return importlib.import_module(f"models.{name}").SPEC


def resident() -> list[Resident]:
    """Every room, in order, and whether it is cold, on its way, warm or in use."""
    seen = {room.name: room for room in reversed(_cache().resident())}
    return [seen.get(name) or Resident(name, "cold", 0.0, "", spec(name).memory_mb, 0) for name in ROOMS]


def holds(names: Collection[str]) -> bool:
    """Whether all of these rooms are known to be in memory; quick."""
    return _cache().holds(names)


def events(since: int = 0) -> list[Event]:
    """What the cache did and why, after event number `since`, oldest first."""
    return _cache().events(since)


def budget() -> tuple[int, int]:
    """Memory that rooms hold, and may hold, in MB."""
    return _cache().used_mb(), _cache().budget_mb


def unload(name: str) -> bool:
    """Drops an idle room; False when it is in use or not there."""
    return _cache().unload(name)


def clear() -> None:
    """Drops every idle room."""
    _cache().clear()


@functools.cache
def revision(name: str) -> str:
    """The first 12 hex digits of the room's weights, of those trained here where there are any: what a receipt names.

    Of a live room: of its code.
    """
    room = Path(__file__).parent / name
    own = room / ("net.py" if spec(name).live else "model.safetensors")
    if not own.exists():
        return spec(name).weights[0].sha256[:12]
    with own.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _cache() -> "ModelCache | Door":
    with _making:
        return _made()


@functools.cache
def _made() -> "ModelCache | Door":
    """Made at the first use, not at import, since the memory budget needs torch on a machine with a GPU."""
    if settings.backend() == "ray":
        from models.door import Door

        return Door(SLOW_ON_CPU, revision)
    from models import device

    here = device.current()
    return ModelCache(
        load=_load,
        policy=GreedyDualSizeFrequency(),
        budget_mb=here.budget_mb(),
        device=here,
        declared=lambda name: spec(name).memory_mb,
        prepare=_prepare,
        revision=revision,
    )


def _prepare(name: str, report: sources.Progress) -> None:
    """Brings a room's files and imports its libraries, which are shared and stay when the room goes."""
    from models import device

    weights = spec(name).weights
    for number, weight in enumerate(weights):

        def arrived(share: float, number: int = number) -> None:
            report((number + share) / len(weights))

        sources.fetch(weight, arrived)
    report(1.0)
    with _importing:
        importlib.import_module(f"models.{name}.net")
        device.limit_threads()  # not while another room imports torch, which would be there by half


def lend() -> None:
    """Before the app is launched: connects to Ray; on a ZeroGPU Space loads the rooms that are lent a GPU."""
    if settings.backend() == "ray":
        _cache()
    if settings.zero_gpu():
        from models import zero

        zero.load([spec(name) for name in SLOW_ON_CPU])


def _load(name: str, device: str) -> Any:
    if settings.zero_gpu():
        from models import zero

        if name in SLOW_ON_CPU:
            return zero.Lent(name)
    return importlib.import_module(f"models.{name}.net").load(device)
