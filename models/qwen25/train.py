"""Measures Qwen2.5 on sentences to be finished, ten English and ten Chinese, written for this repo."""

import json
from pathlib import Path

from models.qwen25.net import Qwen25

FROZEN = Path(__file__).parent / "frozen.json"
TOKENS = 8  # that the right word may take to appear


def evaluate(net: Qwen25, frozen: bool) -> dict[str, float]:
    """Share of sentences whose likeliest continuation holds the right word; all of them are in the repo."""
    rows = json.loads(FROZEN.read_text(encoding="utf-8"))
    return {
        "accuracy": sum(word.lower() in _continued(net, start).lower() for start, word in rows) / len(rows)
    }


def _continued(net: Qwen25, start: str) -> str:
    return "".join(token["text"] for token in net.complete(start, TOKENS, 0, 1.0, 0))
