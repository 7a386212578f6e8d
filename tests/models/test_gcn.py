"""GCN: tells the halves of two cliques, the same by the same seed, and blurs when it is deep."""

import itertools

import numpy as np
import pytest

import models
from models.gcn.net import propagate

CLIQUE = [(a, b) for a in range(5) for b in range(a + 1, 5)]
TWO = np.array([*CLIQUE, *((a + 5, b + 5) for a, b in CLIQUE), (4, 5)])  # two cliques of five, one bridge
LABELS = {0: 0, 9: 1}


def last(depth: int = 2, seed: int = 0, epochs: int = 60) -> dict:
    with models.use("gcn") as net:
        *_, state = net.spread(TWO, 10, LABELS, depth, epochs, seed)
    return state


def test_each_clique_gets_its_own_label() -> None:
    assert last()["shares"].argmax(1).tolist() == [0] * 5 + [1] * 5
    assert propagate(TWO, 10, LABELS).argmax(1).tolist() == [0] * 5 + [1] * 5


def test_it_learns_epoch_by_epoch() -> None:
    with models.use("gcn") as net:
        states = list(net.spread(TWO, 10, LABELS, 2, 60, 0))
    assert [state["epoch"] for state in states] == list(range(61))
    assert states[-1]["loss"] < 0.1 < states[0]["loss"]
    assert all(state["shares"].sum(1) == pytest.approx(1, abs=1e-5) for state in states)


def test_the_same_seed_gives_the_same_result() -> None:
    assert np.array_equal(last(seed=3)["plane"], last(seed=3)["plane"])
    assert not np.array_equal(last(seed=3)["plane"], last(seed=4)["plane"])


def test_the_plane_turns_little_between_two_epochs() -> None:
    with models.use("gcn") as net:
        planes = [state["plane"] for state in net.spread(TWO, 10, LABELS, 3, 60, 0)]
    moves = [np.abs(after - before).max() for before, after in itertools.pairwise(planes)]
    assert max(moves) < 0.5 < np.ptp(planes[-1])


def test_deep_nets_make_people_alike() -> None:
    shallow, deep = (np.mean([last(depth, seed, epochs=0)["alike"] for seed in range(5)]) for depth in (2, 8))
    assert shallow + 0.2 < deep <= 1


def test_one_layer_and_three_groups_work() -> None:
    with models.use("gcn") as net:
        *_, state = net.spread(TWO, 10, {0: 0, 9: 1, 5: 2}, 1, 200, 0)
    assert state["shares"].shape == (10, 3)
    assert state["shares"].argmax(1)[[0, 9, 5]].tolist() == [0, 1, 2]


def test_whom_no_label_reaches_label_propagation_leaves_out() -> None:
    shares = propagate(TWO[:-1], 10, {0: 0, 1: 1})
    assert shares[5:].sum() == 0
    assert shares[:5].sum(1) == pytest.approx(1)
