"""Trains the Chinese-English translator, 36 minutes on one CPU thread: `python -m models train transformer_zh_en`."""

import json
from dataclasses import dataclass
from pathlib import Path

from models import translation_data as data
from models.train import Run
from models.transformer_zh_en import cn2en
from models.transformer_zh_en.net import ChineseToEnglish
from models.translation_training import (
    CHINESE_TOKENS,
    ENGLISH_TOKENS,
    TranslationRecipe,
    bleu,
    encoded,
    fit,
    learn_vocabularies,
    measured,
    memory_bleu,
)

FROZEN = Path(__file__).parent / "frozen.json"  # the first test pairs, [[Chinese, English], ...]


@dataclass(frozen=True)
class Recipe(TranslationRecipe):
    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.3, rounds=2, pairs=3000)


def train(recipe: Recipe, run: Run) -> ChineseToEnglish:
    parts = data.split()
    chinese, english = learn_vocabularies(parts.train)
    net = ChineseToEnglish(CHINESE_TOKENS, ENGLISH_TOKENS, dropout=recipe.dropout)
    net.speak(chinese, english)
    train_part, held = (encoded(net, part) for part in (parts.train[: recipe.pairs], parts.validation))
    fit(net, train_part, held, recipe, run)
    return net


def evaluate(net: ChineseToEnglish, frozen: bool) -> dict[str, float]:
    """sacrebleu on the test pairs (800) or the frozen 100; beside it translation memory and the GRU of cn2en.

    The GRU writes small letters, so its BLEU is counted without regard to case, which favours it.
    """
    if frozen:
        return measured(net, [(chinese, english) for chinese, english in json.loads(FROZEN.read_text())])
    parts = data.split()
    gru = cn2en.translated([chinese for chinese, _ in parts.test])
    return {
        **measured(net, parts.test),
        "translation_memory_bleu": memory_bleu(parts.train, parts.test, chinese=False),
        "cn2en_gru_bleu": bleu(gru, [english.lower() for _, english in parts.test], chinese=False),
    }
