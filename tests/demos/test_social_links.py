"""Social links: who should meet whom, with a reason that is true, and text shown as text."""

import itertools

import pytest

from demos._network import bundled, read_ties
from demos._run import InvalidInput
from demos.social_links import EACH, EXAMPLES, OFFICE, SHOWN, best, path, suggest, why


def last(*values: object) -> tuple[dict, str, str]:
    *_, answer = suggest(*values)  # type: ignore[arg-type]
    return answer


def example(name: str) -> list:
    return next(values for (_, english), values in EXAMPLES.items() if english.startswith(name))


def test_cosette_should_meet_her_mother() -> None:
    _, table, curves = last(*example("Whom should Cosette"))
    assert table.index("<b>Cosette</b> – <b>Fantine</b>") < 400
    assert "friends in common" in table
    assert all(way in curves for way in ("GNN", "Adamic-Adar", "common friends"))


def test_suggestions_are_drawn_dashed_and_told_of_each_person() -> None:
    picture, table, _ = last(*example("An office"))
    assert 0 < len(picture["fresh"]) <= SHOWN
    assert table.count("<tr>") == len(picture["fresh"]) + 1
    ties = {tuple(sorted(pair)) for pair in picture["ties"]}
    assert not ties & {tuple(sorted(pair)) for pair in picture["fresh"]}
    assert picture["notes"][picture["names"].index("何平")][1].startswith("should meet: ")


def test_training_is_seen() -> None:
    told = [curves for _, _, curves in suggest(*example("An office"))]
    assert "Preparing lessons" in told[0]
    assert "step 5 of 100" in "".join(told)
    assert "step 100 of 100" in told[-1]


def test_a_reason_is_the_friends_in_common_or_the_way() -> None:
    village = read_ties("a b\nb c\nc d\nx y")
    assert why(village, 0, 2)[1] == "1 friend in common: b"
    assert why(village, 0, 3)[1] == "3 steps apart: a → b → c → d"
    assert why(village, 0, 4)[1].startswith("not linked")


def test_a_way_is_shortest() -> None:
    club = bundled("karate")
    way = path(club, 16, 33)
    assert way[0] == 16
    assert way[-1] == 33
    assert len(way) == 5
    assert all(after in club.friends[before] for before, after in itertools.pairwise(way))


def test_nobody_fills_the_list_alone() -> None:
    ranked = [((0, other), 1 - other / 100) for other in range(1, 30)] + [((40, 41), 0.1)]
    chosen = best(ranked, None)
    assert sum(0 in pair for pair, _ in chosen) == EACH
    assert ((40, 41), 0.1) in chosen
    assert [pair for pair, _ in best(ranked, 5)] == [(5, 0)]


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    ties = OFFICE.replace("林芳", "<script>x").replace("王强", "<b>y</b>")
    _, table, curves = last("own", ties, "<script>x", 0)
    assert "<script" not in table + curves
    assert "<b>y" not in table
    assert "&lt;script&gt;x" in table


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("karate", "", "Nobody", 0), "Nobody in the network"),
        (("karate", "", 7, 0), "person's name"),
        (("karate", "", "", -1), "Seed"),
        (("own", "a b\nb c", "", 0), "at least 8 ties"),
        (("own", "\n".join(f"{a} {b}" for a in "abcde" for b in "abcde"), "", 0), "at least 8 ties"),
        (("own", "a b\nlonely", "", 0), "Line 2"),
        (("nowhere", "", "", 0), "Choose a network"),
    ],
)
def test_wrong_input_is_refused_before_a_model_is_asked(
    values: tuple, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        last(*values)
