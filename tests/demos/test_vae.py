"""The autoencoders' tab: the plane holds what is decoded, a walk joins two drawings, wrong choices are refused."""

import base64
import io
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from demos import _live_vae
from demos._garments import SAMPLES
from demos._run import InvalidInput
from demos._sketch import as_value
from demos.vae import CELLS, _codes, _share, explore, walk

BOOT, BAG, MUG = (as_value(SAMPLES / f"{name}.png") for name in ("boot", "bag", "mug"))


def pictures(text: str) -> list[np.ndarray]:
    """Every PNG in a page, grey."""
    parts = [part.split('"')[0] for part in text.split("data:image/png;base64,")[1:]]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(part))).convert("L"), int) for part in parts]


def test_the_chosen_point_is_the_cell_of_the_plane_it_lies_in() -> None:
    plane, shown, _ = explore(BOOT, "beta1", 1, 2, "picture", 0, 0)
    whole = pictures(plane)[0]
    assert whole.shape == (28 * CELLS, 28 * CELLS)
    middle = CELLS // 2 * 28
    cell = whole[middle : middle + 28, middle : middle + 28]
    point = np.asarray(
        Image.fromarray(pictures(shown)[2].astype(np.uint8)).resize((28, 28), Image.Resampling.BOX), int
    )
    assert np.abs(cell - point).mean() < 8
    assert "0, 0" in shown


def test_a_code_brings_the_drawing_back() -> None:
    _, shown, _ = explore(BOOT, "beta1", 1, 2, "picture", 0, 0)
    seen, back, _ = pictures(shown)
    assert np.abs(seen - back).mean() < 20
    assert np.abs(seen - pictures(explore(BAG, "beta1", 1, 2, "picture", 0, 0)[1])[1]).mean() > 40


def test_the_map_is_the_same_whatever_is_drawn() -> None:
    one, other = (explore(page, "map", 1, 2, "zero", 0, 0)[0] for page in (BOOT, BAG))
    assert np.array_equal(pictures(one)[0], pictures(other)[0])


def test_the_plane_runs_to_the_right_and_up() -> None:
    codes = _codes(np.zeros(16, np.float32), np.array([3, 5]))
    assert codes[0, 3] < codes[CELLS - 1, 3]
    assert codes[0, 5] > codes[-1, 5]
    assert not codes[:, [0, 1, 2, 4]].any()
    assert (_share(-9), _share(0), _share(9)) == (0, 0.5, 1)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["vae", 1, 2, "picture", 0, 0], "Choose a net"), (["beta1", 2, 2, "picture", 0, 0], "two different"),
        (["beta1", 0, 2, "picture", 0, 0], "Across"), (["beta1", 1, 17, "picture", 0, 0], "Up must"),
        (["beta1", 1, 2, "<script>", 0, 0], "picture or zero"), (["beta1", 1, 2, "zero", 4, 0], "X must"),
        (["beta1", 1, 2, "zero", 0, float("nan")], "Y must"), ([[], 1, 2, "zero", 0, 0], "Choose a net"),
    ],
)  # fmt: skip
def test_wrong_choices_are_refused(values: list, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        explore(BOOT, *values)


def test_a_walk_begins_at_one_drawing_and_ends_at_the_other() -> None:
    way = walk(BOOT, BAG, "beta1")
    gif = Image.open(io.BytesIO(base64.b64decode(way.split("data:image/gif;base64,")[1].split('"')[0])))
    assert gif.n_frames == 44  # type: ignore[attr-defined] # there and back
    frames = []
    for number in (0, 22):
        gif.seek(number)
        frames.append(np.asarray(gif.convert("L").resize((28, 28)), int))
    ends = [pictures(explore(page, "beta1", 1, 2, "picture", 0, 0)[1])[1] for page in (BOOT, BAG)]
    ends = [np.asarray(Image.fromarray(np.uint8(one)).resize((28, 28)), int) for one in ends]
    for frame, near, far in zip(frames, ends, ends[::-1], strict=True):
        assert np.abs(frame - near).mean() < 15 < np.abs(frame - far).mean()


@pytest.mark.parametrize("page", [None, "", " \n", {}, "hello"])
def test_a_walk_needs_two_drawings(page: object) -> None:
    with pytest.raises(InvalidInput):
        walk(BOOT, page, "beta1")  # type: ignore[arg-type]


def test_live_training_tells_its_cost_and_can_be_left_at_any_time() -> None:
    steps = list(islice(_live_vae.learn("2", 1, 0), 6))
    assert "bits a pixel" in steps[-1]
    assert "of at most 60" in steps[-1]


@pytest.mark.parametrize(
    ("size", "beta", "seed"), [("3", 1, 0), ("2", 0, 0), ("2", 21, 0), ("2", 1, -1), ([], 1, 0)]
)
def test_live_training_refuses_what_is_out_of_range(size: object, beta: float, seed: int) -> None:
    with pytest.raises(InvalidInput):
        next(_live_vae.learn(size, beta, seed))  # type: ignore[arg-type]
