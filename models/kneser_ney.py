"""An interpolated Kneser-Ney 5-gram, what nets that write have to beat.

Kneser and Ney, "Improved backing-off for m-gram language modeling", 1995; interpolated as in Chen and Goodman,
"An empirical study of smoothing techniques for language modeling", 1999.
"""

import numpy as np

ORDER = 5


class KneserNey:
    """Counts of 1 to 5 neighbouring tokens; below the highest order, of how many tokens they were seen after."""

    def __init__(self, rows: list[list[int]], size: int) -> None:
        """rows: training texts as tokens below `size`, each with a first token that only starts texts."""
        self._size = size
        grams, counts = np.unique(self._grams(rows, ORDER)[0], return_counts=True)
        self._grams_of, self._counts_of = [grams], [counts]
        for order in range(ORDER - 1, 0, -1):  # a continuation count: in how many longer kinds a gram ends
            tails = self._grams_of[0] % np.uint64(size**order)
            grams, counts = np.unique(tails, return_counts=True)
            self._grams_of.insert(0, grams)
            self._counts_of.insert(0, counts)
        self._contexts = [self._context(order) for order in range(ORDER)]

    def bits(self, rows: list[list[int]], first_counted: int) -> float:
        """Mean bits of the tokens from `first_counted` up, each text begun with its first token."""
        keys, wanted = self._grams(rows, ORDER)
        probability = np.full(len(keys), 1 / self._size)
        for order in range(ORDER):
            grams, counts = self._grams_of[order], self._counts_of[order]
            discount = self._contexts[order][3]
            gram = keys % np.uint64(self._size ** (order + 1))
            seen, place = _find(grams, gram)
            contexts, totals, kinds, _ = self._contexts[order]
            known, where = _find(contexts, gram // np.uint64(self._size))
            share = np.where(seen, np.maximum(counts[place] - discount, 0), 0) / totals[where]
            rest = discount * kinds[where] / totals[where]
            probability = np.where(known, share + rest * probability, probability)
        return float(-np.log2(probability[wanted >= first_counted]).mean())

    def _context(self, order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """-> what stands before the last token, how often, before how many kinds of token; the discount."""
        grams, counts = self._grams_of[order], self._counts_of[order]
        contexts, start = np.unique(grams // np.uint64(self._size), return_index=True)
        once, twice = (counts == 1).sum(), (counts == 2).sum()
        kinds = np.diff(np.append(start, len(grams)))
        return contexts, np.add.reduceat(counts, start), kinds, float(once / (once + 2 * twice))

    def _grams(self, rows: list[list[int]], order: int) -> tuple[np.ndarray, np.ndarray]:
        """-> every token but the first with the four before it as one number, the tokens themselves."""
        padded = np.concatenate([[row[0]] * (order - 2) + row for row in rows]).astype(np.uint64)
        inside = np.concatenate([np.arange(order - 2 + len(row)) >= order - 1 for row in rows])
        keys = np.zeros(len(padded), np.uint64)
        for back in range(order - 1, -1, -1):
            keys = keys * np.uint64(self._size) + np.roll(padded, back)
        return keys[inside], padded[inside].astype(int)


def _find(table: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """-> whether each number is in a sorted table, its place there."""
    place = np.searchsorted(table, wanted).clip(max=len(table) - 1)
    return table[place] == wanted, place
