"""Photos of faces: data URLs that live in memory for one run and go back inside the answer, never on a disk."""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from demos._photo import MAX_BYTES, inline, open_bytes
from demos._run import InvalidInput, both
from demos._ui import PRIVATE, ROOT, Text

PREFIX = re.compile(r"data:image/[a-z0-9.+-]+;base64,")
MAX_SIDE = 1280  # pixels; larger photos are shrunk, here as in the browser
SHOWN, HIGHEST = 640, 420  # pixels of a photo in an answer, and its height on the page
FEW, BLURRED, TURNED = 50, 5.0, 0.32  # pixels of a face's width; see sharpness() and turn()
SAMPLES = ROOT / "assets" / "samples" / "face_match"
TEMPLATE = """<div class="face-box"><div class="face-drop" tabindex="0" role="button" aria-label="${name}">
<img alt="${name}" hidden><video muted playsinline hidden></video><span class="face-hint">%s</span></div>
<input type="file" accept="image/*" hidden>
<div class="sketch-buttons"><button type="button" class="face-choose">%s</button>
<button type="button" class="face-camera"><span class="face-off">%s</span><span class="face-on">%s</span></button>
<button type="button" class="face-clear">%s</button></div></div>"""
HINT = ("点击选照片，或拖到这里、粘贴", "Click to choose a photo, drop it here or paste it")


@dataclass(frozen=True)
class Seen:
    """A photo, turned upright by so many degrees, and its faces as face_detector gives them, largest first."""

    photo: Image.Image
    turn: int
    faces: list[dict[str, Any]]


def face_box(name: Text) -> gr.HTML:
    """A photo by file, drop, paste or camera, shrunk in the browser: a data URL. `input` fires when it changes."""
    words = (HINT, ("选照片", "Choose"), ("摄像头", "Camera"), ("拍下", "Take it"), ("清除", "Clear"))
    return gr.HTML(
        "",
        html_template=TEMPLATE % tuple(both(*pair) for pair in words),
        js_on_load=(ROOT / "assets" / "face.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        show_label=True,
        container=True,
        padding=True,
        elem_classes=["face-photo", PRIVATE],
    )


def as_value(path: Path) -> str:
    """A JPEG file as the value of a face_box."""
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode()


def open_face(value: str | None, zh: str, en: str) -> Image.Image:
    """Value of a face_box -> RGB photo of at most MAX_SIDE. zh, en: what the photo is called in a refusal.

    Raises InvalidInput: no data URL of a picture, or one that open_bytes() refuses.
    """
    start = PREFIX.match(value) if isinstance(value, str) else None
    if not value or not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"请先选{zh}", f"Choose {en} first")
    if not start:
        raise InvalidInput(
            f"{zh}要是 data:image/…;base64,… 的形式", f"Give {en} as data:image/...;base64,..."
        )
    if len(value) > MAX_BYTES * 4 / 3 + 100:
        open_bytes(bytes(MAX_BYTES + 1))  # says so
    try:
        data = base64.b64decode(value[start.end() :], validate=True)
    except (binascii.Error, ValueError) as cause:
        raise InvalidInput(f"{zh}的 base64 不完整", f"The base64 of {en} is damaged") from cause
    photo = open_bytes(data)
    photo.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return photo


def look(net: Any, photo: Image.Image) -> Seen:
    """Asks face_detector's net."""
    turn, faces = net.search(photo)
    return Seen(photo.rotate(turn, expand=True) if turn else photo, turn, faces)


def notes(seen: Seen, chosen: int) -> list[tuple[str, str]]:
    """What a visitor should know about a photo and its chosen face (0 is the largest): sentences in both languages."""
    if not seen.faces:
        return [(
            "没有找到人脸。太小（不到照片长边的三十分之一）、侧面、遮住或斜着的脸会漏掉",
            "No face found. Faces that are small (below a thirtieth of the longer side), in profile, covered or "
            "tilted are missed",
        )]  # fmt: skip
    told = []
    if seen.turn:
        told.append(("照片没有摆正，已转正再看", "The photo lay on its side or head; it was turned upright"))
    if len(seen.faces) > 1:
        told.append((
            f"找到 {len(seen.faces)} 张脸，比的是第 {chosen + 1} 张；1 号最大",
            f"{len(seen.faces)} faces found, number {chosen + 1} is compared; number 1 is the largest",
        ))  # fmt: skip
    face = seen.faces[chosen]
    wide = face["box"][2] - face["box"][0]
    if wide < FEW:
        told.append((f"这张脸只有 {wide:.0f} 像素宽，距离不太可靠",
                     f"This face is only {wide:.0f} pixels wide; its distances are less reliable"))  # fmt: skip
    elif sharpness(face["chip"]) < BLURRED:
        told.append(("这张脸很模糊，距离不太可靠", "This face is blurred; its distances are less reliable"))
    if turn(face["points"]) > TURNED:
        told.append(("这张脸转向一边，距离会偏大", "This face is turned aside, which makes distances larger"))
    return told


def sharpness(chip: Image.Image) -> float:
    """Standard deviation of a face's Laplacian, in levels of grey once its contrast is evened: low where blurred."""
    grey = np.asarray(chip.convert("L"), np.float32)
    grey = (grey - grey.mean()) / max(float(grey.std()), 1.0) * 50
    inner = grey[1:-1, 1:-1]
    return float(np.std(4 * inner - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]))


def turn(points: np.ndarray) -> float:
    """How far the tip of the nose lies beside the middle of the eyes, in shares of their distance: 0 from the front."""
    left, right = points[36:42].mean(0), points[42:48].mean(0)
    across = right - left
    return float(abs((points[30] - (left + right) / 2) @ across) / max(float(across @ across), 1e-6))


def drawn(seen: Seen, names: list[str], chosen: int | None) -> str:
    """The photo with a box around each face, as HTML. names: shown at the boxes, escaped; chosen: which is bright."""
    shown = seen.photo.copy()
    shown.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
    scale, size = shown.width / seen.photo.width, max(shown.size)
    boxes = "".join(
        _box([edge * scale for edge in face["box"]], name, number == chosen, size)
        for number, (face, name) in enumerate(zip(seen.faces, names, strict=True))
    )
    widest = min(shown.width, HIGHEST * shown.width // shown.height)
    return (
        f'<svg class="faces" style="max-width:{widest}px" viewBox="0 0 {shown.width} {shown.height}" role="img">'
        f'<image href="{inline(shown, "JPEG")}" width="{shown.width}" height="{shown.height}"/>{boxes}</svg>'
    )


def _box(box: list[float], name: str, bright: bool, size: int) -> str:
    left, top, right, bottom = box
    at = f'x="{left + 4:.0f}" y="{max(top - size / 80, size / 22):.0f}" font-size="{size / 22:.0f}"'
    return (
        f'<g class="{"chosen" if bright else ""}"><rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}" rx="{size / 80:.0f}" stroke-width="{size / 160:.1f}"/>'
        + (f"<text {at}>{name}</text></g>" if name else "</g>")
    )


def sentences(told: list[tuple[str, str]]) -> str:
    """Notes as HTML."""
    return "".join(f'<p class="face-note">{both(*pair)}</p>' for pair in told)
