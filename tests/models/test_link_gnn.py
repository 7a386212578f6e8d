"""Link GNN: finds the tie that a clique lacks, sees nothing held out, stops in time, repeats by seed."""

import json
from pathlib import Path

import networkx
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import models
from models.link_gnn import net as room
from models.link_gnn import pairs

MINUTE = 60.0
CAVES = np.array(networkx.connected_caveman_graph(6, 6).edges)  # 36 people in six cliques


def learned(
    edges: np.ndarray, people: int, seed: int = 0, seconds: float = MINUTE, focus: int | None = None
) -> dict:
    with models.use("link_gnn") as net:
        *_, state = net.learn(edges, people, seed, seconds, focus)
    return state


def test_the_tie_that_a_clique_lacks_comes_first() -> None:
    absent = next(tuple(pair) for pair in CAVES.tolist() if max(pair) < 6 and 0 not in pair)
    state = learned(np.array([pair for pair in CAVES.tolist() if tuple(pair) != absent]), 36)
    ranked = state["pairs"][np.argsort(-state["scores"])][:12].tolist()
    assert list(absent) in ranked
    assert state["auc"]["net"] > 0.9


def test_nobody_is_told_to_meet_a_friend_or_themselves() -> None:
    found = {tuple(pair) for pair in learned(CAVES, 36)["pairs"].tolist()}
    assert not found & {tuple(pair) for pair in CAVES.tolist()}
    assert all(one < other for one, other in found)
    assert len(found) == 36 * 35 // 2 - len(CAVES)


def test_held_out_ties_are_in_no_lesson() -> None:
    kept, held, test, others = pairs.split(CAVES, 36, np.random.default_rng(0))
    as_sets = [{tuple(sorted(pair)) for pair in part.tolist()} for part in (kept, held, test, others)]
    assert sum(map(len, as_sets)) == len(set().union(*as_sets)) == 36 * 35 // 2
    view, judged, _, answers = room._lesson(kept, others, 36, np.random.default_rng(1))
    hidden = judged[answers == 1]
    assert view.knows[hidden[:, 0], hidden[:, 1]].sum() == 0
    assert {tuple(sorted(pair)) for pair in hidden.tolist()} <= as_sets[0]


def test_adamic_adar_is_networkxs() -> None:
    graph = networkx.karate_club_graph()
    asked = np.array(list(networkx.non_edges(graph)))
    counts = pairs.walks(pairs.matrix(np.array(graph.edges), 34), asked)
    expected = [score for _, _, score in networkx.adamic_adar_index(graph, asked.tolist())]
    assert counts[:, 1] == pytest.approx(expected, abs=1e-5)
    assert counts[:, 0].tolist() == [
        len(list(networkx.common_neighbors(graph, a, b))) for a, b in asked.tolist()
    ]


def test_the_curve_belongs_to_its_area() -> None:
    answers, scores = (
        np.arange(400) % 3 == 0,
        np.random.default_rng(0).random(400) + (np.arange(400) % 3 == 0),
    )
    area, (across, up) = room._measure(scores, answers)
    assert area == pytest.approx(roc_auc_score(answers, scores))
    assert np.trapezoid(up, across) == pytest.approx(area, abs=0.01)
    assert len(across) <= room.POINTS


def test_the_same_seed_gives_the_same_result() -> None:
    first, again, other = (learned(CAVES, 36, seed, MINUTE)["scores"] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_time_ends_training_with_an_answer() -> None:
    state = learned(CAVES, 36, seconds=0.0)
    assert state["epoch"] == 1
    assert len(state["pairs"])


def test_a_large_network_gets_the_pairs_with_most_in_common() -> None:
    graph = networkx.connected_caveman_graph(80, 6)
    state = learned(np.array(graph.edges), len(graph), seconds=0.0)
    assert 0 < len(state["pairs"]) <= pairs.CANDIDATES
    assert not [pair for pair in state["pairs"].tolist() if graph.has_edge(*pair)]


def test_who_is_asked_for_is_judged_with_every_stranger() -> None:
    graph = networkx.path_graph(400)  # nobody but neighbours' neighbours have a friend in common
    found = learned(np.array(graph.edges), 400, seconds=0.0, focus=0)["pairs"].tolist()
    assert sorted(pair for pair in found if pair[0] == 0) == [[0, other] for other in range(2, 400)]
    assert len(found) == len(set(map(tuple, found)))


def test_of_up_to_300_people_every_two_strangers_are_judged() -> None:
    graph = networkx.connected_caveman_graph(50, 6)
    assert len(learned(np.array(graph.edges), 300, seconds=0.0)["pairs"]) == 300 * 299 // 2 - len(graph.edges)


def test_where_everybody_knows_everybody_nothing_can_be_held_out() -> None:
    with pytest.raises(ValueError, match="too few"):
        learned(np.array(networkx.complete_graph(6).edges), 6)


def test_the_card_says_where_the_net_stays_below_adamic_adar_and_shows_the_curve() -> None:
    folder = Path(models.__file__).parent / "link_gnn"
    report = json.loads((folder / "results.json").read_text())
    gains = {name: value for name, value in report["metrics"].items() if name.endswith("_gain")}
    card = (folder / "README.md").read_text()
    assert ("FAILED" in card) == (min(gains.values()) <= 0)
    assert all(name.replace("_gain", "_auc") in report["curve"][-1] for name in gains)
    assert report["curve"][-1]["florentine_auc"] == pytest.approx(
        report["metrics"]["florentine_auc"], abs=1e-5
    )
    assert "| curve 曲线: step | 5 |" in card
