"""Tiles: what comes out is what the whole picture gives, without a seam, in memory that follows the tile."""

import tracemalloc

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from models.tiles import spans, tiled

CHANCE = np.random.default_rng(0)


def last(picture: np.ndarray, apply: object, **options: int) -> np.ndarray:
    *_, (share, output) = tiled(picture, apply, **options)  # type: ignore[arg-type]
    assert share == 1.0
    return output


def convolution(scale: int, radius: int) -> object:
    """A net of one convolution with zero padding, that enlarges by repeating: its receptive radius is radius."""
    kernel = torch.from_numpy(CHANCE.normal(size=(3, 3, 2 * radius + 1, 2 * radius + 1)))

    def apply(window: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(window.astype(np.float64)).permute(2, 0, 1)[None]
        x = F.interpolate(F.conv2d(x, kernel, padding=radius), scale_factor=scale)
        return x[0].permute(1, 2, 0).numpy()

    return apply


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("size", [(70, 91), (1, 300), (300, 1), (1, 1), (32, 32), (33, 64)])
def test_tiles_give_what_the_whole_picture_gives(scale: int, size: tuple[int, int]) -> None:
    picture = CHANCE.integers(0, 256, (*size, 3), np.uint8)
    apply = convolution(scale, radius=5)
    whole = apply(picture)  # type: ignore[operator]
    assert np.allclose(last(picture, apply, scale=scale, side=32, overlap=5), whole)
    if size == (70, 91):  # too little context shows, so the test above means something
        assert not np.allclose(last(picture, apply, scale=scale, side=32, overlap=4), whole)


def test_a_net_that_halves_twice_is_seamless_where_tiles_are_aligned() -> None:
    picture = CHANCE.integers(0, 256, (83, 130, 3), np.uint8)

    def apply(window: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(window.astype(np.float64)).permute(2, 0, 1)[None]
        height, width = x.shape[2:]
        x = F.pad(x, (0, -width % 4, 0, -height % 4), mode="replicate")
        x = F.interpolate(F.avg_pool2d(x, 4), scale_factor=4)[..., :height, :width]
        return x[0].permute(1, 2, 0).numpy()

    whole = apply(picture)
    assert np.allclose(last(picture, apply, side=30, overlap=2, align=4), whole)
    assert not np.allclose(last(picture, apply, side=30, overlap=2), whole)


@pytest.mark.parametrize(
    ("length", "side", "align"), [(1, 256, 8), (257, 256, 8), (4000, 256, 8), (7, 3, 1), (100, 4, 8)]
)
def test_spans_cover_all_once_and_none_is_a_sliver(length: int, side: int, align: int) -> None:
    cut = spans(length, side, align)
    assert [pixel for start, end in cut for pixel in range(start, end)] == list(range(length))
    assert all(start % align == 0 for start, _ in cut)
    assert max(end - start for start, end in cut) <= max(side, align)
    assert spans(257, 256, 8) == [(0, 136), (136, 257)]


def test_progress_rises_tile_by_tile_and_the_picture_comes_once() -> None:
    picture = np.full((100, 100, 3), 7, np.uint8)
    *steps, (share, output) = tiled(picture, lambda x: x, side=50, overlap=4)
    assert steps == [(0.25, None), (0.5, None), (0.75, None)]
    assert share == 1
    assert (output == picture).all()


def test_stopping_asks_for_no_further_tile() -> None:
    asked: list[int] = []
    steps = tiled(np.zeros((100, 100, 3), np.uint8), lambda x: asked.append(1) or x, side=50)  # type: ignore[func-returns-value]
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert len(asked) == 1


def test_memory_follows_the_tile_not_the_picture() -> None:
    def apply(window: np.ndarray) -> np.ndarray:
        return np.uint8(np.repeat(window.astype(np.float64), 8, axis=2).mean(axis=2, keepdims=True))

    picture = np.zeros((3000, 4000, 3), np.uint8)
    tracemalloc.start()
    last(picture, apply, side=256, overlap=32)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < picture.size / 3 + 60_000_000  # the output, and floats of one tile; of the whole: 2,300 MB


@pytest.mark.parametrize("picture", [np.zeros((0, 4, 3)), np.zeros((4, 4)), np.zeros((4, 0, 3))])
def test_what_is_no_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="height, width, channels"):
        next(tiled(picture, lambda x: x))


def test_an_answer_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="scale 2"):
        next(tiled(np.zeros((4, 4, 3)), lambda x: x, scale=2))
