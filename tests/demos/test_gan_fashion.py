"""The GAN fashion tab: each way to play shows what it says, rubbish is refused, too far from the mean fails."""

import re

import pytest

import models
from demos._run import InvalidInput
from demos.gan_fashion import COLUMNS, EXAMPLES, KINDS, design

PLAIN = ["sample", "all", 0, "same", 1, "16", 0.8]


def agreed(told: str) -> float:
    right, count = map(int, re.search(r"reads (\d+) of (\d+)", told).groups())  # type: ignore[union-attr]
    return right / count


def changed(**values: object) -> list:
    names = ("mode", "kind", "seed", "other_kind", "other_seed", "fine_from", "spread")
    return [values.get(name, value) for name, value in zip(names, PLAIN, strict=True)]


def test_samples_are_read_as_asked_and_those_far_from_the_mean_are_not() -> None:
    shown, told = design(*PLAIN)
    assert shown.count("<img") == len(KINDS)
    assert agreed(told) >= 0.9
    fails = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert agreed(design(*fails)[1]) < agreed(told) - 0.1


def test_one_kind_fills_the_page() -> None:
    shown, told = design(*changed(kind="bag"))
    assert f"of {5 * COLUMNS} as the kind" in told
    assert "<figcaption></figcaption>" in shown  # no row needs a name


@pytest.mark.parametrize("mode", ["walk", "film"])
def test_a_walk_and_the_film_move(mode: str) -> None:
    shown, told = design(*changed(mode=mode, kind="sandal", other_kind="boot"))
    assert "image/gif" in told
    assert "<img" in shown


def test_walks_of_all_kinds_stay_in_their_kind_or_lead_to_the_other() -> None:
    same, to_bag = (design(*changed(mode="walk", other_kind=kind))[0] for kind in ("same", "bag"))
    assert same.count("<img") == to_bag.count("<img") == len(KINDS)
    assert same != to_bag


def test_where_fine_styles_begin_changes_the_mixture() -> None:
    pages = {
        design(*changed(mode="mix", kind="shirt", other_kind="coat", fine_from=level))[0]
        for level in ("8", "16", "32")
    }
    assert len(pages) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "paint"}, {"mode": []}, {"kind": "hat"}, {"kind": None}, {"seed": -1}, {"seed": None},
        {"other_kind": "all"}, {"other_seed": float("nan")}, {"fine_from": 16}, {"fine_from": "4"}, {"spread": 4},
        {"kind": "<script>alert(1)</script>"}, {"seed": 2**31 - 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_before_a_model_is_asked(
    wrong: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        design(*changed(**wrong))
