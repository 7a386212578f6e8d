"""Trains the nets that pronounce words. About an hour on one CPU thread: `python -m models train g2p_gru`."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.edit_distance import distance
from models.g2p_gru import baseline, data
from models.g2p_gru.net import BEAM, END, G2PGRU, START
from models.lexicon import LETTERS, PHONEMES, pronunciations
from models.train import Run

NOTHING = -100  # what the loss passes over
LETTER = {letter: number for number, letter in enumerate(LETTERS)}
PHONEME = {phoneme: number for number, phoneme in enumerate(PHONEMES)}


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 10
    batch: int = 192  # words of one length
    lr: float = 3e-3
    weight_decay: float = 0.01
    smoothing: float = 0.03
    words: int = 200_000  # at most; all there are
    half: bool = True
    phoneme_error_at_most: float = 0.08
    word_error_at_most: float = 0.30

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, words=3000)


def train(recipe: Recipe, run: Run) -> G2PGRU:
    """Every member begins elsewhere and sees the words in another order."""
    parts = data.split()
    chance = random.Random(recipe.seed)
    words = parts.train if len(parts.train) <= recipe.words else chance.sample(parts.train, recipe.words)
    pairs = [(word, spoken.split()) for word in words for spoken in pronunciations()[word]]
    net = G2PGRU()
    steps = recipe.epochs * len(list(_batches(pairs, recipe, 0, 0)))
    optimisers = [
        torch.optim.AdamW(member.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
        for member in net.members
    ]
    schedules = [
        torch.optim.lr_scheduler.OneCycleLR(one, recipe.lr, total_steps=steps, pct_start=0.15)
        for one in optimisers
    ]
    state: dict[str, Any] = {f"optimiser{number}": one for number, one in enumerate(optimisers)}
    state |= {f"schedule{number}": schedule for number, schedule in enumerate(schedules)}
    for epoch in run.epochs(recipe.epochs, net=net, **state):
        net.train()
        losses = [
            _step(member, optimisers[number], schedules[number], recipe, batch)
            for number, member in enumerate(net.members)
            for batch in _batches(pairs, recipe, number, epoch)
        ]
        run.log(epoch=epoch, loss=float(np.mean(losses)))
    return net


def _step(
    member: nn.Module, optimiser: torch.optim.Optimizer, schedule: Any, recipe: Recipe, batch: tuple
) -> float:
    letters, said, wanted = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits, _ = member(letters, said)
    loss = F.cross_entropy(
        logits.float().flatten(0, 1),
        wanted.flatten(),
        ignore_index=NOTHING,
        label_smoothing=recipe.smoothing,
    )
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(member.parameters(), 1.0)
    optimiser.step()
    schedule.step()
    return loss.item()


def _batches(pairs: list, recipe: Recipe, member: int, epoch: int) -> Iterator[tuple[torch.Tensor, ...]]:
    """Words of one length, phonemes of about one length; the same batches for the same seed, member and epoch."""
    chance = random.Random(f"{recipe.seed + member} {epoch}")
    order = sorted(pairs, key=lambda pair: (len(pair[0]), len(pair[1]) + 2 * chance.random()))
    batches = []
    for _, alike in groupby(order, key=lambda pair: len(pair[0])):
        group = list(alike)
        batches += [group[i : i + recipe.batch] for i in range(0, len(group), recipe.batch)]
    chance.shuffle(batches)
    for batch in batches:
        yield _tensors(batch)


def _tensors(batch: list) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """-> letters (B, T), what was said before each phoneme (B, S), what is to be said (B, S), NOTHING behind END."""
    longest = 1 + max(len(spoken) for _, spoken in batch)
    letters = torch.tensor([[LETTER[letter] for letter in word] for word, _ in batch])
    said = torch.full((len(batch), longest), START)
    wanted = torch.full((len(batch), longest), NOTHING)
    for row, (_, spoken) in enumerate(batch):
        numbers = torch.tensor([PHONEME[phoneme] for phoneme in spoken])
        said[row, 1 : len(spoken) + 1] = numbers
        wanted[row, : len(spoken)] = numbers
        wanted[row, len(spoken)] = END
    return letters, said, wanted


def evaluate(net: G2PGRU, frozen: bool) -> dict[str, float]:
    """Errors on the held-out words (6,000) or the frozen 600 of them, beside g2p-en, which was trained on them.

    phoneme_error: edits from the nearest of a word's pronunciations, per phoneme of it; word_error: share of words
    that are none of theirs. Both without stress as published work has it, and _with_stress. _of_n: n nets decide.
    """
    words = data.frozen() if frozen else {word: pronunciations()[word] for word in data.split().held_out}
    candidates = net.pronounce_many(list(words))
    best = {word: found[0]["phonemes"] for word, found in zip(words, candidates, strict=True)}
    metrics = _errors(words, best)
    metrics["word_error_best_of_5"] = 1 - float(np.mean([
        any(_plain(one["phonemes"]) in map(_plain, map(str.split, words[word])) for one in found)
        for word, found in zip(words, candidates, strict=True)
    ]))  # fmt: skip
    if not frozen:
        metrics["word_error_greedy"] = _word_error(net, words, beam=1)
        for count in range(1, len(net.members)):
            metrics[f"word_error_of_{count}"] = _word_error(_fewer(net, count), words)
        compared = _errors(words, baseline.guesses(list(words)))
        metrics |= {f"g2p_en_{name}": value for name, value in compared.items()}
    return metrics


def _word_error(net: G2PGRU, words: dict[str, list[str]], beam: int = BEAM) -> float:
    found = zip(words, net.pronounce_many(list(words), beam), strict=True)
    return _errors(words, {word: candidates[0]["phonemes"] for word, candidates in found})["word_error"]


def _fewer(net: G2PGRU, count: int) -> G2PGRU:
    """The first so many of its members."""
    fewer = G2PGRU(count)
    fewer.members = net.members[:count]
    return fewer


def _errors(words: dict[str, list[str]], guesses: dict[str, list[str]]) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for suffix, form in (("", _plain), ("_with_stress", list)):
        edits = phonemes = wrong = 0
        for word, spoken in words.items():
            nearest = min(
                (distance(form(guesses[word]), form(one.split())), len(one.split())) for one in spoken
            )
            edits, phonemes, wrong = edits + nearest[0], phonemes + nearest[1], wrong + (nearest[0] > 0)
        metrics |= {f"phoneme_error{suffix}": edits / phonemes, f"word_error{suffix}": wrong / len(words)}
    return metrics


def _plain(phonemes: list[str]) -> list[str]:
    """Without stress."""
    return [phoneme.rstrip("012") for phoneme in phonemes]
