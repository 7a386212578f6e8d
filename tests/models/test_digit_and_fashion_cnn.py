"""The two drawing nets: right on pages of any size, centred as their data was, with maps that answer to ink."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

import models
from models import digit_data as digits
from models import garment_data as garments
from models import garment_page
from models.digit_cnn import net as digit_net


@pytest.mark.parametrize(
    ("room", "data", "net", "least"),
    [("digit_cnn", digits, digit_net, 0.97), ("fashion_cnn", garments, garment_page, 0.9)],
)
def test_pages_are_read_as_well_as_the_pictures_they_were_made_of(
    room: str, data: object, net: object, least: float
) -> None:
    images, labels = data.frozen()  # type: ignore[attr-defined]
    with models.use(room) as model:
        right = 0
        for image, label in zip(images[:200], labels[:200], strict=True):
            page = Image.fromarray(255 - image).resize((280, 280), Image.Resampling.BICUBIC)
            shares = model.predict(page)
            right += max(shares, key=shares.__getitem__) == net.LABELS[label]  # type: ignore[attr-defined]
    assert right / 200 >= least


def stroke(left: int, top: int) -> Image.Image:
    page = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(page).line((left, top, left, top + 100), fill=0, width=14)
    return page


@pytest.mark.parametrize("net", [digit_net, garment_page])
def test_where_on_the_page_it_is_drawn_makes_no_difference(net: object) -> None:
    assert np.array_equal(net.prepare(stroke(40, 20)), net.prepare(stroke(200, 150)))  # type: ignore[attr-defined]


@pytest.mark.parametrize("net", [digit_net, garment_page])
@pytest.mark.parametrize("size", [(280, 1), (1, 280), (3, 280)])
def test_a_hairline_is_drawn_too(net: object, size: tuple[int, int]) -> None:
    page = Image.new("L", (300, 300), 255)
    page.paste(0, (10, 10, 10 + size[0], 10 + size[1]))
    small = net.prepare(page)  # type: ignore[attr-defined]
    assert small.shape == (28, 28)
    assert small.any()


@pytest.mark.parametrize("net", [digit_net, garment_page])
def test_a_blank_page_is_dark(net: object) -> None:
    assert not net.prepare(Image.new("L", (50, 90), 255)).any()  # type: ignore[attr-defined]


@pytest.mark.parametrize("net", [digit_net, garment_page])
def test_two_dots_in_opposite_corners_are_survived(net: object) -> None:
    page = Image.new("L", (1024, 1024), 255)
    page.putpixel((0, 0), 0)
    page.putpixel((1023, 1023), 0)
    assert np.isfinite(net.prepare(page)).all()  # type: ignore[attr-defined]


def test_a_digit_lies_with_its_mass_in_the_middle() -> None:
    rows, columns = np.nonzero(digit_net.prepare(stroke(40, 20)))
    assert rows.mean() == pytest.approx(13.5, abs=0.6)
    assert columns.mean() == pytest.approx(13.5, abs=0.6)


def test_an_outline_is_filled_and_a_photo_is_left() -> None:
    page = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(page).rectangle((20, 20, 80, 80), outline=0, width=4)
    assert garment_page.prepare(page)[14, 14] == pytest.approx(garment_page.INSIDE, abs=0.05)
    ImageDraw.Draw(page).rectangle((20, 20, 80, 80), fill=90)
    assert garment_page.prepare(page)[14, 14] == pytest.approx(165 / 255, abs=0.05)


@pytest.mark.parametrize("room", ["digit_cnn", "fashion_cnn"])
def test_the_first_map_is_what_the_net_sees_and_all_are_plain(room: str) -> None:
    with models.use(room) as net:
        maps = net.feature_maps(stroke(40, 20))
    assert maps[0].shape == (1, 28, 28)
    assert maps[0].max() > 0.9
    assert [one.dtype for one in maps] == [np.float32] * len(maps)
    assert all(one.min() >= 0 and one.max() > 0 for one in maps)
