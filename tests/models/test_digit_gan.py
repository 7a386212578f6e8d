"""The GAN that writes digits: readable, one hand for all digits, the same each time, and not copied."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import models
from models import digit_data, generation

ROOM = Path(models.__file__).parent / "digit_gan"
DIGITS = list(range(10))


def slant(picture: np.ndarray) -> float:
    """How far the ink moves right for each pixel up."""
    rows, columns = np.nonzero(picture > 127)
    return float(-np.polyfit(rows, columns, 1)[0])


def test_what_is_written_is_read_as_it_was_asked_for() -> None:
    asked = np.tile(DIGITS, 20)
    with models.use("digit_gan") as net:
        pictures = net.sample(asked, seed=5)
    metrics = generation.measured("digit_cnn", pictures, asked, digit_data.frozen()[0][:200])
    assert metrics["class_agreement"] >= 0.95
    assert metrics["diversity"] > 0.8


def test_one_hand_writes_all_digits_alike() -> None:
    """Digits that stand straight in the mean hand lean together with the hand."""
    with models.use("digit_gan") as net:
        lean = np.array([[slant(p) for p in net.write([1, 4, 7, 9], hand, 1.0)[0]] for hand in range(40)])
    lean = (lean - lean.mean(0)) / lean.std(0)
    together = np.corrcoef(lean.T)[np.triu_indices(4, 1)]
    assert together.mean() > 0.25


def test_the_same_seed_gives_the_same_picture_in_any_company() -> None:
    with models.use("digit_gan") as net:
        alone, opinion = net.write([7], 3, 1.0)
        among, opinions = net.write([1, 7, 2], 3, 1.0)
        other, _ = net.write([7], 4, 1.0)
        hundred = net.sample(np.tile(DIGITS, 10), 0)
        again = net.sample(np.tile(DIGITS, 10), 0)
    assert np.abs(alone[0].astype(int) - among[1]).max() <= 1
    assert opinion[0] == pytest.approx(opinions[1], abs=0.03)
    assert np.abs(alone[0].astype(int) - other[0]).max() > 50
    assert np.array_equal(hundred, again)
    assert hundred.shape == (100, 28, 28)


def test_without_spread_every_hand_is_the_mean_hand() -> None:
    with models.use("digit_gan") as net:
        assert np.array_equal(net.write([3], 1, 0.0)[0], net.write([3], 2, 0.0)[0])


def test_a_morph_begins_and_ends_with_its_digits_and_moves_in_small_steps() -> None:
    with models.use("digit_gan") as net:
        frames = net.morph(3, 8, 0, 1.0, 9)
        ends, _ = net.write([3, 8], 0, 1.0)
    assert np.abs(frames[[0, -1]].astype(int) - ends).max() <= 1
    jumps = np.abs(np.diff(frames.astype(float), axis=0)).mean((1, 2))
    assert jumps.max() < 0.5 * np.abs(frames[0].astype(float) - frames[-1]).mean()


def test_the_discriminator_still_tells_written_digits_from_real_ones_on_the_whole() -> None:
    images, labels = digit_data.frozen()
    with models.use("digit_gan") as net:
        written = np.concatenate([net.write(DIGITS, hand, 1.0)[1] for hand in range(20)])
        x = torch.from_numpy(images[:400])[:, None].float() / 127.5 - 1
        with torch.inference_mode():
            real = net.discriminator.opinions(x, torch.from_numpy(labels[:400]))
    assert written.min() >= 0
    assert written.max() <= 1
    assert 0.4 < real.mean() < 0.6  # test digits, which it never saw, rank as the digits it knows
    assert written.mean() < real.mean() - 0.1


def test_the_card_shows_samples_over_their_nearest_training_digits() -> None:
    with Image.open(ROOM / "nearest.png") as picture:
        pixels = np.asarray(picture)
    samples, nearest = pixels[:56].astype(int), pixels[60:116].astype(int)
    assert pixels.shape == (176, 956)
    assert np.abs(samples - nearest).mean() > 5  # alike, but not the same
