"""The denoising tab: photographs as phones make them, alpha, limits told, scores, work that can be stopped."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from demos import denoise as tab
from demos._run import InvalidInput


def last(*values: Any) -> tuple[Any, ...]:
    *_, answer = tab.denoise(*values)
    return answer


def grainy(width: int, height: int) -> Image.Image:
    chance = np.random.default_rng(0)
    return Image.fromarray(np.uint8(np.clip(chance.normal(120, 25, (height, width, 3)), 0, 255)))


def decibels(told: str) -> list[float]:
    return [float(cell.split(" dB")[0].split(">")[-1]) for cell in told.split("<tr>")[2:]]


def test_a_clean_photo_is_made_noisy_and_scored_and_the_net_wins() -> None:
    files, told, taken, download = last(*next(iter(tab.EXAMPLES.values())))
    before, blur, net = decibels(told)
    assert before + 3 < blur < net - 1
    assert told.count("<img") == 4
    assert "<script" not in told
    assert [Image.open(file).size for file in files] == [(480, 360), (480, 360)]
    assert taken.size == (480, 360)
    assert download["value"] == files[1]


def test_what_is_taken_away_is_about_as_strong_as_what_was_added() -> None:
    _, told, taken, _ = last(str(tab.SAMPLES / "cat.png"), True, 20, 3)
    assert 17 < float(told.split("σ ≈ ")[1].split("（")[0]) < 21
    assert np.asarray(taken).mean() == pytest.approx(128, abs=3)


def test_ones_own_noisy_photo_becomes_smoother_and_has_no_score() -> None:
    files, told, *_ = last(str(tab.SAMPLES / "grainy.jpg"), False, 25, 0)
    before, after = (np.asarray(Image.open(file), np.float32) for file in files)
    assert np.abs(np.diff(after, axis=1)).mean() < 0.8 * np.abs(np.diff(before, axis=1)).mean()
    assert "PSNR" not in told


def test_the_same_seed_gives_the_same_noise_and_another_another() -> None:
    photo = str(tab.SAMPLES / "cat.png")
    one, same, other = (tab.prepared(photo, True, 30, seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_sideways_photo_comes_out_upright_as_a_lossless_png(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees to see it upright
    grainy(40, 20).save(tmp_path / "turned.jpg", exif=exif)
    files, *_ = last(str(tmp_path / "turned.jpg"))
    with Image.open(files[1]) as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (20, 40))


def test_alpha_is_kept_and_hidden_colours_do_not_bleed(tmp_path: Path) -> None:
    pixels = np.zeros((24, 24, 4), np.uint8)
    pixels[..., 0] = 255  # what is hidden is red
    pixels[6:18, 6:18] = (0, 160, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "cutout.png")
    files, *_ = last(str(tmp_path / "cutout.png"))
    output = np.asarray(Image.open(files[1]))
    assert np.array_equal(output[..., 3], pixels[..., 3])
    assert output[output[..., 3] > 8][:, 0].max() < 30  # no red fringe


@pytest.mark.parametrize(
    ("size", "mode", "kind"),
    [((1, 1), "L", "png"), ((1, 5000), "RGB", "png"), ((9, 3), "CMYK", "jpg"), ((3, 9), "LA", "png"),
     ((30, 20), "P", "gif"), ((17, 33), "I;16", "png"), ((8, 8), "1", "tiff"), ((20, 9), "RGBA", "webp")],
)  # fmt: skip
@pytest.mark.parametrize("test", [False, True])
def test_pictures_of_any_mode_and_size_are_answered(
    tmp_path: Path, size: tuple[int, int], mode: str, kind: str, test: bool
) -> None:
    Image.new(mode, size).save(tmp_path / f"photo.{kind}")
    files, *_ = last(str(tmp_path / f"photo.{kind}"), test, 25, 0)
    assert Image.open(files[1]).size == size


def bomb() -> bytes:
    """A PNG of a few bytes that says it holds ten gigapixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", b""))
    written = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("photo.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"), ("bomb.png", bomb(), "megapixels or fewer"),
     ("empty.jpg", b"", "cannot be read"), ("words.png", "🙂 لا صورة".encode(), "cannot be read")],
)  # fmt: skip
def test_files_that_are_no_photo_are_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=says):
        last(str(tmp_path / name))


def test_a_truncated_photo_is_told(tmp_path: Path) -> None:
    grainy(200, 200).save(tmp_path / "whole.jpg")
    (tmp_path / "half.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:9000])
    with pytest.raises(InvalidInput, match="cannot be read"):
        last(str(tmp_path / "half.jpg"))


@pytest.mark.parametrize(
    ("size", "test", "sigma", "seed", "says"),
    [((6000, 4001), False, 25, 0, "at most 24 megapixels"), ((9, 9), True, 4, 0, "from 5 to 55"),
     ((9, 9), True, 56, 0, "from 5 to 55"), ((9, 9), True, float("nan"), 0, "from 5 to 55"),
     ((9, 9), True, "strong", 0, "from 5 to 55"), ((9, 9), True, None, 0, "from 5 to 55"),
     ((9, 9), True, 25, -1, "The seed"), ((9, 9), False, 25, [], "The seed")],
)  # fmt: skip
def test_what_cannot_be_done_is_told_before_a_model_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    test: bool,
    sigma: Any,
    seed: Any,
    says: str,
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    Image.new("RGB", size).save(tmp_path / "photo.png")
    with pytest.raises(InvalidInput, match=says):
        last(str(tmp_path / "photo.png"), test, sigma, seed)


def test_a_large_cutout_is_refused_before_its_colours_are_spread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scipy.ndimage.distance_transform_edt", lambda *_, **__: pytest.fail("spread"))
    monkeypatch.setattr(tab, "MAX_PIXELS", 1_000_000)
    picture = Image.new("RGBA", (1001, 1000))
    picture.paste("red", (0, 0, 9, 9))
    picture.save(tmp_path / "photo.png")
    with pytest.raises(InvalidInput, match="at most 1 megapixels"):
        last(str(tmp_path / "photo.png"))


def test_large_pictures_tell_their_progress_and_can_be_stopped(tmp_path: Path) -> None:
    grainy(900, 400).save(tmp_path / "large.png")
    steps = tab.denoise(str(tmp_path / "large.png"))
    slider, told, *_ = next(steps)
    assert "<progress" in told
    assert slider["__type__"] == "update"  # the picture of the last run stays until this one is ready
    steps.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(steps)


def test_what_is_taken_away_is_shown_around_grey_and_not_larger_than_a_page() -> None:
    before = np.full((2000, 100, 3), 100, np.uint8)
    after = before.copy()
    after[:1000] -= 10
    shown = np.asarray(tab.taken_away(before, after))
    assert len(shown) <= 900
    assert shown[0, 0].tolist() == [168] * 3
    assert shown[-1, 0].tolist() == [128] * 3
