"""SmolLM2 on llama.cpp: sensible, repeatable, honest about its alternatives, and it stops when asked."""

import threading
import time
from itertools import islice

import pytest

import models

STORY = ("Once upon a time", 24)


def text(tokens: list[dict]) -> str:
    return "".join(token["text"] for token in tokens)


def test_it_knows_what_usually_follows() -> None:
    with models.use("smollm2") as net:
        (token,) = net.complete("Monday, Tuesday, Wednesday, Thursday,", 1, 0, 1.0, 0)
    assert token["text"] == " Friday"
    assert token["probability"] > 0.8


def test_temperature_zero_takes_the_likeliest_and_shares_are_sorted() -> None:
    with models.use("smollm2") as net:
        tokens = list(net.complete(*STORY, 0, 1.0, 0))
    assert len(tokens) == 24
    for token in tokens:
        shares = [share for _, share in token["alternatives"]]
        assert shares == sorted(shares, reverse=True)
        assert token["probability"] == pytest.approx(shares[0])
        assert sum(shares) <= 1.0001


def test_the_same_seed_writes_the_same_and_another_does_not() -> None:
    with models.use("smollm2") as net:
        first, again, other = (text(list(net.complete(*STORY, 0.9, 0.9, seed))) for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_two_visitors_at_once_get_what_each_gets_alone() -> None:
    found: dict[int, str] = {}
    with models.use("smollm2") as net:

        def visit(seed: int) -> None:
            found[seed] = text(list(net.complete(*STORY, 0, 1.0, seed)))

        visitors = [threading.Thread(target=visit, args=(seed,)) for seed in range(3)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
    assert len(set(found.values())) == 1


def test_chat_answers_and_remembers() -> None:
    asked = [
        {"role": "user", "content": "My name is Anna. Say hello."},
        {"role": "assistant", "content": "Hello Anna!"},
        {"role": "user", "content": "What is my name?"},
    ]
    with models.use("smollm2") as net:
        assert "Anna" in text(list(net.chat(asked, 24, 0, 1.0, 0)))


def test_a_closed_stream_frees_the_engine() -> None:
    with models.use("smollm2") as net:
        stream = net.complete("Count: 1, 2, 3,", 1500, 0.8, 0.9, 0)
        assert len(list(islice(stream, 3))) == 3
        stream.close()
        started = time.monotonic()
        list(net.complete("Hello", 1, 0, 1.0, 0))
        assert time.monotonic() - started < 10


def test_what_exceeds_the_context_is_refused() -> None:
    with models.use("smollm2") as net, pytest.raises(ValueError, match="context"):
        list(net.complete("a " * 3000, 4, 0, 1.0, 0))
