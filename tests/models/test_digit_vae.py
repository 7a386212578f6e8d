"""Digits are learned from nothing, the same by the same seed, and training ends when it is told to."""

import numpy as np

import models
from models import digit_data


def states(size: int, seed: int, epochs: int, limit: float = 600.0) -> list[dict]:
    with models.use("digit_vae") as net:
        found = []
        for state in net.learn(size, 1.0, seed, limit):
            if "held_out" in state:
                found.append(state)
            if len(found) == epochs:
                return found
        return found


def test_it_learns_from_nothing() -> None:
    first, *_, last = states(2, 0, 4)
    assert last["held_out"] < 2.6 < first["held_out"]
    ink = digit_data.frozen()[0].mean()
    assert 0.3 * ink < last["samples"].mean() < 1.3 * ink
    assert last["map"].shape == (11, 11, 28, 28)


def test_the_same_seed_gives_the_same_training() -> None:
    one, again, other = (states(16, seed, 1)[0] for seed in (3, 3, 4))
    assert one["held_out"] == again["held_out"]
    assert np.array_equal(one["samples"], again["samples"])
    assert one["held_out"] != other["held_out"]
    assert one["map"] is None


def test_the_time_limit_ends_it_with_a_look() -> None:
    found = states(2, 0, 99, limit=0.0)
    assert len(found) == 1
    assert found[0]["epoch"] < 0.1
