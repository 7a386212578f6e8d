"""PSNR and SSIM against values worked out by hand, and against what they must rank."""

import numpy as np
import pytest
from scipy import ndimage

from models.quality import luma, psnr, ssim

CHANCE = np.random.default_rng(0)
TEXTURE = ndimage.gaussian_filter(CHANCE.uniform(0, 255, (80, 90)), 1)


def test_luma_runs_from_16_to_235() -> None:
    ends = luma(np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], np.uint8))
    assert ends[0].tolist() == pytest.approx([16, 235, 81.48], abs=0.01)


def test_psnr_of_an_error_of_one_and_of_none() -> None:
    assert psnr(TEXTURE + 1, TEXTURE) == pytest.approx(48.13, abs=0.01)
    assert psnr(TEXTURE, TEXTURE) == 100


def test_ssim_is_one_for_equals_and_blames_blur_more_than_light() -> None:
    assert ssim(TEXTURE, TEXTURE) == pytest.approx(1)
    darker, blurred = TEXTURE - 8, ndimage.gaussian_filter(TEXTURE, 2)
    assert ssim(blurred, TEXTURE) < 0.8 < 0.95 < ssim(darker, TEXTURE)


def test_ssim_of_two_grey_fields_is_its_brightness_term() -> None:
    one, two = np.full((40, 40), 100.0), np.full((40, 40), 120.0)
    steady = (0.01 * 255) ** 2
    assert ssim(one, two) == pytest.approx((2 * 100 * 120 + steady) / (100**2 + 120**2 + steady))
