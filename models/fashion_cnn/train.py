"""Trains the garment classifier. About an hour on one CPU thread: `python -m models train fashion_cnn`."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F

from models import garment_data as data
from models.fashion_cnn.net import FashionCNN
from models.garment_variation import varied
from models.train import Run

HELD_BACK = 5000  # training pictures that only the curve sees


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 30
    batch: int = 128
    lr: float = 4e-3
    weight_decay: float = 0.05
    sketches: float = 0.15  # share of pictures shown as a filled outline, as visitors draw them
    pictures: int = 55_000
    accuracy_at_least: float = 0.930

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, pictures=2560)


def train(recipe: Recipe, run: Run) -> FashionCNN:
    images, labels = _tensors(*data.pictures("train"))
    held_images, held_labels = images[-HELD_BACK:], labels[-HELD_BACK:]
    images, labels = images[: recipe.pictures], labels[: recipe.pictures]
    net = FashionCNN().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    steps = -(-len(images) // recipe.batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=steps * recipe.epochs)
    chance = torch.Generator().manual_seed(recipe.seed)
    state = {"net": net, "optimiser": optimiser, "schedule": schedule, "chance": chance}
    for epoch in run.epochs(recipe.epochs, **state):
        net.train()
        for chosen in torch.randperm(len(images), generator=chance).split(recipe.batch):
            seen = varied(images[chosen], recipe.sketches, chance)
            loss = F.cross_entropy(net(seen), labels[chosen], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        run.log(epoch=epoch, loss=loss.item(), held_back_accuracy=_accuracy(net, held_images, held_labels))
    return net


def evaluate(net: FashionCNN, frozen: bool) -> dict[str, float]:
    """Share of right answers on the test part (10,000) or the frozen 1,000 of it, beside logistic regression."""
    metrics = {"accuracy": _accuracy(net, *_tensors(*(data.frozen() if frozen else data.pictures("t10k"))))}
    if not frozen:
        metrics["logistic_regression_accuracy"] = _baseline()
    return metrics


def _baseline() -> float:
    """Logistic regression on the pixels of every training picture."""
    flat = [
        (images.reshape(len(images), -1) / 255.0, labels)
        for images, labels in map(data.pictures, ("train", "t10k"))
    ]
    return float(LogisticRegression(max_iter=1000, tol=2e-3).fit(*flat[0]).score(*flat[1]))


def _tensors(images: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(images.copy())[:, None].float() / 255, torch.from_numpy(labels)


@torch.inference_mode()
def _accuracy(net: FashionCNN, images: torch.Tensor, labels: torch.Tensor) -> float:
    net.eval()
    guesses = torch.cat([net(part).argmax(1) for part in images.split(500)])
    return (guesses == labels).float().mean().item()
