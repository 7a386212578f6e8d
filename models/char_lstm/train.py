"""Trains the character model. About a quarter of an hour on one CPU thread: `python -m models train char_lstm`."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from models.char_lstm import baseline, data
from models.char_lstm.concepts import best_units
from models.char_lstm.net import BEFORE, UNKNOWN, CharLSTM
from models.train import Run

ROWS, STRIDE = 32, 200  # parts of a text that are measured side by side; characters of each at a time
RARE = 50  # a character that stands fewer times in the training text is not in the alphabet


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 10  # points of the curve; together they read the text `passes` times
    passes: float = 1.0
    batch: int = 32  # places in the text that are read at once
    steps: int = 100  # characters between two updates
    lr: float = 3e-3
    characters: int = 10**9  # at most; all there are
    half: bool = True
    bits_below_ngram_at_least: float = 0.0

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, passes=1, characters=60_000)


def train(recipe: Recipe, run: Run) -> CharLSTM:
    parts = data.parts()
    text = "".join(parts.train)[: recipe.characters]
    net = CharLSTM(alphabet(text))
    rows = _rows(net, text, recipe)  # (batch, a part of the text each)
    steps = int(rows.shape[1] * recipe.passes) // recipe.steps // recipe.epochs  # of one epoch
    optimiser = torch.optim.Adam(net.parameters(), lr=recipe.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.lr, total_steps=steps * recipe.epochs, pct_start=0.1, base_momentum=0.85
    )
    for epoch in run.epochs(recipe.epochs, net=net, optimiser=optimiser, schedule=schedule):
        net.train()
        state, total = None, 0.0
        for step in range(epoch * steps, (epoch + 1) * steps):
            start = step * recipe.steps % (rows.shape[1] - recipe.steps - 1)
            seen = rows[:, start : start + recipe.steps + 1]
            with torch.autocast("cpu", torch.bfloat16):
                logits, state = net(seen[:, :-1], state)
            state = tuple(part.detach() for part in state)
            loss = F.cross_entropy(logits.float().flatten(0, 1), seen[:, 1:].flatten())
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        run.log(epoch=epoch, bits=total / steps / math.log(2))
    return net


def alphabet(text: str) -> str:
    """The characters that are not rare, behind UNKNOWN, the commonest first."""
    return UNKNOWN + "".join(character for character, count in Counter(text).most_common() if count >= RARE)


def _rows(net: CharLSTM, text: str, recipe: Recipe) -> torch.Tensor:
    numbers = net.numbered(text)
    return numbers[: len(numbers) // recipe.batch * recipe.batch].view(recipe.batch, -1)


def evaluate(net: CharLSTM, frozen: bool) -> dict[str, float]:
    """Bits per character on the held-out books (569,000 characters) or on the frozen 30,000 of them.

    On the held-out books beside a 6-gram with Witten-Bell back-off on the same text, and what single units follow
    there, which is kept with the net.
    """
    if frozen:
        return {"bits": float(_bits(net, data.FROZEN.read_text()).mean())}
    parts = data.parts()
    texts = {"bible": parts.bible, "novel": parts.novel}
    own = {name: _bits(net, text) for name, text in texts.items()}
    train = net.numbered("".join(parts.train)).numpy()
    start = BEFORE * (baseline.ORDER - 1)
    ngram = {
        name: baseline.bits(train, net.numbered(start + text).numpy(), len(net.alphabet))
        for name, text in texts.items()
    }
    metrics: dict[str, float] = {}
    for prefix, scores in (("", own), ("ngram_", ngram)):
        metrics[f"{prefix}bits"] = float(np.concatenate(list(scores.values())).mean())
        metrics |= {f"{prefix}bits_{name}": float(score.mean()) for name, score in scores.items()}
    metrics["bits_below_ngram"] = metrics["ngram_bits"] - metrics["bits"]
    net.units = _units(net, parts)
    return metrics | {f"unit_auc_{name}": found["auc"] for name, found in net.units.items()}


def _units(net: CharLSTM, parts: data.Parts) -> dict[str, dict[str, float]]:
    """The best unit for each concept, chosen on the held-back text and measured on as much of the held-out."""
    half = len(parts.held_back) // 2
    measured = parts.bible[:half] + parts.novel[:half]
    return best_units(*((text, _memories(net, text)) for text in (parts.held_back, measured)))


def _in_rows(net: CharLSTM, text: str) -> torch.Tensor:
    """The text's numbers as ROWS parts that are read side by side, each behind BEFORE; padded with it."""
    numbers = net.numbered(text)
    short = -len(numbers) % ROWS
    rows = F.pad(numbers, (0, short), value=net.numbers[BEFORE]).view(ROWS, -1)
    return F.pad(rows, (1, 0), value=net.numbers[BEFORE])


@torch.inference_mode()
def _bits(net: CharLSTM, text: str) -> np.ndarray:
    """Surprise of each character."""
    rows, state, scores = _in_rows(net, text), None, []
    for start in range(0, rows.shape[1] - 1, STRIDE):
        seen = rows[:, start : start + STRIDE + 1]
        logits, state = net(seen[:, :-1], state)
        scores.append(F.cross_entropy(logits.transpose(1, 2), seen[:, 1:], reduction="none"))
    return torch.cat(scores, 1).flatten()[: len(text)].double().numpy() / math.log(2)


@torch.inference_mode()
def _memories(net: CharLSTM, text: str) -> np.ndarray:
    """-> float16 (characters, units): every unit's memory after each character, before it is squashed."""
    rows = _in_rows(net, text)
    _, state = net.start(ROWS)
    memories = []
    for column in rows.T[1:]:
        _, state = net.step(column, state)
        memories.append(state[1].half())
    return torch.stack(memories, 1).flatten(0, 1)[: len(text)].numpy()
