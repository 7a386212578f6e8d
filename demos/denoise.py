"""Denoising: a photograph before and after, and what was taken away; with noise added to a clean one, measured."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

import models
from demos._enlarged import MAP_SIDE, STRONGER, Named, added_light, magnified, progress, quality_table, saved
from demos._photo import cutout, opened, photo_box, picture_box, rgb
from demos._run import both
from demos._text import within
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, seed_box, t
from models.photo_noise import STRONGEST, noisy
from models.quality import psnr

MAX_PIXELS = 24_000_000
SIGMA = (5, int(STRONGEST))  # grey levels of 255
BLURS = (0.6, 0.9, 1.3, 1.8, 2.5)  # pixels
STRIP = 256  # rows
BEFORE, BLUR = ("去噪前", "before"), ("最好的高斯模糊", "best Gaussian blur")
NET, TRUTH = ("网络", "net"), ("原图", "original")
SAMPLES = ROOT / "assets" / "samples" / "denoise"
EXAMPLES = {
    ("咖啡，加中等噪声", "Coffee, medium noise"): [str(SAMPLES / "coffee.png"), True, 25, 0],
    ("猫，加轻微噪声", "Cat, light noise"): [str(SAMPLES / "cat.png"), True, 15, 0],
    ("人像，加强噪声", "Portrait, heavy noise"): [str(SAMPLES / "portrait.png"), True, 50, 0],
    ("带颗粒的 JPEG", "Grain, saved as JPEG"): [str(SAMPLES / "grainy.jpg"), False, 25, 0],
    ("会失败：坏点", "Fails: dead pixels"): [str(SAMPLES / "dead_pixels.png"), False, 25, 0],
    ("会失败：细纹理", "Fails: fine texture"): [str(SAMPLES / "roofs.png"), True, 50, 0],
}


def denoise(photo: str, test: bool = False, sigma: float = 25, seed: int = 0) -> Iterator[tuple]:
    """A photo without its noise: (before, after) as PNG files, a magnifier as HTML, what was taken away, the PNG.

    test: adds white noise of a standard deviation sigma (5 to 55 of 255 grey levels) first, so that the result can be
    compared with the original; otherwise sigma and seed are not used, and the net is never told how strong noise is.
    """
    truth, before, alpha = prepared(photo, bool(test), sigma, seed)
    started, output = time.monotonic(), before
    with models.use("denoise_ae") as net:
        for share, output in net.denoise(before):  # noqa: B007 - the last is wanted
            yield gr.skip(), progress(share, time.monotonic() - started), gr.skip(), gr.skip()
    yield shown(before, np.ascontiguousarray(output), alpha, truth)


def prepared(
    photo: str, test: bool, sigma: float, seed: int
) -> tuple[np.ndarray | None, np.ndarray, Image.Image | None]:
    """-> the original where it is known, the noisy picture, its alpha where it has any. Raises InvalidInput."""
    picture = opened(photo)
    if picture.width * picture.height > MAX_PIXELS:
        most = MAX_PIXELS // 1_000_000
        raise InvalidInput(f"请用 {most * 100} 万像素以内的照片", f"Use a photo of at most {most} megapixels")
    sigma = within(sigma, *SIGMA, "噪声强度", "The noise level")
    seed = within(seed, 0, 2**31 - 1, "随机种子", "The seed")
    if not test:
        colours, alpha = cutout(picture)
        return None, np.asarray(colours), alpha
    pixels = np.asarray(rgb(picture))
    return pixels, noisy(pixels, sigma, np.random.default_rng(int(seed))), None


def shown(
    before: np.ndarray, output: np.ndarray, alpha: Image.Image | None, truth: np.ndarray | None
) -> tuple[Any, ...]:
    """What denoise() gives at the end."""
    forms = [(BEFORE, before), (NET, output)]
    told, seen = "", np.float32(1) if alpha is None else np.asarray(alpha, np.float32) / 255
    if truth is not None:
        told = quality_table(
            [(BEFORE, before), (BLUR, _best_blur(before, truth)), (NET, output)], truth, True
        )
        forms = [*forms, (TRUTH, truth)]
    told += _strength(before, output) + _under_the_magnifier(forms, seen)
    files = []
    for (_, name), form in forms[:2]:
        picture = Image.fromarray(form)
        if alpha:
            picture.putalpha(alpha)
        files.append(saved(picture, f"{name}.png"))
    return tuple(files), told, taken_away(before, output), gr.update(value=files[1], interactive=True)


def taken_away(before: np.ndarray, output: np.ndarray) -> Image.Image:
    """Two uint8 (H, W, 3) -> their difference around grey, STRONGER; of a large picture every so many pixels."""
    step = max(1, -(-max(before.shape) // MAP_SIDE))
    difference = before[::step, ::step].astype(np.int16) - output[::step, ::step]
    return Image.fromarray(np.uint8(np.clip(128 + STRONGER * difference, 0, 255)))


def _under_the_magnifier(forms: list[Named], seen: np.ndarray) -> str:
    """Where the cleaned picture has most detail; seen: alpha, range (0, 1), since what is hidden does not count."""
    (_, before), (_, output), *_ = forms
    detail = np.abs(ndimage.gaussian_laplace(output[..., 1].astype(np.float32), 1.5)) * seen
    name = ("拿掉的部分", "what was taken away")
    return magnified(forms, added_light(before, output) * seen, detail, name)


def _strength(before: np.ndarray, output: np.ndarray) -> str:
    """How strong that is which was taken away, as HTML."""
    total = 0.0
    for top in range(0, len(before), STRIP):
        rows = slice(top, top + STRIP)
        total += float(np.square(before[rows].astype(np.float32) - output[rows]).sum())
    sigma = (total / before.size) ** 0.5
    told = both(f"拿掉的部分：σ ≈ {sigma:.1f}（满幅 255）", f"taken away: sigma of about {sigma:.1f}, of 255")
    return f"<p>{told}</p>"


def _best_blur(before: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The Gaussian blur that comes nearest to the original: what could be had without a net."""
    picture = Image.fromarray(before)
    blurred = (np.asarray(picture.filter(ImageFilter.GaussianBlur(radius))) for radius in BLURS)
    return max(blurred, key=lambda one: psnr(one, truth))


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            photo = photo_box(label=t("照片", "Photo"), height=300)
            test = gr.Checkbox(
                label=t(
                    "照片是干净的：先加噪，再和原图比", "It is clean: add noise, compare with the original"
                ),
                info=t(
                    "有原图才能打分；照片本来就有噪点时不要勾",
                    "Only then can it be scored; off if it is noisy",
                ),
            )
            with gr.Row():
                sigma = gr.Slider(
                    *SIGMA, 25, step=1, label=t("加多强的噪声（σ）", "Noise to add (sigma)"), min_width=160
                )
                seed = seed_box()
        with gr.Column(scale=3, min_width=320):
            slider = gr.ImageSlider(
                label=t("左：去噪前；右：去噪后。滚轮可放大", "Left: before; right: after. Scroll to zoom"),
                format="png", interactive=False, max_height=560, buttons=["fullscreen"],
            )  # fmt: skip
            download = gr.DownloadButton(t("下载 PNG", "Download PNG"), interactive=False, size="sm")
            told = gr.HTML(label=t("放大镜：细节最多的地方", "Magnifier: where there is most detail"))
            taken = picture_box(
                t("拿掉的部分（4 倍强）：应当像噪声，看得出轮廓就是伤了细节",
                  "Taken away, 4 times as strong: it should look like noise; contours are lost detail"),
                height=300,
            )  # fmt: skip
    with left:
        run_button(
            denoise,
            inputs=[photo, test, sigma, seed],
            outputs=[slider, told, taken, download],
            examples=EXAMPLES,
        )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "网络估计的是噪声，输出是照片减去它。先把 2 × 2 个像素并成一点，计算量减到四分之一；编码器再两次缩小画面，"
            "好在更大范围里分辨哪些是纹理、哪些是噪声；解码器逐级放大，跳跃连接把缩小前的细节直接送过来。"
            "训练时噪声强弱随机（σ 从 0 到 55），网络从不知道有多强；大照片切成有重叠的小块计算，随时可以停。",
            "The net estimates the noise, which is subtracted from the photo. Two by two pixels share one place, a "
            "quarter of the work; the encoder shrinks the picture twice more, to tell texture from noise over a wider "
            "area, and the decoder grows it again, with skips that carry the detail past. In training noise was of any "
            "strength, sigma 0 to 55, and never told; large photos are done in overlapping tiles, so Stop works.",
        ),
        code="models/denoise_ae/net.py:Denoiser.forward",
        rooms=["denoise_ae"],
    )


DEMO = Demo(
    name="denoise",
    title=t("图像去噪", "Denoising"),
    about=t(
        "拿掉照片里的噪点：自编码器不需要知道噪声有多强。可以用自己的照片，也可以给干净照片加噪，"
        "再用 PSNR 和 SSIM 打分；不超过 2400 万像素。",
        "Take the noise out of a photo with an autoencoder that need not be told how strong it is. Bring a noisy one, "
        "or add noise to a clean one and see PSNR and SSIM; up to 24 megapixels.",
    ),
    models=("denoise_ae",),
    questions=(22,),
    build=build,
)
