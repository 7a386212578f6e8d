"""What a guided tour adds to a run: an answer prepared earlier stands there until the live one comes, and what was
shown is told to whoever writes the report.

Off until lead() was called, and then only for pages that are in a tour, which a cookie tells; others run as ever.
"""

import contextlib
import hashlib
import re
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.utils import get_upload_folder
from PIL import Image

from demos._run import Final, both

COOKIE = "hub-tour"  # 32 hex digits that a page draws when it begins a tour
FILES = (gr.Image, gr.Audio, gr.File)  # inputs whose value is a path
NOTHING = gr.skip()


@dataclass(frozen=True)
class Shown:
    """A run. tour: the page's cookie, "" outside a tour; receipt: HTML, also of a refusal, "" until there is one."""

    demo: str
    api: str
    inputs: Sequence[gr.components.Component]
    outputs: Sequence[gr.components.Component]
    args: tuple = ()
    tour: str = ""
    is_example: bool = False
    answer: tuple = ()
    receipt: str = ""


@dataclass
class Prepared:
    """What an example answered before the show. inputs: as plain() tells them."""

    inputs: list[Any]
    answer: list[Any] = field(default_factory=list)
    files: dict[Path, bytes] = field(
        default_factory=dict
    )  # what the answer points to, which Gradio deletes in time
    when: str = ""

    def keep(self, run: Shown) -> None:
        """The first answer is kept, without what only its own session may have."""
        if self.answer:
            return
        kept = zip(run.outputs, run.answer, strict=True)
        self.answer = [NOTHING if isinstance(box, gr.State) else _filed(value) for box, value in kept]
        folder = Path(get_upload_folder())
        paths = (Path(text) for text in _texts(self.answer) if text.startswith(str(folder)))
        self.files = {path: path.read_bytes() for path in paths if path.is_file()}
        self.when = time.strftime("%H:%M")

    def values(self) -> list[Any]:
        """The answer, its files where they were."""
        for path, content in self.files.items():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return self.answer

    def note(self) -> str:
        """Says plainly what stands there."""
        zh, en = (
            f"先看 {self.when} 备好的结果，现场正在算",
            f"Prepared at {self.when}; the live one is on its way",
        )
        return f'<p class="status prepared">{both(zh, en)}</p>'


_kept: dict[str, Prepared] = {}  # demo ->
_tell: list[Callable[[Shown], None]] = []


def lead(examples: dict[str, tuple[Sequence, list[Any]]], tell: Callable[[Shown], None]) -> None:
    """From now on: the first answer to each demo's example is kept, and tell hears of every run of a tour.

    examples: demo -> its inputs and their values. tell is called when a run begins and when it has its receipt.
    """
    leave()
    _kept.update({demo: Prepared(plain(*example)) for demo, example in examples.items()})
    _tell.append(tell)


def leave() -> None:
    """As if there had never been a tour."""
    _kept.clear()
    _tell.clear()


def is_on() -> bool:
    return bool(_tell)


def of(request: Any) -> str:
    """The tour that a request's page is in, "" for none."""
    cookie = (getattr(request, "cookies", None) or {}).get(COOKIE, "")
    return cookie if re.fullmatch("[0-9a-f]{32}", cookie) else ""


async def led(run: Shown, steps: AsyncGenerator[tuple]) -> AsyncGenerator[tuple]:
    """The steps of a run as stream() yields them; where the first brings no answer yet, the prepared one stands in.

    It goes output by output, as the live ones come; never for other inputs than the example's.
    """
    ready = _kept.get(run.api)
    is_example = ready is not None and plain(run.inputs, run.args) == ready.inputs
    run = replace(run, tour=of(LocalContext.request.get(None)), is_example=is_example)
    stands_in = bool(run.tour and ready and is_example and ready.answer)
    answer: list[Any] = [NOTHING] * len(run.outputs)
    standing: set[int] = set()  # outputs that show what was prepared
    _say(run)
    async with contextlib.aclosing(steps):
        async for step in steps:
            *values, told = step
            fresh = {place for place, value in enumerate(values) if not _is_nothing(value)}
            answer = [new if place in fresh else answer[place] for place, new in enumerate(values)]
            if stands_in and ready and not fresh and not isinstance(step, Final):
                values = ready.values()
                standing = {place for place, value in enumerate(values) if not _is_nothing(value)}
            stands_in = False  # at the first step only
            standing -= fresh
            if isinstance(step, Final) or 'class="refused"' in told:
                _say(replace(run, answer=tuple(answer), receipt=told))
            if isinstance(step, Final) and ready and is_example:
                ready.keep(replace(run, answer=tuple(answer)))
            note = ready.note() if ready and standing and not isinstance(step, Final) else ""
            yield type(step)((*values, note + told))


def plain(inputs: Sequence[gr.components.Component], values: Sequence[Any]) -> list[Any]:
    """Values that can be compared: a file by what is in it."""
    return [_digest(value) if isinstance(box, FILES) else value for box, value in zip(inputs, values)]


def _digest(path: Any) -> Any:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except (OSError, TypeError, ValueError):  # no file: the run will say so
        return path


def _say(run: Shown) -> None:
    for tell in _tell if run.tour else ():
        tell(run)


def _is_nothing(value: Any) -> bool:
    return isinstance(value, dict) and value == NOTHING


def _filed(value: Any) -> Any:
    """The same with pictures and sounds as files of their own, and what would play by itself still.

    Gradio writes a picture or a sound each time it is told, and would write the live one, which is the same, over one
    that the page is just fetching.
    """
    if isinstance(value, Image.Image):
        path = _own_file(".png")
        value.save(path)
        return path
    if isinstance(value, tuple) and len(value) == 2 and hasattr(value[1], "dtype"):  # Hz, samples
        import soundfile

        path = _own_file(".wav")
        soundfile.write(path, value[1], value[0])
        return path
    if isinstance(value, tuple | list):
        return type(value)(map(_filed, value))
    return value | {"still": True} if isinstance(value, dict) and "id" in value else value


def _own_file(ending: str) -> str:
    return tempfile.NamedTemporaryFile(prefix="prepared-", suffix=ending, delete=False).name


def _texts(value: Any) -> list[str]:
    """Every text in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) and len(value) < 1000 else []
