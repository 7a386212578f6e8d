"""The Models page: every room, the memory budget and what the cache did and why, live."""

import html
import time
from typing import Any

import gradio as gr

import models
from demos._run import both
from demos._ui import t

EVENTS = 12  # newest lines of the log that are shown
_STATES = {
    "cold": ("未载入", "cold"),
    "waiting": ("等待内存", "waiting"),
    "fetching": ("下载", "fetching"),
    "loading": ("载入", "loading"),
    "warm": ("已就绪", "warm"),
    "in use": ("使用中", "in use"),
}


def build(tab: gr.Tab) -> gr.Timer:
    """Draws the page, empty until its tab is opened; -> the timer that then renews it."""
    gr.Markdown(
        t(
            "所有演示共用一个模型缓存：谁被用到就载入谁，内存不够时按“重载代价 × 使用频率 ÷ 大小”释放最不值得留的。",
            "All demos share one model cache: a model is loaded when it is used, and when memory runs short the one "
            "that is least worth keeping goes, by reload cost x frequency / size.",
        ),
        elem_classes="about",
    )
    page = gr.HTML(elem_id="models-view", min_height=320)
    with gr.Row(elem_classes="run-row"):
        room = gr.Dropdown(list(models.ROOMS), label=t("模型", "Model"), elem_id="unload-room")
        unload = gr.Button(t("从内存释放", "Unload"), elem_id="unload-button")
    told = gr.HTML(elem_id="unload-told", min_height=24)
    unload.click(release, room, told, queue=False, api_visibility="private", show_progress="hidden")
    gr.api(state, api_name="models", queue=False)
    timer = gr.Timer(1.0, active=False)
    # Not at the start: to know the memory budget takes torch on a machine with a GPU.
    gr.on(
        [tab.select, timer.tick],
        view,
        None,
        page,
        queue=False,
        api_visibility="private",
        show_progress="hidden",
    )
    return timer


def state() -> dict[str, Any]:
    """The model cache now: memory in MB, every room, and the log with its reasons, newest last."""
    used, budget = models.budget()
    rooms = [{"name": room.name, "state": room.state, "mb": room.mb} for room in models.resident()]
    return {
        "used_mb": used,
        "budget_mb": budget,
        "rooms": rooms,
        "log": [event.en for event in models.events()],
    }


def release(room: str | None, request: gr.Request) -> str:
    """Drops an idle room, for the person who runs the app."""
    if not room:
        return both("请先选一个模型", "Choose a model first")
    if not is_operator(request):
        return both("只有运行本应用的人能释放模型", "Only the person running the app can unload models")
    if models.unload(room):
        return both(f"已释放 {room}", f"Unloaded {room}")
    return both(f"{room} 不在内存中或正在使用", f"{room} is not in memory or is in use")


def is_operator(request: gr.Request) -> bool:
    """Whether a request comes from a browser on this machine itself, not through a proxy or a share link."""
    host = (request.headers.get("host") or "").rsplit(":", 1)[0]
    local = {"127.0.0.1", "localhost", "[::1]", "::1"}
    forwarded = any(name.lower().startswith(("x-forwarded", "forwarded")) for name in request.headers)
    return bool(request.client) and request.client.host in local and host in local and not forwarded


def view() -> str:
    """The page as HTML."""
    try:
        used, budget = models.budget()
    except models.ModelUnavailable as cause:  # the device that was asked for is not there
        return f'<p class="refused">{both(cause.zh, cause.en)}</p>'
    share = min(1.0, used / budget) if budget else 0.0
    bar = (
        f'<div class="memory"><div class="memory-used" style="width:{share:.1%}"></div></div>'
        f"<p>{both('内存', 'Memory')} {used:,} / {budget:,} MB</p>"
    )
    head = "".join(
        f'<th scope="col">{both(*words)}</th>'
        for words in (("模型", "model"), ("状态", "state"), ("内存", "memory"), ("设备", "device"))
    )
    rows = "".join(_row(room) for room in models.resident())
    lines = "".join(_line(event) for event in reversed(models.events()[-EVENTS:]))
    return (
        f'<div class="rooms">{bar}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"<h3>{both('缓存日志', 'What the cache did')}</h3><ol class='events'>{lines}</ol></div>"
    )


def _row(room: models.Resident) -> str:
    state = both(*_STATES[room.state]) + (
        f" {room.progress:.0%}" if room.state in ("fetching", "loading") else ""
    )
    place = html.escape(room.device) if room.state in ("warm", "in use") else ""
    return (
        f'<tr class="{room.state.replace(" ", "-")}"><th scope="row">{room.name}</th><td>{state}</td>'
        f"<td>{room.mb} MB</td><td>{place}</td></tr>"
    )


def _line(event: models.Event) -> str:
    return f"<li><time>{time.strftime('%H:%M:%S', time.localtime(event.when))}</time> {both(event.zh, event.en)}</li>"
