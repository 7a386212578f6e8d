"""A page to draw on, and what was drawn as a grey picture."""

import base64
import binascii
import io
from pathlib import Path

import gradio as gr
from PIL import Image

from demos._photo import BOMB, UNREADABLE, rgb
from demos._run import InvalidInput, both
from demos._ui import ROOT, Text

PREFIX = "data:image/png;base64,"
MAX_CHARACTERS = 400_000  # of a data URL; a drawing has a few thousand
MAX_SIDE = 1024  # pixels
PAPER = 200  # of 255; a page with nothing darker than this is empty
TEMPLATE = """<div class="sketch"><canvas width="280" height="280" role="img" aria-label="${name}"></canvas>
<div class="sketch-buttons"><button type="button" class="sketch-undo">%s</button>
<button type="button" class="sketch-clear">%s</button></div></div>"""


def sketch_box(name: Text) -> gr.HTML:
    """A square white page for pen, finger or mouse. Its value is a PNG data URL; `input` fires while drawing."""
    return gr.HTML(
        "",
        html_template=TEMPLATE % (both("撤销", "Undo"), both("清空", "Clear")),
        js_on_load=(ROOT / "assets" / "sketch.js").read_text(),
        name=f"{name.zh} {name.en}",
        elem_classes="sketch-box",
    )


def as_value(path: Path) -> str:
    """A PNG file as the value of a sketch_box."""
    return PREFIX + base64.b64encode(path.read_bytes()).decode()


def page_value(page: Image.Image) -> str:
    """A picture as the value of a sketch_box."""
    file = io.BytesIO()
    page.save(file, "PNG")
    return PREFIX + base64.b64encode(file.getvalue()).decode()


def open_page(value: str | None) -> Image.Image:
    """Value of a sketch_box -> grey page ("L"), dark ink on white.

    Raises InvalidInput when nothing is drawn or the value is no small PNG data URL.
    """
    if not value:
        raise InvalidInput("请先画点什么", "Draw something first")
    if not isinstance(value, str) or not value.startswith(PREFIX) or len(value) > MAX_CHARACTERS:
        raise _no_page()
    try:
        data = base64.b64decode(value.removeprefix(PREFIX), validate=True)
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            if max(picture.size) > MAX_SIDE:
                raise _no_page()
            page = rgb(picture).convert("L")
    except (binascii.Error, *UNREADABLE, *BOMB) as cause:
        raise _no_page() from cause
    if page.getextrema()[0] > PAPER:
        raise InvalidInput("纸上还是空白，请先画点什么", "The page is blank; draw something first")
    return page


def _no_page() -> InvalidInput:
    return InvalidInput(
        f"画纸要是 {PREFIX}… 形式的 PNG，边长不超过 {MAX_SIDE} 像素",
        f"The page must be a PNG as {PREFIX}..., no side above {MAX_SIDE} pixels",
    )
