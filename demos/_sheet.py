"""Small pictures that a net made, grey or in colour, as HTML: enlarged, side by side, and as a short film."""

import base64
import io

import numpy as np
from PIL import Image

from demos._photo import inline

FRAME = 80  # milliseconds


def enlarged(picture: np.ndarray, times: int) -> Image.Image:
    """uint8 (height, width), or with 3 colours -> so many times as large, smooth."""
    height, width = picture.shape[:2]
    return Image.fromarray(picture).resize((width * times, height * times), Image.Resampling.BICUBIC)


def tile(picture: np.ndarray, times: int, name: str = "") -> str:
    """uint8 (height, width), or with 3 colours -> an <img>. name: what it shows, escaped where visitors wrote it."""
    return f'<img src="{inline(enlarged(picture, times))}" decoding="sync" alt="{name}">'


def film(frames: np.ndarray, times: int, name: str = "") -> str:
    """uint8 (F, height, width) -> an <img> that plays them there and back, again and again."""
    there = [enlarged(frame, times) for frame in frames]
    file = io.BytesIO()
    there[0].save(
        file, "GIF", save_all=True, append_images=[*there[1:], *there[-2:0:-1]], duration=FRAME, loop=0
    )
    return f'<img src="data:image/gif;base64,{base64.b64encode(file.getvalue()).decode()}" alt="{name}">'


def grid(pictures: np.ndarray, times: int, gap: int = 2) -> np.ndarray:
    """uint8 (rows, columns, height, width, ...) -> one uint8 page, each enlarged, gap pixels between, of light grey."""
    rows, columns, height, width, *colours = pictures.shape
    down, across = height * times + gap, width * times + gap
    page = np.full((rows * down - gap, columns * across - gap, *colours), 225, np.uint8)
    for row in range(rows):
        for column in range(columns):
            spot = page[row * down :, column * across :]
            spot[: height * times, : width * times] = np.asarray(enlarged(pictures[row, column], times))
    return page
