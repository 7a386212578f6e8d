"""The enlarging tab: sizes, alpha, upright photos, limits told, work that can be stopped."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demos import _enlarged
from demos import super_resolution as tab
from demos._photo import cutout, opened
from demos._run import InvalidInput


def last(*values: Any) -> tuple[Any, ...]:
    *_, answer = tab.enlarge(*values)
    return answer


def gradient(width: int, height: int) -> Image.Image:
    values = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    return Image.fromarray(np.uint8(values))


def test_the_known_photo_is_scored_and_the_net_wins() -> None:
    files, told, added, _ = last(*next(iter(tab.EXAMPLES.values())))
    bicubic, net = (float(part.split(" dB")[0].split(">")[-1]) for part in told.split("<tr>")[2:4])
    assert net > bicubic + 0.5
    assert told.count("<img") == 4
    assert "<script" not in told
    assert [Image.open(file).size for file in files] == [(480, 360), (480, 360)]
    assert added.size == (480, 360)


@pytest.mark.parametrize("scale", [2, 4])
def test_a_sideways_photo_comes_out_upright_as_a_lossless_png(tmp_path: Path, scale: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees to see it upright
    gradient(40, 20).save(tmp_path / "turned.jpg", exif=exif)
    files, told, _, download = last(str(tmp_path / "turned.jpg"), scale, False, False)
    with Image.open(files[1]) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (20 * scale, 40 * scale))
    assert download["value"] == files[1]
    assert "PSNR" not in told  # nothing to compare with


def test_alpha_is_kept_and_hidden_colours_do_not_bleed(tmp_path: Path) -> None:
    pixels = np.zeros((24, 24, 4), np.uint8)
    pixels[..., 0] = 255  # what is hidden is red
    pixels[6:18, 6:18] = (0, 160, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "cutout.png")
    files, *_ = last(str(tmp_path / "cutout.png"), 2, False, False)
    output = np.asarray(Image.open(files[1]))
    assert output.shape == (48, 48, 4)
    assert output[2, 2, 3] == 0
    assert output[24, 24, 3] == 255
    assert output[output[..., 3] > 8][:, 0].max() < 30  # no red fringe


def test_a_picture_without_alpha_has_none_and_a_clear_one_is_answered(tmp_path: Path) -> None:
    gradient(5, 5).save(tmp_path / "plain.png")
    assert cutout(opened(str(tmp_path / "plain.png")))[1] is None
    Image.new("RGBA", (9, 9)).save(tmp_path / "clear.png")
    colours, alpha = cutout(opened(str(tmp_path / "clear.png")))
    assert colours.size == (9, 9)
    assert alpha is not None
    assert alpha.getextrema() == (0, 0)


@pytest.mark.parametrize(("size", "mode"), [((1, 1), "L"), ((1, 500), "CMYK"), ((9, 3), "P"), ((3, 9), "LA")])
def test_small_pictures_of_any_mode_are_enlarged(tmp_path: Path, size: tuple[int, int], mode: str) -> None:
    Image.new(mode, size).save(tmp_path / "small.tiff")
    files, *_ = last(str(tmp_path / "small.tiff"), 2, False, False)
    assert Image.open(files[1]).size == (size[0] * 2, size[1] * 2)


@pytest.mark.parametrize(
    ("size", "scale", "test", "says"),
    [((3000, 3000), 2, False, "at most 8 megapixels"), ((1500, 1500), 4, False, "at most 2 megapixels"),
     ((5700, 5700), 2, True, "at most 32 megapixels"), ((5700, 5700), 4, True, "at most 32 megapixels"),
     ((31, 500), 4, True, "at least 32 pixels"), ((40, 40), 3, False, "2 or 4"), ((40, 40), [], False, "2 or 4")],
)  # fmt: skip
def test_what_cannot_be_done_is_told_before_a_model_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], scale: Any, test: bool, says: str
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    Image.new("RGB", size).save(tmp_path / "photo.png")
    with pytest.raises(InvalidInput, match=says):
        last(str(tmp_path / "photo.png"), scale, False, test)


def test_a_large_cutout_is_refused_before_its_colours_are_spread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scipy.ndimage.distance_transform_edt", lambda *_, **__: pytest.fail("spread"))
    picture = Image.new("RGBA", (3000, 3000))
    picture.paste("red", (0, 0, 9, 9))
    picture.save(tmp_path / "photo.png")
    with pytest.raises(InvalidInput, match="at most 8 megapixels"):
        last(str(tmp_path / "photo.png"), 2, False, False)


def test_large_pictures_tell_their_progress_and_can_be_stopped(tmp_path: Path) -> None:
    gradient(700, 400).save(tmp_path / "large.png")
    steps = tab.enlarge(str(tmp_path / "large.png"), 2, False, False)
    slider, told, *_ = next(steps)
    assert "<progress" in told
    assert "s to go" in told
    assert slider["__type__"] == "update"  # the picture of the last run stays until this one is ready
    steps.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(steps)


def test_the_same_picture_gives_the_same_file() -> None:
    portrait = next(values for (_, name), values in tab.EXAMPLES.items() if name == "Screen text")
    assert last(*portrait)[0] == last(*portrait)[0]  # files are named by their content


def test_the_magnifier_finds_the_place_where_most_was_added() -> None:
    strength = np.zeros((300, 400))
    strength[210:230, 50:70] = 1
    rows, columns = _enlarged._busiest(strength)
    assert rows.start <= 210 < 230 <= rows.stop == rows.start + _enlarged.CROP
    assert columns.start <= 50 < 70 <= columns.stop == columns.start + _enlarged.CROP
    assert _enlarged._busiest(np.ones((3, 500)))[0] == slice(0, 3)


def test_the_table_prefers_the_nearer_picture() -> None:
    truth = np.asarray(gradient(32, 32))
    worse = np.uint8(np.clip(truth.astype(int) + 9, 0, 255))
    table = _enlarged.quality_table([(tab.BICUBIC, worse), (tab.NET, truth)], truth)
    assert "<b>100.00 dB</b>" in table
    assert table.count("<b>") == 1


def test_the_table_of_a_large_picture_holds_only_its_brightness_as_floats() -> None:
    truth = np.zeros((12_000, 100, 3), np.uint8)
    tracemalloc.start()
    _enlarged.quality_table([(tab.BICUBIC, truth), (tab.NET, truth)], truth)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5 * truth.size  # its colours as floats would take 4 more
