"""The second choice of the diffusion tab: Stable Diffusion Turbo, which a model hub brings."""

import html
from collections.abc import Iterator

import gradio as gr

import models
from demos._described import described, in_english
from demos._run import both
from demos._sheet import tile
from demos._text import within
from demos._ui import run_button, seed_box, t

MOST_STEPS = 4


def paint(text: str, seed: int, steps: int) -> Iterator[str]:
    """A picture of 512 pixels of what a text says, as HTML; before it how far it is.

    text: English, or Chinese, which is translated first; steps: 1 to 4, more are finer.
    """
    text = described(text)
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    steps = int(within(steps, 1, MOST_STEPS, "步数", "Steps"))
    english = in_english(text)
    with models.use("sd_turbo") as net:
        for number, picture in enumerate(net.paint(english, seed, steps), 1):
            if picture is None:
                yield f'<p class="status">{both(f"第 {number} 步，共 {steps} 步", f"Step {number} of {steps}")}</p>'
            else:
                yield tile(picture, 1, html.escape(english))


def build(text: gr.Textbox) -> None:
    """text: where the tab asks what is to be drawn."""
    gr.Markdown(
        t(
            "一个大得多的模型（13 亿参数），画 512 × 512 的图。要连得上模型仓库，首次取 2.6 GB，占约 4 GB 内存；"
            "连不上或放不下时会直说。许可证限制商业使用。",
            "A far larger model (1.3 billion parameters) that draws 512 x 512. It needs a model hub in reach, which "
            "brings 2.6 GB the first time, and about 4 GB of memory; where that is missing it says so. Its licence "
            "limits commercial use.",
        )
    )
    with gr.Row():
        seed = seed_box()
        steps = gr.Slider(1, MOST_STEPS, 1, step=1, label=t("步数", "Steps"))
    picture = gr.HTML(label=t("图", "Picture"), min_height=120)
    run_button(
        paint, inputs=[text, seed, steps], outputs=[picture], examples={}, api="diffusion_turbo",
        label=t("用它来画", "Draw with it"),
    )  # fmt: skip
