"""g2p-en 2.1.0 by Kyubyong Park and Jongseok Kim: a GRU without attention, run here in NumPy to compare with."""

from itertools import groupby

import numpy as np

from models import sources
from models.lexicon import CONSONANTS, VOWELS
from models.spec import Dataset, Wheel

CHECKPOINT = Dataset(
    name="checkpoint20.npz",
    sha256="b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6",
    parts=(Wheel("g2p-en", "2.1.0", "g2p_en/checkpoint20.npz"),),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
UNKNOWN, WORD_END, FIRST_LETTER = 1, 2, 3  # numbers of its letters
START, END, FIRST_PHONEME, MOST = 2, 3, 4, 20  # numbers of its phonemes; it says 20 at most
# In its order: all by name, with a UW that has no stress before UW0.
PHONEMES = sorted([*CONSONANTS, *(vowel + stress for vowel in VOWELS for stress in "012"), "UW"])


LETTER = {letter: number for number, letter in enumerate(LETTERS, FIRST_LETTER)}


def guesses(words: list[str]) -> dict[str, list[str]]:
    """Lower-case words -> what it says for each, ARPAbet with stress."""
    with np.load(sources.fetch(CHECKPOINT)) as arrays:  # allow_pickle is off
        weights = dict(arrays)
    answers: dict[str, list[str]] = {}
    for _, alike in groupby(sorted(set(words), key=len), key=len):
        group = list(alike)
        for word, said in zip(group, _say(weights, group), strict=True):
            numbers = said[: said.index(END)] if END in said else said
            answers[word] = [
                PHONEMES[number - FIRST_PHONEME] for number in numbers if number >= FIRST_PHONEME
            ]
    return answers


def spelled(words: list[str]) -> np.ndarray:
    """Words of one length -> the numbers of their letters, and of the end of a word."""
    return np.array([[LETTER.get(one, UNKNOWN) for one in word] + [WORD_END] for word in words])


def _say(weights: dict[str, np.ndarray], words: list[str]) -> list[list[int]]:
    numbers = spelled(words)
    hidden = np.zeros((len(words), weights["enc_w_hh"].shape[1]), np.float32)
    for column in numbers.T:
        hidden = _step(weights, "enc", column, hidden)
    said = [np.full(len(words), START)]
    for _ in range(MOST):
        hidden = _step(weights, "dec", said[-1], hidden)
        said.append((hidden @ weights["fc_w"].T + weights["fc_b"]).argmax(1))
    return np.stack(said[1:], 1).tolist()


def _step(weights: dict[str, np.ndarray], side: str, numbers: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """One step of a GRU; its gates lie in torch's order: reset, update, new."""
    x = weights[f"{side}_emb"][numbers] @ weights[f"{side}_w_ih"].T + weights[f"{side}_b_ih"]
    h = hidden @ weights[f"{side}_w_hh"].T + weights[f"{side}_b_hh"]
    (reset_x, update_x, new_x), (reset_h, update_h, new_h) = np.split(x, 3, 1), np.split(h, 3, 1)
    reset, update = 1 / (1 + np.exp(-reset_x - reset_h)), 1 / (1 + np.exp(-update_x - update_h))
    return (1 - update) * np.tanh(new_x + reset * new_h) + update * hidden
