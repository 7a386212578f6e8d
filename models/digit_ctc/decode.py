"""From letters per frame to words: prefix beam search that only follows letters of known words.

Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, section 7.5; Hannun et al., "First-Pass
Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs", 2014,
https://arxiv.org/abs/1408.2873.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from models.digit_ctc.words import BLANK, LETTERS, UNKNOWN, WORDS

BEAM = 24  # readings that are followed at once
UNLIKELY = 1e-6  # a letter below this in a frame is not tried there

KNOWN = {*WORDS, UNKNOWN}
FOLLOWERS: dict[str, str] = defaultdict(str)  # the beginning of a word -> letters that go on
for _word in sorted(KNOWN):
    for _end in range(len(_word)):
        FOLLOWERS[_word[:_end]] += _word[_end] * (_word[_end] not in FOLLOWERS[_word[:_end]])
    FOLLOWERS[_word] += " "


def followers(read: str) -> str:
    """The letters that may come after these, so that words of the vocabulary stand with one space between them."""
    return FOLLOWERS[read.rsplit(" ", 1)[-1]]


def whole(read: str) -> bool:
    """Whether it ends with a whole word, or is nothing at all."""
    return not read or read.rsplit(" ", 1)[-1] in KNOWN


def beam(
    shares: np.ndarray,
    letters: str = LETTERS,
    follow: Callable[[str], str] = followers,
    width: int = BEAM,
) -> list[tuple[str, float]]:
    """Shares (frames, 1 + letters), the blank first, each row 1 in sum -> readings and their probabilities.

    A reading's probability is the sum over all the ways to lay it over the frames, as far as the beam follows them.
    The likeliest comes first; whether a reading ends with a whole word is for the caller to ask.
    """
    places = {letter: place for place, letter in enumerate(letters, 1)}
    paths = {"": (1.0, 0.0)}  # reading -> probability that it ends with a blank, with its last letter
    for row in shares.tolist():
        grown: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for read, (blank, letter) in paths.items():
            both = blank + letter
            grown[read][0] += both * row[BLANK]
            if read:
                grown[read][1] += letter * row[places[read[-1]]]  # the same letter goes on
            for one in follow(read):
                before = blank if read.endswith(one) else both  # after itself a letter needs a blank between
                if before and row[places[one]] > UNLIKELY:
                    grown[read + one][1] += before * row[places[one]]
        best = sorted(grown.items(), key=lambda path: -sum(path[1]))[:width]
        paths = {read: (blank, letter) for read, (blank, letter) in best}
    return [(read, sum(ends)) for read, ends in sorted(paths.items(), key=lambda path: -sum(path[1]))]


def greedy(shares: np.ndarray) -> str:
    """The likeliest letter of each frame, repetitions and blanks taken away: what the net spells without a list."""
    best: Sequence[int] = shares.argmax(1).tolist()
    kept = [place for at, place in enumerate(best) if place != BLANK and (at == 0 or place != best[at - 1])]
    return "".join(LETTERS[place - 1] for place in kept)
