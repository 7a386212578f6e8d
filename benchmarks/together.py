"""Sixteen visitors at once on rooms that batch, over the same clicks one after another.

Each click on few_shot_text asks about a sentence that was not asked before, after the tab's own examples; each on
image_recognition is a whole photo.
"""

import contextlib
import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

import app
from benchmarks.clicks import example
from benchmarks.row import Row
from benchmarks.server import Server, running

VISITORS, CLICKS = 16, 4


def rows() -> list[Row]:
    app.build()
    with running("app.py") as hub:
        return [_row(hub, name) for name in ("few_shot_text", "image_recognition")]


def _row(hub: Server, name: str) -> Row:
    inputs = hub.inputs(example(name))
    hub.call(name, inputs)
    alone = _clicks_per_second(hub, name, inputs, visitors=1, clicks=CLICKS * 4)
    together = _clicks_per_second(hub, name, inputs, VISITORS, CLICKS)
    return Row(f"{VISITORS} visitors on {name}: throughput / one by one", together / alone, at_least=2.0,
               detail=f"{together:.1f} over {alone:.1f} clicks a second")  # fmt: skip


def _clicks_per_second(hub: Server, name: str, inputs: list, visitors: int, clicks: int) -> float:
    numbers = itertools.count()

    def visit(client: httpx.Client) -> None:
        for _ in range(clicks):
            hub.call(name, _another(name, inputs, next(numbers), visitors), client)

    with contextlib.ExitStack() as open_pages:
        clients = [
            open_pages.enter_context(httpx.Client(base_url=hub.client.base_url, timeout=300))
            for _ in range(visitors)
        ]
        for client in clients:
            hub.call(name, inputs, client)  # opens the visitor's session, as loading the page does
        started = time.perf_counter()
        with ThreadPoolExecutor(visitors) as crowd:
            list(crowd.map(visit, clients))
        return visitors * clicks / (time.perf_counter() - started)


def _another(name: str, inputs: list, number: int, visitors: int) -> list:
    """The inputs of one click; a sentence of its own, since the room remembers those it has read."""
    if name != "few_shot_text":
        return inputs
    return [inputs[0], f"Parcel {number} of {visitors} has not come and nobody answers my calls"]
