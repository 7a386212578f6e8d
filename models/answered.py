"""How well a reader of questions does on the hundred that were written by hand on passages of our own.

A reader is what has answers(question, passage), as bert_qa's net has. No question was made by a rule or a model, and
none was ever chosen with.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HUNDRED = Path(__file__).parent / "bert_qa" / "frozen.json"
WIDER = 5  # words that a span which holds the answer may hold besides


@dataclass(frozen=True)
class Reading:
    """What was made of one question: the best span and its sentence, whether it was called an answer."""

    text: str
    sentence: str
    found: bool
    score: float


def by_hand(path: Path) -> list[tuple[str, str, list[str]]]:
    """-> passage, question and its answers, [] where there is none."""
    return [(row["text"], one["question"], one["answers"])
            for row in json.loads(path.read_text()) for one in row["questions"]]  # fmt: skip


def measured(net: Any, hand: list[tuple[str, str, list[str]]]) -> dict[str, float]:
    """What a reader makes of (passage, question, answers): shares of all, of those with an answer, of those without."""
    readings = [(read(net, passage, question), passage, answers) for passage, question, answers in hand]
    answerable = [one for one in readings if one[2]]
    return {
        "span": share([right_span(reading, answers) for reading, _, answers in answerable]),
        "span_exact": share([plain(reading.text) in map(plain, answers) for reading, _, answers in answerable]),
        "sentence": share([_in_sentence(*one) for one in answerable]),
        "no_answer_refused": share([not reading.found for reading, _, answers in readings if not answers]),
        "answer_not_refused": share([reading.found for reading, _, answers in answerable]),
        "seen_right": share([reading.found and right_span(reading, answers) if answers else not reading.found
                              for reading, _, answers in readings]),
    }  # fmt: skip


def read(net: Any, passage: str, question: str) -> Reading:
    """What a reader makes of one question."""
    *_, last = net.answers(question, passage)
    if not last["spans"]:
        return Reading("", "", False, -np.inf)
    best = last["spans"][0]
    start, end = best["sentence"]
    return Reading(best["text"], passage[start:end], last["found"], best["score"])


def right_span(reading: Reading, answers: list[str]) -> bool:
    """One of the answers, or a part of it, or one that holds it and at most WIDER words besides."""
    found = plain(reading.text)
    for wanted in map(plain, answers):
        part, whole = f" {found} " in f" {wanted} ", f" {wanted} " in f" {found} "
        if found and (part or (whole and len(found.split()) <= len(wanted.split()) + WIDER)):
            return True
    return False


def _in_sentence(reading: Reading, passage: str, answers: list[str]) -> bool:
    return any(answer in reading.sentence for answer in answers)


def plain(text: str) -> str:
    """Lower case, without punctuation and articles."""
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", re.sub(r"[^\w\s]", " ", text.lower())).split())


def share(right: list[bool]) -> float:
    """Of those, 0..1; 0 where there are none."""
    return sum(right) / len(right) if right else 0.0
