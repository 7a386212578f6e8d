"""The poem tab: themes, first lines and acrostics in either script, and sentences for what it cannot use."""

import inspect
import re
from typing import Any

import pytest

from demos._run import InvalidInput
from demos.poem import EXAMPLES, SAMPLING, characters, pattern, write

DEFAULT = ["月", "7x4", "", "tang", "t2s", *SAMPLING]


def page(**changed: Any) -> str:
    names = inspect.signature(write).parameters
    *_, last = write(**{**dict(zip(names, DEFAULT, strict=True)), **changed})
    return last


def lines(html: str) -> list[str]:
    """The poem's lines as they are read, without marks."""
    rows = re.findall("(?s)<p>(.*?)</p>", html.split("</div>")[0])
    return ["".join(re.findall(">([^<])</span>", row)).strip("，。") for row in rows]


def test_a_poem_grows_character_by_character() -> None:
    pages = list(write(*DEFAULT))
    assert len(pages) == 4 * 8 + 1
    assert [len(line) for line in lines(pages[-1])] == [7] * 4


def test_scripts_are_read_and_shown_alike() -> None:
    simple, full = page(text="边塞"), page(text="邊塞", script="")
    assert 'lang="zh-Hans"' in simple
    assert ">边</span>" in simple
    assert ">邊</span>" in full
    assert characters("边塞") == characters("邊塞") == "邊塞"
    assert characters("為") == characters("为") == "爲"  # as the poems have it


def test_an_acrostic_begins_the_lines() -> None:
    assert [line[0] for line in lines(page(acrostic="春风得意"))] == list("春风得意")


def test_a_first_line_stays_and_decides_the_width() -> None:
    found = lines(page(text="明月出天山，"))
    assert found[0] == "明月出天山"
    assert {len(line) for line in found} == {5}


def test_the_same_seed_is_the_same_poem() -> None:
    assert lines(page(seed=7)) == lines(page(seed=7)) != lines(page(seed=8))


def test_a_layer_looks_elsewhere_at_the_same_poem() -> None:
    first, second = page(layer=1), page(layer=4)
    assert lines(first) == lines(second)
    assert first.split("<style>")[1] != second.split("<style>")[1]


def test_what_a_character_looked_at_stands_before_it() -> None:
    rules = re.findall(r"has\(\.c(\d+):is\(:hover,:focus\)\) \.c(\d+)\{--look:(\d+)%\}", page())
    assert rules
    assert all(int(looked_at) < int(number) and int(share) <= 100 for number, looked_at, share in rules)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"text": "hello"}, "Chinese characters only"),
        ({"text": "<script>alert(1)</script>"}, "Chinese characters only"),
        ({"text": "月\u200b"}, "Chinese characters only"),
        ({"text": "春夏秋"}, "these are 3"),
        ({"text": "月" * 41}, "Shorten"),
        ({"acrostic": "春夏"}, "these are 2"),
        ({"acrostic": "春夏秋冬", "form": "7x8"}, ": 8"),
        ({"text": "明月出天山", "acrostic": "春夏秋冬"}, "must begin"),
        ({"form": "6x6"}, "forms"),
        ({"era": []}, "Tang or Song"),
        ({"script": "s2t"}, "Simplified or Traditional"),
        ({"temperature": float("nan")}, "Temperature"),
        ({"layer": 9}, "layers"),
        ({"seed": -1}, "Seed"),
    ],
)
def test_what_cannot_be_used_is_told_before_the_net_is_asked(
    changed: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        page(**changed)


def test_a_first_line_may_end_in_a_mark() -> None:
    assert pattern(characters("白日依山盡，"), "7x4", "") == ("5x4", "", ["白日依山盡"])


def test_a_phone_is_not_in_a_tang_poem() -> None:
    """The example that fails: the theme is two characters that no poet put side by side."""
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert "手机" not in "".join(lines(page(text=values[0])))
