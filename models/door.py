"""HUB_BACKEND=ray: replicas of Ray Serve lend the rooms, and this process, which imports no torch, only asks.

A Door stands in the place of the cache. Ray is the one at RAY_ADDRESS, or one that is started here.
"""

import contextlib
import functools
import os
import pickle
import socket
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import wait
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray import serve
from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException
from ray.serve.handle import DeploymentHandle

from models import replica
from models.cache import Event, Resident, Unwanted, Visit, Watch, watched
from models.errors import ModelUnavailable
from models.lent import Lent, Message
from models.replica import NAMESPACE, Report

APPS = {"cpu": "ai-demo-hub-cpu", "gpu": "ai-demo-hub-gpu"}
ALONE: dict[str, Any] = {  # a Ray that is started here
    "address": "local",
    "_node_ip_address": "127.0.0.1",
    "include_dashboard": False,
    "object_store_memory": 200_000_000,
}
PATIENCE = 5.0  # seconds for an answer of Ray's head node, or of the board
UNTAKEN = 120.0  # seconds after which a call that no replica takes is given up
STATES = [
    "cold",
    "warm",
    "waiting",
    "fetching",
    "loading",
    "in use",
]  # of a room in several replicas, the last counts
LOST = ("算这一次的机器没有了回应，请再试一次", "The machine that computed this went away. Try again")
FULL = ("现在排队的人太多，请稍后再试", "Too many are waiting now. Try again soon")
UNREACHED = (
    "连不上 Ray（{}）。请检查 RAY_ADDRESS，或去掉 HUB_BACKEND 在本机运行",
    "Ray cannot be reached ({}). Check RAY_ADDRESS, or unset HUB_BACKEND to run without it",
)


class Door:
    """What models.cache.ModelCache offers to callers, by asking replicas."""

    def __init__(self, on_gpu: tuple[str, ...], revision: Callable[[str], str]) -> None:
        """on_gpu: rooms that go to a GPU where the cluster has one. Raises ModelUnavailable without a Ray."""
        try:
            self._apps = _connected()
        except (RayError, RayServeException, OSError, RuntimeError, ValueError) as cause:
            zh, en = (sentence.format(type(cause).__name__) for sentence in UNREACHED)
            raise ModelUnavailable(zh, en) from cause
        self._on_gpu, self._revision = on_gpu, revision
        self._known: dict[str, dict[str, bool]] = {}

    @contextlib.contextmanager
    def use(self, name: str) -> Iterator[Lent]:
        """Lends a stand-in for the room's net. ModelUnavailable comes when a method is called."""
        standing = SimpleNamespace(state="waiting", progress=0.0)
        visit = Visit(name, self._revision(name), False, "cpu", False, standing)
        watching = watched.get() or Watch()
        watching.visits.append(visit)
        try:
            yield Lent(functools.partial(self.ask, visit), functools.partial(self._names, visit))
        finally:
            standing.state = "done"

    def warm(self, name: str) -> "Asked":
        """Lets a replica load a room in the background. Raises ModelUnavailable where Ray lends none any more."""
        try:
            return Asked(self._handle(name).answers.remote(pickle.dumps((name, "", (), {}))))
        except (RayError, RayServeException) as cause:
            raise ModelUnavailable(*LOST) from cause

    def _names(self, visit: Visit) -> dict[str, bool]:
        """What a room's net has, see lent.names(); asked once."""
        if visit.name not in self._known:
            ((_, self._known[visit.name]),) = self.ask(visit, "")
        return self._known[visit.name]

    def ask(self, visit: Visit, method: str, *args: Any, **options: Any) -> Iterator[Message]:
        """Calls a method of a room; yields its messages, see lent.py, and notes in the visit what is told of it.

        A call that is lost before its first message is made once more. Raises what the method raised,
        ModelUnavailable, and Unwanted when who waits has gone.
        """
        call, before = pickle.dumps((visit.name, method, args, options)), _counted(visit)
        gone = (watched.get() or Watch()).gone
        for last in (False, True):
            response: Any = None
            heard = False
            try:
                response = self._handle(visit.name).answers.remote(call)
                _taken(response, gone)
                for packed in response:
                    kind, value = pickle.loads(packed)
                    if kind == "error":
                        raise value
                    if kind in ("visit", "end"):
                        _note(visit, before, value)
                        if gone() and kind == "visit":
                            raise Unwanted
                    else:
                        heard = True
                        yield kind, value
                return
            except RayTaskError as cause:  # of the replica itself, which is there
                raise RuntimeError(f"a replica failed: {cause}") from cause
            except BackPressureError as cause:
                raise ModelUnavailable(*FULL) from cause
            except (RayError, RayServeException) as cause:
                if heard or last:
                    raise ModelUnavailable(*LOST) from cause
            finally:
                if response is not None:
                    response.cancel()  # of what has ended, nothing

    def _handle(self, name: str) -> DeploymentHandle:
        kind = "gpu" if name in self._on_gpu and APPS["gpu"] in self._apps else "cpu"
        return serve.get_app_handle(APPS[kind]).options(stream=True, multiplexed_model_id=name)

    # What the Models page asks

    def resident(self) -> list[Resident]:
        """Of every room that a replica holds: its busiest state, and memory and leases of all replicas together."""
        found: dict[str, Resident] = {}
        for one in (one for rooms, _, _ in self._reports() for one in rooms if one.state != "cold"):
            other = found.get(one.name, Resident(one.name, "cold", 0.0, "", 0, 0))
            first = max(one, other, key=lambda room: STATES.index(room.state))
            found[one.name] = Resident(
                one.name, first.state, first.progress, first.device, one.mb + other.mb, one.leases + other.leases
            )  # fmt: skip
        return list(found.values())

    def holds(self, names: Collection[str]) -> bool:
        """Nobody here knows without asking all replicas, for which a queue cannot wait."""
        return False

    def events(self, since: int = 0) -> list[Event]:
        """What all caches did, oldest first; numbered by their time in microseconds."""
        log = [event for _, events, _ in self._reports() for event in events]
        numbered = (Event(int(event.when * 1e6), event.when, event.zh, event.en) for event in log)
        return sorted((event for event in numbered if event.number > since), key=lambda event: event.number)

    def used_mb(self) -> int:
        """Memory that all replicas' rooms hold."""
        return sum(used for _, _, (used, _) in self._reports())

    @property
    def budget_mb(self) -> int:
        """Memory that they may hold."""
        return sum(budget for _, _, (_, budget) in self._reports())

    def unload(self, name: str) -> bool:
        """Asks every replica to drop an idle room, which they do within a second; False where none holds it idle."""
        if not any(room.name == name and room.state == "warm" for room in self.resident()):
            return False
        self._board("unload", name)
        return True

    def clear(self) -> None:
        """Asks every replica to drop every idle room."""
        for room in self.resident():
            self.unload(room.name)

    def _reports(self) -> list[Report]:
        return [pickle.loads(report) for report in (self._board("read") or {}).values()]

    def _board(self, method: str, *args: Any) -> Any:
        with contextlib.suppress(RayError):
            return ray.get(getattr(replica.board(), method).remote(*args), timeout=PATIENCE)
        return None


def _taken(response: Any, gone: Callable[[], bool]) -> None:
    """Waits until a replica takes a call. Raises Unwanted when who waits has gone, ModelUnavailable after UNTAKEN."""
    end = time.monotonic() + UNTAKEN
    while not wait([response._replica_result_future], replica.POLL).done:
        if gone():
            raise Unwanted
        if time.monotonic() > end:
            raise ModelUnavailable(*LOST)


class Asked:
    """A load in the background; cancel() when it is no longer needed."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def cancel(self) -> None:
        """Lets go. A load that has begun goes on."""
        self._response.cancel()


def _counted(visit: Visit) -> tuple[float, float, list[str]]:
    """What earlier calls of a visit took."""
    return visit.waited_s, visit.loaded_s, visit.dropped


def _note(visit: Visit, before: tuple[float, float, list[str]], told: dict[str, Any]) -> None:
    """Adds to a visit what a replica tells of its own."""
    visit._room.state, visit._room.progress = told["state"], told["progress"]
    visit.cold |= told["cold"]
    visit.on_cpu_instead |= told["on_cpu_instead"]
    visit.device = told["device"]
    visit.waited_s, visit.loaded_s = before[0] + told["waited_s"], before[1] + told["loaded_s"]
    visit.dropped = [*before[2], *told["dropped"]]
    visit.peak_mb = max(visit.peak_mb or 0, told["peak_mb"] or 0) or None


def _connected() -> set[str]:
    """Connects to Ray, or starts one, and deploys what is not there; -> the applications that run."""
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS", "")
        if ":" in address:  # Ray itself would try for ten minutes
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), PATIENCE).close()
        ray.init(**({"address": address} if address else ALONE), namespace=NAMESPACE, log_to_driver=False)
    serve.start(proxy_location="Disabled")  # nobody but this door asks
    wanted = {"cpu": replica.cpu} | ({"gpu": replica.gpu} if ray.cluster_resources().get("GPU") else {})
    there = serve.status().applications
    targets = [
        serve.RunTarget(application, name=APPS[kind], route_prefix=None)
        for kind, application in wanted.items()
        if APPS[kind] not in there
    ]
    if targets:  # they start while the pages are built; where none can, calls end with a sentence
        serve.run_many(targets, wait_for_applications_running=False)
    return {APPS[kind] for kind in wanted}
