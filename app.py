"""Assembles the tabs and launches the hub: `python app.py`."""

import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path

from models import settings

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
# Nobody sees Gradio's statistics of calls here: it would keep 10,000 and sum them up again after each.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
os.environ.setdefault("GRADIO_TEMP_DIR", str(settings.own_temporary_folder()))

import gradio as gr
from starlette.middleware import Middleware

import demos
import models
from demos import _warm, questions, rooms
from demos._api import DocumentedHub
from demos._refusals import Politely
from demos._ui import ROOT, render, t, translations

THEME = gr.themes.Base(
    primary_hue="teal",
    secondary_hue="amber",
    neutral_hue="slate",
    radius_size="lg",
    font=["Inter", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", "system-ui", "sans-serif"],
    font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
).set(  # text and buttons that stand out at least 4.5 : 1 from what is behind them
    color_accent="*primary_700",
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_300",
    block_title_text_color="*neutral_700",
    block_label_text_color="*neutral_700",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover_dark="*primary_600",
    stat_background_fill="*primary_600",
    stat_background_fill_dark="*primary_500",
)
PAGES = {"questions": t("问题清单", "Questions"), "models": t("模型", "Models")}
KEPT = 3600  # seconds that what visitors gave and got stays on disk
LOOK = 600  # seconds between two looks for what is older
SESSIONS = 1000  # of pages, of which the last to come are remembered; a caller may open one with each call
HEADER = """
<header class="hub-header"><div>
<h1>AI Demo Hub</h1>
<p><span lang="zh">三十个面试问题，每个都有一个能点、能看、能重跑的答案</span>
<span lang="en">Thirty interview questions, each with an answer to click, look into and run again</span></p></div>
<button type="button" class="switch-language" aria-label="Switch language 切换语言">中文 / EN</button></header>
"""


def build() -> DocumentedHub:
    """The whole app, not yet launched."""
    with DocumentedHub(title="AI Demo Hub", analytics_enabled=False, delete_cache=(LOOK, KEPT)) as hub:
        gr.HTML(HEADER)
        tabs: dict[str, gr.Tab] = {}
        with gr.Tabs(elem_id="groups", overflow_behavior="wrap"):
            for group in demos.GROUPS:
                _group(group, tabs)
            for id, title in PAGES.items():
                tabs[id] = gr.Tab(title, id=id, elem_id=f"tab-{id}")
            with tabs["questions"]:
                questions.build(set(demos.names()))
            with tabs["models"]:
                ticking = rooms.build(tabs["models"])
        _warm.wire(hub, tabs, ticking)
        hub.load(None, None, None, js="() => hub.open()", api_visibility="private")
    # Nobody passes the queue by: api_open would let a POST to /run/ do so.
    return hub.queue(max_size=settings.queue_length(), default_concurrency_limit=1, api_open=False)


def _group(group: demos.Group, tabs: dict[str, gr.Tab]) -> None:
    title = t(group.zh, group.en)
    with (
        gr.Tab(title, id=group.id, elem_id=f"tab-{group.id}") as tabs[group.id],
        gr.Tabs(elem_classes="inner", overflow_behavior="wrap"),
    ):
        for name in group.demos:
            demo = demos.load(name)
            with gr.Tab(demo.title, id=name, elem_id=f"tab-{name}") as tabs[name]:
                render(demo)


def head() -> str:
    """The page's own script, told each tab's group and its title in both languages."""
    tabs = {id: (None, title) for id, title in PAGES.items()}
    for group in demos.GROUPS:
        tabs[group.id] = (None, t(group.zh, group.en))
        tabs |= {name: (group.id, demos.load(name).title) for name in group.demos}
    known = {id: {"group": group, "zh-CN": title.zh, "en": title.en} for id, (group, title) in tabs.items()}
    script = (
        (ROOT / "assets" / "hub.js").read_text().replace("KNOWN_TABS", json.dumps(known, ensure_ascii=False))
    )
    return f"<script>{script}</script>"


def launch_options() -> dict:
    """What launch() is told: safe defaults, our look and our two languages."""
    return {
        "theme": THEME,
        "css_paths": [ROOT / "assets" / "style.css"],
        "head": head(),
        "i18n": translations(),
        "auth": settings.login(),
        "max_file_size": "50mb",
        "state_session_capacity": SESSIONS,
        "show_error": False,
        "enable_monitoring": False,
        "run_history": False,
        "ssr_mode": False,
        "_frontend": False,  # else it fetches its own page first, and does not start where that takes three seconds
        "mcp_server": settings.agents(),
        "app_kwargs": {"middleware": [Middleware(Politely)]},
        "footer_links": ["api", "gradio", "settings"],
    }


def left_behind(folder: Path) -> list[Path]:
    """What a hub that was killed left in its folder; a running one deletes its own in time."""
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def forget(files: list[Path]) -> list[Path]:
    """Deletes those of the files whose hour is over; -> the others that are still there."""
    kept = []
    for file in files:
        with contextlib.suppress(FileNotFoundError):  # a running hub was quicker
            if time.time() - file.stat().st_mtime > KEPT:
                file.unlink()
            else:
                kept.append(file)
    return kept


def serve() -> None:
    """Runs the hub until it is told to stop, by SIGTERM or Ctrl+C; then it is gone within ten seconds."""
    try:
        models.lend()
    except models.ModelUnavailable as cause:
        raise SystemExit(str(cause)) from cause
    told = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):  # after lend(): Ray has a handler of its own
        signal.signal(name, lambda *_: told.set())
    left = forget(left_behind(settings.own_temporary_folder()))
    hub = build()
    hub.launch(**launch_options(), prevent_thread_lock=True)
    while not told.wait(LOOK):
        left = forget(left)
    hub.end()
    os._exit(0)  # a thread that still computes cannot be ended otherwise


if __name__ == "__main__":
    serve()
