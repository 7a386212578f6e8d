"""Measures SmolLM2 on thirty sentences to be finished, written for this repo."""

import json
from pathlib import Path

from models.smollm2.net import SmolLM2

FROZEN = Path(__file__).parent / "frozen.json"
TOKENS = 8  # that the right word may take to appear


def evaluate(net: SmolLM2, frozen: bool) -> dict[str, float]:
    """Share of sentences whose likeliest continuation holds the right word; all of them are in the repo."""
    rows = json.loads(FROZEN.read_text())
    return {
        "accuracy": sum(word.lower() in _continued(net, start).lower() for start, word in rows) / len(rows)
    }


def _continued(net: SmolLM2, start: str) -> str:
    return "".join(token["text"] for token in net.complete(start, TOKENS, 0, 1.0, 0))
