"""What a single unit might follow in a text, and the unit that follows it best."""

import re

import numpy as np
from scipy.stats import rankdata

COLUMN, NEAR = 45, 4  # characters


def concepts(text: str) -> dict[str, np.ndarray]:
    """For each concept a bool for each character: whether it holds once that character was read."""
    capital = np.array([one.isupper() for one in text])
    newline = np.flatnonzero(np.array([one == "\n" for one in text]))
    places = np.arange(len(text))
    following = np.append(newline, len(text) + NEAR)[np.searchsorted(newline, places, side="right")]
    before = np.insert(newline, 0, -1)[np.searchsorted(newline, places, side="right")]
    return {
        "quotes": _inside(text, r'("[^"]*?)(?:"|\n\n)', 1),
        "line_end": following - places <= NEAR,
        "late_in_line": places - before > COLUMN,
        "capital_next": np.append(capital[1:], False),
        "verse_number": _inside(text, r"(?m)^\d?[A-Z][A-Za-z]+\d+:\d+"),
        "bible": _inside(text, r"(?m)^\d?[A-Z][A-Za-z]+\d+:\d+ .*"),
        "question": _inside(text, r"[^.?!\n:]+\?"),
        "word_start": np.array([not one.isalpha() for one in text]),
    }


def _inside(text: str, pattern: str, group: int = 0) -> np.ndarray:
    marks = np.zeros(len(text), bool)
    for found in re.finditer(pattern, text):
        marks[found.start(group) : found.end(group)] = True
    return marks


def aucs(activations: np.ndarray, marks: list[np.ndarray]) -> np.ndarray:
    """Activations (characters, units), concepts as bools -> (concepts, units).

    The chance that a unit is higher at a character where the concept holds than at one where it does not; equal
    ones share a rank, so a unit that never moves tells nothing.
    """
    scores = np.full((len(marks), activations.shape[1]), 0.5)
    for unit, column in enumerate(activations.T):
        ranks = rankdata(column)
        for concept, holds in enumerate(marks):
            positive = int(holds.sum())
            if 0 < positive < len(holds):
                above = ranks[holds].sum() - positive * (positive + 1) / 2
                scores[concept, unit] = above / (positive * (len(holds) - positive))
    return scores


def best_units(chosen_by: tuple, measured_on: tuple) -> dict[str, dict[str, float]]:
    """Each a pair of text and activations -> concept: {"unit", "sign", "auc"}.

    The unit is chosen on the first text and its AUC measured on the second, turned so that sign * activation is
    high where the concept holds; so 0.5 is chance.
    """
    first, second = concepts(chosen_by[0]), concepts(measured_on[0])
    answer = {}
    for name, scores in zip(first, aucs(chosen_by[1], list(first.values())), strict=True):
        unit = int(np.abs(scores - 0.5).argmax())
        sign = 1 if scores[unit] > 0.5 else -1
        auc = aucs(sign * measured_on[1][:, unit : unit + 1], [second[name]])[0, 0]
        answer[name] = {"unit": unit, "sign": sign, "auc": round(float(auc), 4)}
    return answer
