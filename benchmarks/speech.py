"""Whisper base on forty recorded telephone prompts: word errors, and the time they take on one thread."""

import os
import time
from unittest.mock import patch

import soundfile

from benchmarks.row import Row


def rows() -> list[Row]:
    from models.whisper_base import net as room
    from models.whisper_base import train

    with patch.dict(os.environ, HUB_THREADS="1"):
        net = room.load("cpu")
    heard = sum(soundfile.info(file).duration for file in train.FROZEN.glob("*.flac"))
    started = time.perf_counter()
    errors = train.evaluate(net, frozen=False)["word_error_rate"]
    took = time.perf_counter() - started
    return [
        Row("word errors on 40 prompts", 100 * errors, "%", at_most=5.0),
        Row("time to write / length of the sound, one thread", took / heard,
            detail=f"{took:.0f} s over {heard:.0f} s, in short prompts"),
    ]  # fmt: skip
