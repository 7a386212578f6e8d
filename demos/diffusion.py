"""Diffusion: words to a small colour picture, seen coming out of the noise step by step."""

from collections.abc import Iterator

import gradio as gr
import numpy as np

import models
from demos import _turbo
from demos._described import LONGEST, described, in_english
from demos._photo import heat
from demos._run import both
from demos._sheet import grid, tile
from demos._text import choice, within
from demos._ui import Demo, how_it_works, run_button, seed_box, t

STYLES = {
    "any": ("随它", "Any"),
    "noto": ("Noto", "Noto"),
    "fluent": ("Fluent 立体", "Fluent 3D"),
    "flat": ("Fluent 扁平", "Fluent flat"),
}
MOST, MOST_STEPS, MOST_GUIDANCE = 100, 50, 10.0
SHOWN = 8  # stages of the way that are shown side by side
NEAR = 4  # names that are told
STRANGE = 0.45  # cosine of the nearest name, below which nothing alike was learned
EXAMPLES = {
    ("很开心的脸", "A very happy face"): ["a very happy face", "noto", 4, 0, 20, 5.0],
    ("红色的水果", "Red fruit"): ["red fruit", "noto", 4, 1, 20, 5.0],
    ("绿色的猫", "A green cat"): ["a green cat", "fluent", 4, 2, 20, 5.0],
    ("中文：蓝色的心", "In Chinese: a blue heart"): ["蓝色的心", "noto", 4, 3, 20, 5.0],
    ("只用四步", "Four steps only"): ["smiling face with sunglasses", "noto", 4, 4, 4, 5.0],
    ("不加引导", "Without guidance"): ["smiling face with sunglasses", "noto", 4, 4, 20, 1.0],
    ("会失败：两样东西在一起", "Fails: two things at once"): [
        "a dog riding a bicycle",
        "noto",
        4,
        0,
        20,
        5.0,
    ],
}


def paint(
    text: str, style: str, count: int, seed: int, steps: int, guidance: float
) -> Iterator[tuple[str, str, str]]:
    """Pictures of what a text says, the way of the first out of the noise, what the net had learned of; all HTML.

    text: English, or Chinese, which is translated first; style: any, noto, fluent or flat; count: 1 to 100 pictures,
    the second of a seed is the first of the next; steps: 1 to 50; guidance: how much the words count, 0 to 10, 1: as
    in training.
    """
    text = described(text)
    style = choice(style, STYLES, "请选一种画风", "Choose a style")
    count = int(within(count, 1, MOST, "张数", "Pictures"))
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    steps = int(within(steps, 1, MOST_STEPS, "步数", "Steps"))
    guidance = float(within(guidance, 0, MOST_GUIDANCE, "引导", "Guidance"))
    english = in_english(text)
    with models.use("minilm") as reader:
        words = reader.embed([english])
    with models.use("emoji_flow") as net:
        told = _told(net.nearest(words[0], NEAR), english if english != text else "")
        way = []
        for stage in net.paint(np.repeat(words, count, 0), style, seed, steps, guidance):
            way.append((stage.level, stage.noisy[0], stage.guess[0], stage.pull[0]))
            still = stage.noisy if stage.step == 0 else stage.guess
            yield _gallery(still, seed), _way(way, steps), told


def _gallery(pictures: np.ndarray, seed: int) -> str:
    """uint8 (N, 64, 64, 3) -> each as an <img>."""
    size = "few" if len(pictures) <= 4 else "many"
    shown = "".join(tile(one, 1, f"seed {seed + number}") for number, one in enumerate(pictures))
    return f'<div class="emojis {size}">{shown}</div>'


def _way(stages: list[tuple[float, np.ndarray, np.ndarray, np.ndarray]], steps: int) -> str:
    """Level of noise, picture, guess and pull of each stage so far -> three rows of those that are far apart."""
    wanted = np.unique(np.linspace(0, steps, SHOWN).round().astype(int))
    chosen = [stages[number] for number in wanted if number < len(stages)]
    blank = np.full_like(chosen[0][1], 255)
    missing = [blank] * (len(wanted) - len(chosen))
    most = max(float(pull.max()) for *_, pull in stages) or 1.0
    rows = (
        (both("画面", "the picture"), [noisy for _, noisy, _, _ in chosen]),
        (both("网络猜的终点", "where it thinks that leads"), [guess for _, _, guess, _ in chosen]),
        (both("文字改动处", "where the words pull"), [np.asarray(heat(pull / most)) for *_, pull in chosen]),
    )
    figures = "".join(
        f"<figure><figcaption>{name}</figcaption>{tile(grid(np.stack(row + missing)[None], 1), 1)}</figure>"
        for name, row in rows
    )
    left = both(f"第 {len(stages) - 1} 步，共 {steps} 步，还剩 {stages[-1][0]:.0%} 的噪声",
                f"Step {len(stages) - 1} of {steps}, {stages[-1][0]:.0%} noise left")  # fmt: skip
    return f'<div class="emojis-way">{figures}<p class="status">{left}</p></div>'


def _told(near: list[tuple[str, float]], english: str) -> str:
    """What the net has learned of that means nearly the same. english: the translation, where there is one."""
    names_zh, names_en = ("、".join(f"{name} {value:.2f}" for name, value in near),
                          ", ".join(f"{name} {value:.2f}" for name, value in near))  # fmt: skip
    lines = [both(f"译成：{english}", f"Translated: {english}")] if english else []
    lines.append(
        both(f"学过的名字里意思最近的：{names_zh}", f"Nearest in meaning of the names it learned: {names_en}")
    )
    if near[0][1] < STRANGE:
        lines.append(
            both("没学过相近的东西，画成什么样都不奇怪", "It learned of nothing like this; expect anything")
        )
    return "".join(f'<p class="status">{line}</p>' for line in lines)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            text = gr.Textbox(
                "a very happy face", label=t("画什么（英语或中文）", "What to draw, in English or Chinese"),
                max_length=LONGEST, lines=2,
            )  # fmt: skip
            style = gr.Radio([(t(*names), name) for name, names in STYLES.items()], value="noto",
                             label=t("画风", "Style"))  # fmt: skip
            with gr.Row():
                count = gr.Number(4, label=t("张数", "Pictures"), precision=0, minimum=1, maximum=MOST,
                                  min_width=100)  # fmt: skip
                seed = seed_box()
            steps = gr.Slider(1, MOST_STEPS, 20, step=1, label=t("步数", "Steps"))
            guidance = gr.Slider(0, MOST_GUIDANCE, 5.0, step=0.5,
                                 label=t("引导：文字说了算到什么程度（1：和训练时一样）",
                                         "Guidance: how much the words count (1: as in training)"))  # fmt: skip
        with gr.Column(scale=4):
            shown = gr.HTML(label=t("图", "Pictures"), min_height=200)
            way = gr.HTML(
                label=t("第一张怎样从噪声里出来", "How the first came out of the noise"), min_height=230
            )
            told = gr.HTML(label=t("它学过什么相近的", "What it learned that is alike"), min_height=40)
    with left:
        run_button(
            paint, inputs=[text, style, count, seed, steps, guidance], outputs=[shown, way, told],
            examples=EXAMPLES, label=t("画", "Draw"),
        )  # fmt: skip
    with gr.Accordion(t("备选：Stable Diffusion Turbo", "Second choice: Stable Diffusion Turbo"), open=False):
        _turbo.build(text)
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "一个自编码器把 64 × 64 的图压成 8 × 8 × 8 个数，再还原成图；扩散就在这些数里进行。训练时把一张图的"
            "数和噪声按随机的比例混起来，让一个 UNet 说出从图到噪声的方向；画图就从纯噪声出发，一步步沿反方向走"
            "回去，每一步它都能猜一次终点。文字先由 MiniLM 变成 384 个数，意思相近的话数也相近，所以没见过的说法"
            "也常常能懂。每一步还问一次“不听文字会往哪走”，把两个方向的差别放大，就是引导。",
            "An autoencoder squeezes a picture of 64 × 64 into 8 × 8 × 8 numbers and makes a picture of them again; "
            "what is drawn are these numbers. In training a picture's are mixed with noise in a random share, and a "
            "UNet says which way leads from picture to noise; drawing starts from noise and walks that way back in "
            "steps, with a guess of the end at each. MiniLM turns the text into 384 numbers, which are close for texts "
            "that mean the same, so wordings it never saw are often understood. At each step it is also asked where it "
            "would go without the words; guidance exaggerates the difference.",
        ),
        code="models/emoji_flow/net.py:EmojiFlow.paint",
        rooms=["emoji_flow", "sd_turbo"],
    )


DEMO = Demo(
    name="diffusion",
    title=t("扩散模型", "Diffusion"),
    about=t(
        "用英语或中文说一样东西，看一幅表情符号那样的小图一步步从噪声里出来；没见过的说法也常常行。",
        "Name a thing in English or Chinese and watch a small picture, like an emoji, come out of the noise step by "
        "step; wordings that it never saw often work too.",
    ),
    models=("emoji_flow", "minilm"),
    questions=("T1", "T5"),
    build=build,
)
