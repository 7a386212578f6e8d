"""Five demos in turn by four visitors under 60 % of the memory that their rooms need together.

Each round ends with one visitor who opens the demos in order, so that the same rooms are in memory when it is read.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor

import httpx

import app
import demos
import models
from benchmarks.clicks import example
from benchmarks.row import Row
from benchmarks.server import Server, running

DEMOS = ("text_generation", "few_shot_text", "image_recognition", "sketch_cnn", "speech_recognition")
VISITORS, ROUNDS, SHARE = 4, 20, 0.6


def rows() -> list[Row]:
    app.build()
    rooms = dict.fromkeys(room for name in DEMOS for room in demos.load(name).models)
    whole = sum(models.spec(room).memory_mb for room in rooms)
    budget = max(int(whole * SHARE), max(models.spec(room).memory_mb for room in rooms))
    with running("app.py", HUB_MEMORY_MB=str(budget)) as hub:
        held, failures, highest = _rounds(hub)
        log = hub.call("models", [])[0]["log"]
    dropped = sum("dropped" in line for line in log)
    return [
        Row(
            "failures under memory pressure",
            len(failures),
            "",
            at_most=0,
            detail="; ".join([f"{VISITORS} visitors, {ROUNDS} rounds", *dict.fromkeys(failures)]),
        ),
        Row(
            "highest memory of rooms / budget",
            highest / budget,
            at_most=1.0,
            detail=f"budget {budget} of {whole} MB",
        ),
        Row("rooms dropped, each with its reason", dropped, "", at_least=1, detail=log[-1]),
        growth(held),
    ]


def growth(held: list[int]) -> Row:
    """held: resident memory after each round, in MB."""
    early, late = held[4], held[-1]
    return Row(
        f"growth of resident memory from round 5 to round {len(held)}",
        late / early - 1,
        "",
        at_most=0.05,
        detail=f"{early} -> {late} MB",
    )


def _rounds(hub: Server) -> tuple[list[int], list[str], int]:
    """-> resident memory after each round, what failed calls said, the highest memory of rooms that was seen."""
    inputs = {name: hub.inputs(example(name)) for name in DEMOS}
    held, failed, used = [], [], []

    def visit(visitor: int) -> None:
        with httpx.Client(base_url=hub.client.base_url, timeout=600) as client:
            for name in itertools.islice(itertools.cycle(DEMOS), visitor, visitor + len(DEMOS)):
                try:
                    hub.call(name, inputs[name], client)
                except RuntimeError as sentence:
                    failed.append(str(sentence))
                used.append(hub.call("models", [], client)[0]["used_mb"])

    with ThreadPoolExecutor(VISITORS) as crowd:
        for _ in range(ROUNDS):
            list(crowd.map(visit, range(VISITORS)))
            visit(0)
            held.append(hub.memory_mb())
    return held, failed, max(used)
