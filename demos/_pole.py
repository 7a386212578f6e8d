"""A cart with a pole that learns to stand before one's eyes: the reward so far, an episode, and what it decides by."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

import models
from demos._run import both
from demos._text import choice, within
from demos._ui import ROOT, Text, run_button, seed_box, t

LIMIT = 60  # seconds, after which training ends all the same
RATES = {"0.0001": 1e-4, "0.001": 1e-3, "0.003": 3e-3, "0.01": 1e-2, "0.1": 1e-1}
FULL, RANDOM = 500, 22  # steps of a whole episode, and of one that is played at random
WIDTH, HEIGHT, LEFT, FOOT = 520, 220, 34, 22  # pixels of the curve, of the room for its numbers
EXAMPLES = {
    ("学得稳", "Learns well"): ["0.003", 0],
    ("换个种子", "Another seed"): ["0.003", 7],
    ("步子小，慢", "Small steps, slow"): ["0.0001", 0],
    ("会失败：步子太大", "Fails: steps too large"): ["0.1", 0],
}
TEMPLATE = """<div class="pole">
<canvas class="pole-view" width="640" height="280" role="img" aria-label="${name}"></canvas>
<div class="pole-map"><canvas class="pole-plane" role="img" aria-label="decisions 决定"></canvas><p>%s</p></div></div>
<p class="pole-told"></p>"""
AXES = (
    "橙：推向右；蓝：推向左。横轴：杆的倾角；纵轴：它转得多快",
    "Orange: pushes right; blue: left. Across: how far the pole leans; up: how fast it turns",
)


def balance(rate: str, seed: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Trains a player of CartPole from nothing; -> an episode and its decisions (plain data), the reward so far (HTML).

    rate: step of the optimiser, 0.0001, 0.001, 0.003, 0.01 or 0.1.
    """
    step = RATES[choice(rate, RATES, "请选一个学习率", "Choose a learning rate")]
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    points: list[tuple[int, float]] = []
    shown: dict[str, Any] = {}
    with models.use("cartpole_ppo") as net:
        for state in net.learn(seed, step, LIMIT):
            points.append((state["steps"], state["reward"]))
            if "episode" in state:
                shown = {"episode": state["episode"], "plane": state["plane"].round(2).tolist()}
                shown["look"] = time.monotonic_ns()
            yield shown | {"told": _told(state)}, rising(points, state)


def _told(state: dict[str, Any]) -> tuple[str, str]:
    return f"学了 {state['episodes']} 局后的玩法", f"how it plays after {state['episodes']} episodes"


def rising(points: list[tuple[int, float]], state: dict[str, Any]) -> str:
    """The reward against the steps of training, as HTML; at the end what a test says."""
    most = max(points[-1][0], 10_000)
    places = " ".join(f"{_across(steps, most):.1f},{_up(reward):.1f}" for steps, reward in points)
    marks = "".join(f'<text x="0" y="{_up(v) + 4:.0f}">{v}</text>' for v in (0, 250, FULL))
    rims = "".join(f'<path class="axes" d="M{LEFT} {_up(v):.1f}H{WIDTH}"/>' for v in (0, RANDOM, FULL))
    picture = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="reward 得分">{rims}{marks}'
        f'<text x="{WIDTH}" y="{HEIGHT - 4}" text-anchor="end">{most:,}</text><polyline points="{places}"/></svg>'
    )
    seconds, steps = state["seconds"], state["steps"]
    lines = [both(
        f"最近 20 局平均站住 {state['reward']:.0f} 步 · 共练 {steps:,} 步、{state['episodes']} 局 · "
        f"{seconds:.1f} 秒，最多 {LIMIT} 秒",
        f"The last 20 episodes stood {state['reward']:.0f} steps · {steps:,} steps and {state['episodes']} episodes "
        f"of practice · {seconds:.1f} s of at most {LIMIT}",
    )]  # fmt: skip
    if "test" in state:
        mean, by_chance = (sum(rewards) / len(rewards) for rewards in (state["test"], state["random_test"]))
        lines.append(both(
            f"没见过的 100 局测验：平均 {mean:.0f} 步，满分 {FULL}；随机乱推 {by_chance:.0f}",
            f"Test on 100 episodes not seen before: {mean:.0f} steps of {FULL}; pushed at random {by_chance:.0f}",
        ))  # fmt: skip
    return f'<div class="rising">{picture}<p>{"<br>".join(lines)}</p></div>'


def _across(steps: int, most: int) -> float:
    return LEFT + steps / most * (WIDTH - LEFT)


def _up(reward: float) -> float:
    return HEIGHT - FOOT - reward / FULL * (HEIGHT - FOOT - 10)


def pole_box(name: Text) -> gr.HTML:
    """{"episode", "plane", "look", "told"}: plays the episode, again and again; another look begins anew."""
    return gr.HTML(
        html_template=TEMPLATE % both(*AXES),
        js_on_load=(ROOT / "assets" / "pole.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        elem_classes="pole-box",
        min_height=200,
    )


def build() -> None:
    """What is set, and what is seen."""
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            rate = gr.Radio(list(RATES), value="0.003", label=t("学习率", "Learning rate"))
            seed = seed_box()
        with gr.Column(scale=5, min_width=320):
            pole = pole_box(t("小车与杆", "Cart and pole"))
            curve = gr.HTML(min_height=120, label=t("得分", "Reward"))
    with left:
        run_button(
            balance,
            inputs=[rate, seed],
            outputs=[pole, curve],
            examples=EXAMPLES,
            api="lander_cartpole",
            trains=True,
            label=t("从零训练", "Train from nothing"),
        )
