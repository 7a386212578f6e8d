"""The enlarging net: better than interpolation on photographs and on drawings, seamless, the same each time."""

from typing import Any

import numpy as np
import pytest
import torch

import models
from models import enlarger_data as data
from models import enlarger_net
from models.quality import luma, psnr


def enlarged(net: Any, picture: np.ndarray, ensemble: bool = False, times: int = 1) -> np.ndarray:
    for _ in range(times):
        *_, (share, picture) = net.enlarge(np.ascontiguousarray(picture), ensemble)
        assert share == 1.0
    return picture


def gain(pair: data.Pair, output: np.ndarray) -> float:
    height, width, _ = pair.large.shape
    truth, plain = luma(pair.large), luma(data.resized(pair.small, width, height))
    return psnr(luma(output), truth) - psnr(plain, truth)


@pytest.mark.parametrize(("times", "least"), [(1, 1.0), (2, 0.3)])
def test_each_photograph_and_most_drawings_come_nearer_to_the_truth_than_bicubic(
    times: int, least: float
) -> None:
    photos, drawings = data.test_pairs(2**times, frozen=True)
    with models.use("edsr_x2") as net:
        assert all(gain(pair, enlarged(net, pair.small, times=times)) > least for pair in photos)
        assert np.mean([gain(pair, enlarged(net, pair.small, times=times)) for pair in drawings]) > 0.5


def test_the_mean_of_eight_forms_is_no_worse_and_turns_with_the_picture() -> None:
    pair = data.test_pairs(2, frozen=True)[0][0]
    with models.use("edsr_x2") as net:
        upright = enlarged(net, pair.small, ensemble=True)
        assert gain(pair, upright) > gain(pair, enlarged(net, pair.small)) - 0.02
        turned = enlarged(net, np.rot90(pair.small), ensemble=True)
    assert np.abs(np.rot90(upright).astype(int) - turned).max() <= 3


def test_tiles_leave_no_seam_and_tell_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    small = data.test_pairs(2, frozen=True)[0][0].small[:60, :64]
    with models.use("edsr_x2") as net:
        whole = enlarged(net, small).astype(int)
        monkeypatch.setattr(enlarger_net, "TILE", 24)
        steps = list(net.enlarge(small))
    assert len(steps) == 25
    assert [share for share, _ in steps] == sorted({share for share, _ in steps})
    assert np.abs(steps[-1][1].astype(int) - whole).max() <= 3  # bfloat16 rounds other sizes otherwise
    assert np.abs(steps[-1][1].astype(int) - whole).mean() < 0.1


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3)])
def test_the_smallest_pictures_are_enlarged_and_one_colour_stays(size: tuple[int, int]) -> None:
    with models.use("edsr_x2") as net:
        output = enlarged(net, np.full((*size, 3), (30, 120, 220), np.uint8))
    assert output.shape == (size[0] * 2, size[1] * 2, 3)
    assert output.dtype == np.uint8
    assert np.abs(output.astype(int) - (30, 120, 220)).max() <= 4


def test_an_empty_picture_is_refused() -> None:
    with models.use("edsr_x2") as net, pytest.raises(ValueError, match="not empty"):
        next(net.enlarge(np.zeros((0, 4, 3), np.uint8)))


def test_a_net_that_adds_nothing_is_pillows_bicubic() -> None:
    small = data.test_pairs(2, frozen=True)[0][0].small[:40, :40]
    net = enlarger_net.Enlarger(2, channels=8, blocks=1)
    torch.nn.init.zeros_(net.tail.weight)
    differs = np.abs(enlarged(net, small).astype(int) - data.resized(small, 80, 80))
    assert differs.mean() < 0.3  # Pillow rounds and clamps between rows and columns
    assert differs.max() <= 6


def test_drawings_are_the_same_each_time_and_none_is_blank() -> None:
    assert np.array_equal(data.drawing(1003), data.drawing(1003))
    assert all(data.drawing(seed).std() > 3 for seed in data.TEST_DRAWINGS)


def test_a_pair_has_whole_sizes_and_loses_only_the_odd_edge() -> None:
    pair = data.pair(np.zeros((103, 57, 3), np.uint8), 4)
    assert (pair.large.shape, pair.small.shape) == ((100, 56, 3), (25, 14, 3))
