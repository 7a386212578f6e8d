"""The poet: keeps its forms, its rhyme and what it is given, and knows a poem's words from noise."""

import itertools

import numpy as np
import pytest
import torch

import models
from models.kneser_ney import KneserNey
from models.poem_gpt import data, train
from models.poem_gpt.data import Poem
from models.poem_gpt.net import PoemGPT, load
from models.poem_gpt.verse import END, FORMS, IDS, UNKNOWN, header, rhyme_of, rhymes_of, split, tokens, toned

STOREY = ["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"]  # Wang Zhihuan


@pytest.fixture(scope="module")
def net() -> PoemGPT:
    return load("cpu")


def written(net: PoemGPT, *asked: object, **options: object) -> str:
    return "".join(one["text"] for one in net.write(*asked, **options))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_kept_and_even_lines_rhyme(net: PoemGPT, form: str) -> None:
    width, count = FORMS[form]
    text = written(net, form, "tang", "月", seed=3)
    assert [len(line) for line in split(text)] == [width] * count
    assert text[width :: width + 1] == "，。" * (count // 2)
    assert rhyme_of(split(text))


def test_the_same_seed_writes_the_same_poem_and_another_another(net: PoemGPT) -> None:
    first, again, other = (written(net, "7x4", "tang", "秋", seed=seed) for seed in (5, 5, 6))
    assert first == again != other


def test_line_beginnings_are_kept_even_of_characters_it_does_not_know(net: PoemGPT) -> None:
    assert "龘" not in IDS
    lines = split(written(net, "5x4", starts=["明月出天山", "春", "龘", "得"], seed=1))
    assert lines[0] == "明月出天山"
    assert [line[0] for line in lines[1:]] == ["春", "龘", "得"]


def test_no_character_comes_twice_unless_doubled(net: PoemGPT) -> None:
    for seed in range(5):
        lines = split(written(net, "7x8", "song", "春雨", seed=seed))
        runs = [character for line in lines for character, _ in itertools.groupby(line)]
        assert len(runs) == len(set(runs))


def test_a_theme_is_written_about(net: PoemGPT) -> None:
    poems = {
        theme: "".join(written(net, "7x4", "tang", theme, seed=seed) for seed in range(12))
        for theme in "雪酒"
    }
    for theme, other in ("雪酒", "酒雪"):
        assert poems[theme].count(theme) > poems[other].count(theme) + 2


def test_likely_is_what_poets_wrote(net: PoemGPT) -> None:
    """A famous poem scores far better than the same characters in another order."""
    shuffled = ["流山日盡白", "海入依黃河", "里欲目窮千", "層上更樓一"]
    real, noise = (train.bits(net, [Poem("tang", "", tuple(lines))]) for lines in (STOREY, shuffled))
    assert real < noise - 2


def test_reading_on_with_a_memory_is_reading_anew(net: PoemGPT) -> None:
    ids = torch.tensor([[*header("5x4", "tang", "山"), *tokens(STOREY)]])
    memory: list[list[torch.Tensor]] = [[] for _ in net.blocks]
    with torch.inference_mode():
        whole = net(ids)
        parts = [net.read(part, ids[:, 0], net.vectors(), start, memory)[0] for start, part in
                 ((0, ids[:, :9]), (9, ids[:, 9:10]), (10, ids[:, 10:]))]  # fmt: skip
    assert torch.allclose(whole, torch.cat(parts, 1), atol=1e-4)


def test_what_comes_out_is_plain_and_attention_is_shared_out() -> None:
    with models.use("poem_gpt") as net:
        one = list(net.write("5x4", "tang", "月"))[9]
    assert one["attention"].dtype == np.float32
    assert one["attention"].shape == (4, 3, 12)  # layers, heads, the header's three and nine tokens
    assert np.allclose(one["attention"].sum(2), 1, atol=1e-3)
    assert [type(part) for part in one["alternatives"][0]] == [str, float]


def test_tokens_end_as_poems_do() -> None:
    ids = tokens(STOREY)
    assert len(ids) == 24
    assert ids[-1] == END
    assert tokens(["龘"])[0] == UNKNOWN


def test_rhyme_and_tone_are_those_of_the_table() -> None:
    assert "尤" in rhyme_of(STOREY)  # 流 and 樓
    assert not rhyme_of(["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層天"])
    assert not rhyme_of(
        ["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層流"]
    )  # a character rhymes not with itself
    assert rhymes_of("爲") & rhymes_of("碑")  # which the table has as 為
    assert all(map(toned, STOREY))
    assert not toned("山山山山山")


def test_a_copy_is_more_than_a_line_in_a_row() -> None:
    known = [Poem("tang", "", tuple(STOREY))]
    one_line = Poem("tang", "", ("白日依山盡", "春風入酒樓", "欲窮千里目", "明月滿江流"))
    two_lines = Poem("tang", "", ("春風入酒樓", "明月滿江流", "欲窮千里目", "更上一層樓"))
    assert train.copied([one_line, two_lines], known) == [two_lines]


def test_the_5_gram_shares_out_all_probability_and_knows_what_it_saw() -> None:
    rows = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 5], [0, 2, 1, 3, 4]]
    model = KneserNey(rows, 6)
    shares = [
        2.0 ** -(4 * model.bits([[0, 1, 2, 3, token]], 0) - 3 * model.bits([[0, 1, 2, 3]], 0))
        for token in range(6)
    ]
    assert sum(shares) == pytest.approx(1)
    assert max(shares) == max(shares[4:])
    assert model.bits([rows[0]], 0) < model.bits([[0, 4, 3, 2, 1]], 0)


def test_held_out_poems_are_poems() -> None:
    poems = data.frozen()
    assert len(poems) == data.FROZEN_POEMS
    assert all(train.form_of(poem) in FORMS for poem in poems)
    assert len({poem.lines for poem in poems}) == len(poems)
