"""The transformer's tab: examples read as promised, clicks understood, photos put on the page."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from demos._garments import SAMPLES, as_page
from demos._run import InvalidInput
from demos._sketch import as_value, open_page
from demos.vit import _picked, look


def best(shares: dict[str, float]) -> str:
    return max(shares, key=shares.__getitem__).split()[-1]


@pytest.mark.parametrize(
    ("name", "label"), [("boot", "boot"), ("tshirt", "T-shirt/top"), ("bag", "Bag"), ("trousers", "Trouser")]
)
def test_an_example_is_read_as_promised_by_both_nets(name: str, label: str) -> None:
    shares, beside, big, heads = look(as_value(SAMPLES / f"{name}.png"), 0, 0, 0)
    assert best(shares) == best(beside) == label
    assert big.count("data-patch") == 49
    assert heads.count("data-layer") == 1 + 4 * 5


def test_the_failing_example_is_called_a_garment_and_with_confidence() -> None:
    shares, beside, *_ = look(as_value(SAMPLES / "mug.png"), 0, 0, 0)
    assert best(shares) == best(beside) == "Bag"
    assert min(max(shares.values()), max(beside.values())) > 0.8


def test_what_is_told_of_a_head_adds_up() -> None:
    *_, big, _ = look(as_value(SAMPLES / "bag.png"), 2, 3, 0)
    own, patches = (
        int(part) for part in re.search(r"takes (\d+)% from itself and (\d+)% from", big).groups()
    )  # type: ignore[union-attr]
    assert own + patches == pytest.approx(100, abs=1)
    assert "layer 2, head 3" in big


@pytest.mark.parametrize("wrong", [None, -1, 5, 1.0e9, "2", [], float("nan")])
def test_a_layer_or_head_that_is_not_there_is_refused(wrong: object) -> None:
    page = as_value(SAMPLES / "bag.png")
    with pytest.raises(InvalidInput, match="Layer must be"):
        look(page, wrong, 0, 0)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="Head must be"):
        look(page, 0, wrong, 0)  # type: ignore[arg-type]


def test_a_click_changes_what_was_clicked_and_keeps_the_rest() -> None:
    assert _picked(1, 2, 3, SimpleNamespace(patch="17")) == (1, 2, 17)  # type: ignore[arg-type]
    assert _picked(1, 2, 3, SimpleNamespace(layer="4", head="1")) == (4, 1, 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("ground", [245, 20])
def test_a_photo_is_put_dark_on_white_whatever_its_ground(tmp_path: object, ground: int) -> None:
    pixels = np.full((300, 200, 3), ground, np.uint8)
    pixels[60:240, 60:140] = 130
    Image.fromarray(pixels).save(f"{tmp_path}/photo.png")
    page = np.asarray(open_page(as_page(f"{tmp_path}/photo.png")))
    assert page[0, 0] == 255
    assert page[140, 140] < 60


def test_what_is_no_photo_is_refused(tmp_path: object) -> None:
    with open(f"{tmp_path}/photo.png", "wb") as file:
        file.write(b"<script>alert(1)</script>")
    with pytest.raises(InvalidInput, match="cannot be read"):
        as_page(f"{tmp_path}/photo.png")
