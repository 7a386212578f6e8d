"""The denoiser: nearer to the truth at any strength of noise, gentle to clean pictures, and seamless."""

from typing import Any

import numpy as np
import pytest
import torch

import models
from models.denoise_ae import data
from models.denoise_ae import net as room
from models.photo_noise import STRONGEST, as_phones_make, jpeg, noisy
from models.quality import psnr

PICTURES = data.test_pictures(frozen=True)


def chance() -> np.random.Generator:
    return np.random.default_rng(5)


def denoised(net: Any, picture: np.ndarray) -> np.ndarray:
    *_, (share, output) = net.denoise(picture)
    assert share == 1.0
    return output


@pytest.mark.parametrize(("sigma", "least"), [(10, 4.0), (15, 5.5), (25, 7.0), (50, 9.5)])
def test_each_photograph_comes_nearer_to_the_truth_at_any_strength_of_noise(sigma: int, least: float) -> None:
    with models.use("denoise_ae") as net:
        for picture in PICTURES:
            before = noisy(picture, sigma, chance())
            assert psnr(denoised(net, before), picture) > psnr(before, picture) + least


def test_half_the_precision_costs_a_hundredth_of_a_decibel() -> None:
    net = room.load("cpu")
    with models.use("denoise_ae") as quick:
        before = noisy(PICTURES[0], 25, chance())
        fast = psnr(denoised(quick, before), PICTURES[0])
    net.exact = True
    assert abs(psnr(denoised(net, before), PICTURES[0]) - fast) < 0.02


def test_grains_and_the_traces_of_jpeg_become_weaker() -> None:
    with models.use("denoise_ae") as net:
        gains = []
        for picture in PICTURES:
            before = as_phones_make(picture, 12, 0.6, 80, chance())
            gains.append(psnr(denoised(net, before), picture) - psnr(before, picture))
    assert min(gains) > 1


def test_a_clean_photograph_is_left_nearly_as_it_is() -> None:
    with models.use("denoise_ae") as net:
        assert all(psnr(denoised(net, picture), picture) > 33 for picture in PICTURES)


def test_tiles_leave_no_seam_and_tell_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    before = noisy(PICTURES[0], 25, chance())
    with models.use("denoise_ae") as net:
        whole = denoised(net, before).astype(int)
        monkeypatch.setattr(room, "TILE", 96)
        steps = list(net.denoise(before))
    assert len(steps) == 9
    assert [share for share, _ in steps] == sorted({share for share, _ in steps})
    assert np.abs(steps[-1][1].astype(int) - whole).max() <= 4
    assert np.abs(steps[-1][1].astype(int) - whole).mean() < 0.1


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3), (65, 9)])
def test_the_smallest_pictures_keep_their_size_and_one_colour_stays(size: tuple[int, int]) -> None:
    with models.use("denoise_ae") as net:
        output = denoised(net, np.full((*size, 3), (30, 120, 220), np.uint8))
    assert output.shape == (*size, 3)
    assert output.dtype == np.uint8
    assert np.abs(output.astype(int) - (30, 120, 220)).max() <= 4


def test_an_empty_picture_is_refused() -> None:
    with models.use("denoise_ae") as net, pytest.raises(ValueError, match="not empty"):
        next(net.denoise(np.zeros((0, 4, 3), np.uint8)))


def test_a_net_that_finds_no_noise_changes_nothing() -> None:
    net = room.Denoiser(widths=(8, 8, 8), blocks=(1, 1, 1))
    torch.nn.init.zeros_(net.tail.weight)
    assert np.array_equal(denoised(net, PICTURES[0][:50, :61]), PICTURES[0][:50, :61])


def test_noise_is_as_strong_as_it_says_and_the_same_each_time() -> None:
    grey = np.full((300, 300, 3), 128, np.uint8)
    assert (noisy(grey, 20, chance()).astype(float) - 128).std() == pytest.approx(20, rel=0.02)
    assert np.array_equal(noisy(grey, 20, chance()), noisy(grey, 20, chance()))
    assert np.array_equal(noisy(grey, 0, chance()), grey)


def test_grains_are_wider_than_white_noise() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)

    def alike(values: np.ndarray) -> float:
        """Correlation of neighbours."""
        return float(np.corrcoef(values[:, 1:, 1].ravel(), values[:, :-1, 1].ravel())[0, 1])

    assert abs(alike(noisy(grey, 20, chance()))) < 0.03
    assert alike(as_phones_make(grey, 20, 0.7, 95, chance())) > 0.2


def test_a_worse_jpeg_keeps_less() -> None:
    assert psnr(jpeg(PICTURES[0], 30), PICTURES[0]) < psnr(jpeg(PICTURES[0], 90), PICTURES[0]) < 60


def test_patches_lie_inside_their_pictures_and_detail_is_drawn_oftener() -> None:
    picture = np.full((200, 300, 3), 90, np.uint8)
    picture[:, 150:] = chance().integers(0, 256, (200, 150, 3))
    rows = data._places(3, picture, 80)
    assert set(rows[:, 0]) == {3}
    assert rows[:, 1].max() < 200 - 80
    assert rows[:, 2].max() < 300 - 80
    assert rows[rows[:, 2] >= 160, 3].min() > 5 * rows[rows[:, 2] < 64, 3].max()


def test_a_batch_holds_noise_as_strong_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.photo_data.photographs", lambda part: [one[:200, :220] for one in PICTURES])
    monkeypatch.setattr("models.denoise_ae.data.PHONES", 0.0)
    monkeypatch.setattr("models.denoise_ae.data.DRAWN", 2)
    batch = data.Patches(80, 3).batch(64)
    assert batch.noised.shape == batch.clean.shape == (64, 3, 80, 80)
    assert 0 <= float(batch.sigma.min()) < 5
    assert float(batch.sigma.max()) <= STRONGEST
    weak = batch.sigma < 15  # stronger noise is cut off at black and white
    found = 255 * (batch.noised - batch.clean).std((1, 2, 3))[weak]
    assert torch.allclose(found, batch.sigma[weak], rtol=0.25, atol=0.6)
