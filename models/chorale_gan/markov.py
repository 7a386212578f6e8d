"""First-order Markov models of chorales: what the GAN has to beat, and a stronger one that copies.

Each voice by itself: what sounds, and whether it is struck, depends on what sounded and was struck a step before. Or
all four voices at once, which can only go on from a chord as the training passages do where it stands in them.
"""

import itertools
from collections import defaultdict

import numpy as np

from models.chorale_gan.passages import STEPS, VOICES, Passages


def voices(passages: Passages, asked: np.ndarray, seed: int) -> Passages:
    """Passages of the modes asked for, minor (N,), each voice a chain of its own."""
    chance = np.random.default_rng(seed)
    parts = [_walked([voice], passages, asked, chance) for voice in range(VOICES)]
    pitches, struck = (np.concatenate(arrays, 1) for arrays in zip(*parts, strict=True))
    return Passages(pitches, struck, asked)


def chords(passages: Passages, asked: np.ndarray, seed: int) -> Passages:
    """Passages of the modes asked for, four voices in one chain."""
    pitches, struck = _walked(list(range(VOICES)), passages, asked, np.random.default_rng(seed))
    return Passages(pitches, struck, asked)


def _walked(
    which: list[int], passages: Passages, asked: np.ndarray, chance: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Chains over the states of these voices; a state that nothing follows begins anew."""
    states = 2 * passages.pitches[:, which] + passages.struck[:, which]  # (N, voices, 32)
    found = np.empty((len(asked), len(which), STEPS), np.int64)
    for minor in (False, True):
        known = [list(map(tuple, one.T)) for one in states[passages.minor == minor]]
        starts = [one[0] for one in known]
        follows = defaultdict(list)
        for one in known:
            for before, after in itertools.pairwise(one):
                follows[before].append(after)
        for row in np.flatnonzero(asked == minor):
            state = starts[chance.integers(len(starts))]
            for step in range(STEPS):
                found[row, :, step] = state
                options = follows.get(state) or starts
                state = options[chance.integers(len(options))]
    return found // 2, found % 2 == 1
