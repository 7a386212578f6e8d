"""Trains the English-Chinese translator, 34 minutes on one CPU thread: `python -m models train transformer_en_zh`."""

import json
from dataclasses import dataclass
from pathlib import Path

from models import translation_data as data
from models.train import Run
from models.transformer_en_zh.net import EnglishToChinese
from models.translation_training import (
    CHINESE_TOKENS,
    ENGLISH_TOKENS,
    TranslationRecipe,
    encoded,
    fit,
    learn_vocabularies,
    measured,
    memory_bleu,
)

FROZEN = Path(__file__).parent / "frozen.json"  # the first test pairs, [[Chinese, English], ...]


@dataclass(frozen=True)
class Recipe(TranslationRecipe):
    minutes: float = 34.0
    tokens: int = 1200
    lr: float = 2e-3

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.3, rounds=2, pairs=3000)


def train(recipe: Recipe, run: Run) -> EnglishToChinese:
    parts = data.split()
    chinese, english = learn_vocabularies(parts.train)
    net = EnglishToChinese(ENGLISH_TOKENS, CHINESE_TOKENS, dropout=recipe.dropout)
    net.speak(chinese, english)
    train_part, held = (
        encoded(net, turned(part)) for part in (parts.train[: recipe.pairs], parts.validation)
    )
    fit(net, train_part, held, recipe, run)
    return net


def evaluate(net: EnglishToChinese, frozen: bool) -> dict[str, float]:
    """sacrebleu, in characters, on the test pairs (800) or the frozen 100; beside it translation memory."""
    if frozen:
        return measured(net, turned(json.loads(FROZEN.read_text())))
    parts = data.split()
    known, asked = turned(parts.train), turned(parts.test)
    return {**measured(net, asked), "translation_memory_bleu": memory_bleu(known, asked, chinese=True)}


def turned(pairs: list[data.Pair]) -> list[data.Pair]:
    """(Chinese, English) -> (English, Chinese)."""
    return [(english, chinese) for chinese, english in pairs]
