"""How the rooms that hold a GAN are trained and measured; their train.py name the data and the recipe.

Loss: the discriminator has to find a real picture more real than a generated one of the same class, and its slope is
held down on both (relativistic pairs with R1 and R2; Huang et al., 2024, https://arxiv.org/abs/2501.05441). What is
published is a running mean of the generator.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models import generation
from models.gan_net import PERCENTS, Discriminator, Generator, as_bytes
from models.train import Run

HALF = ("cpu", torch.bfloat16)  # twice as fast where the CPU multiplies half floats
HANDS = 10_000  # whose mean is the centre of all hands
REAL = 500  # pictures of a class that the discriminator is asked about at the end
PROBED = 1000  # pictures that each point of the curve is measured on


@dataclass(frozen=True)
class GanRecipe:
    """What the rooms are trained with. The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    minutes: float = 6.5
    rounds: int = 12
    batch: int = 32
    lr: float = 1e-3
    penalty: float = 0.3  # weight of the discriminator's squared slope; falls to a tenth in the first half
    penalty_every: int = 4  # steps; it then weighs as many times more
    average: float = 0.999  # what the running mean keeps at each step
    shift: float = 0.0  # of the picture's half side, by which both kinds of pictures are moved at most
    turn: float = 0.0  # radians, by which they are turned at most
    alike: float = 0.0  # weight of how far two pictures by one hand look from each other
    baseline_minutes: float = 1.0
    half: bool = True


def train(net: Any, images: np.ndarray, labels: np.ndarray, recipe: GanRecipe, run: Run,
          judge: str, watch: Callable[[int], None]) -> None:  # fmt: skip
    """Trains net.generator and net.discriminator on uint8 pictures (N, side, side) of classes (N,).

    watch: called with the number of steps made, before each. The curve holds what the judge says of PROBED samples.
    """
    duel = Duel(net, images, labels, recipe)
    probe = generation.judged(judge, net.trimmed(images[:PROBED]))[0]
    length = 60 * recipe.minutes / recipe.rounds
    for number in run.epochs(recipe.rounds, **duel.state()):
        started = time.monotonic()
        while (spent := time.monotonic() - started) < length:
            watch(int(duel.steps))
            duel.step(min((number + spent / length) / recipe.rounds, 1.0))
        asked = labels[:PROBED]
        features, shares = generation.judged(judge, net.sample(asked, recipe.seed))
        run.log(
            step=int(duel.steps),
            gap=duel.gap,
            held_class=float(np.mean(shares.argmax(1) == asked)),
            frechet=generation.frechet_distance(features, probe),
        )
    _finish(net, duel)


@torch.no_grad()
def _finish(net: Any, duel: "Duel") -> None:
    """Notes the mean hand, and how real the discriminator finds REAL real pictures of each class."""
    noise = torch.randn(HANDS, net.latent, generator=torch.Generator().manual_seed(duel.recipe.seed))
    net.generator.centre.zero_()
    net.generator.centre.copy_(net.generator.hands(noise).mean(0))
    marks = torch.linspace(0, 1, PERCENTS)
    for label in duel.labels.unique():
        real = duel.images[duel.labels == label][:REAL].float() / 127.5 - 1
        scores = torch.cat([net.discriminator(part, label.expand(len(part))) for part in real.split(250)])
        net.discriminator.real[label] = scores.quantile(marks)


class Duel:
    """Generator against discriminator, and the running mean of the generator.

    images: uint8 (N, side, side), or with 3 colours at the end.
    """

    def __init__(self, net: Any, images: np.ndarray, labels: np.ndarray, recipe: GanRecipe) -> None:
        self.images = torch.from_numpy(images)
        self.images = self.images.permute(0, 3, 1, 2) if images.ndim == 4 else self.images[:, None]
        self.labels = torch.from_numpy(labels)
        self.recipe, self.net, self.latent = recipe, net, net.latent
        self.generator: Generator = copy.deepcopy(net.generator)
        self.discriminator: Discriminator = net.discriminator
        for one in (self.generator, self.discriminator):
            one.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimisers = [torch.optim.Adam(one.parameters(), recipe.lr, betas=(0.0, 0.99))
                           for one in (self.generator, self.discriminator)]  # fmt: skip
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.steps, self.gap = torch.tensor(0), 0.0
        seen = looks(self.images.float() / 255)
        parts = [seen[self.labels == label] for label in range(int(self.labels.max()) + 1)]
        self.usual = torch.stack(
            [torch.stack([part.mean(0), part.std(0) + 1e-3]) for part in parts]
        )  # (classes, 2, 3)

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {"net": self.net, "generator": self.generator,
                "for_generator": self.optimisers[0], "for_discriminator": self.optimisers[1],
                "chance": self.chance, "count": _Count(self)}  # fmt: skip

    def step(self, share: float) -> None:
        """One step of each. share: of the training that is over, (0, 1)."""
        rate = self.recipe.lr * min(1.0, 2 * (1 - share) + 0.02)
        for group in (group for optimiser in self.optimisers for group in optimiser.param_groups):
            group["lr"] = rate
        self._judge(self.recipe.penalty * 0.1 ** min(1.0, 2 * share))
        self._deceive()
        self.steps += 1
        keep = min(self.recipe.average, (1 + int(self.steps)) / (10 + int(self.steps)))
        with torch.no_grad():
            for old, new in zip(self.net.generator.parameters(), self.generator.parameters(), strict=True):
                old.lerp_(new, 1 - keep)

    def _judge(self, penalty: float) -> None:
        """The discriminator learns; now and then its slope costs too."""
        real, labels = self._real()
        with torch.no_grad(), torch.autocast(*HALF):
            made = self._made(labels)
        pictures = self._varied(torch.cat([real, made]))
        sloped = int(self.steps) % self.recipe.penalty_every == 0
        pictures.requires_grad_(sloped)
        with torch.autocast(*HALF):
            scores = self.discriminator(pictures, labels.repeat(2))
        gap = scores[: len(real)] - scores[len(real) :]
        loss = F.softplus(-gap).mean()
        if sloped:
            (slopes,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
            weight = (
                self.recipe.penalty * self.recipe.penalty_every
            )  # R1 / 2 + R2 / 2: the mean over both kinds
            loss = loss + weight * slopes.square().sum((1, 2, 3)).mean()  # R1 / 2 + R2 / 2
        self._learn(1, loss)
        self.gap = gap.mean().item()

    def _deceive(self) -> None:
        """The generator learns."""
        real, labels = self._real()
        self.discriminator.requires_grad_(False)
        with torch.autocast(*HALF):
            made = self._made(labels, hands=len(labels) // 2)
            with torch.no_grad():
                truth = self.discriminator(self._varied(real), labels)
            loss = F.softplus(truth - self.discriminator(self._varied(made), labels)).mean()
        if self.recipe.alike:
            loss = loss + self.recipe.alike * self._unlike(made, labels)
        self._learn(0, loss)
        self.discriminator.requires_grad_(True)

    def _unlike(self, made: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """How differently one hand writes two classes; each look counts from what is usual for its class."""
        mean, width = self.usual[labels].unbind(1)
        first, second = ((looks((made + 1) / 2) - mean) / width).chunk(2)
        return F.smooth_l1_loss(first, second)

    def _learn(self, which: int, loss: torch.Tensor) -> None:
        self.optimisers[which].zero_grad()
        loss.backward()
        self.optimisers[which].step()

    def _real(self) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = torch.randint(len(self.images), (self.recipe.batch,), generator=self.chance)
        return self.images[chosen].float() / 127.5 - 1, self.labels[chosen]

    def _made(self, labels: torch.Tensor, hands: int | None = None) -> torch.Tensor:
        """One picture of each class given. hands: so many take turns; None: each is by another."""
        noise = torch.randn(hands or len(labels), self.latent, generator=self.chance)
        noise = noise.repeat(len(labels) // len(noise), 1)
        styles = self.generator.styled(self.generator.hands(noise), self.generator.classes(labels))
        return self.generator(styles)

    def _varied(self, pictures: torch.Tensor) -> torch.Tensor:
        """Half of the pictures, real or generated, moved and turned: where there are few, none is learnt by heart."""
        if not self.recipe.shift:
            return pictures

        def uniform(reach: float) -> torch.Tensor:
            return (torch.rand(len(pictures), generator=self.chance) * 2 - 1) * reach * some

        some = (torch.rand(len(pictures), generator=self.chance) < 0.5).float()
        angle, scale = uniform(self.recipe.turn), 1 + uniform(self.recipe.shift)
        rows = [torch.stack([scale * angle.cos(), -scale * angle.sin(), uniform(self.recipe.shift)], 1),
                torch.stack([scale * angle.sin(), scale * angle.cos(), uniform(self.recipe.shift)], 1)]  # fmt: skip
        with torch.autocast(device_type="cpu", enabled=False):
            grid = F.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
            return F.grid_sample(pictures + 1, grid, align_corners=False) - 1  # beyond the edge lies black


def looks(x: torch.Tensor) -> torch.Tensor:
    """Pictures (B, 1, side, side), range (0, 1) -> (B, 3): how much ink, how it slants, how wide it is when upright.

    Slant and width are ratios of the picture's second moments; the width is the logarithm of a variance.
    """
    side = torch.linspace(-1, 1, x.shape[-1])
    ink = x[:, 0].mean((1, 2)) + 1e-4
    share = x[:, 0] / (ink[:, None, None] * x.shape[-1] ** 2)
    down, across = share.sum(2), share.sum(1)
    rows, columns = (side - (part @ side)[:, None] for part in (down, across))  # from the centre of mass
    high, wide = (down * rows.square()).sum(1) + 1e-3, (across * columns.square()).sum(1)
    both = torch.einsum("bij,bi,bj->b", share, rows, columns)
    return torch.stack([ink, both / high, (wide - both.square() / high).clamp(min=1e-3).log()], 1)


class _Count:
    """The number of steps, as a checkpoint wants it."""

    def __init__(self, duel: Duel) -> None:
        self.duel = duel

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"steps": self.duel.steps.clone()}

    def load_state_dict(self, saved: dict[str, torch.Tensor]) -> None:
        self.duel.steps = saved["steps"]


def vae_pictures(net: Any, images: np.ndarray, labels: np.ndarray, asked: np.ndarray,
                 recipe: GanRecipe) -> np.ndarray:  # fmt: skip
    """What the same generator makes when it is trained as the decoder of a class-conditional VAE: the baseline.

    Kingma and Welling, "Auto-Encoding Variational Bayes", 2013, https://arxiv.org/abs/1312.6114. -> uint8 pictures.
    """
    torch.manual_seed(recipe.seed)
    vae = Vae(copy.deepcopy(net.generator), images.shape[-1])
    optimiser = torch.optim.Adam(vae.parameters(), 1e-3)
    chance = torch.Generator().manual_seed(recipe.seed)
    pictures, classes = torch.from_numpy(images)[:, None], torch.from_numpy(labels)
    started, length = time.monotonic(), 60 * recipe.baseline_minutes
    while (spent := time.monotonic() - started) < length:
        for group in optimiser.param_groups:
            group["lr"] = 1e-3 * min(1.0, 2 * (1 - spent / length) + 0.02)
        chosen = torch.randint(len(pictures), (4 * recipe.batch,), generator=chance)
        with torch.autocast(*HALF):
            loss = vae.loss(pictures[chosen].float() / 255, classes[chosen], chance)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return vae.sample(torch.from_numpy(asked), chance)


class Vae(nn.Module):
    """An encoder before a generator, which is started anew; codes of CODE numbers."""

    CODE = 16

    def __init__(self, generator: Generator, side: int) -> None:
        super().__init__()
        self.generator = generator
        generator.bounded = True
        for part in generator.modules():
            if part is not generator and hasattr(part, "reset_parameters"):
                part.reset_parameters()  # type: ignore[operator]
        style = generator.classes.embedding_dim
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Linear(64 * (side // 4) ** 2, 128), nn.LeakyReLU(0.2),
        )  # fmt: skip
        self.told = nn.Embedding(generator.classes.num_embeddings, 128)
        self.code = nn.Linear(128, 2 * self.CODE)
        self.hand = nn.Sequential(nn.Linear(self.CODE, style), nn.LeakyReLU(0.2), nn.Linear(style, style))

    def loss(self, x: torch.Tensor, labels: torch.Tensor, chance: torch.Generator) -> torch.Tensor:
        """Negative evidence bound of pictures (B, 1, side, side), range (0, 1)."""
        mean, width = self.code(self.encoder(x) + self.told(labels)).float().chunk(2, 1)
        code = mean + width.mul(0.5).exp() * torch.randn(mean.shape, generator=chance)
        kept = (0.5 * (self.decoded(code, labels) + 1)).clamp(1e-4, 1 - 1e-4)
        with torch.autocast(x.device.type, enabled=False):
            error = F.binary_cross_entropy(kept, x, reduction="sum")
        return (error + 0.5 * (mean.square() + width.exp() - width - 1).sum()) / len(x)

    def decoded(self, code: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.generator(self.generator.styled(self.hand(code), self.generator.classes(labels)))

    @torch.inference_mode()
    def sample(self, asked: torch.Tensor, chance: torch.Generator) -> np.ndarray:
        """One picture of each class asked for -> uint8 (N, side, side)."""
        parts = [
            self.decoded(torch.randn(len(part), self.CODE, generator=chance), part)
            for part in asked.split(250)
        ]
        return as_bytes(torch.cat(parts))
