"""Sketch: draw a digit or a garment and watch a convolutional net read it, filter by filter, while you draw."""

import gradio as gr
import numpy as np
from PIL import Image

import models
from demos._garments import CHINESE
from demos._photo import heat, inline
from demos._run import both
from demos._sketch import as_value, open_page, sketch_box
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, t

ROOMS = {"digit": "digit_cnn", "garment": "fashion_cnn"}
SAMPLES = ROOT / "assets" / "samples" / "sketch_cnn"
SAMPLE = {  # file -> what the example is called, which net reads it
    "three": (("数字 3", "Digit 3"), "digit"),
    "seven": (("数字 7", "Digit 7"), "digit"),
    "tshirt": (("画的 T 恤", "Drawn T-shirt"), "garment"),
    "trousers": (("画的裤子", "Drawn trousers"), "garment"),
    "boot": (("短靴照片", "Photo of a boot"), "garment"),
    "letter": (("会失败：字母 R", "Fails: the letter R"), "digit"),
}
SHOWN = 12  # maps of one block
TILE, GAP = 56, 4  # pixels


def read(page: str, kind: str) -> tuple[dict[str, float], str]:
    """What a drawing shows, and, as HTML, the feature maps that lead there.

    page: PNG data URL; kind: digit or garment.
    """
    if kind not in tuple(ROOMS):
        raise InvalidInput("请选“数字”或“服装”", "Choose digit or garment")
    drawing = open_page(page)
    with models.use(ROOMS[kind]) as net:
        shares, maps = net.predict(drawing), net.feature_maps(drawing)
    return {f"{CHINESE.get(name, '')} {name}".strip(): share for name, share in shares.items()}, sheet(maps)


def sheet(maps: list[np.ndarray]) -> str:
    """One row a block: its strongest maps, each float32 (height, width), by its own brightest place, as HTML."""
    rows = []
    for number, block in enumerate(maps):
        count, height, width = block.shape
        strongest = block[np.argsort(-block.mean((1, 2)))[:SHOWN]]
        told = both(f"第 {number} 层：{count} 张 {height} × {width} 的特征图",
                    f"Layer {number}: {count} maps of {height} × {width}")  # fmt: skip
        told = told if number else both(f"它看到的：{height} × {width}", f"What it sees: {height} × {width}")
        rows.append(
            f'<figure class="maps"><figcaption>{told}</figcaption>'
            f'<img src="{inline(strip(strongest))}" decoding="sync" alt=""></figure>'
        )
    return "".join(rows)


def strip(tiles: np.ndarray) -> Image.Image:
    """Maps (up to SHOWN, height, width), 0 and above -> side by side, with room for SHOWN of them."""
    picture = Image.new("RGBA", (SHOWN * (TILE + GAP) - GAP, TILE))
    for column, one in enumerate(tiles):
        tile = heat(one / max(float(one.max()), 1e-6)).resize((TILE, TILE), Image.Resampling.NEAREST)
        picture.paste(tile, (column * (TILE + GAP), 0))
    return picture


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            kinds = [(t("数字", "Digit"), "digit"), (t("服装", "Garment"), "garment")]
            kind = gr.Radio(kinds, value="digit", label=t("画的是什么", "What you draw"))
            page = sketch_box(t("画纸", "Drawing page"))
        with gr.Column(scale=3):
            classes = gr.Label(num_top_classes=4, label=t("它读成", "It reads"))
            maps = gr.HTML(label=t("每层最强的特征图", "Strongest feature maps of each layer"))
    with left:
        run_button(
            read,
            inputs=[page, kind],
            outputs=[classes, maps],
            examples={
                label: [as_value(SAMPLES / f"{name}.png"), kind] for name, (label, kind) in SAMPLE.items()
            },
            live=[page.input],
        )
    how_it_works(
        t(
            "画面先裁到墨迹，缩成 28 × 28。每个卷积块用几十个 3 × 3 滤波器扫过整幅图：前面的找边和笔端，"
            "后面的找圈、交叉和整个形状。图上每行是一层中反应最强的十二张特征图，越亮的地方反应越强。"
            "最后一层把它们变成十个概率。",
            "The page is cropped to its ink and shrunk to 28 × 28. Each block slides dozens of 3 × 3 filters "
            "over it: early ones find edges and line ends, later ones loops, crossings and whole shapes. Each "
            "row of the picture holds the twelve maps of a layer that answer most, bright where they do. "
            "A last layer makes ten probabilities.",
        ),
        code="models/digit_cnn/net.py:DigitCNN._hidden",
        rooms=["digit_cnn", "fashion_cnn"],
    )


DEMO = Demo(
    name="sketch_cnn",
    title=t("手绘识别", "Sketch"),
    about=t(
        "用鼠标或手指画一个数字或一件衣服，边画边看卷积网络怎么读；每张画只送出一张小图，不保存。",
        "Draw a digit or a garment and see a convolutional net read it while you draw. Drawings are not kept.",
    ),
    models=("digit_cnn", "fashion_cnn"),
    questions=(4,),
    build=build,
)
