"""The moon, on which a flight is watched, or flown by hand piece by piece."""

from typing import Any

import gradio as gr

import models
from demos._run import InvalidInput, both
from demos._text import within
from demos._ui import ROOT, Text, packed
from models.errors import ModelUnavailable

MOST_WIND, LEAST_GRAVITY, MOST_GRAVITY = 20, 1, 11.9  # LunarLander's own bounds
MOST_STEPS, AT_ONCE = 1000, 10  # of a flight by hand; that a page may ask for at once
LETTERS = set("0123alr")
ENGINES = {
    "#94a3b8": ("不动", "none"),
    "#2563eb": ("左", "left"),
    "#d97706": ("主", "main"),
    "#be123c": ("右", "right"),
}
LINES = {
    "#0f9d8a": ("它估计还能得的分", "what it expects still to earn"),
    "#7c3aed": ("已得的分", "earned so far"),
}
TEMPLATE = """<div class="moon"><canvas class="moon-view" width="900" height="600" tabindex="0" role="img"
aria-label="${name}"></canvas><p class="moon-told"></p><div class="moon-buttons moon-pads">
<button type="button" class="left" aria-label="left 左">◀</button>
<button type="button" class="main" aria-label="main 主">▲</button>
<button type="button" class="right" aria-label="right 右">▶</button></div>
<div class="moon-buttons"><button type="button" class="moon-fly">%s</button>
<button type="button" class="moon-push">%s</button><select class="moon-slow" aria-label="speed 速度">
<option value="0.5">½ ×</option><option value="1">1 ×</option></select>
<button type="button" class="moon-save">%s</button></div><p class="moon-note" role="status"></p>
<div class="moon-buttons moon-replay"><button type="button"></button><input type="range" min="0" value="0" step="1"
aria-label="step 步"></div>
<canvas class="moon-look" width="900" height="280" role="img" aria-label="value 估计"></canvas>
<p class="moon-legend">%s</p></div>"""


def moon_box(name: Text) -> gr.HTML:
    """A flight as the room's fly() tells it, with its seed, wind and gravity and an "id"; flown by hand in the page."""
    legend = "".join(
        f'<span style="color:{colour} !important">■ {both(*label)} </span>'
        for colour, label in (ENGINES | LINES).items()
    )
    buttons = [
        both("自己飞", "Fly it yourself"),
        both("推它", "Push the agent"),
        both("存成视频", "Save as video"),
    ]
    return gr.HTML(
        html_template=TEMPLATE % (*buttons, legend),
        js_on_load=(ROOT / "assets" / "lander.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        elem_classes="moon-box",
        server_functions=[start, steer],
        min_height=320,
    )


def place(seed: Any, wind: Any, gravity: Any) -> tuple[int, float, float]:
    """Which moon it is, checked. Raises InvalidInput."""
    return (
        int(within(seed, 0, 2**31 - 1, "种子", "Seed")),
        float(within(wind, 0, MOST_WIND, "风力", "Wind")),
        float(within(gravity, LEAST_GRAVITY, MOST_GRAVITY, "重力", "Gravity")),
    )


def named(where: tuple[int, float, float], flight: dict[str, Any], id: str) -> dict[str, Any]:
    """A flight as the box shows it. id: another one starts the replay anew, the same one goes on with it."""
    seed, wind, gravity = where
    tables = {name: packed(flight[name]) for name in ("poses", "shares")}
    return flight | tables | {"seed": seed, "wind": wind, "gravity": gravity, "id": id}


def before(seed: Any, wind: Any, gravity: Any) -> dict[str, Any] | None:
    """The moon before a flight; nothing while a number cannot be used."""
    try:
        where = place(seed, wind, gravity)
        with models.use("lander_ppo") as net:
            return named(where, net.steer(*where, "", ""), f"before {where}")
    except (InvalidInput, ModelUnavailable):
        return None


def start(_: object = None) -> dict[str, Any] | None:
    """What a page shows that has just been opened. Gradio hands over what its script sent: nothing."""
    return before(0, 0, 10)


def steer(asked: Any) -> dict[str, Any]:
    """The next steps of a flight by hand, see the room's steer(); {"refused": (zh, en)} where that cannot be."""
    try:
        where, past, now = _asked(asked)
        with models.use("lander_ppo") as net:
            return net.steer(*where, past, now)
    except (InvalidInput, ModelUnavailable) as cause:
        return {"refused": (cause.zh, cause.en)}


def _asked(asked: Any) -> tuple[tuple[int, float, float], str, str]:
    """What the page's script sent, checked like everything that comes from outside."""
    asked = asked if isinstance(asked, dict) else {}
    where = place(asked.get("seed"), asked.get("wind"), asked.get("gravity"))
    past, now = asked.get("before"), asked.get("now")
    if (
        not (isinstance(past, str) and isinstance(now, str))
        or len(past) > MOST_STEPS
        or not 0 < len(now) <= AT_ONCE
        or not set(past + now) <= LETTERS
    ):
        raise InvalidInput(
            "这次操纵读不懂，请重新起飞", "These controls cannot be read; start the flight again"
        )
    return where, past, now
