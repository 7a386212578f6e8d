"""Games by reinforcement learning: a pilot on the moon to watch, push and outfly; CartPole, learned live."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

import models
from demos import _pole
from demos._moon import LEAST_GRAVITY, MOST_GRAVITY, MOST_WIND, before, moon_box, named, place
from demos._run import both
from demos._ui import Demo, how_it_works, run_button, t

ENDS = {
    "landed": ("停稳了", "came to rest"),
    "crashed": ("坠毁", "crashed"),
    "away": ("飞出视野", "flew out of sight"),
    "time": ("时间到，还在飞", "out of time, still flying"),
    "": ("在飞", "flying"),
}
EXAMPLES = {
    ("无风", "Calm"): [0, 0, 10],
    ("大风", "Strong wind"): [5, 15, 10],
    ("月球的重力", "As light as the moon"): [5, 0, 1.6],
    ("会失败：狂风又沉重", "Fails: a storm, and heavy"): [1, 20, 11.9],
}


def fly(seed: int, wind: float, gravity: float) -> Iterator[tuple[dict[str, Any], str]]:
    """The trained agent lands; -> the flight as plain data, and how it went as HTML.

    seed: ground and first push; wind: force of the strongest gust, 0 to 20; gravity: m/s^2, 1 to 11.9.
    """
    where = place(seed, wind, gravity)
    id = str(time.monotonic_ns())
    with models.use("lander_ppo") as net:
        for flight in net.fly(*where):
            yield named(where, flight, id), _told(flight)


def _told(flight: dict[str, Any]) -> str:
    """How the flight ended and what it cost, as HTML."""
    steps, fired = len(flight["engines"]), [flight["engines"].count(engine) for engine in range(4)]
    zh, en = ENDS[flight["ended"]]
    points, burnt = flight["rewards"][-1], 0.3 * fired[2] + 0.03 * (fired[1] + fired[3])
    first, surest = flight["values"][0], sum(map(max, flight["shares"])) / len(flight["shares"])
    return "<p>" + both(
        f"{zh}：{points:.0f} 分，{steps / 50:.1f} 秒；200 分算成功。起飞时它估计能得 {first:.0f} 分。"
        f"主发动机开了 {fired[2]} 步，侧发动机 {fired[1] + fired[3]} 步，"
        f"燃料扣 {burnt:.0f} 分；每一步对所选动作平均有 {surest:.0%} 的把握",
        f"It {en}: {points:.0f} points in {steps / 50:.1f} s; 200 count as solved. At the start it expected "
        f"{first:.0f}. The main engine burnt for {fired[2]} steps, the side engines for {fired[1] + fired[3]}, which "
        f"cost {burnt:.0f} points; on average it was {surest:.0%} sure of what it did",
    ) + "</p>"  # fmt: skip


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            seed = gr.Number(
                0,
                label=t("种子：地形和第一推", "Seed: ground and first push"),
                precision=0,
                minimum=0,
                maximum=2**31 - 1,
            )
            wind = gr.Slider(0, MOST_WIND, 0, step=1, label=t("风力", "Wind"))
            gravity = gr.Slider(LEAST_GRAVITY, MOST_GRAVITY, 10, step=0.1, label=t("重力", "Gravity"))
        with gr.Column(scale=5, min_width=320):
            moon = moon_box(t("着陆器", "The lander"))
            told = gr.HTML(min_height=40, label=t("这次飞行", "This flight"))
    with left:
        run_button(
            fly,
            inputs=[seed, wind, gravity],
            outputs=[moon, told],
            examples=EXAMPLES,
            label=t("看它飞", "Watch it"),
        )
    gr.on(
        [seed.input, wind.release, gravity.release],
        before,
        [seed, wind, gravity],
        moon,
        queue=False,
        api_visibility="private",
        show_progress="hidden",
    )
    with gr.Accordion(t("现场训练：CartPole", "Trained live: CartPole"), open=True):
        _pole.build()
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "两个小网络看着同样八个数（位置、速度、倾角、转速、两条腿是否着地）：一个给四台发动机的概率，一个估计往后还能得多少分。"
            "PPO 一边飞一边学：结果比估计好的动作变得更可能，但每次只许变一点。上半图是概率，下半图是估计与已得的分，"
            "估计往往在出事之前就掉下来；CartPole 的两色图是它在每种倾角和转速下往哪边推。",
            "Two small nets see the same eight numbers (place, speed, lean, spin, legs on the ground): one gives the "
            "probabilities of the four engines, the other expects how many points are still to come. PPO learns while "
            "it flies: what went better than expected becomes likelier, but only a little at a time. The upper half of "
            "the picture shows the probabilities, the lower one what is expected and earned, and expectation often "
            "falls before things go wrong; CartPole's two colours show which way it pushes at each lean and spin.",
        ),
        code="models/cartpole_ppo/net.py:_improve",
        rooms=["lander_ppo", "cartpole_ppo"],
    )


DEMO = Demo(
    name="lander",
    title=t("强化学习玩游戏", "Lander"),
    about=t(
        "看训练好的智能体着陆，用风推它，再亲手飞同一局和它比；下面从零现场训练 CartPole，看得分往上走。",
        "Watch the trained agent land, push it about, then fly the same moon yourself against it; below, CartPole is "
        "trained from nothing while you watch its reward rise.",
    ),
    models=("lander_ppo", "cartpole_ppo"),
    questions=(20,),
    build=build,
)
