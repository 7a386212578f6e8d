"""Trains the decoder over MiniLM, 40 minutes on one CPU thread: `python -m models train bert_en_zh`."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertModel

import models
from models import translation_data as data
from models.bert_en_zh.net import Below, BertToChinese
from models.layers import minilm
from models.train import Run
from models.translation_net import PAD
from models.translation_training import (
    CHINESE_TOKENS,
    TranslationRecipe,
    encoded,
    fit,
    learn_vocabularies,
    measured,
)

FROZEN = Path(__file__).parent / "frozen.json"  # the first test pairs, [[Chinese, English], ...]
RIVAL = "transformer_en_zh"


@dataclass(frozen=True)
class Recipe(TranslationRecipe):
    minutes: float = 40.0
    rounds: int = 20
    tokens: int = 1200
    lr: float = 2e-3

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.3, rounds=2, pairs=3000)


class Remembered(Below):
    """MiniLM whose states for a sentence are worked out once, and kept as half floats."""

    def __init__(self, encoder: BertModel, tokenizer: Tokenizer) -> None:
        super().__init__(encoder, tokenizer)
        self._kept: dict[tuple[int, ...], torch.Tensor] = {}

    def states(self, source: torch.Tensor) -> torch.Tensor:
        rows = [tuple(one for one in row if one != PAD) for row in source.tolist()]
        if any(row not in self._kept for row in rows):
            for row, found in zip(rows, super().states(source).half(), strict=True):
                self._kept[row] = found[: len(row)].clone()
        return torch.nn.utils.rnn.pad_sequence([self._kept[row] for row in rows], batch_first=True)


def train(recipe: Recipe, run: Run) -> BertToChinese:
    parts = data.split()
    chinese, _ = learn_vocabularies(parts.train)
    net = BertToChinese(CHINESE_TOKENS, dropout=recipe.dropout).lay_over(Remembered(*minilm()), chinese)
    train_part, held = (
        encoded(net, turned(part)) for part in (parts.train[: recipe.pairs], parts.validation)
    )
    fit(net, train_part, held, recipe, run)
    return net.lay_over(Below(*minilm()), chinese)


def evaluate(net: BertToChinese, frozen: bool) -> dict[str, float]:
    """sacrebleu, in characters, on the test pairs (800) or the frozen 100; beside it the translator from nothing."""
    if frozen:
        return measured(net, turned(json.loads(FROZEN.read_text())))
    asked = turned(data.split().test)
    with models.use(RIVAL) as rival:
        beside = measured(rival, asked)
    return {**measured(net, asked), **{f"{RIVAL}_{key}": value for key, value in beside.items()}}


def turned(pairs: list[data.Pair]) -> list[data.Pair]:
    """(Chinese, English) -> (English, Chinese)."""
    return [(english, chinese) for chinese, english in pairs]
