"""Trains the GAN of chorales. About 25 minutes on one CPU thread: `python -m models train chorale_gan`.

Six losses at each step. The discriminator has to find a real passage more real than a composed one of the same mode,
half of which keep some voices of the real one, and its slope is held down on both (relativistic pairs with R1 and R2;
Huang et al., 2024, https://arxiv.org/abs/2501.05441). The generator has to deceive it; to be like real passages in what
is heard on average and in what can be counted; and, from what the reader made of a real passage, to write that passage
again (Larsen et al., 2016), which is what teaches it which chords there are. And the reader has to find the noise of
a composed passage again, so that not all noise gives the same.
"""

import copy
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.spatial.distance import cdist
from torch.nn import functional as F

from models import music_statistics as statistics
from models.chorale_gan import markov, passages
from models.chorale_gan.layers import HEARD, Tally, as_roll, chosen, energy_distance, gumbel
from models.chorale_gan.net import PERCENTS, ChoraleGAN
from models.chorale_gan.passages import PITCHES, STEPS, VOICES, Passages
from models.chorale_gan.sheet import sheet
from models.train import Run

SEED = 1  # of the samples that are measured
TIMES = 6  # samples for each test passage
JUDGED = ("pitch_class_distance", "note_length_distance", "in_scale_distance")
WARMTHS = (0.0, 0.3, 0.6, 1.0)  # that are tried after each round
DRAFTS = (1, 4, 8)  # that are tried at the end
COUNTED = ("parallel_fifths", "parallel_octaves", "dissonant")
ALIKE = 5.0  # weight of a lack of diversity: a fifth less is as bad as the Markov model
SOPRANO = (0,)
SHOWN = 6  # samples on the card
SCORED = 500  # samples of each mode that the discriminator is asked about at the end


@dataclass(frozen=True)
class Recipe:
    """The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    minutes: float = 22.0
    rounds: int = 22
    batch: int = 32
    lr: float = 1e-3
    penalty: float = 1.0  # weight of the discriminator's squared slope; falls to a tenth in the first half
    penalty_every: int = 4  # steps; it then weighs as many times more
    average: float = 0.998  # what the running mean keeps at each step
    alone: float = 0.15  # share of the time in which passages are only written again
    written_again: float = 1.0  # weight of the error of passages written again
    tight: float = 0.1  # of that, how far the reader's noise is from noise
    recognised: float = 3.0  # weight of how far the reader is from the noise that a passage was made of
    alike: float = 10.0  # weight of the distance of what is heard on average
    tallied: float = (
        20.0  # weight of the energy distances between pieces' shares of pitch classes, and in the scale
    )
    remembered: float = 0.9  # of that, from step to step
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
    duel, best, ruler = Duel(net, passages.training(), recipe), Best(net), Ruler(recipe.seed)
    length = 60 * recipe.minutes / recipe.rounds
    for number in run.epochs(recipe.rounds, **duel.state(), best=best):
        started = time.monotonic()
        while (spent := time.monotonic() - started) < length:
            duel.step(min((number + spent / length) / recipe.rounds, 1.0))
        score, found = ruler.measured(net)
        if 2 * (number + 1) >= recipe.rounds:
            best.offer(net, score)
        run.log(**duel.told(), score=score, **found)
    net.load_state_dict(best.kept.state_dict())
    ruler.settle(net)
    _finish(net)
    return net


@torch.no_grad()
def _finish(net: ChoraleGAN) -> None:
    """Notes how real the discriminator finds SCORED samples of each mode."""
    for mode in (False, True):
        made = net.sample(np.full(SCORED, mode), SEED)
        rolls, minor = as_roll(*map(torch.from_numpy, made[:2])), torch.from_numpy(made.minor)
        scores = net.discriminator(net.discriminator.heard(rolls), minor)
        net.usual[int(mode)] = scores.quantile(torch.linspace(0, 1, PERCENTS))


class Ruler:
    """How near samples are to the validation passages; each distance is counted in that of the Markov model."""

    def __init__(self, seed: int) -> None:
        self.held_out, self.seed = passages.validation(), seed
        self.asked = np.tile(self.held_out.minor, 3)
        self.truth = compared(self.held_out, self.held_out)
        self.markov = compared(markov.voices(passages.training(), self.asked, seed), self.held_out)

    def measured(self, net: ChoraleGAN) -> tuple[float, dict[str, float]]:
        """Sets the net's warmth to the best of WARMTHS; -> its score, and what it was made of."""
        told = [self._with(net, warmth, warmth, 1) for warmth in WARMTHS]
        return self._settled(net, told)

    def settle(self, net: ChoraleGAN) -> None:
        """Sets the warmth of pitches and that of strikes, and how many drafts, to what is best together."""
        told = [self._with(net, 1.0, 1.0, drafts) for drafts in DRAFTS]
        drafts = min(told, key=lambda one: one[0])[1][2]
        told += [self._with(net, pitch, strike, drafts) for pitch in WARMTHS[2:] for strike in WARMTHS]
        score, found = self._settled(net, told)
        print(f"settled: score {score:.4f}, warmth {net.warmth.tolist()}, {int(net.drafts)} drafts; {found}")

    def _with(self, net: ChoraleGAN, pitch: float, strike: float, drafts: int) -> tuple[float, tuple, dict]:
        """-> the score of a net that is so set, how it is set, and what the score was made of."""
        _set(net, pitch, strike, drafts)
        found = compared(net.sample(self.asked, self.seed), self.held_out)
        shown = {name: found[name] for name in (*JUDGED, *COUNTED, "diversity")}
        return self.score(found), (pitch, strike, drafts), shown

    @staticmethod
    def _settled(net: ChoraleGAN, told: list[tuple[float, tuple, dict]]) -> tuple[float, dict[str, float]]:
        score, setting, found = min(told, key=lambda one: one[0])
        _set(net, *setting)
        return score, found | {"warmth": setting[0]}

    def score(self, found: dict[str, float]) -> float:
        """Mean and worst of the parts; 2 for the Markov model, 0 where all is as in the validation passages."""
        parts = [found[name] / self.markov[name] for name in JUDGED]
        for name in COUNTED:
            parts.append(abs(found[name] - self.truth[name]) / abs(self.markov[name] - self.truth[name]))
        parts.append(ALIKE * max(0.0, 1 - found["diversity"]))
        return float(np.mean(parts) + np.max(parts))


def _set(net: ChoraleGAN, pitch: float, strike: float, drafts: int) -> None:
    net.warmth.copy_(torch.tensor([pitch, strike]))
    net.drafts.fill_(drafts)


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

    def __init__(self, net: ChoraleGAN, real: Passages, recipe: Recipe) -> None:
        self.pitches, self.struck, self.minor = (torch.from_numpy(part) for part in real)
        self.recipe, self.net = recipe, net
        self.generator = copy.deepcopy(net.generator)
        self.reader, self.discriminator = net.reader, net.discriminator
        makers = [*self.generator.parameters(), *self.reader.parameters()]
        judges = list(self.discriminator.parameters())
        self.optimisers = [
            torch.optim.Adam(makers, recipe.lr, betas=(0.5, 0.99), fused=True),
            torch.optim.Adam(judges, recipe.lr, betas=(0.0, 0.99), fused=True),
        ]
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.tally = Tally()
        with torch.no_grad():
            self.tallied = self.tally(as_roll(self.pitches, self.struck), self.minor)
        self.steps, self.unlike = torch.tensor(0), torch.zeros(2, HEARD)
        self.gap, self.error, self.tight = 0.0, 0.0, 0.0

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {"net": self.net, "generator": self.generator,
                "for_generator": self.optimisers[0], "for_discriminator": self.optimisers[1],
                "chance": self.chance, "count": _Count(self)}  # fmt: skip

    def told(self) -> dict[str, float]:
        """What the curve holds of the last step."""
        return {"step": int(self.steps), "gap": self.gap, "written_again": self.error, "tight": self.tight}

    def step(self, share: float) -> None:
        """One step. share: of the training that is over, (0, 1).

        At first passages are only written again, which is cheap and teaches which notes there are.
        """
        rate = self.recipe.lr * min(1.0, 2 * (1 - share) + 0.02)
        for group in (group for optimiser in self.optimisers for group in optimiser.param_groups):
            group["lr"] = rate
        real, minor = self._real()
        if share < self.recipe.alone:
            self._learn(0, self._again(real, minor))
            return self._follow()
        noise = torch.randn(len(real), self.net.latent, generator=self.chance)
        made = self._made(noise, real, minor)
        truth = self._judge(real, made.detach(), minor, self.recipe.penalty * 0.1 ** min(1.0, 2 * share))
        self._compose(noise, real, made, minor, truth)
        self._follow()

    def _follow(self) -> None:
        """The running mean."""
        self.steps += 1
        keep = min(self.recipe.average, (1 + int(self.steps)) / (10 + int(self.steps)))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.net.generator.parameters()), list(self.generator.parameters()), 1 - keep
            )

    def _judge(
        self, real: torch.Tensor, made: torch.Tensor, minor: torch.Tensor, penalty: float
    ) -> torch.Tensor:
        """The discriminator learns; now and then its slope costs too. -> its scores of the real passages."""
        sloped = int(self.steps) % self.recipe.penalty_every == 0
        rolls = self._varied(torch.cat([real, made])).requires_grad_(sloped)
        scores = self.discriminator(self.discriminator.heard(rolls), minor.repeat(2))
        gap = scores[: len(real)] - scores[len(real) :]
        loss = F.softplus(-gap).mean()
        if sloped:
            (slopes,) = torch.autograd.grad(scores.sum(), rolls, create_graph=True)
            weight = penalty * self.recipe.penalty_every  # R1 / 2 + R2 / 2: the mean over both kinds
            loss = loss + weight * slopes.square().sum((1, 2, 3)).mean()
        self._learn(1, loss)
        self.gap = gap.mean().item()
        return scores[: len(real)].detach()

    def _compose(
        self, noise: torch.Tensor, real: torch.Tensor, made: torch.Tensor, minor: torch.Tensor, truth: torch.Tensor
    ) -> None:  # fmt: skip
        """The generator learns to deceive and to be recognised, and with the reader to write passages again.

        That the reader finds the noise again keeps the generator from composing the same out of all noise.
        """
        self.discriminator.requires_grad_(False)
        heard = self.discriminator.heard(made)
        judged = self.discriminator(self.discriminator.heard(self._varied(made)), minor)
        loss = F.softplus(truth - judged).mean() + self._alike(heard, real) + self._again(real, minor)
        for shares, truly in zip(self.tally(made, minor), self.tallied, strict=True):
            loss = loss + self.recipe.tallied * energy_distance(shares, truly)
        loss = loss + self.recipe.recognised * F.mse_loss(self.reader(made, minor)[0], noise)
        self._learn(0, loss)
        self.discriminator.requires_grad_(True)

    def _alike(self, heard: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Feature matching (Salimans et al., 2016): how far what is heard on average, on and off the beat, is from what
        is heard in real passages.

        Of the last batches, since one is too small to tell; the slope is that of half the squared distance.
        """
        usual = heard.unflatten(1, (-1, 2)).mean((0, 1))  # (2, HEARD)
        with torch.no_grad():
            truth = self.discriminator.heard(real).unflatten(1, (-1, 2)).mean((0, 1))
            self.unlike = torch.lerp(self.unlike, usual - truth, 1 - self.recipe.remembered)
        return self.recipe.alike * (usual * self.unlike).sum()

    def _again(self, real: torch.Tensor, minor: torch.Tensor) -> torch.Tensor:
        """Error of passages that are written again from the reader's noise and the voices that are given."""
        mean, spread = self.reader(real, minor)
        noise = mean + (spread / 2).exp() * torch.randn(mean.shape, generator=self.chance)
        known = self._known(len(real))
        logits = self.generator(noise, minor, real, known)
        wrong = F.cross_entropy(
            logits[..., :PITCHES].movedim(3, 1), real[..., :PITCHES].argmax(3), reduction="none"
        )
        wrong = wrong + F.binary_cross_entropy_with_logits(
            logits[..., PITCHES], real[..., PITCHES], reduction="none"
        )
        asked = (1 - known)[:, None].expand_as(wrong)
        error = (wrong * asked).sum() / asked.sum()
        tight = 0.5 * (mean.square() + spread.exp() - spread - 1).sum(1).mean() / (VOICES * STEPS)
        self.error, self.tight = error.item(), tight.item()
        return self.recipe.written_again * (error + self.recipe.tight * tight)

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

    def _made(self, noise: torch.Tensor, real: torch.Tensor, minor: torch.Tensor) -> torch.Tensor:
        """One passage beside each real one, of the same mode, with the voices of it that are known."""
        known = self._known(len(real))
        logits = self.generator(noise, minor, real, known)
        return torch.where(
            known[:, None, :, None] > 0, real, chosen(logits, gumbel(logits.shape, self.chance))
        )

    def _varied(self, rolls: torch.Tensor) -> torch.Tensor:
        """Rolls, real or composed, some moved by semitones, some without a voice: few as they are, none is learnt by
        heart."""
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
    """The number of steps and the last batches, as a checkpoint wants them."""

    def __init__(self, duel: Duel) -> None:
        self.duel = duel

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"steps": self.duel.steps.clone(), "unlike": self.duel.unlike}

    def load_state_dict(self, saved: dict[str, torch.Tensor]) -> None:
        self.duel.steps, self.duel.unlike = saved["steps"], saved["unlike"]


def compared(composed: Passages, held_out: Passages) -> dict[str, float]:
    """Distances between two sets of passages, as music_statistics measures them."""
    first, second = ((one.midi, one.struck, one.minor) for one in (composed, held_out))
    return statistics.compared(first, second) | {"diversity": diversity(composed) / diversity(held_out)}


def diversity(some: Passages) -> float:
    """The share of voices and steps at which two passages of one mode sound different pitches; a mean over pairs."""
    flat = some.pitches.reshape(len(some.pitches), -1)
    pairs = (some.minor[:, None] == some.minor) & ~np.eye(len(flat), dtype=bool)
    return float(cdist(flat, flat, "hamming")[pairs].mean())


def evaluate(net: ChoraleGAN, frozen: bool) -> dict[str, float]:
    """Samples beside the test passages, TIMES as many, and beside what two Markov models compose.

    harmonised_: sopranos of the test passages, harmonised; data_: what as many training passages reach.
    """
    held_out, training = passages.test(), passages.training()
    asked = np.tile(held_out.minor, TIMES)
    composed = net.sample(asked, SEED)
    metrics = compared(composed, held_out) | {"novelty": novelty(composed, held_out, training)}
    kept = compared(net.sample(held_out.minor, SEED, held_out, SOPRANO), held_out)
    metrics |= {f"harmonised_{name}": kept[name] for name in (*JUDGED, *COUNTED)}
    if frozen:
        return metrics
    for name, model in (("markov", markov.voices), ("chord_markov", markov.chords)):
        rival = model(training, asked, SEED)
        found = compared(rival, held_out) | {"novelty": novelty(rival, held_out, training)}
        metrics |= {f"{name}_{key}": found[key] for key in (*JUDGED, *COUNTED, "diversity", "novelty")}
    real = compared(_like(held_out, training), held_out)
    metrics |= {f"data_{name}": real[name] for name in (*JUDGED, *COUNTED)}
    truth = compared(held_out, held_out)
    metrics |= {f"held_out_{name}": truth[name] for name in ("in_scale", *COUNTED)}
    for name in JUDGED:
        metrics[name.replace("distance", "of_markov")] = metrics[name] / metrics[f"markov_{name}"]
    return metrics


def _like(held_out: Passages, training: Passages) -> Passages:
    """As many training passages of each mode."""
    chance = np.random.default_rng(SEED)
    chosen = []
    for mode in (False, True):
        places = np.flatnonzero(training.minor == mode)
        chosen.append(chance.choice(places, np.sum(held_out.minor == mode), replace=False))
    return Passages(*(part[np.concatenate(chosen)] for part in training))


def novelty(composed: Passages, held_out: Passages, training: Passages) -> float:
    """How far passages are from their nearest training passages, counted in what held-out ones are; 0: copies."""
    return apart(composed, training) / apart(held_out, training)


def apart(some: Passages, training: Passages) -> float:
    """The share of voices and steps that sound another pitch than in the nearest training passage; a mean."""
    known = training.pitches.astype(np.int8)
    return float(np.mean([(known != one).mean((1, 2)).min() for one in some.pitches.astype(np.int8)]))


def pictures(net: ChoraleGAN) -> dict[str, Image.Image]:
    """The card's picture: SHOWN samples, each over its nearest training passage."""
    made = [net.compose(bool(number % 2), SEED + number) for number in range(SHOWN)]
    like = [net.nearest(one["midi"]) for one in made]
    rows = [[[one[name] for one in side] for side in (made, like)] for name in ("midi", "struck")]
    return {"nearest.png": sheet(*rows)}
