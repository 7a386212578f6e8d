"""Generated pictures, measured: cases whose answer is known, and a generator that copies is found out."""

import numpy as np
import pytest
from PIL import Image

import models
from models import digit_data as digits
from models import garment_data as garments
from models import generation
from models.digit_cnn import net as digit_net


def gaussian(mean: float, spread: float, seed: int, count: int = 20_000) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, spread, (count, 3))


def test_a_set_is_at_no_distance_from_itself() -> None:
    features = gaussian(1, 2, 0, 500)
    assert generation.frechet_distance(features, features) == pytest.approx(0, abs=1e-9)


def test_the_distance_of_two_gaussians_is_what_the_formula_says() -> None:
    # three dimensions, each (1 - 3)^2 + (2 - 0.5)^2
    distance = generation.frechet_distance(gaussian(1, 2, 0), gaussian(3, 0.5, 1))
    assert distance == pytest.approx(3 * (4 + 2.25), rel=0.03)
    assert generation.frechet_distance(gaussian(3, 0.5, 1), gaussian(1, 2, 0)) == pytest.approx(distance)


def test_correlated_features_are_measured_by_their_whole_covariance() -> None:
    chance = np.random.default_rng(0)
    first, second = np.array([[2.0, 0.9], [0.9, 1.0]]), np.array([[1.0, -0.5], [-0.5, 3.0]])
    sets = [chance.multivariate_normal([0, 0], covariance, 50_000) for covariance in (first, second)]
    product = np.linalg.eigvals(first @ second)
    expected = np.trace(first) + np.trace(second) - 2 * np.sqrt(product.real).sum()
    assert generation.frechet_distance(*sets) == pytest.approx(expected, rel=0.05)


def test_features_that_never_vary_leave_the_distance_a_number() -> None:
    dead = np.zeros((40, 100))
    dead[:, 0] = np.arange(40)
    assert generation.frechet_distance(dead, dead) == pytest.approx(0, abs=1e-6)
    assert generation.frechet_distance(dead, dead + 1) == pytest.approx(100, rel=1e-6)


def test_one_picture_over_and_over_has_no_diversity() -> None:
    assert generation.diversity(np.ones((10, 4))) == 0
    assert generation.diversity(np.array([[0.0, 0.0], [3.0, 4.0]])) == 5


def test_the_nearest_picture_is_found_with_its_distance() -> None:
    among = np.zeros((700, 28, 28), np.uint8)
    among[:, 0, 0] = np.arange(700) % 250
    among[650, 5, 5] = 255
    wanted = among[[3, 650]].copy()
    wanted[0, 1, 1] = 255
    index, distances = generation.nearest(wanted, among)
    assert index.tolist() == [3, 650]
    assert distances == pytest.approx([1, 0])


def test_a_generator_that_copies_is_found_out_and_noise_is_far_from_the_data() -> None:
    images, labels = digits.frozen()
    training, held_out = images[:1000], images[1000:]
    copied = generation.measured("digit_cnn", training[:500], labels[:500], held_out, training)
    honest = generation.measured("digit_cnn", held_out[:500], labels[1000:1500], held_out, training)
    noise = np.random.default_rng(0).integers(0, 256, (500, 28, 28)).astype(np.uint8)
    noisy = generation.measured("digit_cnn", noise, labels[:500], held_out, training)
    assert copied["novelty"] == 0
    assert honest["novelty"] == pytest.approx(1, abs=0.05)
    assert honest["diversity"] == pytest.approx(1, abs=0.05)
    assert honest["class_agreement"] > 0.97
    assert noisy["class_agreement"] < 0.3
    assert noisy["frechet_distance"] > 20 * max(copied["frechet_distance"], honest["frechet_distance"])


def test_pictures_of_no_class_are_asked_for_none() -> None:
    images, _ = garments.frozen()
    metrics = generation.measured("fashion_cnn", images[:300], None, images[300:600])
    assert set(metrics) == {"frechet_distance", "diversity"}


def test_a_judge_sees_a_batch_as_it_sees_each_page() -> None:
    images, labels = digits.frozen()
    features, shares = generation.judged("digit_cnn", images[:300])
    assert features.shape == (300, 64)
    assert features.min() >= 0
    assert np.mean(shares.argmax(1) == labels[:300]) > 0.97
    images, labels = garments.frozen()
    features, shares = generation.judged("fashion_cnn", images)
    assert features.shape == (1000, 192)
    assert np.mean(shares.argmax(1) == labels) == pytest.approx(0.936, abs=0.002)  # as published


def test_the_sheet_shows_each_sample_over_its_nearest() -> None:
    images, _ = digits.frozen()
    sheet = generation.nearest_sheet("digit_cnn", images[:16], images[:100])
    assert sheet.size == (16 * 60 - 4, 3 * 60 - 4)
    pixels = np.asarray(sheet)
    assert np.array_equal(pixels[:56], pixels[60:116])  # each is its own nearest
    assert np.array_equal(pixels[:56], pixels[120:])


def test_a_page_that_is_already_centred_has_the_features_of_its_picture() -> None:
    images, _ = digits.frozen()
    page = Image.fromarray(255 - images[0])
    if not np.array_equal(digit_net.prepare(page) * 255, images[0]):
        page = Image.fromarray(np.uint8(255 - digit_net.prepare(page) * 255))
    with models.use("digit_cnn") as net:
        shares = list(net.predict(page).values())
        _, batch = net.features(np.uint8(np.round(digit_net.prepare(page) * 255))[None])
    assert shares == pytest.approx(batch[0].tolist(), abs=1e-4)


def test_a_sheet_of_colours_keeps_them() -> None:
    blue = np.full((2, 8, 8, 3), (10, 20, 250), np.uint8)
    pixels = np.asarray(generation.sheet([blue, blue]))
    assert pixels.shape == (36, 36, 3)
    assert pixels[5, 5].tolist() == [10, 20, 250]
