"""CartPole is learned from nothing, the same by the same seed, and ends when it is told to."""

import numpy as np
import pytest

import models
from models.cartpole_ppo.carts import episode, examine
from models.cartpole_ppo.train import by_rule


def always_left(seen: np.ndarray) -> np.ndarray:
    return np.zeros(len(seen), int)


def learned(seed: int, rate: float, lessons: int) -> list[dict]:
    with models.use("cartpole_ppo") as net:
        return [state for state, _ in zip(net.learn(seed, rate, 60), range(lessons))]


def test_it_learns_from_nothing_to_the_full_500() -> None:
    with models.use("cartpole_ppo") as net:
        first, *_, last = net.learn(0, 3e-3, 60)
    assert first["reward"] < 60
    assert last["test"] == [500] * 100
    assert np.mean(last["random_test"]) < 30
    assert len(last["episode"]) == 500


def test_it_pushes_to_where_the_pole_falls() -> None:
    with models.use("cartpole_ppo") as net:
        *_, last = net.learn(1, 3e-3, 60)
    plane = last["plane"]
    assert plane[-1, -1] > 0.9  # leans and turns to the right
    assert plane[0, 0] < 0.1


def test_the_same_seed_gives_the_same_training() -> None:
    one, again, other = learned(3, 1e-3, 5), learned(3, 1e-3, 5), learned(4, 1e-3, 5)
    assert [state["reward"] for state in one] == [state["reward"] for state in again]
    assert one[0]["episode"] == again[0]["episode"]
    assert [state["reward"] for state in one] != [state["reward"] for state in other]


def test_the_time_limit_ends_it_with_a_test() -> None:
    with models.use("cartpole_ppo") as net:
        states = list(net.learn(0, 1e-4, 0.0))
    assert len(states) == 1
    assert len(states[0]["test"]) == 100


def test_a_pole_that_is_only_pushed_left_falls_at_once() -> None:
    assert max(examine(always_left, 20, 0)) < 15
    fallen = episode(always_left, 0)
    assert len(fallen) < 15
    assert fallen[-1][1] > 0.1  # to the right
    assert {push for *_, push in fallen} == {0}


def test_a_rule_by_hand_holds_it() -> None:
    assert np.mean(examine(by_rule, 10, 0)) == pytest.approx(500, abs=20)
