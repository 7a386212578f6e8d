"""How many edits lie between two sequences: for error rates of words and phonemes."""

from collections.abc import Sequence


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's: the fewest items to put, drop or change that turn one into the other."""
    row = list(range(len(other) + 1))
    for i, item in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (item != against))
    return row[-1]
