"""Measures the live training on four networks: `python -m models train link_gnn` writes the card's block."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import networkx
import numpy as np
from sklearn.metrics import roc_auc_score

from models.link_gnn import pairs
from models.link_gnn.net import Links

SPLITS, HOUR = 10, 3600.0
NETWORKS: dict[str, Callable[[], networkx.Graph]] = {
    "karate": networkx.karate_club_graph,
    "miserables": networkx.les_miserables_graph,
    "davis": networkx.davis_southern_women_graph,
    "florentine": networkx.florentine_families_graph,
}


@dataclass(frozen=True)
class Recipe:
    """What live training must reach; how it trains stands in net.py."""

    karate_gain_at_least: float = 0.0
    miserables_gain_at_least: float = 0.0
    davis_gain_at_least: float = 0.0


def evaluate(net: Links, frozen: bool) -> dict[str, float]:
    """Area under the ROC curve on held-out ties, mean of 10 splits, and its gain on Adamic-Adar.

    best_count: that of the best of the nine counts the net is given, found on the held-out ties themselves, so that a
    low one says how little they tell. frozen: the karate club only.
    """
    metrics: dict[str, float] = {}
    for name in ("karate",) if frozen else NETWORKS:
        mean = _course(net, name)[-1]
        metrics |= {
            f"{name}_auc": mean["net"],
            f"{name}_gain": mean["net"] - mean["adamic_adar"],
            f"{name}_adamic_adar_auc": mean["adamic_adar"],
            f"{name}_common_neighbours_auc": mean["common_neighbours"],
            f"{name}_best_count_auc": _best_count(name),
        }
    return metrics


def curve(net: Links) -> list[dict[str, float]]:
    """Area under the ROC curve on held-out ties in the course of training, mean of the same splits as evaluate()."""
    courses = {name: _course(net, name) for name in NETWORKS}
    looks = zip(*courses.values(), strict=True)
    return [
        {"step": look[0]["step"]}
        | {f"{name}_auc": mean["net"] for name, mean in zip(NETWORKS, look, strict=True)}
        for look in looks
    ]


def _best_count(name: str) -> float:
    edges, people = _network(name)
    areas = []
    for seed in range(SPLITS):
        kept, held, test, _ = pairs.split(
            edges, people, np.random.default_rng(seed)
        )  # as learn() splits them
        counts = pairs.walks(pairs.matrix(kept, people), np.concatenate([held, test]))
        answers = np.arange(len(counts)) < len(held)
        areas.append([roc_auc_score(answers, column) for column in counts.T])
    return float(np.mean(areas, 0).max())


def _network(name: str) -> tuple[np.ndarray, int]:
    """-> ties (E, 2), people."""
    graph = networkx.convert_node_labels_to_integers(NETWORKS[name]())
    return np.array(graph.edges), len(graph)


@functools.cache  # evaluate() and curve() ask for the same trainings
def _course(net: Links, name: str) -> list[dict[str, float]]:
    """At each look at a training: the step, and the areas of the net and of both counts, mean of SPLITS splits."""
    edges, people = _network(name)
    splits = [_looks(net, edges, people, seed) for seed in range(SPLITS)]
    return [
        {key: float(np.mean([split[key] for split in look])) for key in look[0]}
        for look in zip(*splits, strict=True)
    ]


def _looks(net: Links, edges: np.ndarray, people: int, seed: int) -> list[dict[str, float]]:
    states = net.learn(edges, people, seed, HOUR)
    return [
        {"step": state["epoch"]} | state["auc"] for state in states if "auc" in state and "pairs" not in state
    ]
