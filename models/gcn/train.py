"""Measures the live training on Zachary's karate club: `python -m models train gcn` writes the card's block."""

from collections.abc import Callable
from dataclasses import dataclass

import networkx
import numpy as np

from models.gcn.net import Groups

SEEDS, EPOCHS = 10, 100
LEADERS = (0, 33)  # Mr. Hi, the teacher, and John A., the officer: each led one half when the club split


@dataclass(frozen=True)
class Recipe:
    """What live training must reach; how it trains stands in net.py."""

    accuracy_at_least: float = 0.96


def evaluate(net: Groups, frozen: bool) -> dict[str, float]:
    """Share of the other 32 members whose half is told right from two labels; means of 10 seeds.

    The club's two leaders are labelled, and (not frozen) one random member of each half.
    """
    club, halves = karate()
    leaders = [{person: int(halves[person]) for person in LEADERS}] * SEEDS
    result = {
        "accuracy": _accuracy(_gcn(net, club, depth=2), leaders, halves),
        "label_propagation_accuracy": _accuracy(_propagation(net, club), leaders, halves),
    }
    if frozen:
        return result
    pairs = [_pair(np.random.default_rng(seed), halves) for seed in range(SEEDS)]
    return result | {
        "majority_accuracy": float(np.bincount(halves).max() / len(halves)),
        "random_pair_accuracy": _accuracy(_gcn(net, club, depth=2), pairs, halves),
        "random_pair_label_propagation_accuracy": _accuracy(_propagation(net, club), pairs, halves),
        "depth_4_accuracy": _accuracy(_gcn(net, club, depth=4), leaders, halves),
        "depth_8_accuracy": _accuracy(_gcn(net, club, depth=8), leaders, halves),
    }


def karate() -> tuple[np.ndarray, np.ndarray]:
    """-> ties (78, 2) between 34 members, and the half (0 or 1) that each joined."""
    graph = networkx.karate_club_graph()
    return np.array(graph.edges), np.array([graph.nodes[person]["club"] == "Officer" for person in graph]) * 1


Guess = Callable[[dict[int, int], int], np.ndarray]


def _gcn(net: Groups, club: np.ndarray, depth: int) -> Guess:
    def guess(labels: dict[int, int], seed: int) -> np.ndarray:
        *_, last = net.spread(club, club.max() + 1, labels, depth, EPOCHS, seed)
        return last["shares"].argmax(1)

    return guess


def _propagation(net: Groups, club: np.ndarray) -> Guess:
    return lambda labels, seed: net.propagate(club, club.max() + 1, labels).argmax(1)


def _accuracy(guess: Guess, labellings: list[dict[int, int]], halves: np.ndarray) -> float:
    right = []
    for seed, labels in enumerate(labellings):
        others = [person for person in range(len(halves)) if person not in labels]
        right.append((guess(labels, seed) == halves)[others].mean())
    return float(np.mean(right))


def _pair(chance: np.random.Generator, halves: np.ndarray) -> dict[int, int]:
    return {int(chance.choice(np.flatnonzero(halves == half))): half for half in (0, 1)}
