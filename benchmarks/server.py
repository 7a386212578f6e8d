"""Starts an app in a process of its own and talks to it over one kept-alive HTTP connection."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parent.parent


@contextlib.contextmanager
def running(*command: str, **environment: str) -> Iterator["Server"]:
    """`python <command>` listening on a free port; ended with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = (
        os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"} | environment
    )
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
    try:
        yield Server(process, f"http://127.0.0.1:{port}", started)
    finally:
        process.terminate()
        process.wait(30)


class Server:
    """An app in another process. seconds: from its start to its first page; first_s: from the start of the last
    call to its first visible output."""

    def __init__(self, process: subprocess.Popen, address: str, started: float) -> None:
        self.process = process
        self.client = httpx.Client(base_url=address, timeout=300)
        while True:
            with contextlib.suppress(httpx.TransportError):
                self.client.get("/").raise_for_status()
                break
            if process.poll() is not None:
                raise RuntimeError("the app ended by itself")
            time.sleep(0.01)
        self.seconds = time.perf_counter() - started

    def memory_mb(self) -> int:
        """Resident memory of the process, in MB of 1e6 bytes."""
        return psutil.Process(self.process.pid).memory_info().rss // 1_000_000

    def call(self, endpoint: str, inputs: list[Any], client: httpx.Client | None = None) -> list[Any]:
        """Runs an endpoint; -> its last outputs. Raises RuntimeError with the app's sentence.

        Each client is one visitor with a session of its own, as each open page is.
        """
        client = client or self.client
        visitor, started = f"visitor{id(client)}", time.perf_counter()
        self.first_s = 0.0
        path = f"/gradio_api/call/{endpoint}"
        event = (
            client.post(path, json={"data": inputs, "session_hash": visitor})
            .raise_for_status()
            .json()["event_id"]
        )
        name, data = "", ""
        with client.stream("GET", f"{path}/{event}") as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = line[6:] if line != "data: null" else data
                    if name in ("generating", "complete") and not self.first_s and _shown(data):
                        self.first_s = time.perf_counter() - started
        if name != "complete":
            raise RuntimeError(f"{endpoint}: {name} {data}")
        return json.loads(data)

    def upload(self, path: Path) -> dict[str, Any]:
        """Sends a file; -> what stands for it among the inputs of a call."""
        with path.open("rb") as file:
            there = self.client.post("/gradio_api/upload", files={"files": file}).raise_for_status().json()[0]
        return {"path": there, "meta": {"_type": "gradio.FileData"}}

    def inputs(self, values: list[Any]) -> list[Any]:
        """An example's values as a browser would send them: files are uploaded first."""
        return [self.upload(Path(value)) if _is_file(value) else value for value in values]


def _shown(data: str) -> bool:
    """Whether the first output is there, and not only a status line behind it."""
    first = json.loads(data)[0]
    return bool(first) and not (isinstance(first, dict) and first.get("__type__") == "update")


def _is_file(value: Any) -> bool:
    return isinstance(value, str | Path) and len(str(value)) < 300 and Path(value).is_file()
