"""A lesson: classes that a visitor names, each with pictures that stay in the visitor's browser between two runs.

The page shrinks every picture to the square that the net sees and sends them with a run, as data URLs; so they never
become files here, and nothing is left of them when the run has ended.
"""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from demos._photo import open_bytes
from demos._run import InvalidInput, both
from demos._ui import PRIVATE, ROOT, Text

FEWEST_CLASSES, MOST_CLASSES = 2, 5
FEWEST, MOST = 3, 40  # pictures of a class
MOST_NAME = 40  # characters of a class's name
MOST_CHARACTERS = 1_000_000  # of a picture's data URL; the page's own have some 20,000
MOST_PIXELS = 4_000_000  # of a picture that comes by the API
SIDE = 224  # pixels of the square that the net sees; of a longer picture twice as many are kept
TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
PICTURES = (ROOT / "assets" / "pictures.js").read_text()  # what the boxes below share
TEMPLATE = """<div class="lesson" data-fewest="%d" data-most="%d" data-classes="%d"><div class="lesson-classes"></div>
<p class="lesson-foot"><button type="button" class="lesson-more">%s</button>
<span class="lesson-note" role="status"></span></p></div>"""
LOOK = """<div class="look"><div class="look-stage"><img alt="" hidden><video muted playsinline hidden></video>
<span>%s</span></div><div class="sketch-buttons"><button type="button" class="look-camera"></button>
<button type="button" class="look-file">%s</button></div><p class="lesson-note" role="status"></p></div>"""


@dataclass(frozen=True)
class Lesson:
    """names: the classes; pictures: RGB, no side above 2 * SIDE; labels: the class of each."""

    names: list[str]
    pictures: list[Image.Image]
    labels: list[str]


def lesson_box(name: Text) -> gr.HTML:
    """Cards to name classes and gather pictures by file, paste, drop or webcam. Its value: what open_lesson() reads."""
    return gr.HTML(
        None,
        html_template=TEMPLATE % (FEWEST, MOST, MOST_CLASSES, both("＋ 再加一类", "+ another class")),
        js_on_load=PICTURES + (ROOT / "assets" / "lesson.js").read_text(),
        label=name,
        show_label=True,
        container=True,
        padding=True,
        elem_classes=["lesson-box", PRIVATE],
    )


def look_box(name: Text) -> gr.HTML:
    """A picture by file, paste or drop, or the webcam's, again and again. Its value: a data URL; `input` fires."""
    told = both("打开摄像头，或选、粘贴、拖入一张图", "Start the camera, or choose, paste or drop a picture")
    return gr.HTML(
        "",
        html_template=LOOK % (told, both("选图片", "Choose a picture")),
        js_on_load=PICTURES + (ROOT / "assets" / "look.js").read_text(),
        label=name,
        show_label=True,
        container=True,
        padding=True,
        elem_classes=["look-box", PRIVATE],
    )


def open_lesson(value: Any) -> Lesson:
    """[{"name": class, "pictures": [data URLs]}, ...] -> Lesson. Classes without pictures are left out.

    Raises InvalidInput, naming the class that cannot be used.
    """
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise InvalidInput("请先给至少两类各加几张图", "Add a few pictures to two classes or more first")
    filled = [one for one in value if one.get("pictures")]
    if not FEWEST_CLASSES <= len(filled) <= MOST_CLASSES:
        raise InvalidInput(f"要有 {FEWEST_CLASSES} 到 {MOST_CLASSES} 类带图片的",
                           f"Give pictures to {FEWEST_CLASSES} to {MOST_CLASSES} classes")  # fmt: skip
    names = [_name(one.get("name"), number) for number, one in enumerate(filled, 1)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidInput(f"有两类都叫“{twice}”", f'Two classes are called "{twice}"')
    for name, one in zip(names, filled, strict=True):
        if not isinstance(one["pictures"], list) or not FEWEST <= len(one["pictures"]) <= MOST:
            raise InvalidInput(f"“{name}”要有 {FEWEST} 到 {MOST} 张图",
                               f'"{name}" needs {FEWEST} to {MOST} pictures')  # fmt: skip
    labels = [name for name, one in zip(names, filled, strict=True) for _ in one["pictures"]]
    return Lesson(names, [open_picture(url) for one in filled for url in one["pictures"]], labels)


def open_picture(url: Any) -> Image.Image:
    """Data URL of a picture of any kind and size -> RGB, upright, no side above 2 * SIDE. Raises InvalidInput."""
    if not isinstance(url, str) or not url:
        raise InvalidInput("请先给一张图片", "Give a picture first")
    head, comma, text = url.partition(";base64,")
    if not (comma and head.startswith("data:image/")) or len(url) > MOST_CHARACTERS:
        raise InvalidInput("图片要写成不到一百万字符的 data:image/…;base64,…",
                           "Write a picture as data:image/...;base64,... below a million characters")  # fmt: skip
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise InvalidInput("图片的 base64 不完整", "The picture's base64 is damaged") from cause
    picture = open_bytes(data, MOST_PIXELS)
    picture.thumbnail((SIDE * 2, SIDE * 2), Image.Resampling.LANCZOS)
    return picture


def as_value(path: Path) -> str:
    """A picture file as the value of a look_box."""
    return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def as_lesson(folder: Path, names: dict[str, str]) -> list[dict[str, Any]]:
    """The files <class>-<number> of a folder as the value of a lesson_box. names: <class> -> what it is called."""
    return [
        {"name": name, "pictures": [as_value(path) for path in sorted(folder.glob(f"{stem}-*"))]}
        for stem, name in names.items()
    ]


def _name(name: Any, number: int) -> str:
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f"请给第 {number} 类起个名字", f"Name class {number}")
    name = " ".join(name.encode("utf-8", "ignore").decode().split())
    if len(name) > MOST_NAME:
        raise InvalidInput(f"第 {number} 类的名字超过 {MOST_NAME} 个字符",
                           f"The name of class {number} is longer than {MOST_NAME} characters")  # fmt: skip
    return name
