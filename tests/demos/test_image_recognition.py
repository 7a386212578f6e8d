"""The image recognition tab: right names and heat on the dogs, wrong inputs refused, examples as promised."""

from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from demos import _ui
from demos._run import InvalidInput
from demos.image_recognition import DEMO, SAMPLES, recognise


def test_dogs_are_named_in_both_languages_and_lit() -> None:
    shares, picture = recognise(str(SAMPLES / "dogs.jpg"), 1)
    assert max(shares, key=shares.__getitem__) == "可卡犬 Cocker Spaniel"
    assert len(shares) == 5
    assert picture.size == Image.open(SAMPLES / "dogs.jpg").size
    dogs, wall = picture.crop((220, 150, 320, 320)), picture.crop((330, 20, 420, 120))
    assert np.asarray(dogs)[..., 0].mean() > np.asarray(wall.convert("RGB"))[..., 0].mean()


def test_another_guess_gives_another_heat_map() -> None:
    first, third = (np.asarray(recognise(str(SAMPLES / "pagoda.jpg"), guess)[1], int) for guess in (1, 3))
    assert np.abs(first - third).mean() > 2


def test_the_failing_example_fails() -> None:
    assert not any("fig" in name.split() for name in recognise(str(SAMPLES / "fig.jpg"), 1)[0])


def test_a_large_photo_is_shrunk(tmp_path: Path) -> None:
    Image.new("RGB", (3000, 1500), "white").save(tmp_path / "large.png")
    assert recognise(str(tmp_path / "large.png"), 5)[1].size == (1024, 512)


@pytest.mark.parametrize("guess", [0, 6, None, float("nan"), "one", "😀", 1e300, [], {}])
def test_a_guess_that_is_not_there_is_refused(guess: object) -> None:
    with pytest.raises(InvalidInput, match="guesses 1 to 5"):
        recognise(str(SAMPLES / "dogs.jpg"), guess)  # type: ignore[arg-type]


@pytest.mark.parametrize("photo", [None, "", 3, "README.md", __file__])
def test_what_is_no_photo_is_refused_before_a_model_is_asked(
    photo: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda name: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        recognise(photo, 1)  # type: ignore[arg-type]


def test_tab_renders_and_its_examples_run() -> None:
    with gr.Blocks():
        _ui.render(DEMO)
    (run,) = _ui.runs("image_recognition")
    assert run.api == "image_recognition"
    for values in run.examples.values():
        shares, _ = recognise(*values)
        assert 0 < sum(shares.values()) <= 1.0001
