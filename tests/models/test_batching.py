"""Calls that come together run together, and each gets its own answer."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from models import batching
from models.batching import Batcher

LIMIT = 4


class Squares:
    """run_many that squares, refuses negative numbers, notes its batches and can be held up in the first one."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered, self.go_on = threading.Event(), threading.Event()

    def __call__(self, items: list[int]) -> list[int]:
        self.batches.append(items)
        self.entered.set()
        assert self.go_on.wait(10)
        if min(items) < 0:
            raise ValueError(f"no root of {items}")
        return [item**2 for item in items]


def until(true: Callable[[], bool]) -> None:
    """Waits for what another thread is about to do."""
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it never came")


def ask_while_busy(run_many: Squares, ask: Batcher, items: list[int]) -> list[Callable[[], int]]:
    """Asks for all items while a first batch, of 0, runs; -> what gives each answer."""
    with ThreadPoolExecutor(len(items) + 1) as crowd:
        crowd.submit(ask, 0)
        assert run_many.entered.wait(10)
        answers = [crowd.submit(ask, item).result for item in items]
        until(lambda: len(ask._waiting) == len(items))
        run_many.go_on.set()
    return answers


def test_a_lone_caller_waits_for_nobody() -> None:
    squares = Squares()
    squares.go_on.set()
    assert Batcher(squares, LIMIT)(3) == 9
    assert squares.batches == [[3]]


def test_those_who_come_together_run_together_up_to_the_limit_and_get_their_own_answers() -> None:
    squares = Squares()
    items = list(range(1, 11))
    answers = ask_while_busy(squares, Batcher(squares, LIMIT), items)
    assert [answer() for answer in answers] == [item**2 for item in items]
    assert [len(batch) for batch in squares.batches] == [1, 4, 4, 2]


def test_an_item_that_fails_fails_alone() -> None:
    squares = Squares()
    good, bad, other = ask_while_busy(squares, Batcher(squares, LIMIT), [2, -1, 3])
    assert (good(), other()) == (4, 9)
    with pytest.raises(ValueError, match=r"no root of \[-1\]"):
        bad()


def test_a_panic_of_a_library_is_told_to_all_and_leaves_none_waiting() -> None:
    class Panic(BaseException):
        pass

    class Panics(Squares):
        def __call__(self, items: list[int]) -> list[int]:
            answers = super().__call__(items)
            if any(items):
                raise Panic
            return answers

    squares = Panics()
    for answer in ask_while_busy(squares, Batcher(squares, LIMIT), [1, 2, 3]):
        with pytest.raises(Panic):
            answer()


def test_a_run_that_loses_an_answer_is_an_error_and_not_a_wait_for_ever() -> None:
    ask = Batcher(lambda items: [], LIMIT)
    with pytest.raises(ValueError, match="0 answers to 1 items"):
        ask(1)


def test_who_has_an_answer_does_not_wait_for_the_next_batch() -> None:
    gates = {0: threading.Event(), 3: threading.Event()}

    def run_many(items: list[int]) -> list[int]:
        assert all(gates[item].wait(10) for item in items if item in gates)
        return items

    ask = Batcher(run_many, 2)
    with ThreadPoolExecutor(4) as crowd:
        blocked = crowd.submit(ask, 0)
        until(lambda: not ask._free)
        answers = []
        for item in (1, 2, 3):
            answers.append(crowd.submit(ask, item))
            until(lambda item=item: len(ask._waiting) == item)
        gates[0].set()
        assert (blocked.result(5), answers[0].result(5), answers[1].result(5)) == (0, 1, 2)
        assert not answers[2].done()
        gates[3].set()


def test_two_lanes_share_what_waits() -> None:
    squares = Squares()
    items = list(range(1, 7))
    with ThreadPoolExecutor(8) as crowd:
        ask = Batcher(squares, LIMIT, lanes=2)
        first = [crowd.submit(ask, 0), crowd.submit(ask, 0)]
        until(lambda: not ask._free)
        answers = [crowd.submit(ask, item) for item in items]
        until(lambda: len(ask._waiting) == len(items))
        squares.go_on.set()
        assert [answer.result(5) for answer in (*first, *answers)] == [0, 0, *(item**2 for item in items)]
    assert sorted(item for batch in squares.batches for item in batch) == [0, 0, *items]
    assert max(len(batch) for batch in squares.batches) <= LIMIT


def test_a_crowd_that_comes_back_is_run_together_again_and_one_who_stays_is_not_kept_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batches: list[list[int]] = []

    def run_many(items: list[int]) -> list[int]:
        batches.append(items)
        return items

    ask = Batcher(run_many, LIMIT)
    ask._last = 3  # as after a batch of three
    monkeypatch.setattr(batching, "GATHER", 60)  # the third comes in time, however slow the machine
    with ThreadPoolExecutor(3) as crowd:
        answers = []
        for item in (1, 2, 3):
            answers.append(crowd.submit(ask, item))
            until(lambda item=item: len(ask._waiting) == item % 3)
        assert [answer.result(5) for answer in answers] == [1, 2, 3]
    assert batches == [[1, 2, 3]]
    monkeypatch.setattr(batching, "GATHER", 0.01)
    assert ask(4) == 4  # nobody else comes
    assert (batches[-1], ask._last) == ([4], 1)
