"""Trains the net of digits and commands, some 45 minutes on one CPU thread: `python -m models train digit_ctc`.

`python -m models.digit_ctc.data` makes what it learns from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from models.digit_ctc import data, measure
from models.digit_ctc.augment import SECONDS, Clips
from models.digit_ctc.net import DigitCTC
from models.digit_ctc.words import LETTERS
from models.train import Run

SHORT = (0.8, 1.0)  # seconds of a clip
HARD = 0.95  # share of clips that do not stay clean
SETTLED, SETTLED_HARD = (0.9, 1.2, 1.6), 0.7  # the same two in the last epochs
# How often each engine is heard, the more natural the more.
WEIGHTS = {"kokoro": 0.55, "joe": 0.15, "espeak": 0.2, "flite": 0.1}


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 62
    cycle: int = 64  # epochs that the learning rate's one cycle is laid out for
    cool: int = 31  # epoch from which it sinks faster than that, to nothing at `settle`
    settle: int = (
        50  # epoch from which clips are shorter and more stay clean, and the rate sinks from settle_lr again
    )
    settle_lr: float = 1.5e-3
    steps: int = 100  # in an epoch
    batch: int = 64
    easy_epochs: int = 5  # clean clips of about a word, or CTC is long in lining letters up; then ever harder
    lr: float = 3e-3
    weight_decay: float = 0.01
    half: bool = True
    digits_at_least: float = 0.90
    recorded_digits_at_least: float = 0.90
    voices_digits_at_least: float = 0.90

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, steps=4)


def train(recipe: Recipe, run: Run) -> DigitCTC:
    clips = Clips(_engines(), WEIGHTS)
    net = DigitCTC()
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.lr, total_steps=recipe.steps * recipe.cycle, pct_start=0.06
    )
    for epoch in run.epochs(recipe.epochs, net=net, optimiser=optimiser, schedule=schedule):
        net.train()
        chance, total = np.random.default_rng([recipe.seed, epoch]), 0.0
        seconds, hard = _clips(recipe, epoch)
        for step in range(recipe.steps):
            mel, texts = clips.batch(recipe.batch, chance, seconds, hard)
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(mel)
            loss = _loss(logits.float(), texts)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            _cool(optimiser.param_groups[0], recipe, epoch + (step + 1) / recipe.steps)
            total += loss.item()
        run.log(epoch=epoch, loss=total / recipe.steps, held_back_words=_held_back(net.eval()))
    return net


def _clips(recipe: Recipe, epoch: int) -> tuple[Sequence[float], float]:
    """-> seconds that clips of an epoch may last, share of them that do not stay clean."""
    if epoch >= recipe.settle:
        return SETTLED, SETTLED_HARD
    hard = min(HARD, max(0.0, (epoch - recipe.easy_epochs + 1) / recipe.easy_epochs))
    return (SHORT if epoch < recipe.easy_epochs else SECONDS), hard


def _cool(group: dict[str, Any], recipe: Recipe, epoch: float) -> None:
    """Lowers the learning rate of the cycle, or takes that of the last epochs. epoch: with its fraction."""
    if epoch > recipe.settle:
        group["lr"] = recipe.settle_lr * (recipe.epochs - epoch) / (recipe.epochs - recipe.settle)
    else:
        group["lr"] *= min(1.0, (recipe.settle - epoch) / (recipe.settle - recipe.cool))


def _engines() -> dict[str, list[list[data.Piece]]]:
    engines: dict[str, list[list[data.Piece]]] = {engine: [] for engine in WEIGHTS}
    for speaker in data.train_speakers():
        engines[speaker.engine].append(data.pieces(speaker))
    return engines


def _loss(logits: torch.Tensor, texts: list[str]) -> torch.Tensor:
    """Logits (B, T, 1 + letters) -> the mean over clips of minus the log-probability of what is said, in nats."""
    letters = torch.tensor([LETTERS.index(letter) + 1 for text in texts for letter in text])
    lengths = torch.tensor([len(text) for text in texts])
    frames = torch.full((len(texts),), logits.shape[1])
    shares = logits.log_softmax(-1).transpose(0, 1)
    total = F.ctc_loss(shares, letters, frames, lengths, reduction="none", zero_infinity=True)
    return total.mean()


def _held_back(net: DigitCTC) -> float:
    """Share of what the held-back speakers say in one word that is read right."""
    clips = [clip for speaker in data.held_back_speakers() for clip in data.clips(speaker)]
    return measure.right(net, (clip for clip in clips if len(clip[0]) == 1))


def evaluate(net: DigitCTC, frozen: bool) -> dict[str, float]:
    """Shares of words read right by held-out voices and in recordings, beside Whisper: see measure.py."""
    return measure.frozen(net) if frozen else measure.whole(net)
