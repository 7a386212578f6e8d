"""A demo from the terminal, without a server: `python -m demos run poem --input text=月 --input form=5x4`.

Inputs that are not given stay as in the demo's first example. What comes out is printed as JSON under the names of the
outputs: texts and numbers as they are, a page as its text, and of pictures, sounds and charts the files they were
written to.
"""

import argparse
import contextlib
import inspect
import json
import sys
from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

import demos
from demos._run import InvalidInput
from demos._ui import Run, Text, render, runs
from models.errors import ModelUnavailable

LANGUAGES = ("en", "zh")
LINES = {"p", "div", "tr", "li", "br", "table", "figure", "figcaption", "h3", "h4", "details", "summary"}
UNSEEN = {"svg", "style", "script", "button"}  # what no text is made of


def main(arguments: list[str]) -> int:
    """-> the exit status: 1 for a wrong input or a model that is not there, told in both languages."""
    parser = argparse.ArgumentParser(prog="python -m demos run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("id", choices=demos.names())
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=VALUE", help="@FILE: a file's text"
    )
    parser.add_argument("--to", type=Path, default=Path(), metavar="DIR", help="where files are written")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    args = parser.parse_args(arguments)
    with gr.Blocks(analytics_enabled=False):
        render(demos.load(args.id))
    run = runs(args.id)[0]
    try:
        with contextlib.redirect_stdout(sys.stderr):  # libraries that say what they load
            outputs = last(run, values(run, args.input))
    except (InvalidInput, ModelUnavailable) as cause:
        print(cause, file=sys.stderr)
        return 1
    args.to.mkdir(parents=True, exist_ok=True)
    print(json.dumps(dict(shown(run, outputs, args.language, args.to)), ensure_ascii=False, indent=1))
    return 0


def values(run: Run, given: list[str]) -> list[Any]:
    """ "name=value" each -> one value per input. Raises InvalidInput for a name that is none of the inputs."""
    found = dict(zip(inspect.signature(run.fn).parameters, next(iter(run.examples.values())), strict=True))
    for one in given:
        name, _, text = one.partition("=")
        if name not in found:
            known = ", ".join(found)
            raise InvalidInput(
                f"没有名为 {name} 的输入，现有：{known}", f"No input named {name}; there are: {known}"
            )
        found[name] = _parsed(text, found[name], name)
    return list(found.values())


def last(run: Run, inputs: list[Any]) -> tuple:
    """Runs to the end; -> one value per output."""
    answer = run.fn(*inputs)
    if inspect.isgenerator(answer):
        answer = deque(answer, maxlen=1).pop()
    return (answer,) if len(run.outputs) == 1 else tuple(answer)


def shown(run: Run, outputs: tuple, language: str, folder: Path) -> Iterator[tuple[str, Any]]:
    """Yields each output's name and what JSON can hold of it; files go to the folder."""
    for number, (block, value) in enumerate(zip(run.outputs, outputs, strict=True), 1):
        if isinstance(block, gr.State):
            continue
        label = getattr(block, "label", None)
        name = (label.en if language == "en" else label.zh) if isinstance(label, Text) else f"output {number}"
        if isinstance(value, dict) and value.get("__type__") == "update":
            value = value.get("value")
        yield name, _plain(value, language, folder / f"{run.api}-{number}", isinstance(block, gr.HTML))


def _parsed(text: str, like: Any, name: str) -> Any:
    """A value of the type that the example has there."""
    if text.startswith("@"):
        text = Path(text[1:]).read_text()
    if isinstance(like, bool):
        return text.lower() in ("1", "true", "yes", "on")
    if not isinstance(like, int | float):
        return text
    try:
        return type(like)(float(text))
    except ValueError as cause:
        raise InvalidInput(f"{name} 应是一个数，不是 {text}", f"{name} is a number, not {text}") from cause


def _plain(value: Any, language: str, file: Path, page: bool) -> Any:
    if page and isinstance(value, str):
        return Page(language).read(value)
    if isinstance(value, Image.Image):
        value.save(file.with_suffix(".png"))
        return str(file.with_suffix(".png"))
    if hasattr(value, "write_html"):  # a Plotly chart
        value.write_html(file.with_suffix(".html"))
        return str(file.with_suffix(".html"))
    if isinstance(value, tuple) and len(value) == 2 and hasattr(value[1], "dtype"):  # rate in Hz, samples
        import soundfile

        soundfile.write(file.with_suffix(".wav"), value[1], value[0])
        return str(file.with_suffix(".wav"))
    return value if isinstance(value, str | int | float | dict | list | None) else str(value)


class Page(HTMLParser):
    """The text of a page, in one of its two languages."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._skipped = tuple(one for one in LANGUAGES if one != language)
        self._text: list[str] = []
        self._hidden: list[str] = []  # the open tags since one that is not read

    def read(self, page: str) -> str:
        """-> its lines."""
        self.feed(page)
        self.close()
        lines = (" ".join(line.split()) for line in "".join(self._text).splitlines())
        return "\n".join(line for line in lines if line)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        hides = tag in UNSEEN or (tag == "span" and dict(attributes).get("lang") in self._skipped)
        if (self._hidden or hides) and tag not in ("br", "img", "input", "path", "circle", "rect", "line"):
            self._hidden.append(tag)
        self._text.append("\n" if tag in LINES else " " if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)
