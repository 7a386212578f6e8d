"""What the hub is measured beside: `python -m benchmarks.plain echo | eager`.

echo: one textbox, nothing else. eager: what a first draft would do, every model loaded at start, one
gr.Interface each in a gr.TabbedInterface.
"""

import importlib
import sys

import gradio as gr

import models
from models import sources


def echo() -> gr.Blocks:
    """The smallest app with one click in it."""
    with gr.Blocks(analytics_enabled=False) as app:
        box = gr.Textbox("hello")
        gr.Button("Run").click(lambda text: text, box, box, api_name="echo")
    return app


def eager() -> gr.TabbedInterface:
    """Every room loaded before the first page is served."""
    tabs = []
    rooms = [name for name in models.ROOMS if models.spec(name).offline]
    for name in rooms:
        for weight in models.spec(name).weights:
            sources.fetch(weight)
        net = importlib.import_module(f"models.{name}.net").load("cpu")
        tabs.append(gr.Interface(lambda text, net=net: str(net), "textbox", "textbox"))
    return gr.TabbedInterface(tabs, rooms, analytics_enabled=False)


if __name__ == "__main__":
    {"echo": echo, "eager": eager}[sys.argv[1]]().launch(quiet=True, ssr_mode=False)
