"""Plays late positions out to the end: the exact outcome, to measure the net against. No torch."""

from models.connect_four_net import rules


def outcome(mine: int, theirs: int, known: dict[tuple[int, int], int]) -> int:
    """1, 0 or -1: who is to move wins, draws, loses against best play. known: what was found before, is added to.

    Neither side may have won. Seconds from about 24 stones on, longer before.
    """
    if (mine, theirs) in known:
        return known[mine, theirs]
    after = [rules.drop(mine, theirs, column) for column in rules.columns_of(mine, theirs)]
    if any(rules.won(own) for _, own in after):
        best = 1
    else:
        best = -1 if after else 0
        for position in after:
            best = max(best, -outcome(*position, known))
            if best == 1:
                break
    known[mine, theirs] = best
    return best


def outcomes(mine: int, theirs: int) -> dict[int, int]:
    """Column that is not full -> the outcome for who is to move after a stone there."""
    found, known = {}, {}  # type: ignore[var-annotated]
    for column in rules.columns_of(mine, theirs):
        after = rules.drop(mine, theirs, column)
        found[column] = 1 if rules.won(after[1]) else -outcome(*after, known)
    return found
