"""Answers as stretches of a passage, for every reader of questions: windows over it, the best spans, what is shown."""

import math
import re
from typing import Any, NamedTuple

import numpy as np

OVERLAP = 64  # tokens shared by two windows
LONGEST = 24  # tokens of an answer
KEPT, SHOWN = 4, 4  # spans of a sentence, of the whole passage
SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n+")
ABBREVIATED = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|vs|No|c)|\b[A-Z])\.$")


class Token(NamedTuple):
    """A piece of a word in a passage: its number, first and last character, whether it goes on from the one before."""

    id: int
    start: int
    end: int
    joined: bool


class Span(NamedTuple):
    """A stretch of one sentence of a passage: first and last character, the sentence's number."""

    start: int
    end: int
    sentence: int
    score: float


def windows(tokens: list[Token], room: int) -> list[list[Token]]:
    """A passage's tokens in windows of up to `room`, which overlap; all as long, so that none is nearly empty."""
    count = max(1, -(-(len(tokens) - OVERLAP) // (room - OVERLAP)))
    size = -(-(len(tokens) + OVERLAP * (count - 1)) // count)
    return [tokens[i * (size - OVERLAP) :][:size] for i in range(count)] if tokens else []


def best(window: list[Token], logits: np.ndarray, none: float, starts: list[int]) -> list[Span]:
    """The KEPT best spans of each sentence in a window.

    logits: of the window's tokens as first and last of the answer, (T, 2); none: the sum of both where there is no
    answer, which is taken off; starts: the first character of each of the passage's sentences.
    """
    inside = np.searchsorted(starts, [one.start for one in window], "right") - 1
    begins = np.array([not one.joined for one in window])
    ends = np.append(begins[1:], True)
    solid = np.array([one.start < one.end for one in window])  # a token may be nothing but space
    begins, ends = begins & solid, ends & solid
    found = []
    for number in np.unique(inside):
        here = np.flatnonzero(inside == number)
        length = here[None] - here[:, None]
        allowed = (length >= 0) & (length < LONGEST) & begins[here][:, None] & ends[here][None]
        sums = logits[here, 0][:, None] + logits[here, 1][None] - none
        for place in np.argsort(np.where(allowed, sums, -np.inf), axis=None)[::-1][:KEPT]:
            i, j = np.unravel_index(place, sums.shape)
            if allowed[i, j]:
                found.append(Span(window[here[i]].start, window[here[j]].end, int(number), float(sums[i, j])))
    return found


def shown(
    scored: list[tuple[float, Span]],
    passage: str,
    bounds: list[tuple[int, int]],
    threshold: float,
    scale: float,
) -> list[dict[str, Any]]:
    """The SHOWN best of some spans that do not overlap, each with text, start, end, sentence, score and certainty.

    bounds: of the passage's sentences; certainty: 0..1, a half at the threshold; scale: how steep it is there.
    """
    kept: list[dict[str, Any]] = []
    for score, span in sorted(scored, key=lambda one: -one[0]):
        apart = all(span.end <= one["start"] or one["end"] <= span.start for one in kept)
        if len(kept) < SHOWN and apart:
            certainty = 1 / (1 + math.exp(min(50.0, (threshold - score) * scale)))
            kept.append({"text": passage[span.start : span.end], "start": span.start, "end": span.end,
                         "sentence": bounds[span.sentence], "score": score, "certainty": certainty})  # fmt: skip
    return kept


def sentences(text: str) -> list[tuple[int, int]]:
    """First and last character of each sentence; together they cover the text, but for space between them."""
    bounds, start = [], 0
    for stop in SENTENCE_END.finditer(text):
        end = stop.start() + len(stop.group().rstrip())
        if end > start and not ABBREVIATED.search(text[start:end]):
            bounds.append((start, end))
            start = stop.end()
    return [*bounds, (start, len(text))] if start < len(text) or not bounds else bounds


def prompt(question: str, passage: str) -> str:
    """The same question as a language model is asked it."""
    return f"{passage}\n\nAnswer in a few words, only from the text above: {question}"
