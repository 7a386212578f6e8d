"""The GAN that designs garments: of the kind asked for, mixed by resolution, and with a film of how it learned."""

import itertools
from pathlib import Path

import numpy as np
from PIL import Image

import models
from models import garment_data, generation

ROOM = Path(models.__file__).parent / "fashion_gan"


def difference(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first.astype(float) - second).mean())


def test_a_garment_is_of_the_kind_that_was_asked_for() -> None:
    asked = np.tile(np.arange(10), 20)
    with models.use("fashion_gan") as net:
        pictures = net.trimmed(net.sample(asked, 5, 0.8))
    metrics = generation.measured("fashion_cnn", pictures, asked, garment_data.frozen()[0][:200])
    assert metrics["class_agreement"] >= 0.92
    assert metrics["diversity"] > 0.7


def test_the_same_seed_gives_the_same_garments_and_another_gives_others() -> None:
    asked = np.repeat(np.arange(10), 10)
    with models.use("fashion_gan") as net:
        first, again, other = (net.sample(asked, seed, 1.0) for seed in (0, 0, 1))
    assert first.shape == (100, 32, 32)
    assert np.array_equal(first, again)
    assert difference(first, other) > 10


def test_a_walk_leads_from_one_garment_to_the_other_in_small_steps() -> None:
    with models.use("fashion_gan") as net:
        frames = net.walk((5, 9), (2, 5), 0.8, 9)
        start, end = net.sample(np.array([5]), 2, 0.8), net.sample(np.array([9]), 5, 0.8)
    assert difference(frames[0], start[0]) < 1
    assert difference(frames[-1], end[0]) < 1
    jumps = [difference(one, two) for one, two in itertools.pairwise(frames)]
    assert max(jumps) < 0.6 * difference(frames[0], frames[-1])


def test_a_mixture_has_the_shape_of_its_row_and_more_of_its_column_the_earlier_fine_begins() -> None:
    rows, columns = ([1, 8], [0, 1]), ([0, 0, 0], [7, 8, 9])
    with models.use("fashion_gan") as net:
        pages = [net.mix(rows, columns, layer, 0.8) for layer in (1, 2, 3)]
        start = net.sample(np.array([1]), 0, 0.8)[0]
    assert pages[0].shape == (3, 4, 32, 32)
    assert not pages[0][0, 0].any()
    assert difference(pages[0][1, 0], start) < 1
    from_row = [difference(page[1:, 1:], page[1:, :1]) for page in pages]
    assert from_row[0] > from_row[1] > from_row[2] > 0


def test_the_film_begins_with_noise_and_ends_with_garments() -> None:
    asked = np.arange(12) % 10
    with models.use("fashion_gan") as net:
        frames, steps = net.film()
        opinions = net.opinions(frames[-1], asked)
    assert len(frames) == len(steps) >= 12
    assert steps[0] == 0
    assert steps == sorted(steps)
    assert opinions.min() >= 0
    with models.use("fashion_cnn") as judge:
        right = [
            np.mean(judge.features(frame[:, 2:-2, 2:-2])[1].argmax(1) == asked) for frame in frames[[0, -1]]
        ]
    assert right[0] <= 0.3
    assert right[1] >= 0.8


def test_the_card_shows_samples_over_their_nearest_training_pictures() -> None:
    with Image.open(ROOM / "nearest.png") as picture:
        pixels = np.asarray(picture).astype(int)
    assert pixels.shape == (176, 956)
    assert np.abs(pixels[:56] - pixels[60:116]).mean() > 3  # alike, but not the same
