"""Whose turn it is: demos by turns, those with warm models a little earlier, one place kept for who has no run."""

from collections.abc import Collection

import pytest

from demos._turns import OVERDUE, Turns, Waiting

CAT, DOG, COW = 1, 2, 3  # demos


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def turns(clock: Clock, places: int = 1, warm: Collection[str] = ()) -> Turns:
    return Turns(places, lambda models: set(models) <= set(warm), grouped=10.0, clock=clock)


def order(which: Turns, clock: Clock, waiting: list[int], seconds: float = 1.0) -> list[int]:
    """The demos in the order in which they go, one after another, each for so long."""
    gone, came = [], clock.now
    while waiting:
        place = which.next([Waiting(demo, came) for demo in waiting], ())
        assert place is not None
        gone.append(waiting.pop(place))
        which.begins(gone[-1])
        clock.now += seconds
    return gone


def first(which: Turns, clock: Clock, waiting: list[int], at_work: Collection[int] = ()) -> int | None:
    """The place of who goes first of those who came this moment."""
    return which.next([Waiting(demo, clock.now) for demo in waiting], at_work)


def test_demos_go_by_turns_and_runs_of_one_in_the_order_of_arrival(clock: Clock) -> None:
    assert order(turns(clock), clock, [CAT, CAT, CAT, DOG, DOG, COW]) == [CAT, DOG, COW, CAT, DOG, CAT]
    assert first(turns(clock), clock, [CAT, CAT]) == 0


def test_runs_of_one_demo_take_all_places_but_one_more_is_kept_for_another(clock: Clock) -> None:
    which = turns(clock, places=2)
    assert first(which, clock, [CAT, CAT], [CAT]) == 0
    assert first(which, clock, [CAT, CAT], [CAT, CAT]) is None
    assert first(which, clock, [CAT, CAT, DOG], [CAT, CAT]) == 2
    assert first(which, clock, [CAT, COW], [CAT, DOG]) == 1
    assert first(which, clock, [COW], [CAT, CAT, DOG]) is None
    assert first(which, clock, [], ()) is None


def test_thirty_runs_of_one_demo_do_not_make_another_wait(clock: Clock) -> None:
    which = turns(clock, places=2)
    which.begins(DOG)
    clock.now += 1
    which.begins(CAT)
    assert first(which, clock, [CAT] * 30 + [DOG], [CAT]) == 30
    assert first(which, clock, [CAT] * 30 + [DOG], [CAT, CAT]) == 30


def test_who_finds_models_in_memory_goes_earlier_but_not_for_long(clock: Clock) -> None:
    which = turns(clock, warm=["cat"])
    which.used(CAT, ["cat"])
    which.used(DOG, ["dog"])
    assert order(which, clock, [DOG, CAT]) == [CAT, DOG]
    gone = order(which, clock, [CAT] * 20 + [DOG], seconds=3.0)
    assert 0 < gone.index(DOG) <= 5  # ten seconds of three each, and what was at work


def test_who_has_waited_long_goes_before_all_and_the_longest_first(clock: Clock) -> None:
    which = turns(clock, places=2, warm=["cat"])
    which.used(CAT, ["cat"])
    for demo in (DOG, CAT):
        which.begins(demo)
    early, late = clock.now - OVERDUE - 2, clock.now - OVERDUE - 1
    waiting = [Waiting(DOG, early), Waiting(COW, late), Waiting(CAT, clock.now)]
    assert which.next(waiting, [CAT]) == 0
    assert which.next(waiting, [DOG, DOG]) == 1
    assert which.next(waiting[2:], ()) == 0


def test_who_needs_one_cold_model_beside_a_warm_one_waits_as_if_all_were_cold(clock: Clock) -> None:
    which = turns(clock, warm=["cat", "dog"])
    which.used(CAT, ["cat", "dog"])
    which.used(DOG, ["dog", "cow"])
    assert order(which, clock, [DOG, CAT]) == [CAT, DOG]


def test_who_needs_no_model_goes_as_one_who_finds_all(clock: Clock) -> None:
    which = turns(clock)
    which.used(CAT, [])
    which.used(DOG, ["dog"])
    assert order(which, clock, [DOG, CAT, COW]) == [CAT, DOG, COW]
