"""Fixed traces of clicks replayed through the cache itself: seconds spent loading again, by what is dropped first.

Clairvoyant knows the whole trace: no policy can pay less.
"""

import random
from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations
from typing import Any

from benchmarks.row import Row
from models.cache import ModelCache, Policy
from models.policy import GreedyDualSizeFrequency, LeastRecentlyUsed

Rooms = dict[str, tuple[float, int]]  # name -> seconds to load it, MB it holds
Kept = frozenset[str]

ROOMS: Rooms = {  # as unlike as rooms of this kind are: digits, sentences, photos, speech, chat, painting
    "digits": (0.1, 20), "garments": (0.1, 30), "sentences": (0.8, 120), "photos": (0.3, 145), "faces": (1.5, 90),
    "speech": (2.0, 300), "voices": (4.0, 250), "chat": (1.2, 420), "translation": (6.0, 600), "painting": (9.0, 900),
}  # fmt: skip
SHARE, CLICKS, SEEDS = 0.6, 400, range(5)


class NoGauges:
    """A CPU that measures nothing, so that declared sizes hold and a replay is the same everywhere."""

    name, host_mb = "cpu", 0

    def used_mb(self) -> int:
        return 0

    peak_mb = used_mb

    def reset_peak(self) -> None:
        pass

    empty = reset_peak

    def move(self, net: Any, to: str) -> None:
        pass

    def is_out_of_memory(self, cause: BaseException) -> bool:
        return False


def replay(policy: Policy, trace: Iterable[str], rooms: Rooms, budget: int) -> float:
    """Seconds that one visitor who clicks through the trace waits for loads, on a clock that only loads move."""
    now = 0.0

    def load(name: str, device: str) -> str:
        nonlocal now
        now += rooms[name][0]
        return name

    lent = ModelCache(
        load, policy, budget, NoGauges(), declared=lambda name: rooms[name][1], clock=lambda: now
    )
    for name in trace:
        with lent.use(name):
            pass
    return now


class Clairvoyant:
    """Drops what makes the whole trace cheapest: dynamic programming over sets of rooms, exact, for few rooms."""

    def __init__(self, trace: list[str], rooms: Rooms, budget: int) -> None:
        self._turn = 0
        self._kept = _cheapest(trace, rooms, budget)

    def loaded(self, name: str, cost: float, mb: int) -> None:
        """Known before."""

    def used(self, name: str, cost: float, mb: int) -> None:
        """A click is done."""
        self._turn += 1

    def order(self, names: list[str]) -> list[str]:
        """The given rooms, those to drop at this click first."""
        return sorted(names, key=lambda name: name in self._kept[self._turn])

    def evicted(self, name: str) -> None:
        """Known before."""


def _cheapest(trace: list[str], rooms: Rooms, budget: int) -> list[Kept]:
    """-> what is in memory during each click of a cheapest run through the trace."""

    @cache
    def after(before: Kept, name: str) -> list[Kept]:
        """What may be kept beside a newcomer. To keep more never costs more: only what cannot grow is of use."""
        fitting: list[Kept] = []
        for count in range(len(before), -1, -1):
            for chosen in map(frozenset, combinations(sorted(before), count)):
                small_enough = sum(rooms[one][1] for one in chosen | {name}) <= budget
                if small_enough and not any(chosen < other for other in fitting):
                    fitting.append(chosen | {name})
        return fitting

    best: dict[Kept, float] = {frozenset(): 0.0}
    came_from: list[dict[Kept, Kept]] = []
    for name in trace:
        costs: dict[Kept, float] = {}
        steps: dict[Kept, Kept] = {}
        for before, cost in best.items():
            warm = name in before
            for kept in [before] if warm else after(before, name):
                total = cost + (0.0 if warm else rooms[name][0])
                if total < costs.get(kept, float("inf")):
                    costs[kept], steps[kept] = total, before
        best = costs
        came_from.append(steps)
    plan = [min(best, key=best.__getitem__)]
    for steps in reversed(came_from[1:]):
        plan.append(steps[plan[-1]])
    return plan[::-1]


def zipf(seed: int) -> list[str]:
    """CLICKS names: the room of rank r is asked for in proportion to 1 / r; the seed deals the ranks."""
    chance = random.Random(seed)
    ranked = chance.sample(sorted(ROOMS), len(ROOMS))
    return chance.choices(ranked, [1 / rank for rank in range(1, len(ROOMS) + 1)], k=CLICKS)


def drifting(seed: int) -> list[str]:
    """Four such crowds after one another, each with favourites of its own."""
    return [name for part in range(4) for name in zipf(10 * seed + part)[: CLICKS // 4]]


def tour(seed: int) -> list[str]:
    """Such a crowd, and after every forty clicks somebody who opens each tab once, in order."""
    clicks = zipf(seed)
    return [name for start in range(0, CLICKS, 40) for name in (*clicks[start : start + 40], *ROOMS)]


def rows() -> list[Row]:
    return [_row(what) for what in (zipf, drifting, tour)]


def _row(make: Callable[[int], list[str]]) -> Row:
    budget = int(SHARE * sum(mb for _, mb in ROOMS.values()))
    gdsf = lru = least = 0.0
    for trace in map(make, SEEDS):
        gdsf += replay(GreedyDualSizeFrequency(), trace, ROOMS, budget)
        lru += replay(LeastRecentlyUsed(), trace, ROOMS, budget)
        least += replay(Clairvoyant(trace, ROOMS, budget), trace, ROOMS, budget)
    return Row(f"{make.__name__}: seconds of loading, GreedyDual-Size-Frequency / least recently used", gdsf / lru,
               at_most=1.0, detail=f"{gdsf:.0f} s, {lru:.0f} s; clairvoyant {least:.0f} s; {len(SEEDS)} traces, "
               f"{len(ROOMS)} rooms, {SHARE:.0%} of their memory")  # fmt: skip
