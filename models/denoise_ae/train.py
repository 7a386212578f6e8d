"""Trains the denoiser, 44 minutes on one CPU thread: `python -m models train denoise_ae`."""

import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch

from models.denoise_ae.data import Batch, Patches, held_back, test_pictures
from models.denoise_ae.net import Denoiser
from models.photo_noise import as_phones_make, noisy
from models.quality import luma, psnr, ssim
from models.train import Run

LEVELS = (15, 25, 50)  # sigma, grey levels of 255
WARM_UP = 0.02  # share of the time in which the learning rate rises; then half a cosine takes it down
SOFT = 2e-3  # of the brightness range; errors below it count squared, above it as they are
WATCHED = 320  # pixels; the curve is measured on the middles of what is held back
TV_WEIGHTS = (0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3)
Denoise = Callable[[np.ndarray], np.ndarray]  # uint8 (H, W, 3) -> float or uint8 (H, W, 3), range (0, 255)


@dataclass(frozen=True)
class Recipe:
    """The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    minutes: float = 44.0
    rounds: int = 22
    batch: int = 8
    side: int = 80
    lr: float = 1.2e-3
    averaged: float = 0.999  # what the published weights keep of themselves at each step
    photos: int = 31
    gain_over_nlm_15_at_least: float = 0.0
    gain_over_nlm_25_at_least: float = 0.0
    gain_over_nlm_50_at_least: float = 0.0
    half: bool = True

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.4, rounds=2, photos=4)


def train(recipe: Recipe, run: Run) -> Denoiser:
    patches, held = Patches(recipe.side, recipe.photos), held_back(WATCHED)
    net = Denoiser().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = copy.deepcopy(net)
    optimiser = torch.optim.Adam(net.parameters(), lr=recipe.lr, betas=(0.9, 0.99))
    seconds = 60 * recipe.minutes / recipe.rounds
    for epoch in run.epochs(recipe.rounds, net=net, mean=mean, optimiser=optimiser):
        patches.chance = np.random.default_rng((recipe.seed, epoch))  # a resumed run sees other patches
        started, steps, loss = time.monotonic(), 0, 0.0
        while (passed := time.monotonic() - started) < seconds:
            share = (epoch + passed / seconds) / recipe.rounds
            for group in optimiser.param_groups:
                group["lr"] = recipe.lr * _schedule(share)
            kept = recipe.averaged if epoch else min(recipe.averaged, steps / (steps + 10))
            loss += _step(net, mean, optimiser, patches.batch(recipe.batch), kept)
            steps += 1
        reached = {f"held_back_psnr_{sigma}": _mean_psnr(held, sigma, by_net(mean)) for sigma in LEVELS}
        run.log(epoch=epoch, loss=loss / steps, steps=steps, **reached)
    net.load_state_dict(mean.state_dict())
    return net


def _schedule(share: float) -> float:
    """Share of the time -> share of the learning rate."""
    return min(share / WARM_UP, 1.0) * (0.005 + 0.995 * (1 + math.cos(math.pi * min(share, 1.0))) / 2)


def _step(
    net: Denoiser, mean: Denoiser, optimiser: torch.optim.Optimizer, batch: Batch, kept: float
) -> float:
    error = ((net(batch.noised) - batch.clean).square() + SOFT**2).sqrt().mean((1, 2, 3))
    # Strong noise leaves larger errors; unweighted, they would decide alone.
    loss = (error * (30 / (batch.sigma + 5)).sqrt()).mean()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimiser.step()
    with torch.no_grad():
        torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), 1 - kept)
    return loss.item()


def by_net(net: Denoiser) -> Denoise:
    """The net as a way to denoise, tiles and all."""

    def how(picture: np.ndarray) -> np.ndarray:
        *_, (_, output) = net.denoise(picture)
        return np.ascontiguousarray(output)

    return how


def by_non_local_means(sigma: float) -> Denoise:
    """Buades et al., 2005, with the settings that scikit-image advises, and told how strong the noise is."""
    from skimage.restoration import denoise_nl_means  # only what measures needs it

    level = sigma / 255
    settings = {"patch_size": 5, "patch_distance": 6, "fast_mode": True, "channel_axis": -1}
    return lambda picture: 255 * denoise_nl_means(picture / 255, h=0.6 * level, sigma=level, **settings)


def by_total_variation(weight: float) -> Denoise:
    """Chambolle, 2004."""
    from skimage.restoration import denoise_tv_chambolle

    return lambda picture: 255 * denoise_tv_chambolle(picture / 255, weight, channel_axis=-1)


def evaluate(net: Denoiser, frozen: bool) -> dict[str, float]:
    """PSNR of RGB in dB at each noise level, mean over seven photographs or the frozen three; SSIM of brightness.

    Beside it, unless frozen, non-local means and total variation on the same noisy pictures.
    """
    net.exact = True
    pictures, metrics, own = test_pictures(frozen), {}, by_net(net)
    for sigma in LEVELS:
        noised = _noised(pictures, sigma)
        cleaned = [own(one) for one in noised]
        mine = _psnrs(cleaned, pictures)
        metrics[f"psnr_{sigma}"] = float(np.mean(mine))
        metrics[f"ssim_{sigma}"] = float(np.mean(
            [ssim(luma(guess), luma(truth)) for guess, truth in zip(cleaned, pictures, strict=True)]
        ))  # fmt: skip
        metrics[f"noisy_psnr_{sigma}"] = float(np.mean(_psnrs(noised, pictures)))
        if not frozen:
            metrics |= _beside(sigma, noised, pictures, mine)
    grainy = [as_phones_make(one, 12, 0.6, 80, _chance(0, number)) for number, one in enumerate(pictures)]
    metrics["grains_and_jpeg_psnr"] = float(np.mean(_psnrs([own(one) for one in grainy], pictures)))
    metrics["grains_and_jpeg_noisy_psnr"] = float(np.mean(_psnrs(grainy, pictures)))
    metrics["clean_psnr"] = float(np.mean(_psnrs([own(one) for one in pictures], pictures)))
    return metrics


def _beside(
    sigma: int, noised: list[np.ndarray], pictures: list[np.ndarray], mine: list[float]
) -> dict[str, float]:
    """What is measured of the two other ways; total variation with the weight that is best on what is held back."""
    held = held_back(WATCHED)
    weight = max(TV_WEIGHTS, key=lambda one: _mean_psnr(held, sigma, by_total_variation(one)))
    nlm = _psnrs(map(by_non_local_means(sigma), noised), pictures)
    return {
        f"nlm_psnr_{sigma}": float(np.mean(nlm)),
        f"tv_psnr_{sigma}": float(np.mean(_psnrs(map(by_total_variation(weight), noised), pictures))),
        f"gain_over_nlm_{sigma}": float(np.mean(mine) - np.mean(nlm)),
        f"worst_gain_over_nlm_{sigma}": float(np.min(np.subtract(mine, nlm))),
    }


def _mean_psnr(pictures: list[np.ndarray], sigma: int, how: Denoise) -> float:
    return float(np.mean(_psnrs(map(how, _noised(pictures, sigma)), pictures)))


def _noised(pictures: list[np.ndarray], sigma: int) -> list[np.ndarray]:
    return [noisy(one, sigma, _chance(sigma, number)) for number, one in enumerate(pictures)]


def _psnrs(guesses: Iterable[np.ndarray], truths: list[np.ndarray]) -> list[float]:
    return [psnr(guess, truth) for guess, truth in zip(guesses, truths, strict=True)]


def _chance(sigma: int, number: int) -> np.random.Generator:
    """The same noise each time that a picture is measured."""
    return np.random.default_rng((sigma, number))
