"""Measures the live training on four networks: `python -m models train link_gnn` writes the card's block."""

from collections.abc import Callable
from dataclasses import dataclass

import networkx
import numpy as np

from models.link_gnn.net import Links

SPLITS, MINUTE = 10, 60.0
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

    frozen: the karate club only.
    """
    metrics: dict[str, float] = {}
    for name in ("karate",) if frozen else NETWORKS:
        graph = networkx.convert_node_labels_to_integers(NETWORKS[name]())
        splits = [_auc(net, np.array(graph.edges), len(graph), seed) for seed in range(SPLITS)]
        mean = {key: float(np.mean([one[key] for one in splits])) for key in splits[0]}
        metrics |= {
            f"{name}_auc": mean["net"],
            f"{name}_gain": mean["net"] - mean["adamic_adar"],
            f"{name}_adamic_adar_auc": mean["adamic_adar"],
            f"{name}_common_neighbours_auc": mean["common_neighbours"],
        }
    return metrics


def _auc(net: Links, edges: np.ndarray, people: int, seed: int) -> dict[str, float]:
    *_, last = net.learn(edges, people, seed, MINUTE)
    return last["auc"]
