"""Trains the GAN of chorales. About 25 minutes on one CPU thread: `python -m models train chorale_gan`.

Three losses at each step. The discriminator has to find a real passage more real than a composed one of the same mode,
half of which keep some voices of the real one, and its slope is held down on both (relativistic pairs with R1 and R2;
Huang et al., 2024, https://arxiv.org/abs/2501.05441). The generator has to deceive it; and, from what the reader made
of a real passage, to write that passage again (Larsen et al., 2016), which is what teaches it which chords there are.
"""

import copy
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models import chorale_data as data
from models import music_statistics as statistics
from models.chorale_data import PITCHES, STEPS, VOICES, Passages
from models.chorale_gan import markov
from models.chorale_gan.layers import as_roll, chosen
from models.chorale_gan.net import ChoraleGAN, midi
from models.train import Run

SEED = 1  # of the samples that are measured
TIMES = 6  # samples for each test passage
JUDGED = ("pitch_class_distance", "note_length_distance", "in_scale_distance")
COUNTED = ("parallel_fifths", "dissonant")
SOPRANO = (0,)


@dataclass(frozen=True)
class Recipe:
    """The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    minutes: float = 22.0
    rounds: int = 22
    batch: int = 32
    lr: float = 8e-4
    penalty: float = 1.0  # weight of the discriminator's squared slope; falls to a tenth in the first half
    penalty_every: int = 4  # steps; it then weighs as many times more
    average: float = 0.998  # what the running mean keeps at each step
    written_again: float = 0.5  # weight of the error of passages written again
    tight: float = 0.05  # weight of how far the reader's noise is from noise
    moved: int = 3  # semitones by which the discriminator sees half of the passages moved at most
    half: bool = True
    pitch_class_of_markov_at_most: float = 1.0
    note_length_of_markov_at_most: float = 1.0
    in_scale_of_markov_at_most: float = 1.0
    novelty_at_least: float = 0.8

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.2, rounds=2)


def train(recipe: Recipe, run: Run) -> ChoraleGAN:
    """The net of the round whose samples are nearest to the validation passages, of those in the second half."""
    net = ChoraleGAN()
    duel, best = Duel(net, data.training(), recipe), Best(net)
    ruler = Ruler(recipe.seed)
    length = 60 * recipe.minutes / recipe.rounds
    for number in run.epochs(recipe.rounds, **duel.state(), best=best):
        started = time.monotonic()
        while (spent := time.monotonic() - started) < length:
            duel.step(min((number + spent / length) / recipe.rounds, 1.0))
        score, found = ruler.measured(net)
        if 2 * (number + 1) >= recipe.rounds:
            best.offer(net, score)
        run.log(step=int(duel.steps), gap=duel.gap, written_again=duel.error, tight=duel.tight, score=score, **found)
    net.load_state_dict(best.kept.state_dict())
    return net


class Ruler:
    """How near samples are to the validation passages; each distance is counted in that of the Markov model."""

    def __init__(self, seed: int) -> None:
        self.held_out, self.seed = data.validation(), seed
        self.asked = np.tile(self.held_out[2], 3)
        self.truth = compared(self.held_out, self.held_out)
        self.markov = compared(markov.voices(data.training(), self.asked, seed), self.held_out)

    def measured(self, net: ChoraleGAN) -> tuple[float, dict[str, float]]:
        """-> a score, 1 for the Markov model and less for what is nearer; the parts of it."""
        found = compared((*net.sample(self.asked, self.seed), self.asked), self.held_out)
        parts = [found[name] / self.markov[name] for name in JUDGED]
        parts += [abs(found[name] - self.truth[name]) / abs(self.markov[name] - self.truth[name]) for name in COUNTED]
        return float(np.mean(parts)), {name: found[name] for name in (*JUDGED, *COUNTED)}


class Best:
    """The best net so far, as a checkpoint wants it."""

    def __init__(self, net: ChoraleGAN) -> None:
        self.kept, self.score = copy.deepcopy(net), torch.tensor(float("inf"))

    def offer(self, net: ChoraleGAN, score: float) -> None:
        if score < self.score:
            self.kept.load_state_dict(net.state_dict())
            self.score = torch.tensor(score)

    def state_dict(self) -> dict[str, Any]:
        return {"kept": self.kept.state_dict(), "score": self.score}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        self.kept.load_state_dict(saved["kept"])
        self.score = saved["score"]


class Duel:
    """Generator against discriminator, with a reader; and the running mean of the generator."""

    def __init__(self, net: ChoraleGAN, passages: Passages, recipe: Recipe) -> None:
        self.pitches, self.struck, self.minor = (torch.from_numpy(part) for part in passages)
        self.recipe, self.net = recipe, net
        self.generator = copy.deepcopy(net.generator)
        self.reader, self.discriminator = net.reader, net.discriminator
        makers = [*self.generator.parameters(), *self.reader.parameters()]
        self.optimisers = [torch.optim.Adam(makers, recipe.lr, betas=(0.0, 0.99), fused=True),
                           torch.optim.Adam(self.discriminator.parameters(), recipe.lr, betas=(0.0, 0.99), fused=True)]  # fmt: skip
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.steps, self.gap, self.error, self.tight = torch.tensor(0), 0.0, 0.0, 0.0

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
        self._compose()
        self.steps += 1
        keep = min(self.recipe.average, (1 + int(self.steps)) / (10 + int(self.steps)))
        with torch.no_grad():
            for old, new in zip(self.net.generator.parameters(), self.generator.parameters(), strict=True):
                old.lerp_(new, 1 - keep)

    def _judge(self, penalty: float) -> None:
        """The discriminator learns; now and then its slope costs too."""
        real, minor = self._real()
        with torch.no_grad():
            made = self._made(real, minor)
        rolls = self._varied(torch.cat([real, made]))
        sloped = int(self.steps) % self.recipe.penalty_every == 0
        rolls.requires_grad_(sloped)
        scores = self.discriminator(rolls, minor.repeat(2))
        gap = scores[: len(real)] - scores[len(real) :]
        loss = F.softplus(-gap).mean()
        if sloped:
            (slopes,) = torch.autograd.grad(scores.sum(), rolls, create_graph=True)
            loss = loss + penalty * self.recipe.penalty_every * slopes.square().sum((1, 2, 3)).mean()  # R1/2 + R2/2
        self._learn(1, loss)
        self.gap = gap.mean().item()

    def _compose(self) -> None:
        """The generator learns to deceive, and with the reader to write passages again."""
        real, minor = self._real()
        self.discriminator.requires_grad_(False)
        made = self._varied(self._made(real, minor))
        with torch.no_grad():
            truth = self.discriminator(self._varied(real), minor)
        loss = F.softplus(truth - self.discriminator(made, minor)).mean()
        loss = loss + self._again(real, minor)
        self._learn(0, loss)
        self.discriminator.requires_grad_(True)

    def _again(self, real: torch.Tensor, minor: torch.Tensor) -> torch.Tensor:
        """Error of passages that are written again from the reader's noise and the voices that are given."""
        mean, spread = self.reader(real, minor)
        noise = mean + (spread / 2).exp() * torch.randn(mean.shape, generator=self.chance)
        known = self._known(len(real))
        logits = self.generator(noise, minor, real, known)
        wrong = F.cross_entropy(logits[..., :PITCHES].movedim(3, 1), real[..., :PITCHES].argmax(3), reduction="none")
        wrong = wrong + F.binary_cross_entropy_with_logits(logits[..., PITCHES], real[..., PITCHES], reduction="none")
        asked = (1 - known)[:, None].expand_as(wrong)
        error = (wrong * asked).sum() / asked.sum()
        tight = 0.5 * (mean.square() + spread.exp() - spread - 1).sum(1).mean() / STEPS
        self.error, self.tight = error.item(), tight.item()
        return self.recipe.written_again * error + self.recipe.tight * tight

    def _learn(self, which: int, loss: torch.Tensor) -> None:
        self.optimisers[which].zero_grad()
        loss.backward()
        self.optimisers[which].step()

    def _real(self) -> tuple[torch.Tensor, torch.Tensor]:
        some = torch.randint(len(self.pitches), (self.recipe.batch,), generator=self.chance)
        return as_roll(self.pitches[some], self.struck[some]), self.minor[some]

    def _known(self, count: int) -> torch.Tensor:
        """Which voices are given, (count, 4): to half of the passages none, to a quarter the soprano, else any."""
        kind = torch.rand(count, 1, generator=self.chance)
        some = (torch.rand(count, VOICES, generator=self.chance) < 0.5).float()
        some = some * (some.sum(1, keepdim=True) < VOICES)
        soprano = torch.tensor([1.0, 0, 0, 0])
        return torch.where(kind < 0.5, torch.zeros(()), torch.where(kind < 0.75, soprano, some))

    def _made(self, real: torch.Tensor, minor: torch.Tensor) -> torch.Tensor:
        """One passage beside each real one, of the same mode, with the voices of it that are known."""
        known = self._known(len(real))
        noise = torch.randn(len(real), self.net.latent, generator=self.chance)
        logits = self.generator(noise, minor, real, known)
        gumbel = -torch.empty_like(logits).exponential_(generator=self.chance).log()
        gumbel[..., PITCHES] -= -torch.empty_like(gumbel[..., 0]).exponential_(generator=self.chance).log()
        return torch.where(known[:, None, :, None] > 0, real, chosen(logits, gumbel))

    def _varied(self, rolls: torch.Tensor) -> torch.Tensor:
        """Half of the rolls, real or composed, moved by some semitones, or without a voice: where there are few, none is
        learnt by heart."""
        count, far = len(rolls), self.recipe.moved
        by = torch.randint(-far, far + 1, (count,), generator=self.chance)
        by = by * (torch.rand(count, generator=self.chance) < 0.5)
        places = torch.arange(PITCHES) - by[:, None]  # (B, PITCHES)
        fits = ((places >= 0) & (places < PITCHES)).float()
        where = places.clamp(0, PITCHES - 1)[:, None, None].expand(-1, STEPS, VOICES, -1)
        moved = rolls[..., :PITCHES].gather(3, where) * fits[:, None, None]
        silent = F.one_hot(torch.randint(VOICES, (count,), generator=self.chance), VOICES).float()
        silent = silent * (torch.rand(count, 1, generator=self.chance) < 0.25)
        return torch.cat([moved, rolls[..., PITCHES:]], 3) * (1 - silent)[:, None, :, None]


class _Count:
    """The number of steps, as a checkpoint wants it."""

    def __init__(self, duel: Duel) -> None:
        self.duel = duel

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"steps": self.duel.steps.clone()}

    def load_state_dict(self, saved: dict[str, torch.Tensor]) -> None:
        self.duel.steps = saved["steps"]


def compared(composed: Passages, held_out: Passages) -> dict[str, float]:
    """Distances between two sets of passages, as music_statistics measures them."""
    first, second = ((midi(pitches), struck, minor) for pitches, struck, minor in (composed, held_out))
    return statistics.compared(first, second)


def evaluate(net: ChoraleGAN, frozen: bool) -> dict[str, float]:
    """Samples beside the test passages, TIMES as many, and beside what two Markov models compose.

    data_: what as many training passages reach; harmonised_: sopranos of the test passages, harmonised.
    """
    held_out = data.frozen()
    asked = np.tile(held_out[2], TIMES)
    composed = (*net.sample(asked, SEED), asked)
    metrics = compared(composed, held_out)
    kept = (*net.sample(held_out[2], SEED, held_out[:2], SOPRANO), held_out[2])
    metrics |= {f"harmonised_{name}": value for name, value in compared(kept, held_out).items()}
    if frozen:
        return metrics
    training = data.training()
    for name, model in (("markov", markov.voices), ("chord_markov", markov.chords)):
        rival = model(training, asked, SEED)
        metrics |= {f"{name}_{key}": value for key, value in compared(rival, held_out).items()}
        metrics[f"{name}_novelty"] = novelty(rival[0], held_out[0], training[0])
    chance = np.random.default_rng(SEED)
    some = [chance.choice(np.flatnonzero(training[2] == minor), np.sum(held_out[2] == minor), False) for minor in (0, 1)]
    real = tuple(part[np.concatenate(some)] for part in training)
    metrics |= {f"data_{name}": value for name, value in compared(real, held_out).items()}
    metrics |= {f"held_out_{name}": compared(held_out, held_out)[name] for name in ("in_scale", "parallel_fifths", "parallel_octaves", "dissonant")}
    metrics["novelty"] = novelty(composed[0], held_out[0], training[0])
    for name in JUDGED:
        short = name.removesuffix("_distance")
        metrics[f"{short}_of_markov"] = metrics[name] / metrics[f"markov_{name}"]
    return metrics


def novelty(composed: np.ndarray, held_out: np.ndarray, training: np.ndarray) -> float:
    """How far passages are from their nearest training passages, in what the held-out ones are; 0: copies."""
    return float(np.mean([nearest(one, training)[1] for one in composed])
                 / np.mean([nearest(one, training)[1] for one in held_out]))  # fmt: skip


def nearest(passage: np.ndarray, training: np.ndarray) -> tuple[int, float]:
    """The training passage that sounds most pitches of this one, (4, 32), at the same place; the share that differs."""
    apart = (training != passage).mean((1, 2))
    return int(apart.argmin()), float(apart.min())
