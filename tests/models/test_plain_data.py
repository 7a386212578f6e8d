"""A room could live in another process: what goes into its net and comes out of it crosses a pipe unharmed."""

import functools
import inspect
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.digit_cnn.net import load


class Counter:
    """A net that streams."""

    def stream(self, text: str) -> Iterator[dict[str, Any]]:
        for number, word in enumerate(text.split(), 1):
            yield {"word": word, "share": number / 3, "wave": np.full(4, number, np.float32)}


def serve(make: Callable[[], Any], pipe: Connection) -> None:
    """Holds a net and answers (method, arguments) until it is told None; a stream ends with StopIteration."""
    net = make()
    while request := pipe.recv():
        method, arguments = request
        answer = getattr(net, method)(*arguments)
        if inspect.isgenerator(answer):
            for value in answer:
                pipe.send(value)
            answer = StopIteration()
        pipe.send(answer)


@pytest.fixture
def far() -> Iterator[Callable[[Callable], Connection]]:
    """Starts a process that holds a net; -> the pipe to it."""
    spawn, started = multiprocessing.get_context("spawn"), []

    def start(make: Callable) -> Connection:
        here, there = spawn.Pipe()
        process = spawn.Process(target=serve, args=(make, there), daemon=True)
        process.start()
        started.append((process, here))
        return here

    yield start
    for process, here in started:
        here.send(None)
        process.join(30)
        assert process.exitcode == 0


def test_a_net_in_another_process_answers_as_one_in_this(far: Callable) -> None:
    pipe, near = far(functools.partial(load, "cpu")), load("cpu")
    page = Image.new("L", (200, 160), 255)
    ImageDraw.Draw(page).line([(60, 30), (130, 30), (90, 130)], 0, 12)
    pipe.send(("predict", (page,)))
    shares = pipe.recv()
    assert max(shares, key=shares.get) == "7"
    assert shares == pytest.approx(near.predict(page), abs=1e-6)
    pipe.send(("feature_maps", (page,)))
    for far_map, near_map in zip(pipe.recv(), near.feature_maps(page), strict=True):
        np.testing.assert_allclose(far_map, near_map, atol=1e-5)


def test_a_stream_crosses_piece_by_piece(far: Callable) -> None:
    pipe = far(Counter)
    pipe.send(("stream", ("one two three",)))
    pieces = drained(pipe)
    assert [piece["word"] for piece in pieces] == ["one", "two", "three"]
    assert [piece["wave"].tolist() for piece in pieces] == [[number] * 4 for number in (1, 2, 3)]


def drained(pipe: Connection) -> list[Any]:
    pieces: list[Any] = []
    while not isinstance(piece := pipe.recv(), StopIteration):
        pieces.append(piece)
    return pieces
