"""The attention tab: every head is there, what was measured is told, text is shown as text."""

import re

import pytest

from demos._run import InvalidInput
from demos.attention import EXAMPLES, MOST_CHARACTERS, look

SCRIPT = "<script>alert(1)</script> said it"


def example(name: str) -> tuple[str, str, str]:
    return look(*next(values for (_, english), values in EXAMPLES.items() if english == name))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("What a pronoun means", "it → cat"),
        ("The previous word", "previous word 100%"),
        ("The next word", "next word"),
        ("Resting on [CLS]", "[CLS]"),
    ],
)
def test_an_example_shows_what_it_promises(name: str, told: str) -> None:
    assert told in re.sub("<[^>]*>", "", example(name)[0].split("</p>")[0]).replace("&gt;", ">")


def test_who_did_what_to_whom_is_hardly_told_apart_as_said() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert float(re.search(r"the two sentences: ([\d.]+)", look(*values)[0])[1]) > 0.8  # type: ignore[index]


def test_what_the_encoder_cannot_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match="English only"):
        look("A cat sleeps.", "猫在睡觉。", 1, 1)


def test_every_head_can_be_picked_and_one_is_marked() -> None:
    grid = example("The next word")[1]
    picked = re.findall(r'data-layer="(\d+)" data-head="(\d+)"', grid)
    assert picked == [(str(layer), str(head)) for layer in range(1, 7) for head in range(1, 13)]
    assert grid.count("chosen") == 1
    assert re.search(r'chosen" data-layer="2" data-head="9"', grid)


def test_every_token_can_be_focused_and_tells_where_it_looks() -> None:
    looks, _, compared = look("Bees dance.", "Cats sleep.", 1, 1)
    assert looks.count('tabindex="0"') == 2 * 5  # two words, a full stop, [CLS] and [SEP]
    assert re.search(r"<title>bees → .*%</title>", looks)
    assert re.search(r"<title>dance → sleep: \d+%</title>", compared)
    assert "[CLS]" not in compared


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    assert "<script" not in "".join(look(SCRIPT, SCRIPT, 4, 2))


@pytest.mark.parametrize(
    "values",
    [
        ("", "b", 1, 1),
        ("a", None, 1, 1),
        ("a", "x" * (MOST_CHARACTERS + 1), 1, 1),
        ("a", "b", 0, 1),
        ("a", "b", 1, 13),
        ("a", "b", float("nan"), 1),
    ],
)
def test_what_cannot_be_shown_is_refused_before_a_model_is_asked(
    values: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        look(*values)


def test_too_many_tokens_are_refused() -> None:
    with pytest.raises(InvalidInput, match="60 tokens"):
        look("a b c " * 40, "short", 1, 1)
