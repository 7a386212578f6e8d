"""The model cache, line by line of what it promises. No torch: loads, memory and device are given to it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.cache import ModelCache, TryAgain, watch
from models.errors import ModelUnavailable
from models.policy import GreedyDualSizeFrequency


class Memory:
    """A device whose memory is what the nets that live on it hold."""

    def __init__(self, name: str = "cpu", host_mb: int = 0) -> None:
        self.name, self.host_mb = name, host_mb
        self.moves: list[tuple[Any, str]] = []

    def used_mb(self) -> int:
        return 0

    def reset_peak(self) -> None:
        pass

    def peak_mb(self) -> int:
        return 0

    def move(self, net: Any, to: str) -> None:
        self.moves.append((net, to))

    def empty(self) -> None:
        pass

    def is_out_of_memory(self, cause: BaseException) -> bool:
        return isinstance(cause, MemoryError)


SIZES = {"small": 10, "medium": 40, "large": 60, "huge": 500}


def cache(load: Callable[[str, str], Any] | None = None, budget: int = 100, **options: Any) -> ModelCache:
    return ModelCache(
        load=load or (lambda name, device: f"{name} on {device}"),
        policy=GreedyDualSizeFrequency(),
        budget_mb=budget,
        device=options.pop("device", Memory()),
        declared=SIZES.__getitem__,
        patience=options.pop("patience", 0.2),
        **options,
    )


def states(rooms: ModelCache) -> dict[str, str]:
    return {room.name: room.state for room in rooms.resident()}


def visit(rooms: ModelCache, *names: str) -> None:
    for name in names:
        with rooms.use(name):
            pass


def log(rooms: ModelCache) -> str:
    return "\n".join(event.en for event in rooms.events())


def test_fifty_first_clicks_cause_one_load() -> None:
    loads = []

    def load(name: str, device: str) -> object:
        loads.append(name)
        time.sleep(0.05)
        return object()

    rooms, start = cache(load), threading.Barrier(50)

    def click(_: int) -> object:
        start.wait()
        with rooms.use("small") as net:
            return net

    with ThreadPoolExecutor(50) as crowd:
        nets = list(crowd.map(click, range(50)))
    assert loads == ["small"]
    assert len(set(map(id, nets))) == 1


def test_a_lent_room_is_never_dropped_and_the_newcomer_gives_up_politely() -> None:
    rooms = cache(budget=60)
    with rooms.use("large"):
        with pytest.raises(ModelUnavailable, match="Memory is busy"):
            visit(rooms, "medium")
        assert states(rooms) == {"large": "in use", "medium": "cold"}


def test_a_newcomer_waits_until_memory_is_given_back() -> None:
    rooms, lent, back = cache(patience=10), threading.Event(), threading.Event()

    def hold() -> None:
        with rooms.use("large"):
            lent.set()
            back.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    lent.wait(10)
    threading.Timer(0.05, back.set).start()
    with watch() as visits:
        visit(rooms, "medium", "small")
    with rooms.use("large"):
        pass
    holder.join()
    assert [one.name for one in visits] == ["medium", "small"]


def test_a_failed_load_leaves_no_trace_and_the_next_click_loads() -> None:
    broken = [True]

    def load(name: str, device: str) -> str:
        if broken.pop() if broken else False:
            raise RuntimeError("the file is torn")
        return name

    rooms = cache(load)
    with pytest.raises(ModelUnavailable, match="RuntimeError"):
        visit(rooms, "small")
    assert states(rooms) == {"small": "cold"}
    assert rooms.used_mb() == 0
    visit(rooms, "small")
    assert states(rooms) == {"small": "warm"}


def test_what_exceeds_the_budget_alone_is_refused_with_the_setting_that_helps() -> None:
    with pytest.raises(ModelUnavailable, match="HUB_MEMORY_MB"):
        visit(cache(), "huge")


def test_no_more_is_dropped_than_needed() -> None:
    rooms = cache(budget=110)
    visit(rooms, "small", "medium", "large")  # 110 of 110
    SIZES["newcomer"] = 10
    visit(rooms, "newcomer")
    assert sum(state == "cold" for state in states(rooms).values()) == 1
    assert rooms.used_mb() <= 110
    assert "needed for newcomer" in log(rooms)


def test_the_dear_and_often_used_stays() -> None:
    def load(name: str, device: str) -> str:
        time.sleep(0.05 if name == "medium" else 0)
        return name

    rooms = cache(load, budget=100)
    for _ in range(5):
        visit(rooms, "medium")
    visit(rooms, "large")
    SIZES["other"] = 60
    visit(rooms, "other")
    assert states(rooms)["large"] == "cold"


def test_out_of_memory_at_load_drops_the_idle_then_uses_the_cpu_and_says_so() -> None:
    def load(name: str, device: str) -> str:
        if name == "large" and device != "cpu":
            raise MemoryError
        return device

    rooms = cache(load, device=Memory("cuda"))
    visit(rooms, "small")
    with watch() as visits, rooms.use("large") as net:
        assert net == "cpu"
    assert visits[0].on_cpu_instead
    assert states(rooms)["small"] == "cold"


def test_out_of_memory_everywhere_is_told() -> None:
    def load(name: str, device: str) -> str:
        raise MemoryError

    with pytest.raises(ModelUnavailable, match="Out of memory"):
        visit(cache(load), "small")


def test_out_of_memory_in_a_run_tries_again_then_on_the_cpu_then_gives_up() -> None:
    rooms, tried = cache(device=Memory("cuda")), []

    def run_out() -> None:
        with rooms.use("small") as net:
            tried.append(net)
            raise MemoryError

    with watch():
        for _ in range(2):
            with pytest.raises(TryAgain):
                run_out()
        with pytest.raises(ModelUnavailable, match="Out of memory while small ran"):
            run_out()
    assert tried == ["small on cuda", "small on cuda", "small on cpu"]


def test_another_error_in_a_run_passes_and_gives_the_lease_back() -> None:
    rooms = cache()
    with pytest.raises(KeyError), rooms.use("small"):
        raise KeyError("mine")
    assert states(rooms) == {"small": "warm"}


def test_on_a_gpu_the_idle_go_to_host_memory_and_come_back_without_a_load() -> None:
    loads: list[str] = []
    gpu = Memory("cuda", host_mb=100)
    rooms = cache(lambda name, device: loads.append(name) or name, device=gpu, budget=100)
    visit(rooms, "large", "medium", "small", "large")
    assert len(loads) == 3
    assert any(to == "cpu" for _, to in gpu.moves)
    assert any(to == "cuda" for _, to in gpu.moves)
    assert "to host memory" in log(rooms)
    assert "moved large back" in log(rooms) or states(rooms)["large"] == "warm"


def test_host_memory_has_a_budget_too() -> None:
    rooms = cache(device=Memory("cuda", host_mb=5), budget=100)
    visit(rooms, "large", "medium", "small")
    assert "dropped" in log(rooms)
    assert "to host memory" not in log(rooms)


def test_the_log_gives_reasons_in_both_languages() -> None:
    rooms = cache(budget=60)
    visit(rooms, "medium", "large")
    reasons = [(event.zh, event.en) for event in rooms.events() if "dropped" in event.en]
    assert reasons == [("释放 medium：为 large 腾出 40 MB", "dropped medium: 40 MB needed for large")]
    last = rooms.events()[-1].number
    assert rooms.events(since=last) == []


def test_a_warm_up_that_nobody_needs_any_more_ends() -> None:
    fetching, given_up = threading.Event(), threading.Event()

    def prepare(name: str, report: Callable[[float], None]) -> None:
        report(0.5)
        fetching.set()
        given_up.wait(10)
        report(0.6)
        pytest.fail("it went on")

    rooms = cache(prepare=prepare)
    warming = rooms.warm("small")
    assert fetching.wait(10)
    assert (rooms.resident()[0].state, rooms.resident()[0].progress) == ("fetching", 0.5)
    warming.cancel()
    given_up.set()
    for _ in range(100):
        if states(rooms) == {"small": "cold"}:
            break
        time.sleep(0.01)
    assert states(rooms) == {"small": "cold"}


def test_a_receipt_tells_cold_from_warm_and_what_was_dropped() -> None:
    rooms = cache(budget=60)
    with watch() as visits:
        visit(rooms, "medium", "large", "large")
    assert [one.cold for one in visits] == [True, True, False]
    assert visits[1].dropped == ["medium"]
    assert visits[2].loaded_s == 0


def test_unload_spares_what_is_in_use() -> None:
    rooms = cache()
    with rooms.use("small"):
        assert not rooms.unload("small")
    assert rooms.unload("small")
    assert not rooms.unload("small")
