"""Hostile callers: hundreds of broken, forged and oversized inputs sent to every endpoint over raw HTTP.

First with the rooms shut, so that all of them are tried and only what checks them runs; then a few of those that passed
the checks, with the rooms open. Every call must end with an answer or one sentence in both languages: no 5xx, no
traceback, no file of the server, no connection that the server opens, no memory left behind.
"""

import asyncio
import contextlib
import gc
import io
import itertools
import json
import logging
import random
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import psutil

import app
import demos
import models
from benchmarks.hostile_inputs import (
    ASKED,
    BOXES,
    FETCHED,
    FILES,
    KINDS,
    MARK,
    NO_BOXES,
    POSTED,
    SERVER_FUNCTIONS,
    STEERED,
    STRANGE,
    Upload,
    envelopes,
    table,
    traps,
)
from benchmarks.row import Row
from demos._ui import ROOT, runs

SEED, VISITORS, OPEN_EACH = 1, 16, 6  # OPEN_EACH: calls of each endpoint that go on to the rooms
PATIENCE = 60  # seconds, on a busy machine: a refusal that takes longer is a way to stop the hub
LISTENED = 10  # seconds until a caller whom a room answers hangs up
CHINESE = re.compile("[\u4e00-\u9fff]")
SHUT = ("房门关着", "The rooms are shut")
HOUSE = ("Assembles the tabs and launches", "root:x:0:", "GRADIO_SERVER_PORT=")  # what no answer may hold


@dataclass(frozen=True)
class Call:
    """What is sent. path: below /gradio_api/; body: None for a GET; what: for the report."""

    path: str
    body: Any
    what: str


@dataclass
class Found:
    """What a sweep met: how many calls there were, which of them got as far as a room, and what went wrong."""

    calls: int = 0
    refused: int = 0
    passed: list[Call] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


class Hub:
    """A hub in this process, whose log is read and whose connections are watched."""

    def __init__(
        self, blocks: gr.Blocks, address: str, secret: Path, trap: socket.socket, log: io.StringIO
    ) -> None:
        self.blocks, self.address, self.secret, self._trap, self._log = blocks, address, secret, trap, log
        self.token, self.port = secret.read_text(), trap.getsockname()[1]
        self.pages = {  # endpoint -> which of its outputs are HTML
            str(fn.api_name): [
                place for place, box in enumerate(fn.outputs) if isinstance(box, gr.HTML | gr.Markdown)
            ]
            for fn in blocks.fns.values()
        }

    def complaints(self) -> list[str]:
        """What was logged as an error since the last look, and where it happened."""
        text, place, found = self._log.getvalue().replace(f"{ROOT}/", ""), "", []
        self._log.seek(0)
        self._log.truncate()
        for line in text.splitlines():
            place = line.strip() if line.startswith("  File ") else place
            if re.match(r"[\w.]*(Error|Exception|Warning|Exit|Interrupt)\b", line):
                found.append(f"{line[:300]} {place}")
        return found or (["a traceback"] if "Traceback" in text else [])

    def visited(self) -> bool:
        """Whether the server opened a connection to the address that only it should reach."""
        self._trap.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            self._trap.accept()[0].close()
            return True
        return False


@contextlib.contextmanager
def running() -> Iterator[Hub]:
    """The hub as app.py launches it, on a free port of this machine, and a file that it must not hand out."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder, socket.socket() as trap:
        secret = Path(folder) / "secret.txt"
        secret.write_text(f"secret {secrets.token_hex(8)}")
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        blocks = app.build()
        logging.getLogger().addHandler(handler)
        with contextlib.redirect_stderr(log):
            _, address, _ = blocks.launch(**app.launch_options(), prevent_thread_lock=True, quiet=True)
            try:
                yield Hub(blocks, address, secret, trap, log)
            finally:
                blocks.close(verbose=False)
                logging.getLogger().removeHandler(handler)


@contextlib.contextmanager
def shut() -> Iterator[None]:
    """No room is lent: whoever asks for one has passed every check of the demo."""

    def refuse(name: str) -> None:
        raise models.ModelUnavailable(*SHUT)  # a new one: each holds on to the frames that it passed

    use, models.use = models.use, refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        models.use = use


def calls(hub: Hub, seed: int) -> list[Call]:
    """Every value of every kind at an input of that kind, the others as in the first example; and broken calls."""
    tables = {kind: table(kind, seed, str(hub.secret), hub.port) for kind in KINDS}
    found = []
    for name, boxes, values in endpoints(hub.blocks):
        path = f"call/{name}"
        found += [Call(path, body, f"{name}: {str(body)[:60]}") for body in envelopes(values)]
        for kind in dict.fromkeys(boxes):
            places = [place for place, box in enumerate(boxes) if box == kind]
            for number, value in enumerate(tables[kind]):
                place = places[(number + seed) % len(places)]
                body = {"data": [*values[:place], value, *values[place + 1 :]]}
                found.append(Call(path, body, f"{name}: input {place}, {kind} {number}, {str(value)[:60]!r}"))
    return [*found, *routes(hub)]


def endpoints(blocks: gr.Blocks) -> list[tuple[str, list[str], list[Any]]]:
    """Every function that answers HTTP: its name, the kinds of its inputs, and values that it takes."""
    known = {run.api: next(iter(run.examples.values()), None) for name in demos.names() for run in runs(name)}
    found = []
    for fn in (fn for fn in blocks.fns.values() if fn.fn and fn.api_name):
        kinds = [_kind(box) for box in fn.inputs]
        values = known.get(fn.api_name) or [getattr(box, "value", None) for box in fn.inputs]
        values = [Upload(Path(one).name, Path(one).read_bytes()) if kind in FILES and one else one
                  for kind, one in zip(kinds, values, strict=False)]  # fmt: skip
        found.append((fn.api_name, kinds, values))
    return found


def _kind(box: Any) -> str:
    return BOXES[type(box).__name__]


def routes(hub: Hub) -> list[Call]:
    """Gradio's own doors, with paths, addresses and bodies that are not for them."""
    boxes = [number for number, box in hub.blocks.blocks.items() if getattr(box, "server_functions", None)]
    asked = itertools.product((*boxes, *NO_BOXES), SERVER_FUNCTIONS, STEERED)
    bodies = [
        {"session_hash": "hostile", "component_id": box, "fn_name": name, "data": data}
        for box, name, data in asked
    ]
    found = [Call("component_server", body, f"component_server: {str(body)[:90]}") for body in bodies]
    found += [Call(door, body, f"{door}: {str(body)[:60]}") for door in POSTED for body in STRANGE]
    paths = [door.format(one) for one in traps(str(hub.secret), hub.port) for door in FETCHED]
    return [*found, *(Call(path, None, path[:60]) for path in (*paths, *ASKED))]


def sweep(hub: Hub, wanted: list[Call], listened: float = 2 * PATIENCE) -> Found:
    """Sends the calls, VISITORS at a time."""
    return asyncio.run(_sweep(hub, wanted, listened))


async def _sweep(hub: Hub, wanted: list[Call], listened: float) -> Found:
    found, left, there = Found(calls=len(wanted)), iter(wanted), {}

    async def visit() -> None:
        async with httpx.AsyncClient(base_url=f"{hub.address}gradio_api/", timeout=PATIENCE) as client:
            visitor = secrets.token_hex(6)
            for call in left:
                body = await _uploaded(client, call.body, there)
                try:
                    async with asyncio.timeout(PATIENCE):
                        complaint = await _tried(hub, client, call, body, visitor, listened, found)
                except (httpx.HTTPError, TimeoutError) as cause:
                    complaint = f"no answer: {cause!r}"
                found.bad += [f"{call.what}: {one}" for one in [complaint] if one]
                found.bad += [f"logged about {call.what}: {one}" for one in hub.complaints()]
                if hub.visited():
                    found.bad.append(
                        f"{call.what}: the server connected to an address of the caller's choice"
                    )

    await asyncio.gather(*(visit() for _ in range(VISITORS)))
    return found


async def _uploaded(client: httpx.AsyncClient, body: Any, there: dict[Upload, Any]) -> Any:
    """The body with what stands for each file in place of it; a file that is refused as it comes is None."""
    if not (isinstance(body, dict) and isinstance(body.get("data"), list)):
        return body
    data = []
    for one in body["data"]:
        if isinstance(one, Upload) and one not in there:
            answer = await client.post("upload", files={"files": (one.name, one.content)})
            there[one] = _file(answer.json()[0]) if answer.is_success else None
        data.append(there[one] if isinstance(one, Upload) else one)
    return body | {"data": data}


def _file(path: str) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


async def _tried(
    hub: Hub, client: httpx.AsyncClient, call: Call, body: Any, visitor: str, listened: float, found: Found
) -> str:
    """Sends one call; -> what is wrong with what came back, "" where nothing is."""
    if call.body is None and not call.path.startswith("call/"):
        answer = await client.get(call.path)
        return _leaks(hub, call.path, answer.text) or _status(answer)
    if isinstance(body, dict) and isinstance(session := body.get("session_hash", ""), str):
        body = body | {"session_hash": session + visitor}  # nobody else's, whose answers would come here
    sent = json.dumps(body, default=str).encode()  # a file in a wrong place is its name
    answer = await client.post(call.path, content=sent, headers={"content-type": "application/json"})
    if not (answer.is_success and call.path.startswith("call/")):
        found.refused += 1
        return _leaks(hub, call.path, answer.text) or _status(answer)
    name, text = "", ""
    try:
        async with (
            asyncio.timeout(listened),
            client.stream("GET", f"{call.path}/{answer.json()['event_id']}") as lines,
        ):
            async for line in lines.aiter_lines():
                name = line[7:] if line.startswith("event: ") else name
                text = line[6:] if line.startswith("data: ") and line != "data: null" else text
    except TimeoutError:
        return ""  # it was answered, and we hung up
    if name == "complete":
        return _leaks(hub, call.path, text)
    found.refused += 1
    told = json.loads(text or "null")
    sentence = told.get("error") if isinstance(told, dict) else told
    if sentence == "\n".join(SHUT):
        found.passed.append(call)
    return _leaks(hub, call.path, text) or ("" if _both(sentence) else f"told {sentence!r}")


def _both(sentence: Any) -> bool:
    """Whether it is one sentence in each language, and not the one for what nobody foresaw."""
    if not isinstance(sentence, str) or "This run failed" in sentence:
        return False
    zh, _, en = sentence.partition("\n")
    return bool(CHINESE.search(zh)) and bool(en) and "\n" not in en


def _status(answer: httpx.Response) -> str:
    return f"status {answer.status_code}" if answer.status_code >= 500 else ""


def _leaks(hub: Hub, path: str, text: str) -> str:
    """Whether an answer holds what it must not: the secret, files of the server, a tag of the caller's."""
    held = [one for one in (hub.token, *HOUSE) if one in text]
    held += [MARK] if any(MARK in page for page in _pages(hub, path, text)) else []
    return f"an answer holds {held[0]!r}" if held else ""


def _pages(hub: Hub, path: str, text: str) -> list[str]:
    """The HTML among the outputs of a call."""
    outputs = json.loads(text or "null") if path.startswith("call/") else None
    boxes = hub.pages.get(path.removeprefix("call/"), [])
    return [
        str(value)
        for place, value in enumerate(outputs if isinstance(outputs, list) else [])
        if place in boxes
    ]


def rows() -> list[Row]:
    with running() as hub:
        wanted = calls(hub, SEED)
        with shut():
            half = len(wanted) // 2
            first = sweep(hub, wanted[::2])
            before = _memory_mb()
            second = sweep(hub, wanted[1::2])
            after = _memory_mb()
        chosen = some(first.passed + second.passed, OPEN_EACH, SEED)
        opened = sweep(hub, chosen, LISTENED)
    bad = first.bad + second.bad
    return [
        Row("answers that are no sentence, rooms shut", len(bad), "", at_most=0, detail=_detail(len(wanted), bad)),
        Row("of these calls refused", (first.refused + second.refused) / len(wanted), "", detail=f"{half} twice"),
        Row("resident memory, after all / after half", after / before, at_most=1.05,
        detail=f"{before} -> {after} MB"),
        Row("answers that are no sentence, rooms open", len(opened.bad), "", at_most=0,
            detail=_detail(len(chosen), opened.bad)),
    ]  # fmt: skip


def some(wanted: list[Call], each: int, seed: int) -> list[Call]:
    """So many calls of each endpoint and of each of Gradio's own doors, by chance."""
    by_door: dict[str, list[Call]] = {}
    for call in wanted:
        by_door.setdefault(re.split("[={?]", call.path)[0], []).append(call)
    chance = random.Random(seed)
    return [call for calls in by_door.values() for call in chance.sample(calls, min(each, len(calls)))]


def _detail(count: int, bad: list[str]) -> str:
    return "; ".join([f"{count} calls", *bad[:3]]).replace("|", "/")


def _memory_mb() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss // 1_000_000
