"""open_photo: whatever a visitor gives becomes upright RGB, or is refused in one sentence."""

import base64
import struct
import zlib
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from gradio.data_classes import FileData
from PIL import Image

from demos import _photo
from demos._photo import cutout, heat_over, open_photo, opened, photo_box
from demos._run import InvalidInput
from demos._sketch import PREFIX, open_page

RED, BLUE = (255, 0, 0), (0, 0, 255)


def half_and_half(mode: str = "RGB") -> Image.Image:
    """Left red, right blue; 40 x 20."""
    picture = Image.new("RGB", (40, 20), RED)
    picture.paste(BLUE, (20, 0, 40, 20))
    return picture.convert(mode)


def png_header(width: int, height: int, bits: int = 8, rows: bytes = b"\0") -> bytes:
    """A PNG of a few bytes that claims a size, RGB. rows: as they stand in the file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def near(seen: tuple[int, ...], wanted: tuple[int, ...], slack: int = 40) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(seen, wanted, strict=True))


@pytest.mark.parametrize(
    ("mode", "ending"),
    [("RGB", "jpg"), ("RGB", "png"), ("RGB", "webp"), ("RGB", "bmp"), ("RGB", "tiff"), ("RGB", "avif"),
     ("P", "png"), ("P", "gif"), ("CMYK", "jpg"), ("CMYK", "tiff"), ("RGBA", "png"), ("RGBA", "webp")],
)  # fmt: skip
def test_modes_and_formats_keep_their_colours(tmp_path: Path, mode: str, ending: str) -> None:
    path = tmp_path / f"photo.{ending}"
    half_and_half(mode).save(path)
    photo = open_photo(str(path))
    assert (photo.mode, photo.size) == ("RGB", (40, 20))
    assert near(photo.getpixel((5, 10)), RED)
    assert near(photo.getpixel((35, 10)), BLUE)


@pytest.mark.parametrize(
    ("flag", "size", "red"),
    [(1, (40, 20), (5, 10)), (2, (40, 20), (35, 10)), (3, (40, 20), (35, 10)), (4, (40, 20), (5, 10)),
     (5, (20, 40), (10, 5)), (6, (20, 40), (10, 5)), (7, (20, 40), (10, 35)), (8, (20, 40), (10, 35))],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_a_photo_held_sideways_is_turned_upright(
    tmp_path: Path, ending: str, flag: int, size: tuple[int, int], red: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = flag
    half_and_half().save(tmp_path / f"turned.{ending}", exif=exif)
    photo = open_photo(str(tmp_path / f"turned.{ending}"))
    assert photo.size == size
    assert near(photo.getpixel(red), RED)
    assert near(photo.getpixel((size[0] - 1 - red[0], size[1] - 1 - red[1])), BLUE)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tiff", "bmp"])
def test_a_grey_photo_stays_grey(tmp_path: Path, ending: str) -> None:
    Image.fromarray(np.repeat(np.arange(0, 256, 8, np.uint8)[None], 16, 0)).save(tmp_path / f"grey.{ending}")
    values = np.asarray(open_photo(str(tmp_path / f"grey.{ending}")), int)[8]
    assert np.abs(values - np.arange(0, 256, 8)[:, None]).max() <= 8


def test_colours_of_sixteen_bits_keep_their_place(tmp_path: Path) -> None:
    """Pillow cannot write such a PNG: left half red, right half a third grey, 65535 being white."""
    row = b"\0" + b"\xff\xff\0\0\0\0" * 4 + b"\x55\x55" * 3 * 4
    (tmp_path / "deep.png").write_bytes(png_header(8, 2, 16, row * 2))
    photo = open_photo(str(tmp_path / "deep.png"))
    assert photo.getpixel((1, 1)) == (255, 0, 0)
    assert photo.getpixel((6, 1)) == (85, 85, 85)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_become_white(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (8, 8), 0).save(tmp_path / "clear.png")
    assert open_photo(str(tmp_path / "clear.png")).getpixel((4, 4)) == (255, 255, 255)


def test_a_transparent_colour_of_a_palette_becomes_white(tmp_path: Path) -> None:
    half_and_half("P").save(tmp_path / "clear.png", transparency=half_and_half("P").getpixel((5, 5)))
    photo = open_photo(str(tmp_path / "clear.png"))
    assert photo.getpixel((5, 10)) == (255, 255, 255)
    assert near(photo.getpixel((35, 10)), BLUE)


@pytest.mark.parametrize(("kind", "ending"), [(np.uint16, "png"), (np.int32, "tiff"), (np.float32, "tiff")])
def test_deep_grey_is_scaled_not_clipped(tmp_path: Path, kind: type, ending: str) -> None:
    ramp = np.linspace(0, 65535, 256).astype(kind).reshape(16, 16)
    Image.fromarray(ramp).save(tmp_path / f"deep.{ending}")
    grey = np.asarray(open_photo(str(tmp_path / f"deep.{ending}")))[..., 0].ravel().astype(int)
    assert np.abs(grey - np.arange(256)).max() <= 1


def test_a_transparent_grey_of_sixteen_bits_is_cut_out_and_the_rest_stays_grey(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    Image.fromarray(ramp).save(tmp_path / "deep.png", transparency=int(ramp[5, 5]))
    path = str(tmp_path / "deep.png")
    colours, alpha = cutout(opened(path))
    assert alpha is not None
    assert np.argwhere(np.asarray(alpha) == 0).tolist() == [[5, 5]]
    wanted = np.arange(256)
    for seen in (colours, open_photo(path)):
        grey = np.asarray(seen)[..., 0].ravel().astype(int)
        assert np.abs(np.delete(grey - wanted, 5 * 16 + 5)).max() <= 1
    assert open_photo(path).getpixel((5, 5)) == (255, 255, 255)


def test_grey_of_one_value_is_answered(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), np.nan, np.float32)).save(tmp_path / "nan.tiff")
    assert open_photo(str(tmp_path / "nan.tiff")).getpixel((1, 1)) == (0, 0, 0)


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    first, second = (Image.new("RGB", (9, 9), colour) for colour in (RED, BLUE))
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second], duration=100)
    assert near(open_photo(str(tmp_path / "moving.gif")).getpixel((4, 4)), RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_extreme_shapes_are_opened(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size).save(tmp_path / "thin.png")
    assert open_photo(str(tmp_path / "thin.png")).size == size


@pytest.mark.parametrize("size", [(8000, 8000), (12_000, 10_000), (60_000, 60_000)])
def test_a_bomb_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    """Above our limit, above Pillow's warning, above Pillow's error."""
    (tmp_path / "bomb.png").write_bytes(png_header(*size))
    with pytest.raises(InvalidInput, match="megapixels"):
        open_photo(str(tmp_path / "bomb.png"))


def test_a_huge_file_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_photo, "MAX_BYTES", 1_000_000)
    (tmp_path / "huge.jpg").write_bytes(bytes(1_000_001))
    with pytest.raises(InvalidInput, match="below 1 MB"):
        open_photo(str(tmp_path / "huge.jpg"))


def test_heic_is_named(tmp_path: Path) -> None:
    (tmp_path / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(InvalidInput, match="HEIC"):
        open_photo(str(tmp_path / "phone.jpg"))


@pytest.mark.parametrize(
    "content",
    [b"", b"not a photo", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"GIF89a", b"\xff\xd8\xff\xe0", bytes(3000)],
)
def test_what_is_no_photo_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(InvalidInput, match="cannot be read"):
        open_photo(str(tmp_path / "photo.jpg"))


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "gif", "tiff"])
def test_a_truncated_photo_is_refused(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole, half = tmp_path / f"whole.{ending}", tmp_path / f"half.{ending}"
    Image.fromarray(noise).save(whole)
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(InvalidInput, match="cannot be read"):
        open_photo(str(half))


def test_colours_by_number_without_a_list_of_them_are_refused(tmp_path: Path) -> None:
    half_and_half("P").save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    at = whole.index(b"PLTE") - 4
    size = int.from_bytes(whole[at : at + 4])
    (tmp_path / "a.png").write_bytes(whole[:at] + whole[at + 12 + size :])
    with pytest.raises(InvalidInput, match="cannot be read"):
        open_photo(str(tmp_path / "a.png"))
    url = f"{PREFIX}{base64.b64encode((tmp_path / 'a.png').read_bytes()).decode()}"
    with pytest.raises(InvalidInput, match="must be a PNG"):
        open_page(url)


@pytest.mark.parametrize("path", [None, "", 7, ["a.jpg"]])
def test_nothing_is_asked_for(path: object) -> None:
    with pytest.raises(InvalidInput, match="Choose a photo first"):
        open_photo(path)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/nowhere/photo.jpg", "/", "a\0b", "x" * 10_000, "😀"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        open_photo(path)


def test_the_box_hands_over_the_file_unopened(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_bytes(b"not a photo")
    with gr.Blocks():
        box = photo_box(label="photo")
    assert box.get_block_name() == "image"
    assert box.sources == ["upload", "webcam", "clipboard"]
    assert box.preprocess(None) is None
    assert box.preprocess(FileData(path=str(tmp_path / "notes.jpg"))) == str(tmp_path / "notes.jpg")


def test_heat_over_is_bright_where_it_is_hot() -> None:
    heat = np.zeros((4, 8), np.float32)
    heat[:, 4:] = 1
    cold, hot = (np.asarray(heat_over(Image.new("RGB", (8, 4)), heat))[0, x].sum() for x in (0, 7))
    assert hot > 2 * cold
