"""Who goes first of those that wait: sixty-four visitors over all demos under half the memory, in three orders.

Each demo's first example is run here, cold and warm, which gives its seconds and its models. Ten minutes of visitors
who call, read and think then pass through the queue's own bookkeeping and the cache, on a clock of their own and with
the same chances in each order. A reload is the loading of a model that was in memory before.
"""

import contextlib
import heapq
import itertools
import random
import statistics
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import app
import demos
import models
from benchmarks.load import QUEUE, SECONDS, VISITORS
from benchmarks.policy_replay import NoGauges
from benchmarks.row import Row
from demos._turns import Turns, Waiting
from demos._ui import runs
from models import settings
from models.cache import ModelCache
from models.policy import GreedyDualSizeFrequency

SEEDS = range(5)
THINKING = (20.0, 10.0, 5.0)  # seconds on average; a crowd that thinks less waits more
OURS = "warm models first"


@dataclass
class Size:
    """Of a demo's run: seconds of its own, and of each model's load."""

    seconds: float
    loads: dict[str, float]


@dataclass
class Seen:
    """What the visitors of a replay met."""

    waits: list[float] = field(default_factory=list)
    turned_away: int = 0
    loads: list[str] = field(default_factory=list)

    @property
    def reloads(self) -> float:
        """For 100 calls."""
        return 100 * (len(self.loads) - len(set(self.loads))) / len(self.waits)


class Arrival:
    """The order in which they came, which Gradio's queue keeps by itself."""

    def __init__(self, places: int) -> None:
        self.places = places

    def next(self, waiting: Sequence[Waiting], at_work: Collection[int]) -> int | None:
        """The first, where there is a place."""
        return 0 if waiting and len(at_work) < self.places else None

    def begins(self, demo: int) -> None:
        """Nothing to remember."""

    def used(self, demo: int, models: Collection[str]) -> None:
        """Nothing to remember."""


def rows() -> list[Row]:
    app.build()
    sizes = [size for size in map(measured, demos.names()) if size]
    return [row for thinking in THINKING for row in _of_a_crowd(sizes, thinking)]


def _of_a_crowd(sizes: list[Size], thinking: float) -> list[Row]:
    places = settings.runs_at_once()
    orders: dict[str, Callable] = {
        "arrival": lambda clock, warm: Arrival(places),
        "turns": lambda clock, warm: Turns(places, warm, 0.0, clock),
        OURS: lambda clock, warm: Turns(places, warm, clock=clock),
    }
    found = {name: [replay(sizes, thinking, seed, order) for seed in SEEDS] for name, order in orders.items()}
    reloads = {name: statistics.mean(seen.reloads for seen in some) for name, some in found.items()}
    worst = {name: max(max(seen.waits) for seen in some) for name, some in found.items()}
    middle = {
        name: statistics.mean(statistics.median(seen.waits) for seen in some) for name, some in found.items()
    }
    calls = {name: sum(len(seen.waits) for seen in some) for name, some in found.items()}
    who = f"{thinking:.0f} s to think"
    return [
        Row(f"{who}: reloads per 100 calls, warm models first / arrival", reloads[OURS] / reloads["arrival"],
            at_most=1.0 if middle["arrival"] > 1 else None,  # where hardly anybody waits there is nothing to choose
            detail=_told(reloads)),
        Row(f"{who}: longest wait", worst[OURS], "s", detail=_told(worst)),
        Row(f"{who}: median wait", middle[OURS], "s", detail=_told(middle)),
        Row(f"{who}: calls answered, warm models first / arrival", calls[OURS] / calls["arrival"],
            detail=_told(calls)),
    ]  # fmt: skip


def _told(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in values.items())


def measured(name: str) -> Size | None:
    """A demo's first example, run until its last answer, cold and warm; None where it has none."""
    run = runs(name)[0]
    if not run.examples:
        return None
    given = next(iter(run.examples.values()))
    models.clear()
    loads: dict[str, float] = {}
    for _ in range(2):  # cold, then warm
        started = time.monotonic()
        with models.watch() as visits:
            answer = run.fn(*given)
            if isinstance(answer, Iterator):
                deque(answer, maxlen=0)
        for visit in visits:
            loads[visit.name] = max(loads.get(visit.name, 0.0), visit.loaded_s)
    return Size(time.monotonic() - started, loads)


def replay(sizes: list[Size], thinking: float, seed: int, order: Callable) -> Seen:
    """VISITORS for SECONDS of a clock that only they move. order(clock, warm) -> Turns or the like."""
    crowd = Crowd(sizes, thinking, seed, order)
    while crowd.coming[0][0] < SECONDS:
        crowd.go_on()
    return crowd.seen


class Crowd:
    """Visitors who call, wait, get their answer and think, on a clock that jumps from one event to the next."""

    def __init__(self, sizes: list[Size], thinking: float, seed: int, order: Callable) -> None:
        self.now, self.loading, self.thinking, self.seen = 0.0, 0.0, thinking, Seen()
        self.sizes, self.costs = sizes, {name: cost for size in sizes for name, cost in size.loads.items()}
        memory = {name: models.spec(name).memory_mb for name in self.costs}
        self.cache = ModelCache(self._load, GreedyDualSizeFrequency(), sum(memory.values()) // 2, NoGauges(),
                                memory.__getitem__, clock=lambda: self.loading)  # fmt: skip
        self.turns = order(lambda: self.now, self.cache.holds)
        self.chances = [random.Random(f"{seed} {visitor}") for visitor in range(VISITORS)]
        self.waiting: list[tuple[Waiting, int]] = []  # a run and whose it is
        self.at_work: list[int] = []
        self._numbers = itertools.count()
        self.coming: list[tuple[float, int, Callable[[], None]]] = []
        for visitor in range(VISITORS):
            self._thinks(visitor)

    def go_on(self) -> None:
        """The next event happens, and who can begin begins."""
        self.now, _, happens = heapq.heappop(self.coming)
        happens()
        while (place := self.turns.next([run for run, _ in self.waiting], self.at_work)) is not None:
            self._begins(*self.waiting.pop(place))

    def _thinks(self, visitor: int) -> None:
        chance = self.chances[visitor]
        demo = chance.randrange(len(self.sizes))
        self._after(chance.expovariate(1 / self.thinking), lambda: self._calls(demo, visitor))

    def _calls(self, demo: int, visitor: int) -> None:
        if len(self.waiting) < QUEUE:
            self.waiting.append((Waiting(demo, self.now), visitor))
        else:
            self.seen.turned_away += 1
            self._thinks(visitor)

    def _begins(self, run: Waiting, visitor: int) -> None:
        demo, since = run
        size, before, leases = self.sizes[demo], self.loading, contextlib.ExitStack()
        for name in size.loads:
            leases.enter_context(self.cache.use(name))
        self.at_work.append(demo)
        self.turns.begins(demo)

        def ends() -> None:
            leases.close()
            self.at_work.remove(demo)
            self.turns.used(demo, size.loads)
            self.seen.waits.append(self.now - since)
            self._thinks(visitor)

        self._after(size.seconds + self.loading - before, ends)

    def _after(self, seconds: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self.coming, (self.now + seconds, next(self._numbers), happens))

    def _load(self, name: str, device: str) -> str:
        self.loading += self.costs[name]
        self.seen.loads.append(name)
        return name
