"""The model cache, line by line of what it promises. No torch: loads, memory and device are given to it."""

import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from models.cache import ModelCache, TryAgain, Unwanted, watch
from models.errors import ModelUnavailable
from models.policy import GreedyDualSizeFrequency


class Memory:
    """A device whose gauges a test sets: what is held, and how far a run goes above that."""

    def __init__(self, name: str = "cpu", host_mb: int = 0) -> None:
        self.name, self.host_mb = name, host_mb
        self.held = self.spike = 0
        self.moves: list[tuple[Any, str]] = []
        self.refusals: list[Exception] = []  # raised by the next moves

    def used_mb(self) -> int:
        return self.held

    def reset_peak(self) -> None:
        self.spike = 0

    def peak_mb(self) -> int:
        return self.held + self.spike

    def move(self, net: Any, to: str) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.moves.append((net, to))

    def empty(self) -> None:
        pass

    def is_out_of_memory(self, cause: BaseException) -> bool:
        return isinstance(cause, MemoryError)


SIZES = {"small": 10, "newcomer": 10, "medium": 40, "large": 60, "other": 60, "huge": 500}


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


def mb(rooms: ModelCache) -> dict[str, int]:
    return {room.name: room.mb for room in rooms.resident()}


def until(true: Callable[[], bool]) -> None:
    """Waits for what another thread is about to do."""
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it never came")


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
    rooms, lent, back = cache(budget=60, patience=10), threading.Event(), threading.Event()

    def hold() -> None:
        with rooms.use("large"):
            lent.set()
            back.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    lent.wait(10)
    threading.Timer(0.05, back.set).start()
    with watch() as visits:
        visit(rooms, "medium")
    holder.join()
    assert 0 < visits[0].waited_s < 5
    assert states(rooms) == {"large": "cold", "medium": "warm"}


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


def test_what_exceeds_the_budget_alone_is_refused_before_it_is_fetched_with_the_setting_that_helps() -> None:
    with pytest.raises(ModelUnavailable, match="HUB_MEMORY_MB"):
        visit(cache(prepare=lambda *_: pytest.fail("it was fetched")), "huge")


def test_no_more_is_dropped_than_needed() -> None:
    rooms = cache(budget=110)
    visit(rooms, "small", "medium", "large")  # 110 of 110
    visit(rooms, "newcomer")
    assert sum(state == "cold" for state in states(rooms).values()) == 1
    assert rooms.used_mb() <= 110
    assert "needed for newcomer" in log(rooms)


def test_small_ones_that_a_big_one_makes_needless_are_not_dropped() -> None:
    rooms = cache(budget=110)
    visit(rooms, "small", "large", "medium")
    visit(rooms, "medium", "medium", "large")  # the order is small, large, medium
    visit(rooms, "other")
    assert states(rooms) == {"small": "warm", "large": "cold", "medium": "warm", "other": "warm"}


@pytest.mark.parametrize(("dear", "cheap"), [("large", "other"), ("other", "large")])
def test_the_dear_stays(dear: str, cheap: str) -> None:
    now = [0.0]

    def load(name: str, device: str) -> str:
        now[0] += 10 if name == dear else 1
        return name

    rooms = cache(load, budget=120, clock=lambda: now[0])
    visit(rooms, "large", "other", "medium")
    assert states(rooms) == {dear: "warm", cheap: "cold", "medium": "warm"}


@pytest.mark.parametrize(("often", "once"), [("large", "other"), ("other", "large")])
def test_the_often_used_stays(often: str, once: str) -> None:
    now = [0.0]

    def load(name: str, device: str) -> str:
        now[0] += 1
        return name

    rooms = cache(load, budget=120, clock=lambda: now[0])
    visit(rooms, "large", "other", *[often] * 5, "medium")
    assert states(rooms) == {often: "warm", once: "cold", "medium": "warm"}


def test_what_was_used_often_long_ago_makes_way_for_what_came_since() -> None:
    now = [0.0]

    def load(name: str, device: str) -> str:
        now[0] += 1
        return name

    rooms = cache(load, budget=60, clock=lambda: now[0])
    visit(rooms, *["small"] * 3)
    visit(rooms, *["newcomer", "medium", "large"] * 40)  # each round drops; what is dropped lifts the age
    assert states(rooms)["small"] == "cold"


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
    assert "to host memory" in log(rooms)
    assert "moved large back" in log(rooms)


def test_what_cannot_be_moved_to_host_memory_is_dropped_and_nobody_s_run_fails_for_it() -> None:
    device = Memory("cuda", host_mb=100)
    rooms = cache(device=device)
    visit(rooms, "large")
    device.refusals.append(MemoryError())
    visit(rooms, "medium", "other")
    assert states(rooms)["large"] == "cold"
    assert states(rooms)["other"] == "warm"


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
    until(lambda: states(rooms) == {"small": "cold"})


def test_what_is_all_here_is_loading_not_fetching() -> None:
    looked: list[str] = []

    def prepare(name: str, report: Callable[[float], None]) -> None:
        looked.append(rooms.resident()[0].state)
        report(0.3)
        looked.append(rooms.resident()[0].state)
        report(1.0)
        looked.append(rooms.resident()[0].state)

    rooms = cache(prepare=prepare)
    with rooms.use("small"):
        assert looked == ["loading", "fetching", "loading"]


def test_a_warm_up_that_waits_for_memory_ends_when_it_is_cancelled() -> None:
    rooms = cache(budget=60, patience=60)
    with rooms.use("large"):
        warming = rooms.warm("medium")
        until(lambda: states(rooms)["medium"] == "waiting")
        warming.cancel()
        until(lambda: states(rooms)["medium"] == "cold")


def test_what_was_loaded_for_a_visitor_is_not_dropped_before_he_had_it() -> None:
    rooms = cache(budget=60, patience=0.05)
    room, coming = rooms._enter("large", on_cpu=False)  # a visitor on his way in
    rooms.warm("large")
    until(lambda: states(rooms)["large"] == "warm")
    with pytest.raises(ModelUnavailable, match="Memory is busy"):
        visit(rooms, "medium")
    rooms._await(room, coming)
    assert states(rooms)["large"] == "in use"


def test_a_receipt_tells_cold_from_warm_and_what_was_dropped() -> None:
    rooms = cache(budget=60)
    with watch() as visits:
        visit(rooms, "medium", "large", "large")
    assert [one.cold for one in visits] == [True, True, False]
    assert visits[1].dropped == ["medium"]
    assert visits[2].loaded_s == 0


def test_the_receipt_tells_the_seconds_of_the_load_from_those_of_the_run() -> None:
    now = [0.0]

    def load(name: str, device: str) -> str:
        now[0] += 3
        return name

    rooms = cache(load, clock=lambda: now[0])
    with watch() as visits, rooms.use("small"):
        now[0] += 2
    assert (visits[0].waited_s, visits[0].loaded_s, visits[0].computed_s) == (0, 3, 2)
    assert (visits[0].state, visits[0].device) == ("done", "cpu")


def test_a_declared_size_is_replaced_by_what_was_measured_at_load_and_at_the_peak_of_a_run() -> None:
    memory = Memory()

    def load(name: str, device: str) -> str:
        memory.held += 45
        return name

    rooms = cache(load, device=memory)
    warming = rooms.warm("medium")
    until(lambda: states(rooms)["medium"] == "warm")
    assert mb(rooms) == {"medium": 45}
    with rooms.use("medium"):
        memory.spike = 30
    assert mb(rooms) == {"medium": 75}
    visit(rooms, "medium")
    assert mb(rooms) == {"medium": 75}, "only the first run after a load settles it"
    warming.cancel()


def test_a_size_does_not_grow_with_every_load_beside_a_run_of_another() -> None:
    memory = Memory()

    def load(name: str, device: str) -> str:
        memory.held += SIZES[name] if name == "small" else 30
        return name

    rooms = cache(load, device=memory)
    for _ in range(3):
        with rooms.use("small"):
            visit(rooms, "medium")
        with rooms.use("medium"):
            memory.spike = 10
        rooms.unload("medium")
        memory.held -= 30
    assert mb(rooms)["medium"] == 40


def test_a_run_that_ran_out_of_memory_says_nothing_about_a_size() -> None:
    memory = Memory()
    rooms = cache(device=memory)

    def run_out() -> None:
        with rooms.use("medium"):
            memory.spike = 90
            raise MemoryError

    with pytest.raises(TryAgain):
        run_out()
    assert mb(rooms) == {"medium": 40}


def test_the_libraries_of_another_room_do_not_count_as_a_run_s_memory() -> None:
    memory, importing, go_on = Memory(), threading.Event(), threading.Event()

    def prepare(name: str, report: Callable[[float], None]) -> None:
        if name == "large":
            memory.held += 300
            importing.set()
            go_on.wait(10)

    rooms = cache(prepare=prepare, device=memory)
    with rooms.use("small"):
        warming = rooms.warm("large")
        assert importing.wait(10)
    go_on.set()
    assert mb(rooms)["small"] == 10
    warming.cancel()


def test_what_only_imports_its_libraries_holds_no_memory() -> None:
    importing, go_on = threading.Event(), threading.Event()

    def prepare(name: str, report: Callable[[float], None]) -> None:
        if name == "other":
            importing.set()
            go_on.wait(10)

    rooms = cache(prepare=prepare, patience=5)
    with rooms.use("large"):
        warming = rooms.warm("other")
        assert importing.wait(10)
        with watch() as visits:
            visit(rooms, "medium")
        assert visits[0].waited_s < 1
        go_on.set()
        warming.cancel()


def test_what_is_fetched_slowly_keeps_no_other_room_waiting() -> None:
    slow, go_on = [f"slow {number}" for number in range(8)], threading.Event()

    def prepare(name: str, report: Callable[[float], None]) -> None:
        if name in slow:
            go_on.wait(10)

    rooms = ModelCache(
        load=lambda name, device: name,
        policy=GreedyDualSizeFrequency(),
        budget_mb=100,
        device=Memory(),
        declared=lambda name: 1,
        prepare=prepare,
    )
    warmings = [rooms.warm(name) for name in slow]
    visit(rooms, "small")
    assert states(rooms)["small"] == "warm"
    go_on.set()
    for warming in warmings:
        warming.cancel()


class Panic(BaseException):
    """As a library in Rust raises it: no Exception."""


def test_a_panic_while_loading_is_told_and_the_next_click_loads() -> None:
    broken = [True]

    def load(name: str, device: str) -> str:
        if broken.pop() if broken else False:
            raise Panic
        return name

    rooms = cache(load)
    with pytest.raises(ModelUnavailable, match="Panic"):
        visit(rooms, "small")
    assert rooms.used_mb() == 0
    visit(rooms, "small")
    assert states(rooms) == {"small": "warm"}


def test_a_gauge_that_fails_keeps_no_lease() -> None:
    memory = Memory()
    rooms = cache(device=memory)
    visit(rooms, "small")
    for gauge in ("used_mb", "reset_peak", "peak_mb"):

        def fails() -> int:
            raise OSError("no such gauge")

        setattr(memory, gauge, fails)
        with pytest.raises(OSError, match="gauge"):
            visit(rooms, "small")
        delattr(memory, gauge)
        assert states(rooms) == {"small": "warm"}


def test_who_leaves_while_a_room_is_fetched_ends_the_fetching_and_what_comes_after() -> None:
    gone, fetching, ended = threading.Event(), threading.Event(), threading.Event()

    def prepare(name: str, report: Callable[[float], None]) -> None:
        try:
            while True:
                report(0.5)
                fetching.set()
                time.sleep(0.01)
        finally:
            ended.set()

    rooms, computed = cache(prepare=prepare), []

    def ask() -> None:
        with watch(gone=gone.is_set), rooms.use("small"):
            computed.append(True)

    with ThreadPoolExecutor(1) as visitor:
        asked = visitor.submit(ask)
        assert fetching.wait(10)
        gone.set()
        with pytest.raises(Unwanted):
            asked.result(10)
    assert ended.wait(10)
    until(lambda: states(rooms) == {"small": "cold"})
    assert not computed


def test_who_stays_gets_what_another_who_left_had_asked_for() -> None:
    gone, fetching, go_on = threading.Event(), threading.Event(), threading.Event()

    def prepare(name: str, report: Callable[[float], None]) -> None:
        report(0.5)
        fetching.set()
        go_on.wait(10)
        report(0.6)

    rooms = cache(prepare=prepare)

    def ask(left: Callable[[], bool]) -> str:
        with watch(gone=left), rooms.use("small") as net:
            return net

    with ThreadPoolExecutor(2) as visitors:
        leaves = visitors.submit(ask, gone.is_set)
        assert fetching.wait(10)
        stays = visitors.submit(ask, lambda: False)
        until(lambda: rooms._rooms["small"].wanted == 2)
        gone.set()
        with pytest.raises(Unwanted):
            leaves.result(10)
        go_on.set()
        assert stays.result(10) == "small on cpu"


def test_what_runs_will_need_stays_reserved_until_one_has_shown_how_much_it_is() -> None:
    memory = Memory()

    def load(name: str, device: str) -> str:
        memory.held += 30
        return name

    rooms = cache(load, device=memory)
    with rooms.use("medium"):
        assert mb(rooms) == {"medium": 40}, "declared; the load took less"
        memory.spike = 5
    assert mb(rooms) == {"medium": 35}


def test_a_run_that_needs_more_than_was_reserved_takes_it_from_idle_rooms() -> None:
    memory = Memory()

    def load(name: str, device: str) -> str:
        memory.held += SIZES[name]
        return name

    rooms = cache(load, device=memory)
    visit(rooms, "small", "newcomer")
    with rooms.use("medium"):
        memory.spike = 45
    assert states(rooms) == {"small": "cold", "newcomer": "warm", "medium": "warm"}
    assert rooms.used_mb() <= 100
    assert "medium" in log(rooms)


def test_what_was_measured_above_the_budget_may_still_come_back() -> None:
    memory = Memory()
    rooms = cache(device=memory)
    with rooms.use("large"):
        memory.spike = 70
    visit(rooms, "medium", "large")
    assert states(rooms) == {"large": "warm", "medium": "cold"}


def test_what_others_did_beside_a_load_is_not_taken_for_its_size() -> None:
    memory = Memory()

    def load(name: str, device: str) -> str:
        memory.held += 45
        if name == "medium":
            visit(rooms, "small")  # comes and is done while medium loads
        return name

    rooms = cache(load, device=memory)
    rooms.warm("medium")
    until(lambda: states(rooms)["medium"] == "warm")
    assert mb(rooms)["medium"] == 40


def test_a_load_into_freed_memory_which_no_gauge_sees_keeps_the_declared_size() -> None:
    rooms = cache()  # its gauge stands still
    visit(rooms, "medium")
    assert mb(rooms) == {"medium": 40}


def test_what_a_failed_load_left_half_built_is_gone_before_the_next_try() -> None:
    class Net:
        pass

    built: list[weakref.ref] = []

    def load(name: str, device: str) -> Net:
        assert [half() for half in built] == [None] * len(built)
        net = Net()
        built.append(weakref.ref(net))
        if device != "cpu":
            raise MemoryError
        return net

    visit(cache(load, device=Memory("cuda")), "small")
    assert len(built) == 3


def test_every_visit_to_a_room_that_fell_back_to_the_cpu_says_so() -> None:
    def load(name: str, device: str) -> str:
        if device == "cuda":
            raise MemoryError
        return name

    rooms = cache(load, device=Memory("cuda"))
    with watch() as visits:
        visit(rooms, "small", "small")
    assert [(one.device, one.on_cpu_instead) for one in visits] == [("cpu", True)] * 2


def test_a_run_moved_to_the_cpu_takes_no_gpu_memory() -> None:
    rooms = cache(device=Memory("cuda"), budget=60)
    with rooms.use("large"), watch():
        for _ in range(2):
            with pytest.raises(TryAgain), rooms.use("large"):
                raise MemoryError
        with rooms.use("large") as net:
            assert net == "large on cpu"
            assert rooms.used_mb() == 60


def test_what_cannot_come_back_from_host_memory_now_stays_there() -> None:
    rooms = cache(device=Memory("cuda", host_mb=100), budget=60)
    visit(rooms, "large", "medium")
    with rooms.use("medium"), pytest.raises(ModelUnavailable, match="Memory is busy"):
        visit(rooms, "large")
    assert [(room.device, room.state) for room in rooms.resident()] == [("host", "warm"), ("cuda", "warm")]


def test_what_runs_out_of_memory_on_its_way_back_is_loaded_anew() -> None:
    gpu, loads = Memory("cuda", host_mb=100), []
    rooms = cache(lambda name, device: loads.append(name) or name, device=gpu, budget=60)
    visit(rooms, "large", "medium")
    until(lambda: rooms.unload("medium"))
    gpu.refusals = [MemoryError()]
    visit(rooms, "large")
    assert loads == ["large", "medium", "large"]
    assert rooms.resident()[0].device == "cuda"


def test_host_memory_drops_what_no_longer_fits() -> None:
    rooms = cache(device=Memory("cuda", host_mb=60), budget=60)
    visit(rooms, "large", "medium", "other")  # large moves out, then gives its place there to medium
    assert "dropped large: host memory needed for medium" in log(rooms)
    assert {room.name: room.device for room in rooms.resident() if room.state != "cold"} == {
        "medium": "host",
        "other": "cuda",
    }


def test_unload_spares_what_is_in_use() -> None:
    rooms = cache()
    with rooms.use("small"):
        assert not rooms.unload("small")
    assert rooms.unload("small")
    assert not rooms.unload("small")


def test_rooms_that_are_loaded_are_known_without_asking_for_any() -> None:
    rooms = cache()
    with rooms.use("small"):
        assert rooms.holds(["small"])
        assert not rooms.holds(["small", "medium"])
    assert rooms.holds([])
    rooms.clear()
    assert not rooms.holds(["small"])
    assert list(states(rooms)) == ["small"]
