"""What every tab is made of: texts in two languages, the Run button with its receipt, and How it works."""

import ast
import base64
import contextlib
import functools
import inspect
import json
import re
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.i18n import I18nData

from demos import _prepared
from demos._curve import curves
from demos._run import DEVICE, InvalidInput, both, stream, train
from models import settings

__all__ = [
    "Demo",
    "InvalidInput",
    "both",
    "how_it_works",
    "packed",
    "render",
    "run_button",
    "runs",
    "seed_box",
    "t",
]

ROOT = Path(__file__).parent.parent
PRIVATE = "private"  # CSS class of a box whose value never gets into a link
# What a link holds: texts, numbers, choices and drawings, no files.
REFUSING = (gr.Number, gr.Slider, gr.Radio, gr.Dropdown)  # boxes that know limits or choices
LINKABLE = (gr.Textbox, gr.Number, gr.Slider, gr.Radio, gr.Dropdown, gr.Checkbox, gr.CheckboxGroup, gr.HTML)


class Text(I18nData):
    """A text in two languages; the browser shows the one its reader chose."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"hub{zlib.crc32(f'{zh}|{en}'.encode()):08x}")
        self.zh, self.en = zh, en


_TEXTS: dict[str, Text] = {}


def t(zh: str, en: str) -> Text:
    """A text for labels, placeholders, buttons and Markdown. It holds no { } <, which the translator reads."""
    if set("{}<") & set(zh + en):
        raise ValueError(f"a translated text cannot hold {{, }} or <: {en}")
    text = Text(zh, en)
    return _TEXTS.setdefault(text.key, text)


def packed(table: Any) -> str:
    """Many numbers as JSON text, for a box's script to unpack: Gradio would walk through them several times."""
    return json.dumps(table, separators=(",", ":"))


def translations() -> gr.I18n:
    """Every text that t() was asked for, as launch(i18n=...) wants it."""
    return gr.I18n(
        **{"en": {key: text.en for key, text in _TEXTS.items()}},
        **{"zh-CN": {key: text.zh for key, text in _TEXTS.items()}},
    )


@dataclass(frozen=True)
class Demo:
    """A tab. name: file, tab id, API name; models: the rooms warmed when the tab is opened."""

    name: str
    title: Text
    about: Text
    models: tuple[str, ...]
    build: Callable[[], None]
    questions: tuple[int | str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A wired Run button, as tests and the API see it."""

    api: str
    fn: Callable
    inputs: list[gr.components.Component]
    outputs: list[gr.components.Component]
    examples: dict[tuple[str, str], list[Any]]


_building: ContextVar[Demo] = ContextVar("building")
_RUNS: dict[str, list[Run]] = {}


def render(demo: Demo) -> None:
    """Draws a demo's tab."""
    _RUNS[demo.name] = []
    _building.set(demo)
    gr.Markdown(demo.about, elem_classes="about")
    demo.build()


def runs(name: str) -> list[Run]:
    """The Run buttons of a demo that was rendered; the first is the main one."""
    return _RUNS[name]


def every_run() -> list[Run]:
    """The Run buttons of every demo that was rendered."""
    return [run for runs_of_one in _RUNS.values() for run in runs_of_one]


def seed_box() -> gr.Number:
    """The seed: the same one gives the same result."""
    return gr.Number(0, label=t("随机种子", "Seed"), precision=0, minimum=0, maximum=2**31 - 1, min_width=100)


def run_button(
    fn: Callable,
    inputs: list[gr.components.Component],
    outputs: list[gr.components.Component],
    *,
    examples: dict[tuple[str, str], list[Any]],
    api: str | None = None,
    together: int = 1,
    trains: bool = False,
    live: Sequence[Callable] = (),
    label: Text | None = None,
) -> Callable[[Callable], Any]:
    """Run, Stop, Copy link, examples and receipt for a function or generator of plain values.

    fn returns (or yields) one value for one output, a tuple for several; it raises InvalidInput before it asks a room.
    api: endpoint, else the demo's. together: how many visitors may be in fn at once, for rooms that batch; 1 shares
    the device's queue. trains: live training, one for each visitor; no other tab waits for it. live: events such as
    `canvas.change` that run it too. examples: (zh, en) -> one value per input. Returns what ends a run, see _ends().
    """
    demo = _building.get()
    _RUNS[demo.name].append(run := Run(name := api or demo.name, fn, inputs, outputs, examples))
    _fit(inputs, outputs)
    go, stop, link, receipt = _buttons(name, label or t("运行", "Run"))
    event = gr.on(
        [go.click, *live],
        _as_event(run, demo.name, train if trains else stream),
        inputs,
        [*outputs, receipt],
        api_name=name,
        api_description="\n".join([inspect.getdoc(fn) or "", demo.about.en, demo.about.zh]),
        concurrency_id=name if together > 1 else "training" if trains else DEVICE,
        concurrency_limit=together if together > 1 else settings.runs_at_once(),
        trigger_mode="always_last" if live else "once",
        show_progress="minimal",
        show_progress_on=receipt,
    )
    _stops(stop, event, receipt)
    _examples(name, inputs, examples)
    _links(demo.name, name, link, inputs)
    return functools.partial(_ends, event, receipt)


def _fit(inputs: list[gr.components.Component], outputs: list[gr.components.Component]) -> None:
    for box in inputs:
        _hands_over(box)
    for box in (box for box in outputs if isinstance(box, gr.HTML)):  # framed and named as every other output
        box.container = box.show_label = box.padding = True


def _hands_over(box: gr.components.Component) -> None:
    """Lets fn refuse what does not suit a box: by name and in both languages, which Gradio would do in English."""
    if not isinstance(box, REFUSING):
        return
    read: Callable[[Any], Any] = box.preprocess

    def preprocess(payload: Any) -> Any:
        try:
            return read(payload)
        except Exception:  # noqa: BLE001 - of whatever kind it is, fn is to see it
            return payload

    box.preprocess = preprocess  # type: ignore[method-assign]


def _buttons(name: str, label: Text) -> tuple[gr.Button, gr.Button, gr.Button, gr.HTML]:
    """-> Run, Stop, Copy link, and the place for status and receipt."""
    with gr.Row(elem_classes="run-row"):
        go = gr.Button(label, variant="primary", elem_id=f"{name}-run", elem_classes="hub-run")
        stop = gr.Button(t("停止", "Stop"), elem_id=f"{name}-stop", elem_classes="hub-stop", min_width=80)
        link = gr.Button(t("复制链接", "Copy link"), elem_id=f"{name}-link", min_width=80)
    return go, stop, link, gr.HTML(elem_id=f"{name}-receipt", elem_classes="receipt-box", min_height=28)


def _ends(event: Any, receipt: gr.HTML, changed: Callable) -> Any:
    """Ends a run at an event such as `new_game.click`. What is shown instead comes `.then`, or the run's last words
    would overwrite it.
    """
    left = changed(None, None, None, cancels=event, queue=False, api_visibility="private")
    return left.then(lambda: "", None, receipt, queue=False, api_visibility="private")


def _stops(stop: gr.Button, event: Any, receipt: gr.HTML) -> None:
    """Stop ends the run, and says so after it was cancelled, or its last words would overwrite that."""
    ended = stop.click(None, None, None, cancels=event, queue=False, api_visibility="private")
    ended.then(_stopped, None, receipt, queue=False, api_visibility="private")


def _stopped() -> str:
    return f'<p class="status">{both("已停止", "Stopped")}</p>'


def _as_event(run: Run, demo: str, steps_of: Callable) -> Callable[..., AsyncIterator[tuple]]:
    """The generator that Gradio runs, under the parameter names of fn, which the API page and agents see.

    steps_of: stream or train.
    """
    names = list(inspect.signature(run.fn).parameters)

    async def event(*args: Any) -> AsyncIterator[tuple]:
        seed = args[names.index("seed")] if "seed" in names else None
        steps = steps_of(run.fn, args, len(run.outputs), seed)
        if _prepared.is_on():
            steps = _prepared.led(_prepared.Shown(demo, run.api, run.inputs, run.outputs, args), steps)
        async with contextlib.aclosing(steps):
            async for step in steps:
                yield step

    event.__signature__ = inspect.signature(run.fn)  # type: ignore[attr-defined]
    event.__name__, event.__doc__ = run.api, run.fn.__doc__
    return event


def _examples(name: str, inputs: list, examples: dict[tuple[str, str], list[Any]]) -> None:
    """A row of chips: one click fills the inputs and runs."""
    if not examples:
        return
    with gr.Row(elem_classes="examples"):
        gr.Markdown(t("例子", "Examples"), elem_classes="examples-label", container=False)
        chips = [
            gr.Button(t(*label), size="sm", min_width=40, elem_id=f"{name}-example-{number}")
            for number, label in enumerate(examples)
        ]
    rows = dict(zip((chip._id for chip in chips), examples.values(), strict=True))

    def fill(event: gr.EventData) -> Any:
        row = rows[event.target._id]  # type: ignore[union-attr]
        return row if len(inputs) > 1 else row[0]

    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    filled = gr.on([chip.click for chip in chips], fill, None, inputs, **quiet)
    filled.then(None, None, None, js=f"() => hub.run('{name}')", api_visibility="private")


def _links(demo: str, name: str, link: gr.Button, inputs: list) -> None:
    """Copy link writes the inputs, no files, nothing PRIVATE, into an address that fills them in and runs."""
    linked = [block for block in inputs if _is_linkable(block)]
    link.visible = bool(linked)
    link.click(
        None,
        linked,
        None,
        js=f"(...values) => hub.copyLink('{demo}', '{name}', values)",
        api_visibility="private",
    )
    restore = gr.Button(visible="hidden", elem_id=f"{name}-restore")
    restored = restore.click(
        None, linked, linked, js=f"(...values) => hub.restore('{name}', values)", api_visibility="private"
    )
    if all(
        block in linked or isinstance(block, gr.State) for block in inputs
    ):  # else a file has to be chosen first
        restored.then(None, None, None, js=f"() => hub.run('{name}')", api_visibility="private")


def _is_linkable(block: gr.components.Component) -> bool:
    return isinstance(block, LINKABLE) and PRIVATE not in (block.elem_classes or ())


def how_it_works(explanation: Text, code: str, rooms: list[str]) -> None:
    """The accordion below a demo: three sentences, training curves, the lines that matter and the model cards.

    code: "models/digit_cnn/net.py:DigitCNN.forward", read from the file without importing it.
    """
    with gr.Accordion(t("原理", "How it works"), open=False, elem_classes="how") as accordion:
        gr.Markdown(explanation)
        trained = gr.HTML()
        pages = [gr.Markdown(elem_classes=f"only-{language}") for language in ("en", "zh")]

    def open_pages() -> list[str]:
        path, name = code.split(":")
        source = f"`{path}`\n```python\n{_source(path, name)}\n```\n"
        cards = [_card(room) for room in rooms]
        shown = [source + "\n---\n".join(card[language] for card in cards) for language in (0, 1)]
        return ["".join(_curves(room) for room in rooms), *shown]

    accordion.expand(
        open_pages, None, [trained, *pages], queue=False, api_visibility="private", show_progress="hidden"
    )


def _source(path: str, name: str) -> str:
    """The lines of a function, method or class."""
    text = (ROOT / path).read_text()
    body: Any = ast.parse(text)
    for part in name.split("."):
        body = next(node for node in body.body if getattr(node, "name", None) == part)
    return inspect.cleandoc(f"\n{ast.get_source_segment(text, body, padded=True)}")


def _curves(room: str) -> str:
    report = ROOT / "models" / room / "results.json"
    return curves(json.loads(report.read_text()).get("curve", []), room) if report.exists() else ""


def _inlined(picture: Path) -> str:
    """The address of a picture that lies beside a card, for a page that does not."""
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


def _card(room: str) -> tuple[str, str]:
    """A model card without its YAML header: English, Chinese. Both keep the results block."""
    text = (ROOT / "models" / room / "README.md").read_text().split("\n---\n", 1)[1]
    text = re.sub(
        r"\]\((\w+\.png)\)", lambda found: f"]({_inlined(ROOT / 'models' / room / found[1])})", text
    )
    english, chinese = text.split("\n## 中文\n", 1)
    results = text.split("<!-- results -->")[1].split("<!-- /results -->")[0]
    return english, f"# {room}\n{chinese}\n{'' if results in chinese else results}"
