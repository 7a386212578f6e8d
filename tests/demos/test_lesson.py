"""What a visitor teaches with: whatever the page or the API sends becomes small upright pictures, or one sentence."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demos._lesson import MOST, MOST_CHARACTERS, MOST_NAME, SIDE, open_lesson, open_picture
from demos._run import InvalidInput
from demos.teach_images import EXAMPLES
from tests.demos.test_photo import RED, half_and_half, near, png_header


def url(picture: Image.Image, kind: str = "PNG", **options: Any) -> str:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


RED_DOT = url(Image.new("RGB", (9, 9), RED))


def lesson(*classes: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "pictures": pictures} for name, pictures in classes]


def test_names_and_pictures_come_in_order() -> None:
    opened = open_lesson(lesson((" my  cat ", [RED_DOT] * 3), ("狗", [RED_DOT] * 4), ("", [])))
    assert opened.names == ["my cat", "狗"]
    assert opened.labels == ["my cat"] * 3 + ["狗"] * 4
    assert [picture.size for picture in opened.pictures] == [(9, 9)] * 7


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        ([("a", [RED_DOT] * 3)], "2 to 5 classes"),
        ([(name, [RED_DOT] * 3) for name in "abcdef"], "2 to 5 classes"),
        ([("a", [RED_DOT] * 2), ("b", [RED_DOT] * 3)], '"a" needs 3 to 40'),
        ([("a", [RED_DOT] * 3), ("b", [RED_DOT] * (MOST + 1))], '"b" needs 3 to 40'),
        ([("a", [RED_DOT] * 3), ("b", "xyz")], '"b" needs 3 to 40'),
        ([("a", [RED_DOT] * 3), (" \n", [RED_DOT] * 3)], "Name class 2"),
        ([("a", [RED_DOT] * 3), (None, [RED_DOT] * 3)], "Name class 2"),
        ([("a", [RED_DOT] * 3), ("a ", [RED_DOT] * 3)], 'Two classes are called "a"'),
        ([("x" * (MOST_NAME + 1), [RED_DOT] * 3), ("b", [RED_DOT] * 3)], "class 1 is longer than 40"),
        ([("a", [RED_DOT] * 3), ("b", [RED_DOT, 7, RED_DOT])], "Give a picture first"),
        ([("a", [RED_DOT] * 3), ("b", [RED_DOT, "cat.jpg", RED_DOT])], "Write a picture as data:image"),
    ],
)
def test_what_cannot_be_taught_is_named(classes: list[tuple[Any, Any]], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        open_lesson(lesson(*classes))


@pytest.mark.parametrize("value", [None, "", "[]", [], {}, 3, float("nan"), [None], ["a"], [[]]])
def test_no_lesson_is_asked_for(value: object) -> None:
    with pytest.raises(InvalidInput, match="two classes or more first"):
        open_lesson(value)


@pytest.mark.parametrize("mode", ["RGB", "P", "CMYK", "L", "RGBA"])
def test_a_picture_of_any_kind_is_opened(mode: str) -> None:
    picture = half_and_half(mode)
    opened = open_picture(url(picture, "TIFF" if mode == "CMYK" else "PNG"))
    assert opened.mode == "RGB"
    assert mode == "L" or near(opened.getpixel((5, 10)), RED)


def test_a_photo_held_sideways_is_turned_and_shrunk() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    opened = open_picture(url(half_and_half().resize((1600, 800)), "JPEG", exif=exif))
    assert opened.size == (SIDE, 2 * SIDE)
    assert near(opened.getpixel((SIDE // 2, 9)), RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_extreme_shapes_are_opened(size: tuple[int, int]) -> None:
    assert min(open_picture(url(Image.new("RGB", size))).size) == 1


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        ("data:image/png;base64,!!!", "base64 is damaged"),
        ("data:image/png;base64,é", "base64 is damaged"),
        ("data:text/html;base64,aGk=", "Write a picture as"),
        ("data:image/png;base64," + "A" * MOST_CHARACTERS, "Write a picture as"),
        ("😀" * 50_000, "Write a picture as"),
        (" \n", "Write a picture as"),
        ("", "Give a picture first"),
        (None, "Give a picture first"),
        (float("nan"), "Give a picture first"),
        (["a"], "Give a picture first"),
        ("data:image/png;base64,", "cannot be read"),
        ("data:image/png;base64,aGVsbG8=", "cannot be read"),
        (RED_DOT[:-60], "cannot be read"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "cannot be read"),
        ("data:image/heic;base64," + base64.b64encode(b"\0\0\0\x18ftypheic" + bytes(90)).decode(), "HEIC"),
        ("data:image/png;base64," + base64.b64encode(png_header(2001, 2000)).decode(), "4 megapixels"),
        ("data:image/png;base64," + base64.b64encode(png_header(60_000, 60_000)).decode(), "4 megapixels"),
    ],
)
def test_what_is_no_picture_is_refused(picture: object, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        open_picture(picture)


def test_the_ready_lessons_can_be_opened() -> None:
    for value, picture in EXAMPLES.values():
        opened = open_lesson(value)
        assert all(opened.labels.count(name) == 6 for name in opened.names)
        assert np.asarray(open_picture(picture)).std() > 10
