"""Every test runs offline and quietly: one thread, no analytics, no connection that leaves this machine."""

import os
import socket
from collections.abc import Iterator
from typing import Any

# Before anything reads them at its import.
os.environ.update(HF_HUB_OFFLINE="1", GRADIO_ANALYTICS_ENABLED="False", OMP_NUM_THREADS="1")

# FastAPI imports it when the first app is built. CPython before 3.12.3 fails if garbage whose finalizer imports
# something is collected in the middle of that (https://github.com/python/cpython/issues/106176); here is none yet.
import pydantic.v1  # noqa: F401
import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuses connections beyond loopback. Not an OSError: code that expects to be offline would swallow it."""

    def guarded(connect: Any) -> Any:
        def guard(connection: socket.socket, address: Any) -> Any:
            if connection.family != socket.AF_UNIX and not _is_loopback(address[0]):
                raise RuntimeError(f"a test may not reach {address}")
            return connect(connection, address)

        return guard

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
        yield


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
