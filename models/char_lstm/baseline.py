"""A 6-gram with Witten-Bell back-off, the model of characters to compare with.

Witten and Bell, "The Zero-Frequency Problem", 1991: a context that was seen often with few followers is trusted,
one that was seen rarely or with many followers passes much of its probability on to the next shorter context.
"""

import numpy as np

ORDER = 6
SHIFT = 7  # bits of a character number


def bits(train: np.ndarray, held_out: np.ndarray, alphabet: int) -> np.ndarray:
    """Character numbers below 128 -> surprise of each held-out character, bits, float64 (len(held_out) - ORDER + 1,).

    The first ORDER - 1 held-out characters only serve as contexts.
    """
    share = np.full(len(held_out) - ORDER + 1, 1 / alphabet)
    for length in range(1, ORDER + 1):
        grams, counts = np.unique(_grams(train, length), return_counts=True)
        contexts, firsts = np.unique(grams >> SHIFT, return_index=True)
        totals, followers = np.add.reduceat(counts, firsts), np.diff([*firsts, len(grams)])
        asked = _grams(held_out, length)[ORDER - length :]
        seen = _at(grams, counts, asked)
        total, kinds = _at(contexts, totals, asked >> SHIFT), _at(contexts, followers, asked >> SHIFT)
        share = np.where(total > 0, (seen + kinds * share) / np.maximum(total + kinds, 1), share)
    return -np.log2(share)


def _grams(numbers: np.ndarray, length: int) -> np.ndarray:
    """Every run of so many characters as one number; the last character in its lowest bits."""
    grams = np.zeros(len(numbers) - length + 1, np.int64)
    for offset in range(length):
        grams = grams << SHIFT | numbers[offset : offset + len(grams)]
    return grams


def _at(keys: np.ndarray, values: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The value of each asked key, 0 where it is not there. keys are sorted."""
    places = np.searchsorted(keys, asked).clip(max=len(keys) - 1)
    return np.where(keys[places] == asked, values[places], 0)
