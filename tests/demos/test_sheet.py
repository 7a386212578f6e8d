"""Small pictures as HTML: enlarged where they stand, and a film that plays there and back."""

import base64
import io

import numpy as np
from PIL import Image

from demos._sheet import film, grid, tile


def opened(shown: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(shown.split("base64,")[1].split('"')[0])))


def test_a_tile_is_enlarged_and_named() -> None:
    picture = opened(tile(np.full((4, 6), 90, np.uint8), 3, "nine"))
    assert picture.size == (18, 12)
    assert picture.getextrema() == (90, 90)
    assert 'alt="nine"' in tile(np.zeros((2, 2), np.uint8), 1, "nine")


def test_a_film_plays_there_and_back_for_ever() -> None:
    frames = np.stack([np.full((4, 4), shade, np.uint8) for shade in (0, 80, 160, 240)])
    with opened(film(frames, 2)) as moving:
        shades = []
        for number in range(moving.n_frames):
            moving.seek(number)
            shades.append(moving.convert("L").getpixel((0, 0)))
        assert moving.info["loop"] == 0
    assert shades == [0, 80, 160, 240, 160, 80]


def test_a_grid_puts_each_picture_in_its_place() -> None:
    pictures = np.arange(6, dtype=np.uint8).reshape(2, 3, 1, 1).repeat(2, 2).repeat(2, 3)
    page = grid(pictures, 2, gap=1)
    assert page.shape == (9, 14)
    assert page[::5, ::5].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert page[4, 0] == 225


def test_pictures_in_colour_keep_it_on_a_page() -> None:
    reds = np.full((1, 2, 4, 4, 3), (200, 10, 20), np.uint8)
    page = grid(reds, 2, gap=1)
    assert page.shape == (8, 17, 3)
    assert page[3, 3].tolist() == [200, 10, 20]
    assert page[3, 8].tolist() == [225] * 3
    assert opened(tile(reds[0, 0], 2)).getpixel((5, 5)) == (200, 10, 20)
