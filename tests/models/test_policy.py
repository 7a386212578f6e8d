"""GreedyDual-Size-Frequency as its paper computes it, and what it saves when clicks are replayed."""

import functools

import pytest

from benchmarks import policy_replay
from benchmarks.policy_replay import ROOMS, Clairvoyant, Rooms, replay
from models.policy import GreedyDualSizeFrequency, LeastRecentlyUsed

POLICIES = (GreedyDualSizeFrequency, LeastRecentlyUsed)


def test_values_are_age_plus_frequency_times_cost_over_size() -> None:
    policy = GreedyDualSizeFrequency()
    for name, cost, mb, runs in (("dear", 8.0, 4, 1), ("often", 1.0, 2, 3), ("large", 8.0, 16, 2)):
        policy.loaded(name, cost, mb)
        for _ in range(runs):
            policy.used(name, cost, mb)
    assert policy.order(["dear", "often", "large"]) == ["large", "often", "dear"]  # 1.0, 1.5, 2.0


def test_the_age_rises_to_what_was_dropped_last_so_that_old_fame_fades() -> None:
    policy = GreedyDualSizeFrequency()
    for _ in range(4):
        policy.used("famous", 1.0, 1)  # 4
    policy.used("dropped", 3.0, 1)  # 3
    policy.evicted("dropped")
    policy.loaded("new", 2.0, 1)  # age 3, not used yet
    assert policy.order(["famous", "new"]) == ["new", "famous"]
    policy.used("new", 2.0, 1)  # 3 + 2
    assert policy.order(["famous", "new"]) == ["famous", "new"]


def test_what_was_only_warmed_goes_before_what_was_used() -> None:
    policy = GreedyDualSizeFrequency()
    policy.used("used", 0.1, 1000)
    policy.loaded("warmed", 100.0, 1)
    assert policy.order(["used", "warmed"]) == ["warmed", "used"]


def test_least_recently_used_looks_at_nothing_else() -> None:
    policy = LeastRecentlyUsed()
    for name in ("a", "b", "c", "a"):
        policy.used(name, 1.0, 1)
    assert policy.order(["a", "b", "c"]) == ["b", "c", "a"]


THREE: Rooms = {"a": (1.0, 1), "b": (2.0, 1), "c": (5.0, 1)}


def test_a_replay_counts_the_seconds_of_every_load() -> None:
    assert replay(LeastRecentlyUsed(), "abcabc", THREE, budget=2) == 16  # all six clicks load
    assert replay(LeastRecentlyUsed(), "abcabc", THREE, budget=3) == 8


def brute_force(trace: str, rooms: Rooms, budget: int) -> float:
    """The cheapest of all ways to drop rooms, tried one by one; rooms of size 1."""

    @functools.cache
    def rest(turn: int, held: frozenset[str]) -> float:
        if turn == len(trace):
            return 0.0
        name = trace[turn]
        if name in held:
            return rest(turn + 1, held)
        kept = [held] if len(held) < budget else [held - {one} for one in held]
        return rooms[name][0] + min(rest(turn + 1, one | {name}) for one in kept)

    return rest(0, frozenset())


@pytest.mark.parametrize("trace", ["abcabc", "abacabca", "cabbacabcc", "acbcbaabcbca"])
def test_clairvoyant_is_the_cheapest_of_all_ways(trace: str) -> None:
    cheapest = brute_force(trace, THREE, budget=2)
    assert replay(Clairvoyant(list(trace), THREE, 2), trace, THREE, budget=2) == cheapest


@pytest.mark.parametrize("make", [policy_replay.zipf, policy_replay.drifting, policy_replay.tour])
def test_loads_cost_less_than_under_least_recently_used_and_no_less_than_possible(
    make: functools.partial,
) -> None:
    budget = int(policy_replay.SHARE * sum(mb for _, mb in ROOMS.values()))
    traces = [make(seed) for seed in policy_replay.SEEDS]
    gdsf, lru = (sum(replay(policy(), trace, ROOMS, budget) for trace in traces) for policy in POLICIES)
    least = sum(replay(Clairvoyant(trace, ROOMS, budget), trace, ROOMS, budget) for trace in traces)
    assert least <= gdsf < lru
