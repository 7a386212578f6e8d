"""Warms a demo's rooms when its tab is opened, and lets go of them when nobody looks any more."""

import contextlib
import threading

import gradio as gr

import demos
import models

ahead: dict[str, str] = {}  # demo -> the one that a tour shows next, whose rooms are warmed too
_lock = threading.Lock()
_held: dict[str, list[models.Warming]] = {}  # session -> the rooms its open tab needs
_inner: dict[tuple[str, str], str] = {}  # session, group -> the demo last opened in it


def wire(hub: gr.Blocks, tabs: dict[str, gr.Tab], ticking: gr.Timer) -> None:
    """One event for all tabs. ticking: the Models page's timer, which runs only while that page is open."""

    def opened(event: gr.EventData, request: gr.Request) -> gr.Timer:
        return gr.Timer(active=open_tab(event.target.id, request.session_hash) == "models")

    def arrived(request: gr.Request) -> None:
        open_tab(demos.GROUPS[0].id, request.session_hash)

    def left(request: gr.Request) -> None:
        leave(request.session_hash)

    quiet = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    gr.on([tab.select for tab in tabs.values()], opened, None, ticking, **quiet)
    hub.load(arrived, None, None, **quiet)
    hub.unload(left)


def open_tab(tab: str, session: str) -> str:
    """A visitor opened a group, a demo or a page; -> the demo or page that is seen now."""
    group = next((group for group in demos.GROUPS if tab == group.id or tab in group.demos), None)
    seen = tab
    if group:
        seen = _inner.get((session, group.id), group.demos[0]) if tab == group.id else tab
        _inner[session, group.id] = seen
    needed = demos.load(seen).models if group else ()
    if seen in ahead:
        needed = tuple(dict.fromkeys((*needed, *demos.load(ahead[seen]).models)))
    warmings = []
    with contextlib.suppress(models.ModelUnavailable):  # the run will say why
        warmings = [models.warm(name) for name in needed]
    with _lock:
        before, _held[session] = _held.get(session, []), warmings
    for warming in before:
        warming.cancel()
    return seen


def leave(session: str) -> None:
    """The browser was closed."""
    with _lock:
        before = _held.pop(session, [])
        for key in [key for key in _inner if key[0] == session]:
            del _inner[key]
    for warming in before:
        warming.cancel()
