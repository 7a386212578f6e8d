"""Emojis of four drawings, composited on white, and what they are called.

Three are trained on: Noto by Google, and Fluent by Microsoft in three dimensions and flat. The fourth, Twemoji by
Twitter, is never seen by the net; the classifier that measures it learns from it. KEPT are things that one can picture;
left out are flags, letters, clocks, signs, tools and papers, people at work and whatever is joined of several: they are
hundreds, much alike, and a net of this size would learn little else.
"""

import functools
import io
import json
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from models import sources
from models.spec import Dataset, Npm

HERE = Path(__file__).parent
SIDE = 64  # pixels that all drawings are brought to
CELL = 66  # of a sheet: a drawing and an empty pixel around it
STYLES = ("noto", "fluent", "flat")  # trained on
HELD_OUT = "twemoji"
KEPT = (
    "face-", "cat-face", "monkey-face", "heart", "hand-fingers-closed", "body-parts", "animal-", "plant-", "food-",
    "drink", "place-building", "transport-ground", "transport-water", "transport-air", "sky & weather", "sport",
    "musical-instrument", "lock", "geometric",
)  # fmt: skip
COLOURS = {  # hues in degrees
    "red": 0.0, "orange": 28.0, "yellow": 48.0, "green": 120.0, "blue": 212.0, "purple": 272.0, "pink": 330.0,
}  # fmt: skip
WORDINGS = 8  # of an emoji, its name first
VARIATIONS = 8  # of a drawing


def _npm(package: str, version: str, member: str, sha256: str) -> Dataset:
    name = member.rsplit("/", 1)[-1] or f"{package.rsplit('/', 1)[-1]}.tgz"
    return Dataset(name, sha256, (Npm(package, version, member),))


LIST = _npm(
    "emoji-datasource-google",
    "16.0.0",
    "package/emoji.json",
    "1d602e65be88772bf8cc368ce16b855d719eeddbafe128d471b80203f494d29f",
)
KEYWORDS = _npm(
    "emojilib",
    "4.0.3",
    "package/dist/emoji-en-US.json",
    "7974e9162e1505aa1b02d07a04e4eefa5c51864d6c32e477121c635201e2eca2",
)
SHEETS = {
    "noto": _npm(
        "emoji-datasource-google",
        "16.0.0",
        "package/img/google/sheets-clean/64.png",
        "795a0c598d162c9a4aae23f2188c607b8c9bc1912cb7d84382459f8de91a3ae1",
    ),
    HELD_OUT: _npm(
        "emoji-datasource-twitter",
        "16.0.0",
        "package/img/twitter/sheets-clean/64.png",
        "daa7711b29897de6bd811a4cfeae911d8d8baa7f7e25c97d9b64354ae425ff5c",
    ),
}
PACKED = {
    "fluent": _npm(
        "@lobehub/fluent-emoji-3d",
        "1.1.0",
        "",
        "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
    ),
    "flat": _npm(
        "fluentui-emoji", "1.3.0", "", "ec892e607e854859b812c7d827801756adc19955b0ef56d4ae8afcddd19492c5"
    ),
}


@dataclass(frozen=True)
class Emoji:
    """name: in small letters; words: keywords; code: its code points; place: column and row on a sheet."""

    name: str
    words: tuple[str, ...]
    code: str
    place: tuple[int, int]

    def wordings(self) -> list[str]:
        """WORDINGS texts that could ask for it, the name first and twice; the rest by chance, the same each time."""
        chance = np.random.default_rng(int(self.code.split("-")[0], 16))
        words = list(self.words) or [self.name]
        texts = [self.name, self.name]
        while len(texts) < WORDINGS:
            one, other = (str(chance.choice(words)) for _ in range(2))
            texts.append((one, f"{one} {self.name}", f"{one}, {other}", f"a {one} {other}")[len(texts) % 4])
        return texts


@functools.cache
def emojis() -> tuple[Emoji, ...]:
    """All that are kept, in the order of their kinds."""
    keywords = json.loads(sources.fetch(KEYWORDS).read_text())
    kept = []
    for one in sorted(json.loads(sources.fetch(LIST).read_text()), key=lambda one: one["sort_order"]):
        character = "".join(chr(int(part, 16)) for part in one["unified"].split("-"))
        words = [word.replace("_", " ") for word in keywords.get(character, ())]
        if not one["subcategory"].startswith(KEPT) or "200D" in one["unified"] or not words:
            continue
        plain = [word.lower() for word in words[1:] if word.isascii() and word.replace(" ", "").isalpha()]
        short = [name.replace("_", " ").replace("-", " ") for name in one["short_names"]]
        place = (one["sheet_x"], one["sheet_y"])
        kept.append(
            Emoji(words[0].lower(), tuple(dict.fromkeys(short + plain)), one["unified"].lower(), place)
        )
    return tuple(kept)


@functools.cache
def drawings(style: str) -> dict[int, np.ndarray]:
    """Number in emojis() -> its drawing in one of STYLES or HELD_OUT, uint8 (SIDE, SIDE, 3), where there is one."""
    if style in SHEETS:
        return _cut(Image.open(sources.fetch(SHEETS[style])).convert("RGBA"))
    return _unpacked(sources.fetch(PACKED[style]), style)


def trained_on() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each drawing: its number in emojis(), its style's in STYLES, and itself, uint8 (N, SIDE, SIDE, 3)."""
    drawn = [(number, style, picture) for style, name in enumerate(STYLES)
             for number, picture in drawings(name).items()]  # fmt: skip
    numbers, styles, pictures = zip(*drawn, strict=True)
    return np.array(numbers), np.array(styles), np.stack(pictures)


class Shown(NamedTuple):
    """Variations of the drawings that are trained on, N in all."""

    pictures: np.ndarray  # uint8 (N, SIDE, SIDE, 3)
    numbers: np.ndarray  # in emojis(), (N,)
    styles: np.ndarray  # in STYLES, (N,)
    colours: np.ndarray  # number in COLOURS of what it is painted in, -1: in its own, (N,)


@functools.cache
def shown() -> Shown:
    """VARIATIONS of each drawing in its own colours, the first as it is, and one in each of COLOURS."""
    chance = np.random.default_rng(0)
    rows = []
    for number, style, drawing in zip(*trained_on(), strict=True):
        rows.append((drawing, number, style, -1))
        rows += [(varied(drawing, chance), number, style, -1) for _ in range(VARIATIONS - 1)]
        for place, colour in enumerate(COLOURS):
            painted = recoloured(drawing, colour)
            if painted is not None:
                rows.append((varied(painted, chance), number, style, place))
    pictures, *told = zip(*rows, strict=True)
    return Shown(np.stack(pictures), *map(np.array, told))


def varied(picture: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """A little turned, larger or smaller, moved, mirrored in half of the cases; uint8 (SIDE, SIDE, 3)."""
    drawing = Image.fromarray(picture)
    if chance.random() < 0.5:
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turn, scale = np.deg2rad(chance.uniform(-10, 10)), chance.uniform(0.95, 1.15)
    across, down = scale * np.cos(turn), scale * np.sin(turn)
    left, top = (
        SIDE / 2 * (1 - across) + down * SIDE / 2 + chance.uniform(-2, 2),
        SIDE / 2 * (1 - across) - down * SIDE / 2 + chance.uniform(-2, 2),
    )
    return np.asarray(
        drawing.transform(
            (SIDE, SIDE), Image.Transform.AFFINE, (across, -down, left, down, across, top),
            Image.Resampling.BICUBIC, fillcolor="white",
        )
    )  # fmt: skip


def _cut(sheet: Image.Image) -> dict[int, np.ndarray]:
    found = {}
    for number, one in enumerate(emojis()):
        left, top = (CELL * where + 1 for where in one.place)
        picture = sheet.crop((left, top, left + SIDE, top + SIDE))
        if picture.getchannel("A").getbbox():  # not an empty cell
            found[number] = on_white(picture)
    return found


def _unpacked(package: Path, style: str) -> dict[int, np.ndarray]:
    wanted: dict[str, int] = {}
    for number, one in enumerate(emojis()):
        slug = one.name.replace(" ", "-").replace("’", "").replace(".", "")
        for name in (f"{slug}.svg", f"{slug}-default.svg") if style == "flat" else (
            f"{one.code}.webp", f"{one.code.replace('-fe0f', '')}.webp"):  # fmt: skip
            wanted[name] = number
    folder, read = ("icons/flat", _rendered) if style == "flat" else ("assets", _decoded)
    found = {}
    with tarfile.open(package) as box:
        for member in box:
            where, _, name = member.name.rpartition("/")
            inside = box.extractfile(member) if where == f"package/{folder}" and name in wanted else None
            if inside:
                found[wanted[name]] = on_white(read(inside.read()))
    return found


def _decoded(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file)).convert("RGBA").resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _rendered(file: bytes) -> Image.Image:
    """An SVG, drawn four times as large and reduced, which smooths its edges."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    sized = file.replace(b"<svg ", f'<svg width="{4 * SIDE}" height="{4 * SIDE}" '.encode(), 1)
    surface = pygame.image.load(io.BytesIO(sized), "picture.svg")
    picture = Image.frombytes("RGBA", surface.get_size(), pygame.image.tobytes(surface, "RGBA"))
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def on_white(picture: Image.Image) -> np.ndarray:
    """RGBA -> uint8 (height, width, 3)."""
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture)
    return np.asarray(page.convert("RGB"))


def halved(pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, side, side, 3) -> (N, side / 2, side / 2, 3), each pixel the mean of four."""
    count, side = pictures.shape[:2]
    fours = pictures.reshape(count, side // 2, 2, side // 2, 2, 3)
    return (fours.mean((2, 4)) + 0.5).astype(np.uint8)


def recoloured(picture: np.ndarray, colour: str) -> np.ndarray | None:
    """All hues turned so that the one that prevails becomes a colour of COLOURS; None where there is hardly any colour.

    uint8 (height, width, 3).
    """
    hue, much, light = np.moveaxis(np.array(Image.fromarray(picture).convert("HSV")), 2, 0).astype(np.int32)
    weight = much * (much > 60) * (light > 60)
    if (weight > 0).mean() < 0.15:
        return None
    counts = np.bincount(hue.ravel(), weight.ravel(), 256)
    smooth = sum(np.roll(counts, shift) for shift in range(-6, 7))
    turn = round(COLOURS[colour] * 256 / 360) - int(np.argmax(smooth))
    turned = np.stack([(hue + turn) % 256, much, light], 2).astype(np.uint8)
    return np.asarray(Image.fromarray(turned, "HSV").convert("RGB"))


if __name__ == "__main__":
    (HERE / "names.json").write_text(
        json.dumps([one.name for one in emojis()], ensure_ascii=False, indent=0) + "\n"
    )
