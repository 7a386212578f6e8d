"""Which of the runs that wait for the device goes next. Plain bookkeeping: no queue, no threads."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

GROUPED = 20.0  # seconds that a demo with warm models is ahead of one whose models have to be loaded
OVERDUE = 30.0  # seconds after which nobody is overtaken any more


class Waiting(NamedTuple):
    """A run: the number of its demo, and since when it waits, on the clock of Turns."""

    demo: int
    since: float


class Turns:
    """That demo goes first whose last run began longest ago: in the order of arrival, many runs of one would stop all.

    Loading is saved where demos whose models are warm go first: they count as if their last run had begun GROUPED
    seconds earlier. Who has waited OVERDUE seconds goes before all, the longest first. One place more than `places` is
    kept for a demo that has no run at work, which so need not wait for the end of many runs of another.

    places: runs at once; warm: whether all of these models are in memory.
    """

    def __init__(
        self,
        places: int,
        warm: Callable[[Collection[str]], bool],
        grouped: float = GROUPED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.places, self._warm, self._grouped, self._clock = places, warm, grouped, clock
        self._began: dict[int, float] = {}
        self._models: dict[int, frozenset[str]] = {}

    def next(self, waiting: Sequence[Waiting], at_work: Collection[int]) -> int | None:
        """The place in `waiting`, which is in the order of arrival, of who goes first; None where all have to wait.

        at_work: the demo of each run that has begun and not ended.
        """
        if len(at_work) > self.places:
            return None
        full = len(at_work) == self.places
        free = [place for place, run in enumerate(waiting) if not (full and run.demo in at_work)]
        overdue = (place for place in free if self._clock() - waiting[place].since > OVERDUE)
        in_turn = min(free, key=lambda place: self._since(waiting[place].demo), default=None)
        return next(overdue, in_turn)

    def begins(self, demo: int) -> None:
        """A run of that demo was taken."""
        self._began[demo] = self._clock()

    def used(self, demo: int, models: Collection[str]) -> None:
        """A run of that demo asked for these models; the next one is expected to do the same."""
        self._models[demo] = frozenset(models)

    def _since(self, demo: int) -> float:
        began, models = self._began.get(demo, 0.0), self._models.get(demo)
        return began - self._grouped if models is not None and self._warm(models) else began
