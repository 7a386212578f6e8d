"""The autoencoders: a proper likelihood, copies closer than PCA's, codes that say what beta lets them."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

import models
from models import garment_data as garments
from models.vae_net import VAE, bits_per_pixel

ROOT = Path(__file__).parent.parent.parent


def test_the_likelihoods_of_all_256_levels_of_a_pixel_add_up_to_one() -> None:
    net = VAE(2)
    levels = (torch.arange(256) / 255).view(-1, 1, 1, 1)
    for centre, scale in itertools.product((-0.3, 0.0, 0.4, 1.1), (-4.0, -2.5, -1.0)):
        net.log_scale.data.fill_(scale)
        with torch.inference_mode():
            shares = net._log_likelihood(levels, torch.full_like(levels, centre)).double().exp()
        assert shares.sum().item() == pytest.approx(1, abs=1e-3)


def test_an_even_likelihood_costs_eight_bits() -> None:
    assert bits_per_pixel(784 * np.log(256)) == pytest.approx(8)


def test_copies_are_closer_than_those_of_pca_with_as_many_numbers() -> None:
    """PCA is even fitted to half of the pictures that are asked for here."""
    images = garments.frozen()[0]
    flat = images.reshape(len(images), -1) / 255
    pca = PCA(16, svd_solver="covariance_eigh").fit(flat[:500])
    by_pca = np.square(pca.inverse_transform(pca.transform(flat[500:])) - flat[500:]).mean()
    with models.use("fashion_vae") as net:
        back = net.decode("beta1", net.encode("beta1", images[500:]))
    assert np.square((np.float32(back) - images[500:]) / 255).mean() < by_pca


def test_more_beta_means_a_cheaper_code_and_worse_copies() -> None:
    images = garments.frozen()[0][:300]
    with models.use("fashion_vae") as net:
        costs = [net.cost(name, images) for name in ("beta1", "beta4", "beta16")]
    for less, more in itertools.pairwise(costs):
        assert more["code"] < less["code"]
        assert more["pixels"] > less["pixels"]
    assert costs[0]["bits_per_pixel"] < costs[2]["bits_per_pixel"]


def test_the_same_code_gives_the_same_picture_alone_or_among_others() -> None:
    codes = np.random.default_rng(0).standard_normal((7, 16), np.float32)
    with models.use("fashion_vae") as net:
        together, alone = net.decode("beta4", codes), net.decode("beta4", codes[3:4])
    assert np.abs(together[3].astype(int) - alone[0]).max() <= 1
    assert together.dtype == np.uint8


def test_the_numbers_that_tell_most_change_the_picture_most() -> None:
    with models.use("fashion_vae") as net:
        worths = net.worths("beta4")
        codes = np.zeros((16, 16), np.float32)
        np.fill_diagonal(codes, 2.0)
        moved = net.decode("beta4", codes).astype(float) - net.decode("beta4", np.zeros((1, 16), np.float32))
    change = np.abs(moved).mean((1, 2))
    assert change[int(np.argmax(worths))] > 3 * change[int(np.argmin(worths))]


def test_published_numbers_beat_pca() -> None:
    found = json.loads((ROOT / "models" / "fashion_vae" / "results.json").read_text())["metrics"]
    assert found["mse"] < found["pca_mse"]
    assert found["bits_per_pixel"] < found["ppca_bits_per_pixel"]
