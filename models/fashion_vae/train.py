"""Trains the four autoencoders. A quarter of an hour on one CPU thread: `python -m models train fashion_vae`."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from sklearn.decomposition import PCA

from models import garment_data as data
from models import generation
from models.fashion_vae.net import BETAS, SIZES, FashionVAE
from models.train import Run
from models.vae_net import VAE, bits_per_pixel

HELD_BACK, WATCHED = 5000, 1000  # training pictures held back; those of them that the curve is of
SAMPLES = 2000  # generated pictures that are judged, beside as many held-out ones
AT_ONCE = 500  # pictures


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: tuple[int, ...] = (9, 3, 3, 5)  # of each net in turn; those with more beta go on from beta 1
    batch: int = 128
    lr: float = 3e-3
    pictures: int = 55_000
    mse_over_pca_at_most: float = 0.95
    bits_over_ppca_at_most: float = 0.95

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=(1, 1, 1, 1), pictures=1280)


def train(recipe: Recipe, run: Run) -> FashionVAE:
    images, _ = data.pictures("train")
    held, images = images[-HELD_BACK:][:WATCHED], images[: recipe.pictures]
    net = FashionVAE().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    turns = [name for name, many in zip(SIZES, recipe.epochs, strict=True) for _ in range(many)]
    chance = torch.Generator().manual_seed(recipe.seed)
    tools = {name: _tools(net.vae(name), turns.count(name), len(images), recipe) for name in SIZES}
    state = {f"{name} {part.__class__.__name__}": part for name, parts in tools.items() for part in parts}
    for turn in run.epochs(len(turns), net=net, chance=chance, **state):
        name = turns[turn]
        if name in ("beta4", "beta16") and name != turns[turn - 1]:
            net.vae(name).load_state_dict(net.vae("beta1").state_dict())
        _epoch(net, name, tools[name], images, recipe.batch, chance)
        cost = net.eval().cost(name, held)
        net.worth[list(SIZES).index(name), : SIZES[name]] = _worth(net, name, held)
        run.log(
            epoch=turn, **{f"{name}_bits_per_pixel": cost["bits_per_pixel"], f"{name}_code": cost["code"]}
        )
    return net


def _tools(net: VAE, epochs: int, pictures: int, recipe: Recipe) -> tuple:
    optimiser = torch.optim.Adam(net.parameters(), recipe.lr)
    steps = epochs * -(-pictures // recipe.batch)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.lr, total_steps=steps, pct_start=0.15
    )


def _epoch(
    net: FashionVAE, name: str, tools: tuple, images: np.ndarray, batch: int, chance: torch.Generator
) -> None:
    """Through all pictures once, mirrored or not: a mirrored garment is one too."""
    optimiser, schedule = tools
    net.train()
    for chosen in torch.randperm(len(images), generator=chance).split(batch):
        seen = net.tensor(images[chosen.numpy()])
        mirrored = torch.rand(len(seen), 1, 1, 1, generator=chance) < 0.5
        pixels, code = net.vae(name).cost(torch.where(mirrored, seen.flip(3), seen), chance)
        loss = (pixels + BETAS[name] * code.sum(1)).mean() / 784
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.vae(name).parameters(), 1.0)
        optimiser.step()
        schedule.step()


@torch.inference_mode()
def _worth(net: FashionVAE, name: str, held: np.ndarray) -> torch.Tensor:
    return net.vae(name).cost(net.tensor(held), torch.Generator().manual_seed(0))[1].mean(0)


def evaluate(net: FashionVAE, frozen: bool) -> dict[str, float]:
    """On the test part (10,000) or the frozen 1,000 of it: bits (the negative ELBO), its parts, squared error.

    Beside it: PCA with as many numbers, and its likelihood as a probabilistic model.
    """
    images = (data.frozen() if frozen else data.pictures("t10k"))[0]
    metrics = {}
    for name in SIZES:
        prefix = "" if name == "beta1" else f"{name}_"
        for key, value in _costs(net, name, images).items():
            metrics[prefix + key] = value
    if frozen:
        return metrics
    pca, bits = _pca(data.pictures("train")[0][:-HELD_BACK], images)
    beside = {"pca_mse": pca, "ppca_bits_per_pixel": bits}
    over = {"mse_over_pca": metrics["mse"] / pca, "bits_over_ppca": metrics["bits_per_pixel"] / bits}
    return metrics | beside | over | _judged(net, images)


def _costs(net: FashionVAE, name: str, images: np.ndarray) -> dict[str, float]:
    parts = np.split(images, range(AT_ONCE, len(images), AT_ONCE))
    costs = [net.cost(name, part) for part in parts]
    mean = {key: float(np.mean([cost[key] for cost in costs])) for key in costs[0]}
    return {
        "bits_per_pixel": mean["bits_per_pixel"],
        "elbo_nats": -mean["pixels"] - mean["code"],
        "code_nats": mean["code"],
        "mse": float(np.mean([_error(net, name, part) for part in parts])),
    }


def _error(net: FashionVAE, name: str, images: np.ndarray) -> float:
    """Mean squared error of the decoded mean code, in units of the full range of grey."""
    back = net.decode(name, net.encode(name, images))
    return float(np.square((np.float32(back) - images) / 255).mean())


def _pca(training: np.ndarray, images: np.ndarray) -> tuple[float, float]:
    """-> squared error of PCA with 16 numbers, clipped to grey; bits a pixel as probabilistic PCA.

    Tipping and Bishop, 1999: Gaussian, exact; levels of grey are spread evenly so that a density is a likelihood.
    """
    flat = [np.float32(part.reshape(len(part), -1)) for part in (training, images)]
    pca = PCA(SIZES["beta1"], svd_solver="randomized", random_state=0).fit(flat[0] / 255)
    back = pca.inverse_transform(pca.transform(flat[1] / 255)).clip(0, 1)
    chance = np.random.default_rng(0)
    spread = [((part + chance.random(part.shape, np.float32)) / 256).astype(np.float64) for part in flat]
    nats = PCA(SIZES["beta1"], svd_solver="covariance_eigh").fit(spread[0]).score(spread[1])
    return float(np.square(back - flat[1] / 255).mean()), bits_per_pixel(-nats) + 8.0


def _judged(net: FashionVAE, images: np.ndarray) -> dict[str, float]:
    """Samples of each net with 16 numbers beside held-out pictures, in the eyes of fashion_cnn."""
    training = data.pictures("train")[0][:-HELD_BACK]
    metrics: dict[str, float] = {}
    for name in ("beta1", "beta4", "beta16"):
        beside = training if name == "beta1" else None
        found = generation.measured(
            "fashion_cnn", samples(net, name, SAMPLES), None, images[:SAMPLES].copy(), beside
        )
        metrics |= {(key if name == "beta1" else f"{name}_{key}"): value for key, value in found.items()}
    return metrics


def samples(net: FashionVAE, name: str, many: int) -> np.ndarray:
    """Pictures of codes drawn from the standard normal distribution, uint8 (many, 28, 28)."""
    codes = np.random.default_rng(0).standard_normal((many, SIZES[name])).astype(np.float32)
    return net.decode(name, codes)


def pictures(net: FashionVAE) -> dict[str, Image.Image]:
    """Sixteen samples with beta 16, and under each the nearest training picture by pixels and by features."""
    training = data.pictures("train")[0][:-HELD_BACK].copy()
    return {"nearest.png": generation.nearest_sheet("fashion_cnn", samples(net, "beta16", 16), training)}
