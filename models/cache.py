"""Lends models within a memory budget. Knows no torch: how to load, where to and what it costs are given to
it.

One rule for callers: a block that uses two rooms asks for them in any order, since a wait for memory is
bounded (PATIENCE) and ends in ModelUnavailable instead of a deadlock.
"""

import contextlib
import hashlib
import itertools
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, wait
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from models.errors import ModelUnavailable

PATIENCE = 30.0  # seconds that a load waits for others to give back memory
LOADERS = 4  # rooms that may be read into memory at the same time
POLL = 0.2  # seconds after which who waits for a load looks whether anybody still waits for the answer


class TryAgain(Exception):
    """Memory ran out in the middle of a run and some was freed: run the whole function once more.

    The cache raises it at most twice for one watch(): the second attempt has the device to itself as far as
    idle rooms go, the third runs on the CPU; then it is ModelUnavailable.
    """


class Device(Protocol):
    """Where models run, and what memory is left there."""

    name: str  # "cuda", "mps" or "cpu"
    host_mb: int  # budget of the host tier; 0 on a CPU, where the tiers are one

    def used_mb(self) -> int: ...
    def reset_peak(self) -> None: ...
    def peak_mb(self) -> int: ...
    def move(self, net: Any, to: str) -> None: ...
    def empty(self) -> None: ...
    def is_out_of_memory(self, cause: BaseException) -> bool: ...


class Policy(Protocol):
    """Which idle room is worth least."""

    def loaded(self, name: str, cost: float, mb: int) -> None: ...
    def used(self, name: str, cost: float, mb: int) -> None: ...
    def order(self, names: list[str]) -> list[str]: ...
    def evicted(self, name: str) -> None: ...


Report = Callable[[float], None]  # share that has been fetched, 0..1
Prepare = Callable[[str, Report], None]  # brings a room's files; its report raises when nobody waits any more
Load = Callable[[str, str], Any]  # name, device -> net


@dataclass(frozen=True)
class Event:
    """A line of the log. when: seconds since the epoch."""

    number: int
    when: float
    zh: str
    en: str


@dataclass(frozen=True)
class Resident:
    """A room as the Models page shows it. state: cold, waiting, fetching, loading, warm or in use."""

    name: str
    state: str
    progress: float
    device: str
    mb: int
    leases: int


@dataclass
class _Room:
    key: str
    name: str
    device: str
    mb: int  # declared, then measured
    home: str  # the device it belongs to; it may have been loaded to the CPU instead
    loaded_mb: int | None = None  # what its load added; None where others went on beside it
    reserved: bool = False  # a load that has its memory is on its way
    state: str = "cold"
    progress: float = 0.0
    net: Any = None
    leases: int = 0
    wanted: int = 0  # visitors and warm-ups that wait for it
    visitors: int = 0  # of these, visitors: what they wait for is not dropped before they had it
    cost: float = 1.0  # seconds of its last load
    waited: float = 0.0  # seconds its last load waited for memory
    on_host: bool = False  # on a GPU machine: idle in host memory
    settled: bool = False  # a run of its own was measured
    flight: Future | None = None
    dropped: list[str] = field(default_factory=list)


@dataclass
class Visit:
    """What one use() did and does, for the receipt. Written by the run, read by who shows its status."""

    name: str
    revision: str
    cold: bool
    device: str
    on_cpu_instead: bool
    _room: Any  # has state and progress
    waited_s: float = 0.0
    loaded_s: float = 0.0
    computed_s: float = 0.0
    peak_mb: int | None = None
    dropped: list[str] = field(default_factory=list)
    out_of_memory: bool = False
    _step: str = ""

    @property
    def state(self) -> str:
        """waiting, fetching, loading, computing or done."""
        return self._step or self._room.state

    @property
    def progress(self) -> float:
        """Share of the fetching or loading that is done."""
        return self._room.progress


class Warming:
    """Somebody's wish that a room be warm; cancel() when it is no longer needed."""

    def __init__(self, cache: "ModelCache", room: _Room) -> None:
        self._cache, self._room, self._held = cache, room, True

    def cancel(self) -> None:
        """Lets go; a load that nobody else wants ends before its next step."""
        with self._cache._changed:
            if self._held:
                self._held = False
                self._room.wanted -= 1
                self._cache._changed.notify_all()


class Unwanted(Exception):
    """Nobody waits for this any more."""


@dataclass(frozen=True)
class Watch:
    """What somebody asks of rooms, and whether they have left."""

    visits: list[Visit] = field(default_factory=list)
    gone: Callable[[], bool] = lambda: False


watched: ContextVar[Watch | None] = ContextVar("watched", default=None)


@contextlib.contextmanager
def watch(gone: Callable[[], bool] = lambda: False) -> Iterator[list[Visit]]:
    """Every use() begun in this context appends its Visit to the list; its wait for a load ends when they are gone."""
    watching = Watch(gone=gone)
    token = watched.set(watching)
    try:
        yield watching.visits
    finally:
        watched.reset(token)


class ModelCache:
    """Rooms by name, loaded once, kept while they are worth their memory.

    declared: name -> MB before the first load; revision: name -> short digest; budget_mb: of all resident
    rooms.
    """

    def __init__(
        self,
        load: Load,
        policy: Policy,
        budget_mb: int,
        device: Device,
        declared: Callable[[str], int],
        prepare: Prepare = lambda name, report: None,
        revision: Callable[[str], str] = lambda name: hashlib.sha256(name.encode()).hexdigest()[:12],
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        self.budget_mb, self.device = budget_mb, device
        self._load, self._policy, self._declared, self._revision = load, policy, declared, revision
        self._prepare = prepare
        self._clock, self._patience = clock, patience
        self._rooms: dict[str, _Room] = {}  # by key: the name, or "<name> on cpu" where a run was moved there
        self._changed = threading.Condition(threading.RLock())
        self._log: deque[Event] = deque(maxlen=200)
        self._numbers = itertools.count(1)
        self._begun = 0  # loads and runs so far
        self._loaders = threading.Semaphore(LOADERS)

    # The doors

    @contextlib.contextmanager
    def use(self, name: str) -> Iterator[Any]:
        """Lends the room's net for the block.

        Raises ModelUnavailable; TryAgain when memory ran out inside; Unwanted when who waits has gone, see watch().
        """
        watching = watched.get() or Watch()
        failures = sum(visit.out_of_memory and visit.name == name for visit in watching.visits)
        room, visit = self._enter(name, on_cpu=failures >= 2 and self.device.name != "cpu")
        watching.visits.append(visit)
        try:
            self._await(room, visit, watching.gone)
        except BaseException:
            visit._step = "done"
            raise
        number = before = 0
        try:
            number, before = self._begin(visit)
            yield room.net
        except BaseException as cause:
            if not self.device.is_out_of_memory(cause):
                raise
            visit.out_of_memory = True
            self._after_out_of_memory(room, failures, cause)
        finally:
            self._end(room, visit, number, before)

    def warm(self, name: str) -> Warming:
        """Starts loading a room in the background, unless it is warm; a failure is only logged."""
        with self._changed:
            room = self._room(name, self.device.name)
            room.wanted += 1
            if room.net is None:
                self._take_off(room)
            return Warming(self, room)

    def resident(self) -> list[Resident]:
        """Every room that was ever asked for."""
        with self._changed:
            return [
                Resident(
                    room.name,
                    "in use" if room.leases else room.state,
                    room.progress,
                    "host" if room.on_host else room.device,
                    room.mb,
                    room.leases,
                )
                for room in self._rooms.values()
            ]

    def holds(self, names: Collection[str]) -> bool:
        """Whether a run that asks for these rooms finds all of them loaded.

        A hint that waits for nothing, since the event loop asks for it.
        """
        rooms = [self._rooms.get(name) for name in names]
        return all(room and room.net is not None for room in rooms)

    def events(self, since: int = 0) -> list[Event]:
        """The log after that number, oldest first."""
        with self._changed:
            return [event for event in self._log if event.number > since]

    def used_mb(self) -> int:
        """Memory of the rooms on the device, and of those that are being loaded to it."""
        with self._changed:
            return sum(
                room.mb
                for room in self._rooms.values()
                if room.device == self.device.name
                and (room.reserved or (room.net is not None and not room.on_host))
            )

    def unload(self, name: str) -> bool:
        """Drops an idle room; False when it is leased, loading or not there."""
        with self._changed:
            found = [room for room in self._rooms.values() if room.name == name and _idle(room)]
            for room in found:
                self._drop(room, "由管理员释放", "unloaded by the operator")
            self.device.empty()
            return bool(found)

    def clear(self) -> None:
        """Drops every idle room."""
        for name in {room.name for room in list(self._rooms.values())}:
            self.unload(name)

    # Entering and leaving

    def _room(self, name: str, device: str) -> _Room:
        key = name if device == self.device.name else f"{name} on {device}"
        if key not in self._rooms:
            self._rooms[key] = _Room(key, name, device, self._declared(name), device)
        return self._rooms[key]

    def _enter(self, name: str, on_cpu: bool) -> tuple[_Room, Visit]:
        revision = self._revision(name)  # may read the weights
        with self._changed:
            room = self._room(name, "cpu" if on_cpu else self.device.name)
            cold = room.net is None
            room.wanted += 1
            room.visitors += 1
            return room, Visit(name, revision, cold, room.device, on_cpu, room)

    def _await(self, room: _Room, visit: Visit, gone: Callable[[], bool] = lambda: False) -> None:
        """Returns with a lease. One load serves all who wait for it; its failure is everybody's."""
        started, joined = self._clock(), False
        try:
            while True:
                with self._changed:
                    if room.net is not None and not room.on_host and room.flight is None:
                        room.leases += 1
                        break
                    flight = self._take_off(room)
                joined = True
                while not wait([flight], POLL).done:
                    if gone():
                        raise Unwanted
                with contextlib.suppress(Unwanted):  # it was given up just before we came: start another
                    flight.result()
        finally:
            with self._changed:
                room.wanted -= 1
                room.visitors -= 1
                self._changed.notify_all()  # a load that nobody waits for ends
        visit.device = getattr(room.net, "runs_on", room.device)
        visit.on_cpu_instead |= room.device != self.device.name
        if joined:
            visit.waited_s = room.waited
            visit.loaded_s = max(0.0, self._clock() - started - room.waited)
            visit.dropped = list(room.dropped)

    def _begin(self, visit: Visit) -> tuple[int, int]:
        """-> the number of this work, 0 where it is not the only one, and the memory before it in MB."""
        with self._changed:
            number = self._number(leases=1)
        if number:
            self.device.reset_peak()
        visit.computed_s, visit._step = -self._clock(), "computing"
        return number, self.device.used_mb()

    def _end(self, room: _Room, visit: Visit, number: int, before: int) -> None:
        visit.computed_s, visit._step = visit.computed_s + self._clock(), "done"
        try:
            self._weigh(room, visit, number, before)
        finally:
            with self._changed:
                room.leases -= 1
                self._policy.used(room.key, room.cost, room.mb)
                self._back_to_budget(room)
                self._changed.notify_all()

    def _weigh(self, room: _Room, visit: Visit, number: int, before: int) -> None:
        """Notes the memory that a run took; the first one that had the gauges to itself settles the room's size."""
        after = self.device.used_mb()
        with self._changed:
            alone = number == self._begun
            visit.peak_mb = self.device.peak_mb() if alone else max(before, after)
            if alone and not (room.settled or room.loaded_mb is None or visit.out_of_memory):
                room.settled = True
                self._measured(room, room.loaded_mb + max(visit.peak_mb, after) - before)

    def _disturb(self) -> None:
        """The gauges belong to no run that goes on now."""
        with self._changed:
            self._begun += 1

    def _number(self, leases: int, loading: _Room | None = None) -> int:
        """Numbers a load or a run; -> its number, or 0 where others go on beside it.

        As long as it is the newest number, what the gauges show belongs to this work alone.
        """
        self._begun += 1
        busy = any(
            room.state in ("fetching", "loading") for room in self._rooms.values() if room is not loading
        )
        alone = not busy and sum(room.leases for room in self._rooms.values()) == leases
        return self._begun if alone else 0

    def _measured(self, room: _Room, mb: int) -> None:
        """Adopts a measured size. Far less than declared means that freed memory was reused, which no gauge sees."""
        if mb >= self._declared(room.name) / 2:
            room.mb = min(mb, self.budget_mb)  # what ran once, alone, may do so again

    def _after_out_of_memory(self, room: _Room, failures: int, cause: BaseException) -> NoReturn:
        traceback.clear_frames(cause.__traceback__)  # they hold what the run had computed
        with self._changed:
            self._drop_idle(room.name, but=room)
        self.device.empty()
        if failures >= 2 or (failures >= 1 and self.device.name == "cpu"):
            raise ModelUnavailable(
                f"内存不足，{room.name} 这次没有算完。请换小一点的输入，或调大 HUB_MEMORY_MB",
                f"Out of memory while {room.name} ran. Try a smaller input, or raise HUB_MEMORY_MB",
            ) from cause
        raise TryAgain from cause

    # Loading

    def _take_off(self, room: _Room) -> Future:
        """Starts the one load of a room, or joins it."""
        if room.flight is None:
            room.flight = Future()
            room.state, room.progress, room.waited, room.dropped = "waiting", 0.0, 0.0, []
            threading.Thread(
                target=self._fly, args=(room, room.flight), name=f"load {room.key}", daemon=True
            ).start()
        return room.flight

    def _fly(self, room: _Room, flight: Future) -> None:
        try:
            self._back_from_host(room) if room.on_host else self._load_anew(room)
        except BaseException as cause:  # noqa: BLE001 - whatever it is, also a library's panic, belongs to those who wait
            with self._changed:
                kept = room.net if room.on_host else None  # what could not leave host memory stays there
                room.state, room.net, room.flight = "cold" if kept is None else "warm", kept, None
                room.reserved = False
                self._changed.notify_all()
            if not isinstance(cause, Unwanted):
                self._say(f"{room.name} 没有载入：{_zh(cause)}", f"{room.name} failed to load: {_en(cause)}")
            flight.set_exception(
                cause if isinstance(cause, Unwanted | ModelUnavailable) else _failure(room, cause)
            )
            return
        with self._changed:
            room.state, room.progress, room.flight, room.reserved = "warm", 1.0, None, False
            self._policy.loaded(room.key, room.cost, room.mb)
            self._changed.notify_all()
        flight.set_result(None)

    def _load_anew(self, room: _Room) -> None:
        self._refuse_too_large(room)  # before what cannot be used is fetched
        self._disturb()  # libraries come in
        self._fetching(room, 1.0)  # what there is to fetch, prepare() tells
        self._prepare(room.name, lambda share: self._fetching(room, share))
        self._make_room(room)
        started = self._clock()
        with self._changed:
            number = self._number(leases=0, loading=room)
            before = self.device.used_mb()
        with self._loaders:
            room.net = self._climb(room)
        room.cost = max(1e-3, self._clock() - started)
        with self._changed:
            room.loaded_mb = max(0, self.device.used_mb() - before) if number == self._begun else None
            self._measured(room, max(room.loaded_mb or 0, room.mb))  # what its runs will need stays reserved
            self._back_to_budget(room)
        self._say(
            f"载入 {room.name}：{room.cost:.1f} 秒，{room.mb} MB",
            f"loaded {room.name}: {room.cost:.1f} s, {room.mb} MB",
        )

    def _climb(self, room: _Room) -> Any:
        """The ladder for memory: as it is; with idle rooms gone; on the CPU; not at all."""
        rungs = [self.device.name, self.device.name, "cpu"] if room.device != "cpu" else ["cpu", "cpu"]
        for rung, device in enumerate(rungs):
            try:
                net = self._load(room.name, device)
            except Exception as cause:
                if not self.device.is_out_of_memory(cause):
                    raise
                last = cause.with_traceback(None)  # its frames hold what was half loaded
            else:
                room.device = device
                return net
            with self._changed:
                if rung == 0:
                    self._drop_idle(room.name, but=room)
            self.device.empty()
        raise ModelUnavailable(
            f"内存不足，载不进 {room.name}（约 {room.mb} MB）",
            f"Out of memory loading {room.name} (about {room.mb} MB)",
        ) from last

    def _fetching(self, room: _Room, share: float) -> None:
        """Notes how much has been fetched, with all of which loading begins; ends it when nobody waits any more."""
        with self._changed:
            if not room.wanted:
                raise Unwanted
            room.state, room.progress = ("fetching", share) if share < 1 else ("loading", 0.0)

    def _back_from_host(self, room: _Room) -> None:
        self._make_room(room)
        self._disturb()
        try:
            self.device.move(room.net, self.device.name)
        except Exception as cause:
            room.net, room.on_host = None, False  # half moved
            if not self.device.is_out_of_memory(cause):
                raise
            self._load_anew(room)
            return
        room.on_host = False
        self._say(
            f"{room.name} 从内存移回 {self.device.name}", f"moved {room.name} back to {self.device.name}"
        )

    # Making room

    def _make_room(self, room: _Room) -> None:
        """Reserves a room's memory, dropping idle rooms and waiting for leased ones. Raises ModelUnavailable."""
        self._refuse_too_large(room)
        started = self._clock()
        with self._changed:
            room.state, room.reserved = "waiting", False
            while room.wanted and not self._fits(room):
                left = started + self._patience - self._clock()
                if left <= 0:
                    raise ModelUnavailable(
                        f"内存正忙，等不到 {room.name} 需要的 {room.mb} MB，请稍后再试",
                        f"Memory is busy: the {room.mb} MB that {room.name} needs did not come free. Try again soon",
                    )
                self._changed.wait(left)
            if not room.wanted:
                raise Unwanted
            room.waited, room.state, room.progress, room.reserved = (
                self._clock() - started,
                "loading",
                0.0,
                True,
            )

    def _refuse_too_large(self, room: _Room) -> None:
        if room.mb > self.budget_mb:
            raise ModelUnavailable(
                f"{room.name} 需要 {room.mb} MB，预算只有 {self.budget_mb} MB。请调大 HUB_MEMORY_MB",
                f"{room.name} needs {room.mb} MB, the budget is {self.budget_mb} MB. Raise HUB_MEMORY_MB",
            )

    def _fits(self, room: _Room) -> bool:
        """Drops the idle rooms worth least until this one fits, never one more than needed; -> whether it fits."""
        if room.device != self.device.name:  # on the CPU of a GPU machine: the budget is the GPU's
            return True
        short = self.used_mb() + room.mb - self.budget_mb
        chosen = self._worth_least(short, room)
        if short > sum(other.mb for other in chosen):
            return False
        self._make_way(chosen, room)
        return True

    def _back_to_budget(self, room: _Room) -> None:
        """A run may have shown that a room needs more than was reserved for it; then idle ones go."""
        short = self.used_mb() - self.budget_mb
        if short > 0:
            self._make_way(self._worth_least(short, room), room)

    def _worth_least(self, short: int, but: _Room) -> list[_Room]:
        """Idle rooms to drop until so many MB are free, or all of them."""
        idle = {
            other.key: other
            for other in self._rooms.values()
            if other is not but and _idle(other) and not other.on_host and other.device == self.device.name
        }
        chosen: list[_Room] = []
        for key in self._policy.order(list(idle)):
            if sum(other.mb for other in chosen) < short:
                chosen.append(idle[key])
        for other in reversed(chosen[:]):  # a big one taken last may make smaller ones before it needless
            if sum(one.mb for one in chosen) - other.mb >= short:
                chosen.remove(other)
        return chosen

    def _make_way(self, others: list[_Room], room: _Room) -> None:
        for other in others:
            room.dropped.append(other.name)
            if not self._moved_to_host(other, room):
                self._drop(
                    other, f"为 {room.name} 腾出 {other.mb} MB", f"{other.mb} MB needed for {room.name}"
                )
        if others:
            self.device.empty()

    def _moved_to_host(self, other: _Room, room: _Room) -> bool:
        if not self._host_has_room(other):
            return False
        try:
            self.device.move(other.net, "cpu")
        except Exception:  # noqa: BLE001 - what is moved by half is dropped
            return False
        other.on_host = True
        self._say(
            f"{other.name} 移到内存，为 {room.name} 腾出 {other.mb} MB",
            f"moved {other.name} to host memory: {other.mb} MB needed for {room.name}",
        )
        return True

    def _host_has_room(self, other: _Room) -> bool:
        """Drops rooms from the host tier, least valuable first, until one more fits there."""
        held = [room for room in self._rooms.values() if room.on_host or room.device != self.device.name]
        there = {room.key: room for room in held if _idle(room)}
        free = self.device.host_mb - sum(room.mb for room in held if room.net is not None)
        if other.mb > free + sum(room.mb for room in there.values()):
            return False
        for key in self._policy.order(list(there)):
            if free >= other.mb:
                break
            free += there[key].mb
            self._drop(there[key], f"为 {other.name} 腾出内存", f"host memory needed for {other.name}")
        return True

    def _drop_idle(self, name: str, but: _Room) -> None:
        for room in self._rooms.values():
            if _idle(room) and room is not but:
                but.dropped.append(room.name)
                self._drop(room, f"{name} 内存不足", f"out of memory in {name}")

    def _drop(self, room: _Room, zh: str, en: str) -> None:
        room.net, room.state, room.progress, room.on_host, room.settled = None, "cold", 0.0, False, False
        room.device = room.home
        self._policy.evicted(room.key)
        self._say(f"释放 {room.name}：{zh}", f"dropped {room.name}: {en}")
        self._changed.notify_all()

    def _say(self, zh: str, en: str) -> None:
        with self._changed:
            self._log.append(Event(next(self._numbers), time.time(), zh, en))


def _idle(room: _Room) -> bool:
    return room.net is not None and not room.leases and not room.visitors and room.flight is None


def _failure(room: _Room, cause: BaseException) -> ModelUnavailable:
    """What those who waited are told; the cause stays attached for the log."""
    failure = ModelUnavailable(
        f"{room.name} 载入失败（{type(cause).__name__}）。请运行 python -m models fetch {room.name} 后再试",
        f"{room.name} failed to load ({type(cause).__name__}). Run: python -m models fetch {room.name}, then try again",
    )
    failure.__cause__ = cause
    return failure


def _zh(cause: BaseException) -> str:
    return cause.zh if isinstance(cause, ModelUnavailable) else str(cause)


def _en(cause: BaseException) -> str:
    return cause.en if isinstance(cause, ModelUnavailable) else str(cause)
