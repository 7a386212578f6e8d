"""The flow that draws emojis: listens to words, stays the same for a seed, comes out of the noise, does not copy."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import models
from models.emoji_flow import data, judge, train
from models.emoji_flow.net import NAMES, SIDE, Stage

ROOM = Path(models.__file__).parent / "emoji_flow"


def stages(
    *texts: str, style: str = "any", seed: int = 0, steps: int = 8, guidance: float = 5.0
) -> list[Stage]:
    with models.use("minilm") as reader:
        words = reader.embed(list(texts))
    with models.use("emoji_flow") as net:
        return list(net.paint(words, style, seed, steps, guidance))


def drawn(*texts: str, **asked: object) -> np.ndarray:
    return stages(*texts, **asked)[-1].guess.astype(float)  # type: ignore[arg-type]


def colour(pictures: np.ndarray) -> np.ndarray:
    """How much more red, green and blue a picture has than it has light."""
    means = pictures.mean((0, 1, 2))
    return means - means.mean()


def test_a_colour_that_is_asked_for_is_seen() -> None:
    red, green, blue = (colour(drawn(*[f"{name} heart"] * 4)) for name in ("red", "green", "blue"))
    assert red.argmax() == 0
    assert green.argmax() == 1
    assert blue.argmax() == 2


def test_pictures_come_out_of_the_noise_in_as_many_steps_as_asked() -> None:
    way = stages("rocket", steps=5)
    assert [stage.step for stage in way] == [0, 1, 2, 3, 4, 5]
    levels = [stage.level for stage in way]
    assert levels == sorted(levels, reverse=True)
    assert (levels[0], levels[-1]) == (1, 0)
    away = [np.abs(stage.noisy.astype(float) - stage.guess).mean() for stage in way]
    assert away[1] > 3 * away[4] > 0  # before the first step nothing is guessed
    assert np.array_equal(way[-1].noisy, way[-1].guess)


def test_the_same_seed_gives_the_same_picture_alone_or_among_a_hundred() -> None:
    alone, again, other = drawn("fire", steps=2), drawn("fire", steps=2), drawn("fire", steps=2, seed=99)
    many = drawn(*["fire"] * 100, steps=2)
    assert np.array_equal(alone, again)
    assert many.shape == (100, SIDE, SIDE, 3)
    assert np.abs(many[0] - alone[0]).max() <= 2  # sums of another order
    assert np.abs(many[99] - other[0]).max() <= 2
    assert np.abs(alone - other).mean() > 5


def test_without_guidance_to_listen_to_words_change_nothing() -> None:
    assert np.abs(drawn("fire", guidance=0) - drawn("a green frog", guidance=0)).max() <= 2
    assert np.abs(drawn("fire") - drawn("a green frog")).mean() > 10


def test_a_style_changes_the_picture() -> None:
    pictures = [drawn("red apple", style=style) for style in ("noto", "fluent", "flat")]
    assert np.abs(pictures[0] - pictures[1]).mean() > 2
    assert np.abs(pictures[1] - pictures[2]).mean() > 2


def test_what_means_nearly_the_same_is_named() -> None:
    with models.use("minilm") as reader:
        words = reader.embed(["red fruit", "it opens the lock of a door"])
    with models.use("emoji_flow") as net:
        fruit, key = (net.nearest(one, 5) for one in words)
    assert "red apple" in dict(fruit)
    assert {"key", "old key", "locked with key"} & set(dict(key))
    assert [value for _, value in fruit] == sorted((value for _, value in fruit), reverse=True)


def test_drawings_of_an_unseen_style_come_back_from_their_codes() -> None:
    with models.use("emoji_flow") as net:
        assert train.coder_psnr(net) > 24


def test_the_codes_of_a_drawing_spread_by_about_one() -> None:
    with models.use("emoji_flow") as net:
        codes = train.coded(net.coder, judge.held_out())
    assert codes.shape == (50, 8, 8, 8)
    assert 0.6 < float(codes.std()) < 1.6


def test_variations_keep_most_of_a_drawing_on_white() -> None:
    drawing, chance = judge.held_out()[6], np.random.default_rng(0)
    made = np.stack([data.varied(drawing, chance) for _ in range(20)])
    assert made.shape == (20, 64, 64, 3)
    assert (made[:, 0, 0] == 255).all()
    assert np.abs(made.mean((1, 2, 3)) - drawing.mean()).max() < 25
    assert len({one.tobytes() for one in made}) == 20


def test_the_judge_knows_what_it_learned_and_noise_it_does_not() -> None:
    known = judge.Judge(2)
    faded = 255 - (255 - data.halved(judge.held_out())) * 0.7
    seen = judge.features(faded.astype(np.uint8))
    asked = np.arange(len(judge.ASKED))
    assert known.top5(seen, asked) > 0.95
    assert known.ranks(seen, (asked + 1) % 50).mean() > 10


def test_what_is_asked_in_the_test_was_learned_by_name_and_not_by_wording() -> None:
    names, wordings = zip(*judge.ASKED, strict=True)
    assert len(set(names)) == len(set(wordings)) == 50
    assert set(names) <= set(NAMES)
    assert not set(wordings) & set(NAMES)


def test_an_emoji_is_asked_for_by_its_name_and_by_its_keywords() -> None:
    fire = data.Emoji("fire", ("hot", "flame"), "1f525", (0, 0))
    assert fire.wordings() == fire.wordings()
    assert fire.wordings()[0] == "fire"
    assert len(fire.wordings()) == data.WORDINGS
    assert any("hot" in text or "flame" in text for text in fire.wordings())
    assert set(data.Emoji("fire", (), "1f525", (0, 0)).wordings()[:2]) == {"fire"}


@pytest.mark.parametrize(("name", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_a_drawing_is_painted_in_another_colour_and_its_white_stays(name: str, channel: int) -> None:
    page = np.full((8, 8, 3), 255, np.uint8)
    page[2:6, 2:6] = (240, 190, 20)
    painted = data.recoloured(page, name)
    assert painted is not None
    assert painted[3, 3].argmax() == channel
    assert (painted[0, 0] == 255).all()


def test_what_has_no_colour_is_not_painted() -> None:
    assert data.recoloured(np.full((8, 8, 3), 90, np.uint8), "red") is None


def test_halving_takes_means_and_transparent_parts_are_white() -> None:
    picture = np.zeros((1, 4, 4, 3), np.uint8)
    picture[0, :2, :2] = [[[0] * 3, [100] * 3], [[100] * 3, [200] * 3]]
    assert data.halved(picture)[0, 0, 0].tolist() == [100] * 3
    assert (data.on_white(Image.new("RGBA", (2, 2), (9, 9, 9, 0))) == 255).all()


def test_the_card_shows_samples_over_their_nearest_training_drawings() -> None:
    with Image.open(ROOM / "nearest.png") as picture:
        pixels = np.asarray(picture).astype(int)
    assert pixels.shape == (3 * 132 - 4, 16 * 132 - 4, 3)
    assert np.abs(pixels[:128] - pixels[132:260]).mean() > 3  # alike, but not the same
