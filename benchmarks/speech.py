"""Whisper on forty telephone prompts, the voice on twenty sentences, the RNN on digits: errors, time on one thread.

The click in a browser has the hub's own threads.
"""

import json
import os
import time
from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import soundfile

from benchmarks.row import Row, median_ms
from benchmarks.server import running
from deploy import report

LISTENED, ROUNDS = 10, 9  # seconds of sound; times that it is read
CLICKED = 9  # times that a sentence is asked for in a browser
HEARD = """() => {
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (at = 0, ...rest) {
    const ahead = Math.max(0, at - this.context.currentTime) + this.context.outputLatency;
    window.heard ??= performance.now() + 1000 * ahead;
    return start.call(this, at, ...rest);
  };
}"""
CLICK = """() => {
  delete window.heard;
  window.clicked = performance.now();
  document.querySelector("#speech_generation-run").click();
}"""


def rows() -> list[Row]:
    return [*heard(), *spoken(), *listened(), *spelled()]


def heard() -> list[Row]:
    from models.whisper_base import net as room
    from models.whisper_base import train

    with patch.dict(os.environ, HUB_THREADS="1"):
        net = room.load("cpu")
    length = sum(soundfile.info(file).duration for file in train.FROZEN.glob("*.flac"))
    started = time.perf_counter()
    errors = train.evaluate(net, frozen=False)["word_error_rate"]
    took = time.perf_counter() - started
    return [
        Row("word errors on 40 prompts", 100 * errors, "%", at_most=5.0),
        Row("time to write / length of the sound, one thread", took / length,
            detail=f"{took:.0f} s over {length:.0f} s, in short prompts"),
    ]  # fmt: skip


def spoken() -> list[Row]:
    from models.vits_joe import net as room
    from models.vits_joe import train

    with patch.dict(os.environ, HUB_THREADS="1"):
        net = room.load("cpu")
    texts = [text for text, _ in json.loads(train.SENTENCES.read_text())]
    train.speech(net, texts[0])  # warm
    first, took, length = [], 0.0, 0.0
    for text in texts:
        started = time.perf_counter()
        pieces = [piece for one in net.read(text)["sentences"] for piece in _timed(net.speak(one), first)]
        took += time.perf_counter() - started
        length += sum(piece["wave"].size for piece in pieces) / room.RATE
    return [
        Row("time to speak / length of the sound, one thread", took / length, at_most=0.15,
            detail=f"{took:.1f} s over {length:.0f} s"),
        Row("first sound of a sentence", 1000 * float(np.median(first)), "ms", at_most=500),
    ]  # fmt: skip


def listened() -> list[Row]:
    """From a click on Run in Chromium to the moment for which the page schedules the first sound; [] without one."""
    if not report.browser():
        return []
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    with running("app.py") as hub, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=report.browser(), args=options)
        page = browser.new_page()
        page.add_init_script(f"({HEARD})()")
        page.goto(f"{hub.client.base_url}?demo=speech_generation")
        page.click("#speech_generation-example-1")  # warm
        took = []
        for _ in range(CLICKED):
            page.wait_for_selector("#speech_generation-receipt p.receipt", timeout=120_000)
            page.wait_for_timeout(1000)
            page.evaluate(CLICK)
            page.wait_for_function("window.heard")
            took.append(page.evaluate("(window.heard - window.clicked) / 1000"))
            page.wait_for_selector("#speech_generation-receipt p.status", state="attached")
        browser.close()
    return [
        Row("first sound after a click, in a browser", median_ms(took), "ms", at_most=500,
            detail=f"at most {1000 * max(took):.0f} ms of {CLICKED} clicks"),
    ]  # fmt: skip


def spelled() -> list[Row]:
    """The RNN of digits and commands, on ten seconds of the held-out voices' words."""
    import torch

    from models.digit_ctc import measure
    from models.digit_ctc import net as room
    from models.digit_ctc.sound import RATE, frames

    with patch.dict(os.environ, HUB_THREADS="1"):
        net = room.load("cpu")
    torch.set_num_threads(1)
    wave = np.concatenate([wave for _, wave in measure.kept()])[: LISTENED * RATE]
    mel, whole, bare = frames(torch.from_numpy(wave)[None]), [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        net.read(wave, RATE)
        whole.append((time.perf_counter() - started) / LISTENED)
        started = time.perf_counter()
        with torch.inference_mode():
            net(mel)
        bare.append((time.perf_counter() - started) / LISTENED)
    return [
        Row("RNN: digits and commands, each second of sound", median_ms(whole), "ms", at_most=150,
            detail=f"the bare net {median_ms(bare):.1f} ms; the rest is the beam search"),
    ]  # fmt: skip


def _timed(pieces: Iterator[dict], first: list[float]) -> Iterator[dict]:
    """The pieces, noting the seconds until the first."""
    started = time.perf_counter()
    for number, piece in enumerate(pieces):
        if not number:
            first.append(time.perf_counter() - started)
        yield piece
