"""What the tabs about garments share: the classes' Chinese names, and a page that is drawn on or takes a photo."""

import gradio as gr
import numpy as np
from PIL import Image, ImageOps

from demos._photo import open_photo, photo_box
from demos._run import InvalidInput
from demos._sketch import page_value, sketch_box
from demos._ui import ROOT, t

CHINESE = {
    "T-shirt/top": "T 恤", "Trouser": "裤子", "Pullover": "套衫", "Dress": "连衣裙", "Coat": "外套", "Sandal": "凉鞋",
    "Shirt": "衬衫", "Sneaker": "运动鞋", "Bag": "包", "Ankle boot": "短靴",
}  # fmt: skip
SAMPLES = ROOT / "assets" / "samples" / "garments"
SIDE = 280  # pixels of a drawing page
RIM = 0.04  # of a photo's sides, where the background is looked for


def named(shares: dict[str, float]) -> dict[str, float]:
    """The classes' names in both languages."""
    return {f"{CHINESE[name]} {name}": share for name, share in shares.items()}


def as_page(path: str | None) -> str:
    """A visitor's photo of one garment on a plain background -> value of a drawing page, its background white.

    Raises InvalidInput as open_photo() does.
    """
    grey = open_photo(path).convert("L")
    grey.thumbnail((SIDE, SIDE))
    pixels = np.asarray(grey, np.float32)
    rim = max(1, round(RIM * min(pixels.shape)))
    edge = np.concatenate(
        [pixels[:rim].ravel(), pixels[-rim:].ravel(), pixels[:, :rim].ravel(), pixels[:, -rim:].ravel()]
    )
    ground, unevenness = float(np.median(edge)), float(np.abs(edge - np.median(edge)).mean())
    apart = np.abs(pixels - ground)
    apart = np.where(apart < 12 + 2 * unevenness, 0, apart)
    ink = Image.fromarray(np.uint8(apart * 255 / max(float(apart.max()), 1.0)))
    page = Image.new("L", (SIDE, SIDE), 255)
    fitted = ImageOps.invert(ImageOps.contain(ink, (SIDE - 20, SIDE - 20)))
    page.paste(fitted, ((SIDE - fitted.width) // 2, (SIDE - fitted.height) // 2))
    return page_value(page)


def garment_box(api: str) -> gr.HTML:
    """A drawing page, and below it a place for a photo, which is put on the page and starts the run of that name."""
    page = sketch_box(t("画纸：画一件衣服", "Drawing page: draw a garment"))
    with gr.Accordion(t("或上传照片", "Or upload a photo"), open=False):
        photo = photo_box(label=t("一件衣物，背景干净", "One garment on a plain background"), height=180)
    put = photo.input(_put, photo, page, api_visibility="private", show_progress="hidden")
    run = f"(page) => page && hub.run('{api}')"  # none where the photo was taken away
    put.success(None, page, None, js=run, api_visibility="private")
    return page


def _put(path: str | None) -> str:
    """A photo's page; a blank one once it is taken away. Raises gr.Error with both sentences."""
    if path is None:
        return ""
    try:
        return as_page(path)
    except InvalidInput as told:
        raise gr.Error(str(told), print_exception=False) from told
