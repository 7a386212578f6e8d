"""Pictures to enlarge: each large one beside itself made smaller by Pillow's bicubic, photographs and drawings.

`python -m models.enlarger_data` writes the frozen sample, that the tests measure on, into the room edsr_x2: the middles
of three photographs in the public domain and two drawings.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models import photo_data

FROZEN = Path(__file__).parent / "edsr_x2" / "frozen.npz"
FROZEN_SIDE = 256  # pixels
PUBLIC_DOMAIN = ("astronaut.png", "chelsea.png", "coffee.png")  # NASA; CC0; CC0
PAGE = (640, 480)  # pixels of a drawing
TEST_DRAWINGS = range(1000, 1008)  # seeds that training never draws
TEXT = (
    "file edit view insert format tools window help open save close print cancel search settings account "
    "The quick brown fox jumps over the lazy dog. Sphinx of black quartz, judge my vow! total 12,345.67 EUR 98 % "
    "import numpy as np def main(args: list[str]) -> None: return sum(x ** 2 for x in values) {key: value} "
    "Monday January 2024 08:45 https://example.org #42 (draft) width height name@mail.org Q&A 3/4 [OK] <br> a_b c-d"
)


@dataclass(frozen=True)
class Pair:
    """large: uint8 (scale h, scale w, 3); small: uint8 (h, w, 3), Pillow's bicubic reduction of it."""

    large: np.ndarray
    small: np.ndarray


def pair(picture: np.ndarray, scale: int) -> Pair:
    """uint8 (H, W, 3); up to scale - 1 rows and columns are cut off, so that both sizes are whole."""
    height, width = (length // scale * scale for length in picture.shape[:2])
    large = picture[:height, :width]
    return Pair(large, resized(large, width // scale, height // scale))


def resized(
    picture: np.ndarray, width: int, height: int, how: Image.Resampling = Image.Resampling.BICUBIC
) -> np.ndarray:
    """uint8 (H, W, 3) -> (height, width, 3), by Pillow."""
    return np.asarray(Image.fromarray(picture).resize((width, height), how))


def test_pairs(scale: int, frozen: bool) -> tuple[list[Pair], list[Pair]]:
    """-> seven photographs and eight drawings, or (frozen) three and two, that no training saw."""
    if frozen:
        with np.load(FROZEN) as arrays:
            photos, drawings = list(arrays["photos"]), list(arrays["drawings"])
    else:
        photos = list(photo_data.test_photographs().values())
        drawings = [drawing(seed) for seed in TEST_DRAWINGS]
    return [pair(one, scale) for one in photos], [pair(one, scale) for one in drawings]


def drawing(seed: int) -> np.ndarray:
    """A page as screens show it: lines of text, or shapes, or both, sharp or smoothed. -> uint8 (480, 640, 3)."""
    chance = np.random.default_rng(seed)
    smooth = 1 if chance.random() < 0.3 else int(chance.integers(2, 4))
    page = Image.new("RGB", (PAGE[0] * smooth, PAGE[1] * smooth), _colour(chance, paper=True))
    pen = ImageDraw.Draw(page)
    shapes = chance.random() < 0.7
    if shapes:
        for _ in range(int(chance.integers(4, 25))):
            _shape(pen, chance, smooth)
    page = page.resize(PAGE, Image.Resampling.BOX)
    if chance.random() < 0.8 or not shapes:
        _text(ImageDraw.Draw(page), chance)
    return np.asarray(page)


def _text(pen: ImageDraw.ImageDraw, chance: np.random.Generator) -> None:
    """Columns of text in one size each; the font is the one that Pillow brings along."""
    ink = _colour(chance, paper=False)
    for left in range(0, PAGE[0], int(chance.integers(160, PAGE[0]))):
        font = ImageFont.load_default(float(chance.choice((10, 11, 12, 13, 14, 16, 18, 22, 28, 40))))
        top = float(chance.uniform(0, 40))
        while top < PAGE[1]:
            words = " ".join(chance.choice(TEXT.split(), 12))
            pen.text((left + 6, top), words, ink, font)
            top += font.size * 1.3  # type: ignore[union-attr]
        if chance.random() < 0.5:
            ink = _colour(chance, paper=False)


def _shape(pen: ImageDraw.ImageDraw, chance: np.random.Generator, smooth: int) -> None:
    x, y = (float(chance.uniform(0, side * smooth)) for side in PAGE)
    width, height = (float(chance.uniform(4, 220)) * smooth for _ in range(2))
    line, colour = int(chance.integers(1, 6)) * smooth, _colour(chance, paper=chance.random() < 0.5)
    fill = colour if chance.random() < 0.4 else None
    kind, box = int(chance.integers(0, 4)), (x, y, x + width, y + height)
    if kind == 0:
        pen.rectangle(box, fill, colour, line)
    elif kind == 1:
        pen.ellipse(box, fill, colour, line)
    elif kind == 2:
        pen.polygon([(x, y), (x + width, y + height / 2), (x + width / 3, y + height)], fill, colour, line)
    else:
        pen.line([(x + float(step) * width / 4, y + float(chance.normal()) * height / 4) for step in range(5)],
                 colour, line, joint="curve")  # fmt: skip


def _colour(chance: np.random.Generator, paper: bool) -> tuple[int, int, int]:
    """Paper is mostly white or nearly black, ink mostly black or nearly white; each is sometimes coloured."""
    if chance.random() < 0.4:
        red, green, blue = (int(value) for value in chance.integers(0, 256, 3))
        return red, green, blue
    bright = (chance.random() < 0.75) == paper
    level = int(chance.integers(225, 256) if bright else chance.integers(0, 45))
    return level, level, level


def _middle(picture: np.ndarray) -> np.ndarray:
    top, left = ((length - FROZEN_SIDE) // 2 for length in picture.shape[:2])
    return picture[top : top + FROZEN_SIDE, left : left + FROZEN_SIDE]


if __name__ == "__main__":
    published = photo_data.test_photographs()
    np.savez_compressed(
        FROZEN,
        photos=np.stack([_middle(published[name]) for name in PUBLIC_DOMAIN]),
        drawings=np.stack([_middle(drawing(seed)) for seed in TEST_DRAWINGS[:2]]),
    )
