"""Super-resolution: a picture two or four times as wide and high, beside what plain interpolation makes of it."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

import models
from demos._enlarged import added_light, added_map, magnified, progress, quality_table, saved
from demos._photo import cutout, opened, photo_box, picture_box, rgb
from demos._text import choice
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, t

TIMES = {2: 1, 4: 2}  # enlargement -> how often the net, which doubles, is asked
MAX_PIXELS = 32_000_000  # of the enlarged picture
LEAST = 8  # pixels; the shorter side of a picture that was shrunk first
BICUBIC, NET, TRUTH = ("双三次插值", "bicubic"), ("网络", "net"), ("原图", "original")
SAMPLES = ROOT / "assets" / "samples" / "super_resolution"
EXAMPLES = {
    ("咖啡，先缩小再比", "Coffee, shrunk and compared"): [str(SAMPLES / "coffee.png"), 2, False, True],
    ("猫，四倍", "Cat, four times"): [str(SAMPLES / "cat.png"), 4, True, True],
    ("小头像", "A small portrait"): [str(SAMPLES / "portrait.png"), 4, True, False],
    ("屏幕截图", "Screen text"): [str(SAMPLES / "screen.png"), 2, False, False],
    ("透明图标", "Icon with transparency"): [str(SAMPLES / "icon.png"), 4, False, False],
    ("会失败：压缩痕迹", "Fails: JPEG artefacts"): [str(SAMPLES / "artefacts.jpg"), 4, False, False],
    ("会失败：没对上焦", "Fails: out of focus"): [str(SAMPLES / "blurred.png"), 2, False, True],
}


def enlarge(photo: str, scale: int = 2, ensemble: bool = False, test: bool = False) -> Iterator[tuple]:
    """A picture enlarged 2 or 4 times: (bicubic, net) as PNG files, a magnifier as HTML, what was added, the PNG.

    ensemble: the mean over eight turned and mirrored forms; test: shrinks the picture first, so that the result can
    be compared with the original.
    """
    truth, small, alpha = prepared(photo, scale, bool(test))
    started, output = time.monotonic(), small
    with models.use("edsr_x2") as net:
        for share, output in in_tiles(net, small, TIMES[scale], bool(ensemble)):  # noqa: B007 - the last is wanted
            yield gr.skip(), progress(share, time.monotonic() - started), gr.skip(), gr.skip()
    yield shown(small, output, alpha, truth)


def in_tiles(
    net: Any, small: np.ndarray, times: int, ensemble: bool
) -> Iterator[tuple[float, np.ndarray | None]]:
    """Yields (share done, None) while a picture is doubled, and doubled again where times is 2; the output at last."""
    done, all_work = 0, sum(4**turn for turn in range(times))
    for turn in range(times):
        for share, output in net.enlarge(small, ensemble):
            yield (done + share * 4**turn) / all_work, output
        small, done = np.ascontiguousarray(output), done + 4**turn


def prepared(photo: str, scale: int, test: bool) -> tuple[np.ndarray | None, np.ndarray, Image.Image | None]:
    """-> the original where it is known, the picture to enlarge, its alpha where it has any. Raises InvalidInput."""
    picture = opened(photo)
    scale = choice(scale, tuple(TIMES), "请选 2 倍或 4 倍", "Choose 2 or 4 times")
    _check_size(picture, scale, test)
    if not test:
        colours, alpha = cutout(picture)
        return None, np.asarray(colours), alpha
    width, height = picture.width // scale, picture.height // scale
    whole = rgb(picture).crop((0, 0, width * scale, height * scale))
    return np.asarray(whole), np.asarray(whole.resize((width, height), Image.Resampling.BICUBIC)), None


def _check_size(picture: Image.Image, scale: int, test: bool) -> None:
    """Raises InvalidInput for a picture of which too much would come out, or too little could go in."""
    most = MAX_PIXELS if test else MAX_PIXELS // scale**2
    if picture.width * picture.height > most:
        zh, en = f"放大 {scale} 倍", f"To enlarge {scale} times"
        if test:
            zh, en = "先缩小再比", "To shrink it first"
        raise InvalidInput(
            f"{zh}时，请用 {most / 10_000:.0f} 万像素以内的照片",
            f"{en}, use a photo of at most {most / 1_000_000:.0f} megapixels",
        )
    if test and min(picture.size) // scale < LEAST:
        raise InvalidInput(
            f"要先缩小的照片，短边至少 {LEAST * scale} 像素",
            f"A picture to shrink first must be at least {LEAST * scale} pixels on its shorter side",
        )


def shown(
    small: np.ndarray, output: np.ndarray, alpha: Image.Image | None, truth: np.ndarray | None
) -> tuple[Any, ...]:
    """What enlarge() gives at the end."""
    size, output = (output.shape[1], output.shape[0]), np.ascontiguousarray(output)
    bicubic = np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC))
    forms = [(BICUBIC, bicubic), (NET, output)]
    added = added_light(output, bicubic)
    grown = alpha.resize(size, Image.Resampling.BICUBIC) if alpha else None
    if grown:  # what nobody sees does not count
        added = added * (np.asarray(grown, np.float32) / 255)
    told = magnified(forms if truth is None else [*forms, (TRUTH, truth)], added)
    if truth is not None:
        told = quality_table(forms, truth) + told
    files = []
    for (_, name), form in forms:
        picture = Image.fromarray(form)
        if grown:
            picture.putalpha(grown)
        files.append(saved(picture, f"{name}-{size[0]}x{size[1]}.png"))
    return tuple(files), told, added_map(added), gr.update(value=files[1], interactive=True)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            photo = photo_box(label=t("图片", "Picture"), height=300)
            scale = gr.Radio([("2 ×", 2), ("4 ×", 4)], value=2, label=t("放大", "Enlarge"))
            ensemble = gr.Checkbox(
                label=t("八个方向取平均", "Average over eight directions"),
                info=t("略好一点，时间是八倍", "Slightly better, eight times as long"),
            )
            test = gr.Checkbox(
                label=t("先缩小，再和原图比", "Shrink first, compare with the original"),
                info=t("有原图才能打分", "Only then can the result be scored"),
            )
        with gr.Column(scale=3, min_width=320):
            label = t("左：双三次插值；右：网络。滚轮可放大", "Left: bicubic; right: net. Scroll to zoom")
            slider = gr.ImageSlider(
                label=label, format="png", interactive=False, max_height=560, buttons=["fullscreen"]
            )
            download = gr.DownloadButton(t("下载 PNG", "Download PNG"), interactive=False, size="sm")
            told = gr.HTML(label=t("放大镜：差别最大的地方", "Magnifier: where it differs most"))
            added = picture_box(
                t("加上了多少细节：越亮越多", "How much was added: brighter is more"), height=260
            )
    with left:
        run_button(
            enlarge,
            inputs=[photo, scale, ensemble, test],
            outputs=[slider, told, added, download],
            examples=EXAMPLES,
        )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "小图先按双三次插值放大；网络只算该补上的细节。一层 3 × 3 卷积把小图变成 16 张特征图，"
            "十二个残差块逐步加工，最后一层给每个小像素算出 2 × 2 个大像素的修正值，"
            "PixelShuffle 把它们排成大图；放大四倍就做两遍。"
            "大图切成有重叠的小块逐块计算，所以内存不随图片增长，随时可以停。",
            "The small picture is enlarged by bicubic interpolation; the net computes only the detail to add. A "
            "3 × 3 convolution makes 16 feature maps, twelve residual blocks work on them, and a last layer gives each "
            "small pixel the corrections of its 2 × 2 large ones, which PixelShuffle puts in place; for four times the "
            "net is asked twice. Large pictures are computed in overlapping tiles: memory stays small, Stop works.",
        ),
        code="models/enlarger_net.py:Enlarger.forward",
        rooms=["edsr_x2"],
    )


DEMO = Demo(
    name="super_resolution",
    title=t("超分辨率", "Super-resolution"),
    about=t(
        "把图片放大 2 或 4 倍，并与普通插值并排看；结果不超过 3200 万像素。补上的细节是猜的：别拿它认人、认字或取证。",
        "Enlarge a picture two or four times and see it beside plain interpolation; up to 32 megapixels come out. "
        "What is added is a guess: do not use it to identify people, to read what is not legible, or as evidence.",
    ),
    models=("edsr_x2",),
    questions=(23,),
    build=build,
)
