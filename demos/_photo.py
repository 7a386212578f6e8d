"""Photos that visitors give: checked by their header before a pixel is decoded, then made upright RGB."""

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import IO, Any

import gradio as gr
import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

from demos._run import InvalidInput
from demos._ui import Text

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000  # decoded; a bomb of a few kB can hold a thousand times more
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")
# What decoders raise for a broken file.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, AssertionError, struct.error,
              zlib.error)  # fmt: skip
HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")  # ftyp brands
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# Cold to hot, as in the colour map "plasma", and 256 colours on the way.
RAMP = ((13, 8, 80), (126, 3, 168), (225, 100, 98), (253, 200, 39), (240, 249, 33))
HEAT = np.stack(
    [np.interp(np.linspace(0, len(RAMP) - 1, 256), range(len(RAMP)), channel) for channel in zip(*RAMP)], -1
).astype(np.uint8)


def photo_box(**options: Any) -> gr.Image:
    """gr.Image that hands over the path of the uploaded file, unopened, so that open_photo sees it first."""
    sources = ["upload", "webcam", "clipboard"]
    box = gr.Image(type="filepath", sources=sources, buttons=["download", "fullscreen"], **options)
    box.preprocess = lambda payload: payload.path if payload else None  # type: ignore[method-assign]
    return box


def picture_box(label: Text, **options: Any) -> gr.Image:
    """gr.Image for an answer. JPEG: to write a WebP, Gradio's choice, takes 30 times as long."""
    return gr.Image(label=label, format="jpeg", interactive=False, buttons=["fullscreen"], **options)


def open_photo(path: str | None) -> Image.Image:
    """File of a visitor -> RGB image, turned upright, transparent parts white, first frame of an animation.

    Raises InvalidInput for a missing, too large, broken or unknown file.
    """
    return rgb(opened(path))


def cutout(photo: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """What opened() gives -> RGB image whose transparent parts have the colour nearest to them, and alpha or None."""
    if not photo.has_transparency_data:
        return rgb(photo), None
    pixels = np.asarray(_rgba(photo))
    colours, alpha = pixels[..., :3], pixels[..., 3]
    if not alpha.any() or alpha.all():
        return Image.fromarray(colours.copy()), Image.fromarray(alpha.copy())
    rows, columns = ndimage.distance_transform_edt(alpha == 0, return_distances=False, return_indices=True)
    return Image.fromarray(colours[rows, columns]), Image.fromarray(alpha.copy())


def opened(path: str | None) -> Image.Image:
    """File of a visitor -> decoded image of any mode, turned upright. Raises InvalidInput as open_photo does."""
    if not path or not isinstance(path, str):
        raise InvalidInput("请先选一张照片", "Choose a photo first")
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise _too_large()
        return _decoded(path, MAX_PIXELS)
    except UNREADABLE as cause:
        raise _unreadable(_head(path)) from cause


def open_bytes(data: bytes, most_pixels: int = MAX_PIXELS) -> Image.Image:
    """As open_photo(), of a file that is in memory and stays off the disk."""
    if len(data) > MAX_BYTES:
        raise _too_large()
    try:
        return rgb(_decoded(io.BytesIO(data), most_pixels))
    except UNREADABLE as cause:
        raise _unreadable(data[:12]) from cause


def _decoded(file: str | IO[bytes], most_pixels: int) -> Image.Image:
    """-> upright, any mode. Raises InvalidInput for too many pixels, before one is decoded; UNREADABLE for the rest."""
    try:
        with Image.open(file, formats=FORMATS) as photo:
            if photo.width * photo.height > most_pixels:
                raise _too_many_pixels(most_pixels)
            photo.load()
            if photo.mode == "P" and photo.palette is None:
                raise ValueError("colours by number, and no list of them")
            return ImageOps.exif_transpose(photo)
    except BOMB as cause:
        raise _too_many_pixels(most_pixels) from cause


def heat(values: np.ndarray) -> Image.Image:
    """Float32 (height, width), range (0, 1) -> colours from cold and dark to hot and bright."""
    return Image.fromarray(HEAT[np.uint8(255 * np.clip(values, 0, 1))])


def heat_over(photo: Image.Image, values: np.ndarray) -> Image.Image:
    """RGB photo and values as for heat() -> their blend; cold places grow dark."""
    return Image.blend(photo, heat(values), 0.5)


def inline(picture: Image.Image, kind: str = "PNG") -> str:
    """A small picture as the address of an <img>, so that it comes and goes with the HTML around it.

    kind: PNG or JPEG.
    """
    file = io.BytesIO()
    picture.save(file, kind, compress_level=1, quality=88)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(file.getvalue()).decode()


def rgb(photo: Image.Image) -> Image.Image:
    """Picture of any mode -> RGB; transparent parts become white, more than 8 bits are scaled down."""
    if not photo.has_transparency_data:
        return _eight_bit(photo).convert("RGB")
    white = Image.new("RGBA", photo.size, "white")
    return Image.alpha_composite(white, _rgba(photo)).convert("RGB")


def _rgba(photo: Image.Image) -> Image.Image:
    """Picture of any mode that has transparent parts -> RGBA."""
    if not photo.mode.startswith("I;16"):
        return photo.convert("RGBA")
    grey = _eight_bit(photo).convert("RGBA")
    grey.putalpha(Image.fromarray(np.uint8(255 * (np.asarray(photo) != photo.info["transparency"]))))
    return grey


def _eight_bit(photo: Image.Image) -> Image.Image:
    """Grey of 16 bits, 32 bits or floats -> 8 bits, others as they are. Pillow would clip all above 255 to white."""
    if not photo.mode.startswith(("I", "F")):
        return photo
    values = np.nan_to_num(np.asarray(photo, np.float32), posinf=0, neginf=0)
    if photo.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:  # nothing says where white is
        low, high = float(values.min()), float(values.max())
    return Image.fromarray(np.uint8(255 * ((values - low) / max(high - low, 1e-6))))


def _too_many_pixels(most: int) -> InvalidInput:
    limit = most // 1_000_000
    return InvalidInput(
        f"照片像素太多，请缩小到 {limit * 100} 万像素以内", f"Shrink the photo to {limit} megapixels or fewer"
    )


def _too_large() -> InvalidInput:
    limit = MAX_BYTES // 1_000_000
    return InvalidInput(f"文件太大，请用 {limit} MB 以内的照片", f"Use a photo file below {limit} MB")


def _unreadable(head: bytes) -> InvalidInput:
    """head: the first 12 bytes of the file."""
    if head[4:8] == b"ftyp" and head[8:12] in HEIC:
        return InvalidInput(
            "读不了 HEIC 照片，请另存为 JPEG 再试", "HEIC photos cannot be read; save it as JPEG"
        )
    return InvalidInput(
        "读不了这个文件，请换一张完整的 JPEG、PNG 或 WebP 照片",
        "This file cannot be read; choose a complete JPEG, PNG or WebP photo",
    )


def _head(path: str) -> bytes:
    """The first bytes of a file; none of one that cannot be opened."""
    try:
        with open(path, "rb") as file:
            return file.read(12)
    except (OSError, ValueError):
        return b""
