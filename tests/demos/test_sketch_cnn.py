"""The sketch tab: examples read as promised, rubbish refused, the picture shows what the net sees."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from demos._run import InvalidInput
from demos._sketch import PREFIX, as_value, open_page
from demos.sketch_cnn import SAMPLE, SAMPLES, SHOWN, TILE, read, sheet

PROMISED = {"three": "3", "seven": "7", "tshirt": "T-shirt/top", "trousers": "Trouser", "boot": "Ankle boot"}


def value(page: Image.Image) -> str:
    file = io.BytesIO()
    page.save(file, "PNG")
    return PREFIX + base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("name", PROMISED)
def test_an_example_is_read_as_promised(name: str) -> None:
    shares, _ = read(as_value(SAMPLES / f"{name}.png"), SAMPLE[name][1])
    assert max(shares, key=shares.__getitem__).split()[-1] == PROMISED[name].split()[-1]


def test_the_failing_example_is_read_as_a_digit_with_confidence() -> None:
    shares, _ = read(as_value(SAMPLES / "letter.png"), "digit")
    assert max(shares.values()) > 0.5


@pytest.mark.parametrize("page", [None, "", 0, []])
def test_nothing_drawn_is_said(page: object) -> None:
    with pytest.raises(InvalidInput, match="Draw something first"):
        open_page(page)  # type: ignore[arg-type]


def test_a_blank_page_is_said() -> None:
    with pytest.raises(InvalidInput, match="blank"):
        open_page(value(Image.new("L", (280, 280), 255)))


@pytest.mark.parametrize(
    "page",
    [
        "hello", PREFIX, PREFIX + "!!!!", PREFIX + "aGVsbG8=", "data:image/svg+xml;base64,PHN2Zy8+",
        PREFIX + "A" * 500_000,
        value(Image.new("L", (1025, 10))), 3.5,
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_page_is_refused(page: object) -> None:
    with pytest.raises(InvalidInput, match="must be a PNG"):
        open_page(page)  # type: ignore[arg-type]


def test_transparent_paper_is_white() -> None:
    page = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    page.paste((0, 0, 0, 255), (10, 10, 20, 20))
    opened = open_page(value(page))
    assert (opened.getpixel((0, 0)), opened.getpixel((15, 15))) == (255, 0)


@pytest.mark.parametrize("kind", [None, "letter", 1, []])
def test_an_unknown_kind_is_refused(kind: object) -> None:
    with pytest.raises(InvalidInput, match="digit or garment"):
        read(as_value(SAMPLES / "three.png"), kind)  # type: ignore[arg-type]


def test_the_strongest_map_stands_first_and_is_brightest_where_it_answers() -> None:
    maps = np.zeros((20, 4, 4), np.float32)
    maps[7, 0, 0], maps[3, 3, 3] = 9, 1
    page = sheet([maps[:1], maps])
    first = page.split(PREFIX)[-1].split('"')[0]
    with Image.open(io.BytesIO(base64.b64decode(first))) as picture:
        pixels = np.asarray(picture.convert("RGB").convert("L"), int)
    assert pixels[2, 2] > pixels[TILE - 3, TILE - 3] + 100
    assert pixels.shape[1] >= SHOWN * TILE
    assert "20 maps of 4 × 4" in page
    assert "20 张 4 × 4" in page
