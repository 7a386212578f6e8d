"""Trains the vision transformer. About 45 minutes on one CPU thread: `python -m models train fashion_vit`."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

import models
from models import garment_data as data
from models.fashion_vit.net import GRID, PATCH, FashionViT
from models.garment_variation import varied
from models.train import Run

HELD_BACK = 5000  # training pictures that only the curve sees


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 15
    whole: int = 4  # last epochs, on all patches, hardly varied; those before see a share, which is quicker
    kept: float = 0.5
    batch: int = 64
    lr: float = 1.2e-3
    last_lr: float = 5e-4  # at the start of the last epochs
    last_strength: float = 0.3  # of variation in them
    weight_decay: float = 0.05
    sketches: float = 0.12  # share of pictures shown as a filled outline, as visitors draw them
    pictures: int = 55_000
    accuracy_at_least: float = 0.910

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=2, whole=1, pictures=2560)


def train(recipe: Recipe, run: Run) -> FashionViT:
    images, labels = _tensors(*data.pictures("train"))
    held = images[-HELD_BACK:], labels[-HELD_BACK:]
    images, labels = images[: recipe.pictures], labels[: recipe.pictures]
    net = FashionViT()
    optimiser = torch.optim.AdamW(_groups(net, recipe.weight_decay), lr=recipe.lr)
    chance = torch.Generator().manual_seed(recipe.seed)
    for epoch in run.epochs(recipe.epochs, net=net, optimiser=optimiser, chance=chance):
        net.train()
        whole = epoch >= recipe.epochs - recipe.whole
        order = torch.randperm(len(images), generator=chance).split(recipe.batch)
        for step, chosen in enumerate(order):
            for group in optimiser.param_groups:
                group["lr"] = _rate(recipe, epoch + step / len(order))
            seen = varied(images[chosen], recipe.sketches, chance, recipe.last_strength if whole else 1.0)
            logits = net(seen, None if whole else _some(seen, recipe.kept, chance))
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
        run.log(epoch=epoch, loss=loss.item(), held_back_accuracy=_accuracy(net, *held))
    return net


def _rate(recipe: Recipe, epochs: float) -> float:
    """Up over the first tenth and down a cosine to 15 %; in the last epochs down a line to 0."""
    first = recipe.epochs - recipe.whole
    if epochs >= first:
        return recipe.last_lr * (recipe.epochs - epochs) / recipe.whole
    risen = min(1.0, 0.04 + 10 * epochs / first)
    return recipe.lr * min(risen, 0.575 + 0.425 * math.cos(math.pi * epochs / first))


def evaluate(net: FashionViT, frozen: bool) -> dict[str, float]:
    """Share of right answers on the test part (10,000) or the frozen 1,000 of it, beside the convolutional net."""
    images, labels = data.frozen() if frozen else data.pictures("t10k")
    metrics = {"accuracy": _accuracy(net, *_tensors(images, labels))}
    if not frozen:
        with models.use("fashion_cnn") as beside:
            _, shares = beside.features(images.copy())
        metrics["fashion_cnn_accuracy"] = float((shares.argmax(1) == labels).mean())
    return metrics


def _groups(net: FashionViT, decay: float) -> list[dict]:
    """Matrices shrink; biases, norms, the class token and places do not."""
    matrices = [p for name, p in net.named_parameters() if p.ndim > 1 and name not in ("first", "places")]
    known = {id(p) for p in matrices}
    others = [p for p in net.parameters() if id(p) not in known]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _some(seen: torch.Tensor, share: float, chance: torch.Generator) -> torch.Tensor:
    """Numbers of some patches, drawn anew for each picture, (B, kept): those with a garment on them come first."""
    inked = F.max_pool2d(seen, PATCH).flatten(1) > 0.05
    order = (torch.rand(inked.shape, generator=chance) + 0.5 * inked).argsort(1, descending=True)
    return order[:, : round(share * GRID * GRID)]


def _tensors(images: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(images.copy())[:, None].float() / 255, torch.from_numpy(labels)


@torch.inference_mode()
def _accuracy(net: FashionViT, images: torch.Tensor, labels: torch.Tensor) -> float:
    net.eval()
    guesses = torch.cat([net(part).argmax(1) for part in images.split(500)])
    return (guesses == labels).float().mean().item()
