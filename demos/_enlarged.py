"""How a restored picture is shown: a place of it under a magnifier, what the net added to it, and measured quality."""

import io
from collections.abc import Sequence

import numpy as np
from gradio import processing_utils
from gradio.utils import get_upload_folder
from PIL import Image
from scipy import ndimage

from demos._photo import heat, inline
from demos._run import both
from models.quality import luma, psnr, ssim

CROP = 80  # pixels of the enlarged picture that the magnifier shows
MAGNIFIED = 4  # times, without smoothing
STRONGER = 4  # what was added is shown so many times as strong
MAP_SIDE = 900  # pixels; a larger map of what was added is shrunk
STRIP = 256  # rows
Named = tuple[tuple[str, str], np.ndarray]  # (zh, en), uint8 (H, W, 3)


def progress(share: float, seconds: float) -> str:
    """A bar that tells how much is done after so many seconds, as HTML."""
    left = seconds / share - seconds
    told = both(f"完成 {share:.0%}，大约还要 {left:.0f} 秒", f"{share:.0%} done, about {left:.0f} s to go")
    return f'<p class="status" role="status">{told}</p><progress class="tiles" max="1" value="{share:.3f}"></progress>'


def added_light(output: np.ndarray, bicubic: np.ndarray) -> np.ndarray:
    """Two uint8 (H, W, 3) -> float32 (H, W), by how much the first is brighter; in strips, since floats are large."""
    added = np.empty(output.shape[:2], np.float32)
    for top in range(0, len(added), STRIP):
        rows = slice(top, top + STRIP)
        added[rows] = luma(output[rows]) - luma(bicubic[rows])
    return added


def magnified(
    pictures: Sequence[Named],
    added: np.ndarray,
    where: np.ndarray | None = None,
    told: tuple[str, str] = ("加上的细节", "what was added"),
) -> str:
    """Several forms of one picture -> the place where most was added, in each, and the addition itself, as HTML.

    added: float32 (H, W), what was added to brightness, range (-255, 255); told: its name. where: float32 (H, W),
    what the place is chosen by instead.
    """
    rows, columns = _busiest(np.abs(added) if where is None else where)
    tiles = [(name, picture[rows, columns]) for name, picture in pictures]
    grey = np.uint8(np.clip(128 + STRONGER * added[rows, columns], 0, 255))
    tiles.append(((f"{told[0]}（{STRONGER} 倍强）", f"{told[1]}, {STRONGER} times as strong"), grey))
    figures = "".join(
        f'<figure><img src="{inline(_large(tile))}" alt=""><figcaption>{both(*name)}</figcaption></figure>'
        for name, tile in tiles
    )
    return f'<div class="magnified">{figures}</div>'


def added_map(added: np.ndarray) -> Image.Image:
    """Float32 (H, W) as for magnified() -> cold where nothing was added, hot where much was."""
    shrink = max(1, -(-max(added.shape) // MAP_SIDE))
    strength = ndimage.uniform_filter(np.abs(added), shrink)[::shrink, ::shrink]
    return heat(np.clip(strength / max(float(np.percentile(strength, 99.5)), 4.0), 0, 1))


def quality_table(forms: Sequence[Named], truth: np.ndarray, colours: bool = False) -> str:
    """PSNR and SSIM of the brightness of each form of the true picture, the best in bold, as HTML.

    colours: the PSNR is that of red, green and blue instead.
    """
    true, measured = _brightness(truth), []
    for name, form in forms:
        grey = _brightness(form)
        near = psnr(form, truth) if colours else psnr(grey, true)
        measured.append((name, near, ssim(grey, true)))
    best = max(value for _, value, _ in measured)
    rows = ""
    for name, decibels, likeness in measured:
        told = f"<b>{decibels:.2f} dB</b>" if decibels == best else f"{decibels:.2f} dB"
        rows += f"<tr><td>{both(*name)}</td><td>{told}</td><td>{likeness:.4f}</td></tr>"
    titles = (both("与原图比", "against the original"), "PSNR", "SSIM")
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    return f'<table class="answers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _brightness(picture: np.ndarray) -> np.ndarray:
    """As luma(), but in strips, since floats are large."""
    grey = np.empty(picture.shape[:2], np.float32)
    for top in range(0, len(grey), STRIP):
        grey[top : top + STRIP] = luma(picture[top : top + STRIP])
    return grey


def saved(picture: Image.Image, name: str) -> str:
    """Picture -> path of a PNG among the files that Gradio serves and deletes after a while. Lossless, packed fast."""
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return processing_utils.save_bytes_to_cache(file.getvalue(), name, get_upload_folder())


def _busiest(strength: np.ndarray) -> tuple[slice, slice]:
    """The square of CROP pixels, or what there is, with the greatest mean."""
    sides = [min(CROP, length) for length in strength.shape]
    means = ndimage.uniform_filter(strength, sides, mode="constant")
    inner = tuple(
        slice(side // 2, length - (side - 1) // 2) for side, length in zip(sides, strength.shape, strict=True)
    )
    top, left = np.unravel_index(int(means[inner].argmax()), means[inner].shape)
    return slice(int(top), int(top) + sides[0]), slice(int(left), int(left) + sides[1])


def _large(tile: np.ndarray) -> Image.Image:
    picture = Image.fromarray(tile)
    return picture.resize((picture.width * MAGNIFIED, picture.height * MAGNIFIED), Image.Resampling.NEAREST)
