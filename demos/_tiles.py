"""Small grey pictures laid side by side, as nets that make pictures give them: uint8, bright on black, shown as ink."""

import base64
import io

import numpy as np
from PIL import Image

from demos._photo import inline


def grid(pictures: np.ndarray, columns: int, gap: int = 0) -> str:
    """Pictures (N, height, width) in rows of so many -> a PNG as the address of an <img>, dark on white."""
    height, width = pictures.shape[1:]
    rows = -(-len(pictures) // columns)
    page = Image.new("L", (columns * (width + gap) - gap, rows * (height + gap) - gap), 255)
    for number, picture in enumerate(pictures):
        down, across = divmod(number, columns)
        page.paste(Image.fromarray(255 - picture), (across * (width + gap), down * (height + gap)))
    return inline(page)


def figure(pictures: np.ndarray, columns: int, told: str, width: int, gap: int = 2) -> str:
    """A grid, so many pixels wide at most, with HTML below it."""
    return (
        f'<figure class="tiles" style="max-width:{width}px"><img src="{grid(pictures, columns, gap)}" '
        f'decoding="sync" alt=""><figcaption>{told}</figcaption></figure>'
    )


def film(pictures: np.ndarray, side: int, milliseconds: int) -> str:
    """Pictures (N, height, width) one after the other and back -> an animated GIF as the address of an <img>."""
    shown = [Image.fromarray(255 - one).resize((side, side), Image.Resampling.BICUBIC) for one in pictures]
    file = io.BytesIO()
    shown[0].save(
        file, "GIF", save_all=True, append_images=shown[1:] + shown[-2:0:-1], duration=milliseconds, loop=0
    )
    return "data:image/gif;base64," + base64.b64encode(file.getvalue()).decode()
