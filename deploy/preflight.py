"""Whether a running hub is ready to be shown: every demo's first example, cold and warm, over its API."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from demos._ui import ROOT
from models import settings

SLOW = 10.0  # seconds: a warm click that takes longer is not for an audience
START = 180.0  # seconds until a hub must answer


@dataclass(frozen=True)
class Outcome:
    """How a demo's first example went. error: "" where it went well; cold_s, warm_s: first and second click."""

    demo: str
    cold_s: float = 0.0
    warm_s: float = 0.0
    error: str = ""

    @property
    def verdict(self) -> str:
        """ready, slow or failed."""
        return "failed" if self.error else "slow" if self.warm_s > SLOW else "ready"


def outcomes(address: str, examples: Iterable[tuple[str, list[Any]]] | None = None) -> Iterator[Outcome]:
    """Runs examples twice on the hub at an address; yields how it went, one by one.

    examples: demo and values each, of an app that is built; None: every demo's first one.
    """
    from gradio_client import Client

    import app
    import demos
    from demos._ui import runs

    if examples is None:
        app.build()
        examples = [(name, next(iter(runs(name)[0].examples.values()))) for name in demos.names()]
    client = Client(address, verbose=False, auth=settings.login())
    for name, values in examples:
        boxes = runs(name)[0].inputs
        given = [
            value for box, value in zip(boxes, values) if not isinstance(box, gr.State)
        ]  # the client's own
        yield _outcome(client, name, given)


def told(found: Iterable[Outcome]) -> bool:
    """Prints a line for each; -> whether none failed."""
    seen = []
    for one in found:
        print(
            f"{one.verdict:7} {one.demo:26} cold {one.cold_s:6.2f} s, warm {one.warm_s:6.2f} s  {one.error}",
            flush=True,
        )
        seen.append(one.verdict)
    print(", ".join(f"{seen.count(verdict)} {verdict}" for verdict in ("ready", "slow", "failed")))
    return bool(seen) and "failed" not in seen


@contextlib.contextmanager
def hub(
    python: str = sys.executable, folder: Path = ROOT, environment: dict[str, str] | None = None
) -> Iterator[str]:
    """`python app.py` in a folder, on a free port; -> its address. Raises RuntimeError when it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    variables = os.environ | {"GRADIO_SERVER_PORT": port} | (environment or {})
    process = subprocess.Popen([python, "app.py"], cwd=folder, env=variables, stdout=subprocess.DEVNULL)
    try:
        yield _answering(process, f"http://127.0.0.1:{port}/")
    finally:
        process.terminate()
        process.wait(30)


def _answering(process: subprocess.Popen, address: str) -> str:
    started = time.monotonic()
    while time.monotonic() - started < START and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=10).close()
            return address
        time.sleep(0.1)
    raise RuntimeError("the hub ended by itself" if process.poll() is not None else "the hub did not answer")


def _outcome(client: Any, name: str, values: list[Any]) -> Outcome:
    from gradio_client import handle_file

    inputs = [handle_file(value) if _is_file(value) else value for value in values]
    seconds = []
    for _ in ("cold", "warm"):
        started = time.monotonic()
        try:
            client.predict(*inputs, api_name=f"/{name}")
        except Exception as cause:  # noqa: BLE001 - whatever it is, it is this demo's outcome
            return Outcome(name, *seconds, error=str(cause).splitlines()[-1] if str(cause) else repr(cause))
        seconds.append(time.monotonic() - started)
    return Outcome(name, *seconds)


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and len(value) < 300 and Path(value).is_file()
