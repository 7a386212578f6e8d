"""Social groups: the examples do as their names say, whom no label reaches gets none, text is shown as text."""

import json
import re

import pytest

from demos._run import InvalidInput
from demos.social_groups import EXAMPLES, START, preview, spread


def last(*values: object) -> tuple[dict, str]:
    *_, answer = spread(*values)  # type: ignore[arg-type]
    return answer


def right(answers: str) -> list[int]:
    """Of the other 32 members: by the GCN, by label propagation."""
    return [int(number) for number in re.findall(r"<td>(\d+)</td>", answers)[-2:]]


def example(name: str) -> list:
    return next(values for (_, english), values in EXAMPLES.items() if english.startswith(name))


def test_the_leaders_explain_all_but_one() -> None:
    picture, answers = last(*example("The two leaders"))
    assert right(answers) == [31, 31]
    assert re.search(r"wrong on.*>9<", answers)
    assert json.loads(picture["frames"])[0]["told"][1].startswith("epoch 0 of 100")
    assert json.loads(picture["frames"])[-1]["told"][1].startswith("epoch 100 of 100")


def test_ordinary_members_leave_label_propagation_behind() -> None:
    ours, beside = right(last(*example("Two ordinary"))[1])
    assert ours >= 30 > 20 > beside


def test_eight_layers_fail_as_said() -> None:
    assert right(last(*example("Fails"))[1])[0] < 28


def test_who_is_labelled_stays_so() -> None:
    picture, _ = last(*example("Les Mis"))
    rows = zip(picture["labelled"], json.loads(picture["frames"])[-1]["shares"], strict=True)
    assert [max(shares) == shares[group] for group, shares in rows if group >= 0] == [True] * 3


def test_whom_no_label_reaches_gets_none() -> None:
    picture, answers = last("own", "a b\nb c\nx y", "a: 1\nc: 2", 2, 0)
    assert json.loads(picture["frames"])[-1]["shares"][picture["names"].index("x")] == [0, 0]
    assert "2 are linked to no label" in answers


def test_it_streams_and_ends_with_all_epochs_to_replay() -> None:
    *pictures, last = [picture for picture, _ in spread(*example("The two leaders"))]
    assert pictures
    assert all(len(json.loads(picture["frames"])) == 1 for picture in pictures)
    assert len(json.loads(last["frames"])) > 40


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    ties = "<script>,b\nb,c\nc,d"
    _, answers = last("own", ties, "<script>: <i>x</i>\nd: y", 2, 0)
    assert "<script" not in answers
    assert "<i>" not in answers
    assert "&lt;i&gt;x" in answers


@pytest.mark.parametrize(
    "values",
    [
        ("karate", "", START["karate"], 0, 0),
        ("karate", "", START["karate"], float("nan"), 0),
        ("karate", "", START["karate"], 2, -1),
        ("karate", "", None, 2, 0),
        ("karate", "", "Mr. Hi: a", 2, 0),
        ("own", "", START["karate"], 2, 0),
        ("own", "a", START["karate"], 2, 0),
    ],
)
def test_wrong_input_is_refused_before_a_model_is_asked(
    values: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        last(*values)


def test_a_network_is_seen_before_it_is_run() -> None:
    assert len(preview("karate", "", "")["names"]) == 34  # type: ignore[index]
    assert preview("karate", "", "Mr. Hi: x")["labelled"] == [0] + [-1] * 33  # type: ignore[index]
    assert preview("own", "alone", "") is None
