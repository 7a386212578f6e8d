"""Sixty-four visitors over all demos for ten minutes, with time to think, under half the memory that all rooms need.

Each answer is compared with that to the same call alone, where two calls alone gave the same; numbers and pictures,
which a batch may round otherwise, are left out. Then thirty heavy runs are queued before a light one.
"""

import asyncio
import itertools
import json
import random
import re
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

import app
import demos
import models
from benchmarks.row import Row
from benchmarks.server import Server, running
from demos._refusals import FULL
from demos._ui import runs

SECONDS, VISITORS, THINKING = (
    600,
    64,
    20.0,
)  # THINKING: seconds between an answer and the next call, on average
QUEUE = 40  # visitors who may wait, so that some are told to come back
DIFFERING = 40  # characters of two answers that are told where they differ
EXAMPLES = 2  # of each demo, so that an answer to another call is seen
HEAVY, LIGHT, DEEP = "text_generation", "sketch_cnn", 30
BLURRED = re.compile(r"data:[a-z]+/[\w.+-]+;base64,[\w+/=]+|[-+]?\d[\d.,e%]*")

Call = tuple[str, int]  # demo, number of its example


@dataclass
class Seen:
    """What a crowd met. waits: seconds until the answer; turned_away: told that the queue is full."""

    waits: list[tuple[float, str]] = field(default_factory=list)
    turned_away: int = 0
    failed: list[str] = field(default_factory=list)
    memory_mb: list[int] = field(default_factory=list)


def rows(seconds: float = SECONDS, names: tuple[str, ...] = ()) -> list[Row]:
    app.build()
    names = names or demos.names()
    sizes = [models.spec(room).memory_mb for room in rooms(names)]
    budget = max(sum(sizes) // 2, *sizes)
    with running("app.py", HUB_MEMORY_MB=str(budget), HUB_QUEUE=str(QUEUE)) as hub:
        inputs = asked(hub, names)
        alone = {
            call: same(*(answered(hub, call, given) for _ in range(2))) for call, given in inputs.items()
        }
        seen = asyncio.run(crowd(hub, inputs, alone, VISITORS, seconds))
        turned_away = seen.turned_away
        heavy, light, behind = asyncio.run(fairness(hub, inputs))
    unchecked = sorted({name for (name, _), parts in alone.items() if not parts})
    worst, name = max(seen.waits)
    fifth = len(seen.memory_mb) // 5
    early, late = (
        statistics.median(part) for part in (seen.memory_mb[fifth : 2 * fifth], seen.memory_mb[-fifth:])
    )
    held = f"{VISITORS} visitors, {seconds:.0f} s, budget {budget} of {sum(sizes)} MB"
    return [
        Row("failed or mixed-up answers", len(seen.failed), "", at_most=0,
            detail="; ".join([held, f"{len(seen.waits)} answers", *sorted(set(seen.failed))[:3]]).replace("|", "/")),
        Row("demos whose answers never come out the same", len(unchecked), "", detail=", ".join(unchecked)),
        Row("longest wait for an answer", worst, "s", detail=name),
        Row("median wait for an answer", statistics.median(wait for wait, _ in seen.waits), "s"),
        Row("visitors told in a sentence that the queue is full", turned_away, "", detail=f"{QUEUE} may wait"),
        Row("resident memory, last fifth / second fifth", late / early, at_most=1.05,
            detail=f"{early:.0f} -> {late:.0f} MB"),
        Row(f"{LIGHT} behind {DEEP} runs of {HEAVY}: delay / one heavy run", (behind - light) / heavy, at_most=1.0,
            detail=f"{behind:.1f} s, alone {light:.2f} s; one heavy run {heavy:.1f} s"),
    ]  # fmt: skip


def rooms(names: tuple[str, ...]) -> list[str]:
    """Every room that these demos use."""
    return list(dict.fromkeys(room for name in names for room in demos.load(name).models))


def asked(hub: Server, names: tuple[str, ...]) -> dict[Call, list[Any]]:
    """The inputs of each demo's first examples, as a browser sends them."""
    found = {}
    for name in names:
        examples = runs(name)[0].examples.values()
        for number, values in enumerate(itertools.islice(examples, EXAMPLES)):
            found[name, number] = hub.inputs(values)
    return found


def answered(hub: Server, call: Call, inputs: list[Any]) -> list[str]:
    """The outputs of a call, without the receipt, numbers and pictures."""
    return blurred(hub.call(call[0], inputs))


def blurred(outputs: list[Any]) -> list[str]:
    """Outputs as text in which numbers, pictures and places of files are alike."""
    return [BLURRED.sub("#", json.dumps(_placeless(one), ensure_ascii=False)) for one in outputs[:-1]]


def _placeless(value: Any) -> Any:
    if isinstance(value, dict):
        return "file" if "path" in value else {name: _placeless(one) for name, one in value.items()}
    return [_placeless(one) for one in value] if isinstance(value, list) else value


def same(once: list[str], again: list[str]) -> dict[int, str]:
    """The outputs that came out the same twice, by their place."""
    return {place: one for place, (one, other) in enumerate(zip(once, again, strict=True)) if one == other}


async def crowd(
    hub: Server,
    inputs: dict[Call, list[Any]],
    alone: dict[Call, dict[int, str]],
    visitors: int,
    seconds: float,
) -> Seen:
    """Visitors who call, read and think, each with a chance of his own."""
    seen, until = Seen(), time.monotonic() + seconds
    calls = list(inputs)

    async def visit(number: int) -> None:
        chance = random.Random(number)
        # The server closes what is idle for five seconds, and would cut off a call that comes at that moment.
        kept = httpx.Limits(keepalive_expiry=2)
        async with httpx.AsyncClient(base_url=hub.client.base_url, timeout=600, limits=kept) as client:
            await asyncio.sleep(chance.uniform(0, min(THINKING, seconds / 4)))
            while time.monotonic() < until:
                call = chance.choice(calls)
                await _visited(client, f"visitor{number}", call, inputs[call], alone[call], seen)
                await asyncio.sleep(min(chance.expovariate(1 / THINKING), max(0.0, until - time.monotonic())))

    async def watch() -> None:
        while time.monotonic() < until:
            seen.memory_mb.append(hub.memory_mb())
            await asyncio.sleep(min(2.0, seconds / 20))

    await asyncio.gather(watch(), *(visit(number) for number in range(visitors)))
    return seen


async def _visited(
    client: httpx.AsyncClient, visitor: str, call: Call, inputs: list[Any], alone: dict[int, str], seen: Seen
) -> None:
    started = time.monotonic()
    outputs, sentence = await asks(client, visitor, call[0], inputs)
    if sentence == "\n".join(FULL):
        seen.turned_away += 1
        return
    seen.waits.append((time.monotonic() - started, call[0]))
    if outputs is None:
        seen.failed.append(f"{call[0]}: {sentence}")
        return
    parts = blurred(outputs)
    for place, one in alone.items():
        if parts[place] != one:
            seen.failed.append(
                f"{call[0]}: another answer than alone, output {place}: {differing(one, parts[place])}"
            )


def differing(one: str, other: str) -> str:
    """Where two texts begin to differ."""
    at = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return f"{one[at : at + DIFFERING]!r} became {other[at : at + DIFFERING]!r}"


async def asks(
    client: httpx.AsyncClient, visitor: str, endpoint: str, inputs: list[Any]
) -> tuple[list[Any] | None, str]:
    """-> the outputs, or None and the sentence that came instead."""
    path = f"/gradio_api/call/{endpoint}"
    answer = await client.post(path, json={"data": inputs, "session_hash": visitor})
    if not answer.is_success:
        return None, str(answer.json().get("detail"))
    name, text = "", ""
    async with client.stream("GET", f"{path}/{answer.json()['event_id']}") as lines:
        async for line in lines.aiter_lines():
            name = line[7:] if line.startswith("event: ") else name
            text = line[6:] if line.startswith("data: ") and line != "data: null" else text
    told = json.loads(text or "null")
    return (
        (told, "")
        if name == "complete"
        else (None, told.get("error") if isinstance(told, dict) else str(told))
    )


async def fairness(hub: Server, inputs: dict[Call, list[Any]]) -> tuple[float, float, float]:
    """Seconds of a heavy run, of a light one, and of a light one that comes when DEEP heavy ones were asked for.

    Raises RuntimeError with the sentence of a call that was refused.
    """
    async with httpx.AsyncClient(base_url=hub.client.base_url, timeout=600) as client:

        async def took(name: str, visitor: str) -> float:
            started = time.monotonic()
            outputs, sentence = await asks(client, visitor, name, inputs[name, 0])
            if outputs is None:  # a refusal is quick, and no measure of anything
                raise RuntimeError(f"{name}: {sentence}")
            return time.monotonic() - started

        heavy, light = await took(HEAVY, "heavy"), min([await took(LIGHT, "light") for _ in range(3)])
        queued = [asyncio.create_task(took(HEAVY, f"heavy{number}")) for number in range(DEEP)]
        await asyncio.sleep(0.5)
        behind = await took(LIGHT, "light")
        for one in queued:  # closes their pages
            one.cancel()
        await asyncio.gather(*queued, return_exceptions=True)
    return heavy, light, behind
