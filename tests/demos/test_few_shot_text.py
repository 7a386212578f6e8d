"""The few-shot tab: right on its examples, clear about lines it cannot read, text shown as text."""

import re

import numpy as np
import pytest

from demos._run import InvalidInput
from demos._scatter import scatter
from demos.few_shot_text import EXAMPLES, MAX_EXAMPLES, MAX_SENTENCES, SHOP, classify, labelled

RIGHT = {
    "Messages to a shop": ["delivery", "refund", "praise"],
    "Lines from schoolbooks": ["maths", "biology", "history"],
}


def answers(examples: str, sentences: str) -> list[str]:
    return re.findall(r"<td><b>(.*?)</b>", classify(examples, sentences)[0])


@pytest.mark.parametrize("name", RIGHT)
def test_an_example_is_answered_as_promised(name: str) -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english == name)
    assert answers(*values) == RIGHT[name]


def test_irony_fails_as_said() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert answers(*values) == ["good"]


def test_labels_may_be_chinese_with_a_chinese_colon() -> None:
    assert labelled("好：I love it\n坏: I hate it") == (["好", "坏"], ["I love it", "I hate it"])


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        ("good: fine\nno colon here", "line 2"),
        ("good:\nbad: awful", "line 1"),
        (": text", "line 1"),
        ("good: a\ngood: b", "2 to 8 labels"),
        ("\n".join(f"l{i}: x" for i in range(9)), "2 to 8 labels"),
        ("a: x\n" * (MAX_EXAMPLES + 1), f"At most {MAX_EXAMPLES} lines"),
        ("a: " + "x" * 2000, "1000 characters"),
    ],
)
def test_examples_that_cannot_be_read_are_named(examples: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        labelled(examples)


def test_from_one_example_of_a_label_nothing_is_said_of_how_often_it_is_right() -> None:
    page = classify("good: I love it\nbad: I hate it\nbad: How awful", "Lovely")[0]
    assert "two examples of each label" in page
    assert "%" not in page.split("</table>")[1]


@pytest.mark.parametrize(
    "sentences", ["", "  \n", None, 7, "x\n" * (MAX_SENTENCES + 1), "这家店很好，还会再来的。" * 20]
)
def test_sentences_that_cannot_be_read_are_refused(
    sentences: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        classify(SHOP, sentences)  # type: ignore[arg-type]


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    table, plane = classify("<b>a</b>: one <script>\nb: two", "<script>alert(1)</script>")
    assert "<script" not in table + plane
    assert "&lt;script&gt;" in table


def test_the_map_keeps_neighbours_together() -> None:
    vectors = np.array([[0, 0, 1], [0, 0.1, 1], [5, 0, 0], [5, 0.1, 0]], float)
    points = [("a", "1", False), ("a", "2", False), ("b", "3", False), ("b", "4", False)]
    xs = [float(x) for x in re.findall(r'cx="([\d.]+)"', scatter(vectors, points))]
    assert abs(xs[0] - xs[1]) < 20 < abs(xs[0] - xs[2])


def test_a_map_of_equal_points_is_drawn() -> None:
    assert "nan" not in scatter(np.zeros((3, 5)), [("a", "x", False)] * 3)
