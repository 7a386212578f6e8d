"""A variational autoencoder of digits that learns before one's eyes: its cost so far, its samples and its map."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._curve import curves
from demos._run import both
from demos._text import choice, within
from demos._tiles import figure
from demos._ui import run_button, seed_box, t

LIMIT = 60  # seconds, after which training ends all the same
EVERY = 0.25  # seconds between two looks, at least
LEAST_BETA, MOST_BETA = 0.1, 20
SIZES = {"2": 2, "16": 16}
EXAMPLES = {
    ("2 个数：看地图成形", "2 numbers: a map takes shape"): ["2", 1, 0],
    ("16 个数：还原更像", "16 numbers: closer copies"): ["16", 1, 0],
    ("换个种子", "Another seed"): ["2", 1, 7],
    ("会失败：β 太大", "Fails: beta too large"): ["16", 20, 0],
}


def learn(size: str, beta: float, seed: int) -> Iterator[str]:
    """Trains an autoencoder of digits from nothing; -> its cost so far, samples, copies and map, as HTML.

    size: 2 or 16 numbers in a code; beta: 0.1 to 20, weight of the code's cost.
    """
    numbers = SIZES[choice(size, SIZES, "请选 2 或 16 个数", "Choose 2 or 16 numbers")]
    beta = within(beta, LEAST_BETA, MOST_BETA, "β", "Beta")
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    rows: list[dict[str, float]] = []
    shown, told = "", -EVERY
    with models.use("digit_vae") as net:
        for state in net.learn(numbers, beta, seed, LIMIT):
            if "samples" in state:
                rows.append(
                    {"epoch": state["epoch"], "held_out_bits": state["held_out"], "code_nats": state["code"]}
                )
                shown = _pictures(state, curves(rows, "digit_vae"))
            elif state["seconds"] - told < EVERY:
                continue
            told = state["seconds"]
            yield f"<p>{_told(state)}</p>{shown}"


def _told(state: dict[str, Any]) -> str:
    epoch, bits, seconds = state["epoch"], state["bits_per_pixel"], state["seconds"]
    return both(
        f"第 {epoch:.1f} 轮，共 20 轮 · 这一批每像素 {bits:.2f} 比特 · {seconds:.1f} 秒，最多 {LIMIT} 秒",
        f"epoch {epoch:.1f} of 20 · this batch costs {bits:.2f} bits a pixel · {seconds:.1f} s of at most {LIMIT}",
    )


def _pictures(state: dict[str, Any], charts: str) -> str:
    """Samples, copies of held-out digits and the map, beside the curves."""
    parts = [
        figure(
            state["samples"], 8, both("固定的 16 个随机编码", "16 random codes, the same throughout"), 300
        ),
        figure(
            np.concatenate([state["given"], state["back"]]),
            len(state["given"]),
            both("没学过的数字（上）和还原（下）", "digits it has not seen (above) and its copies (below)"),
            370,
        ),
    ]
    if state["map"] is not None:
        plane = state["map"].reshape(-1, *state["map"].shape[2:])
        told = both("两个数的全部编码", "every code of two numbers")
        parts.append(figure(plane, state["map"].shape[1], told, 330, gap=0))
    return f'<div class="tiles-row">{"".join(parts)}</div>{charts}'


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            size = gr.Radio([(t("2 个数", "2 numbers"), "2"), (t("16 个数", "16 numbers"), "16")], value="2",
                            label=t("编码大小", "Size of a code"))  # fmt: skip
            beta = gr.Slider(
                LEAST_BETA, MOST_BETA, 1, step=0.1, label=t("β：编码的代价", "Beta: price of the code")
            )
            seed = seed_box()
        with gr.Column(scale=4, min_width=320):
            shown = gr.HTML(min_height=240, label=t("训练中", "While it learns"))
    with left:
        run_button(
            learn,
            inputs=[size, beta, seed],
            outputs=[shown],
            examples=EXAMPLES,
            api="vae_train",
            trains=True,
            label=t("从零训练", "Train from nothing"),
        )
