"""Trains the digit reader. About half an hour on one CPU thread: `python -m models train digit_cnn`."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F

from models import digit_data as data
from models.digit_cnn.net import DigitCNN
from models.train import Run

HELD_BACK = 500  # training digits that only the curve sees


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 60
    batch: int = 64
    lr: float = 3e-3
    weight_decay: float = 0.02
    digits: int = 7500
    accuracy_at_least: float = 0.990

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, digits=1024)


def train(recipe: Recipe, run: Run) -> DigitCNN:
    images, labels = _tensors(*data.training())
    held_images, held_labels = images[:HELD_BACK], labels[:HELD_BACK]
    images, labels = (part[HELD_BACK:][: recipe.digits] for part in (images, labels))
    net = DigitCNN()
    steps = -(-len(images) // recipe.batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=steps * recipe.epochs)
    chance = torch.Generator().manual_seed(recipe.seed)
    state = {"net": net, "optimiser": optimiser, "schedule": schedule, "chance": chance}
    for epoch in run.epochs(recipe.epochs, **state):
        net.train()
        for chosen in torch.randperm(len(images), generator=chance).split(recipe.batch):
            loss = F.cross_entropy(net(_varied(images[chosen], chance)), labels[chosen], label_smoothing=0.03)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        run.log(epoch=epoch, loss=loss.item(), held_back_accuracy=_accuracy(net, held_images, held_labels))
    return net


def evaluate(net: DigitCNN, frozen: bool) -> dict[str, float]:
    """Share of right answers on the 2,000 test digits, all of which are kept in the repo."""
    metrics = {"accuracy": _accuracy(net, *_tensors(*data.frozen()))}
    if not frozen:
        metrics["logistic_regression_accuracy"] = _baseline()
    return metrics


def _baseline() -> float:
    """Logistic regression on the pixels of the same training digits."""
    flat = [
        (images.reshape(len(images), -1) / 255.0, labels)
        for images, labels in (data.training(), data.frozen())
    ]
    return float(LogisticRegression(max_iter=1000, tol=1e-3).fit(*flat[0]).score(*flat[1]))


def _tensors(images: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(images)[:, None].float() / 255, torch.from_numpy(labels)


@torch.inference_mode()
def _accuracy(net: DigitCNN, images: torch.Tensor, labels: torch.Tensor) -> float:
    net.eval()
    guesses = torch.cat([net(part).argmax(1) for part in images.split(500)])
    return (guesses == labels).float().mean().item()


def _varied(images: torch.Tensor, chance: torch.Generator) -> torch.Tensor:
    """Turns, shears, scales and shifts, bends smoothly, and makes some strokes thicker or thinner."""
    count = len(images)

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return torch.rand(count, *shape, generator=chance) * (high - low) + low

    pen = uniform(0, 1, 1, 1, 1)
    thick, thin = F.max_pool2d(images, 3, 1, 1), -F.max_pool2d(-images, 3, 1, 1)
    mixed = uniform(0.3, 1, 1, 1, 1)
    images = torch.where(pen < 0.2, images + mixed * (thick - images), images)
    images = torch.where(pen > 0.9, images + 0.5 * mixed * (thin - images), images)
    angle, across, down, shear = (
        uniform(-0.25, 0.25),
        uniform(0.85, 1.2),
        uniform(0.85, 1.2),
        uniform(-0.2, 0.2),
    )
    shift = uniform(-0.12, 0.12, 2)
    rows = [torch.stack([across * angle.cos(), across * (shear - angle.sin()), shift[:, 0]], 1),
            torch.stack([down * angle.sin(), down * angle.cos(), shift[:, 1]], 1)]  # fmt: skip
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    bend = F.interpolate(uniform(-0.09, 0.09, 2, 5, 5), (28, 28), mode="bicubic", align_corners=True)
    return F.grid_sample(images, grid + bend.permute(0, 2, 3, 1), align_corners=False)
