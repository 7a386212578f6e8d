"""What runs on the far side of HUB_BACKEND=ray: replicas of Ray Serve that lend rooms, and the board they report to.

Each replica is a process with a cache of its own, whose memory budget holds as ever; Serve sends the calls of a room to
a replica that has it. Calls run in threads, so a room's Batcher takes visitors together as it does in one process.
@serve.batch would close a batch before anything is free to run it: it keeps a lone caller waiting, or batches nobody
(benchmarks/ray_serve.py measures both).
What travels is plain data, pickled here and there by this program, since Ray's own arrays would arrive read-only.
https://docs.ray.io/en/latest/serve/model-multiplexing.html
"""

import asyncio
import contextlib
import os
import pickle
import threading
import time
import traceback
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ray
from ray import serve

import models
from models import device, lent, settings
from models.cache import Event, Resident, Visit
from models.lent import Message

POLL = 0.2  # seconds between two looks at a room that loads
AHEAD = 4  # messages that a room may be ahead of who reads them
CALLS, WAITING = 32, 200  # calls of a replica at once; that may wait for one
REPORT, FRESH = 1.0, 5.0  # seconds between two reports to the board; after which an older one counts no more
TOLD = ("state", "progress", "cold", "device", "on_cpu_instead", "waited_s", "loaded_s", "peak_mb", "dropped")
BOARD, NAMESPACE = "board", "ai-demo-hub"

Report = tuple[list[Resident], list[Event], tuple[int, int]]  # rooms, log, memory held and allowed in MB


class Rooms:
    """A replica: answers calls of any room's methods, and tells the board what it holds."""

    def __init__(self, beside: int) -> None:
        """beside: replicas that share this machine's memory, where HUB_MEMORY_MB does not say what one may hold."""
        os.environ["HUB_BACKEND"] = ""  # this process lends its own rooms
        if settings.memory_mb() is None:
            os.environ["HUB_MEMORY_MB"] = str(device.current().budget_mb() // beside)
        self._threads = ThreadPoolExecutor(CALLS, thread_name_prefix="call")
        threading.Thread(target=_report, daemon=True).start()

    @serve.multiplexed(max_num_models_per_replica=len(models.ROOMS))
    async def _routed(self, room: str) -> str:
        """Tells Serve that this replica has the room. Which rooms stay in memory, the cache decides."""
        return room

    async def answers(self, packed: bytes) -> AsyncIterator[bytes]:
        """packed: room, method ("": what it has), args and options; yields what lent.spoken() says of it, in between
        ("visit", facts), at last ("end", facts) or ("error", cause). All of it pickled.
        """
        call = Call(*pickle.loads(packed))
        await self._routed(call.room)
        self._threads.submit(call.run)
        try:
            async for message in call.told():
                yield pickle.dumps(message)
        finally:
            call.stop()


class Call:
    """One call of a room's method: run() in a thread, what it says is told on the event loop."""

    def __init__(self, room: str, method: str, args: tuple, options: dict[str, Any]) -> None:
        self.room, self._method, self._args, self._options = room, method, args, options
        self._loop, self._said = asyncio.get_running_loop(), asyncio.Queue[Message]()
        self._free = threading.Semaphore(AHEAD)
        self._stopped = False
        self._visits: list[Visit] = []

    async def told(self) -> AsyncIterator[Message]:
        """What the room says, in between how its loading stands; the end or an error comes last."""
        kind = ""
        while kind not in ("end", "error"):
            following = asyncio.ensure_future(self._said.get())
            try:
                while not (await asyncio.wait({following}, timeout=POLL))[0]:
                    if self._visits:
                        yield "visit", facts(self._visits[-1])
            finally:
                following.cancel()
            self._free.release()
            kind, value = following.result()
            yield kind, value

    def stop(self) -> None:
        """Nobody listens any more: a generator is closed at its next item."""
        self._stopped = True
        self._free.release()

    def run(self) -> None:
        """Runs to the end. Where memory runs out before the first word, it is tried again, as the cache says."""
        spoke = False
        with models.watch(gone=lambda: self._stopped) as self._visits:
            while not self._stopped:
                try:
                    with models.use(self.room) as net, contextlib.closing(self._spoken(net)) as messages:
                        for message in messages:
                            if self._stopped:
                                return None
                            spoke = True
                            self._say(message)
                    return self._say(("end", facts(self._visits[-1])))
                except models.TryAgain as cause:
                    if spoke:
                        return self._say(("error", _told_of(cause)))
                except BaseException as cause:  # noqa: BLE001 - whatever it is belongs to the caller
                    return self._say(("error", _told_of(cause)))

    def _spoken(self, net: Any) -> Generator[Message]:
        if self._method:
            yield from lent.spoken(net, self._method, self._args, self._options)
        else:
            yield "answer", lent.names(net)

    def _say(self, message: Message) -> None:
        if self._stopped:
            return
        self._free.acquire()  # so that what nobody fetches yet does not pile up
        self._loop.call_soon_threadsafe(self._said.put_nowait, message)


def facts(visit: Visit) -> dict[str, Any]:
    """What a receipt tells of a visit, and where it stands."""
    return {name: getattr(visit, name) for name in TOLD}


def _told_of(cause: BaseException) -> BaseException:
    """The cause as it travels: of a type that the app has without a room's libraries, its traceback as a note."""
    if isinstance(cause, models.TryAgain):
        return models.ModelUnavailable("内存不足，这次没有算完，请再试一次", "Out of memory. Try again")
    told = cause
    if type(cause).__module__ not in ("builtins", models.ModelUnavailable.__module__):
        told = RuntimeError(f"{type(cause).__name__}: {cause}")
    told.add_note("".join(traceback.format_exception(cause)))
    return told


class Board:
    """What every replica holds and did, for the Models page. A replica that reports no more is forgotten."""

    def __init__(self) -> None:
        self._reports: dict[str, tuple[float, bytes]] = {}
        self._wishes: list[str] = []

    def tell(self, replica: str, report: bytes, heard: int | None) -> tuple[int, list[str]]:
        """Takes a replica's report; -> how many rooms the operator wanted dropped, and those after the first `heard`.

        None: it has just begun, and what was wanted before is not for it.
        """
        self._reports[replica] = time.monotonic(), report
        return len(self._wishes), self._wishes[heard:] if heard is not None else []

    def read(self) -> dict[str, bytes]:
        """The reports of the replicas that are there, by node and process."""
        late = time.monotonic() - FRESH
        self._reports = {name: one for name, one in self._reports.items() if one[0] > late}
        return {name: report for name, (_, report) in self._reports.items()}

    def unload(self, room: str) -> None:
        """Every replica is to drop that room, where it is idle."""
        self._wishes.append(room)


def board() -> Any:
    """The one board of the cluster, which the first to ask makes."""
    options = {
        "name": BOARD,
        "namespace": NAMESPACE,
        "get_if_exists": True,
        "lifetime": "detached",
        "num_cpus": 0,
    }
    return ray.remote(Board).options(**options).remote()


def _report() -> None:
    """Tells the board, as long as this process lives."""
    name, heard = f"{ray.get_runtime_context().get_node_id()} {os.getpid()}", None
    while True:
        with contextlib.suppress(ray.exceptions.RayError):
            report: Report = models.resident(), models.events(), models.budget()
            # The board's own count: one that was made anew, since its node died, begins at none.
            heard, wishes = ray.get(board().tell.remote(name, pickle.dumps(report), heard))
            for room in wishes:
                models.unload(room)
        time.sleep(REPORT)


SETTINGS: dict[str, Any] = {
    "max_ongoing_requests": CALLS,
    "max_queued_requests": WAITING,
    "autoscaling_config": {"max_replicas": settings.replicas(), "target_ongoing_requests": 4},
    "graceful_shutdown_timeout_s": 5,
    "logging_config": {"log_level": "WARNING", "enable_access_log": False},
}
CPU: Any = serve.deployment(Rooms, name="cpu", ray_actor_options={"num_cpus": settings.threads()}, **SETTINGS)
GPU: Any = serve.deployment(Rooms, name="gpu", ray_actor_options={"num_gpus": 1}, **SETTINGS)
cpu, gpu = CPU.bind(settings.replicas()), GPU.bind(1)  # the applications, as deploy/ray.yaml names them
