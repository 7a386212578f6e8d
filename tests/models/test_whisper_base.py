"""Whisper base: the right words at the right time, Simplified characters, and silence where nobody speaks."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

import models
from models.edit_distance import distance
from models.whisper_base import net as room
from models.whisper_base import train
from models.whisper_base.net import COMPRESSION_AT_MOST, RATE, SIMPLIFIED, WhisperBase

TEXTS: dict[str, str] = json.loads((train.FROZEN / "transcripts.json").read_text())


@pytest.fixture(scope="module")
def net() -> Iterator[WhisperBase]:
    with models.use("whisper_base") as net:
        yield net


def prompt(name: str) -> tuple[np.ndarray, int]:
    return soundfile.read(train.FROZEN / f"{name}.flac", dtype="float32")


def words(text: str) -> list[str]:
    return [word.strip(",.!?") for word in text.lower().replace("-", "").split()]


def test_a_prompt_is_written_word_for_word(net: WhisperBase) -> None:
    segments = list(net.transcribe(*prompt("agent-alreadyon")))
    assert words(" ".join(one["text"] for one in segments)) == words(TEXTS["agent-alreadyon"])
    assert segments[0]["language"] == "en"
    assert segments[0]["language_probability"] > 0.9


def test_times_are_in_order_and_within_the_speech(net: WhisperBase) -> None:
    """The voice begins after a second of silence, and so do its words."""
    wave, rate = prompt("agent-alreadyon")
    (first, *_), *_ = (
        segment["words"]
        for segment in net.transcribe(np.concatenate([np.zeros(rate, np.float32), wave]), rate, "en")
    )
    assert first[1] == pytest.approx(1.0, abs=0.35)
    spoken = [word for segment in net.transcribe(wave, rate, "en") for word in segment["words"]]
    starts = [start for _, start, _, _ in spoken]
    assert starts == sorted(starts)
    assert all(0 <= start <= end <= wave.size / rate + 0.1 for _, start, end, _ in spoken)
    assert all(0 < probability <= 1 for *_, probability in spoken)


def test_mandarin_comes_out_simplified(net: WhisperBase) -> None:
    """Without the prompt the same sound gives 我們, Traditional."""
    sound = soundfile.read(
        train.FROZEN.parents[2] / "assets/samples/speech_recognition/lunch.flac", dtype="float32"
    )
    for language in ("auto", "zh"):
        (segment,) = net.transcribe(*sound, language)
        assert segment["text"] == "我们一起去吃饭吧。"
        assert segment["language"] == "zh"


@pytest.mark.parametrize("sound", ["nothing", "silence", "noise", "loud noise", "chord", "tune", "clicks"])
def test_nothing_is_invented_where_nobody_speaks(net: WhisperBase, sound: str) -> None:
    rng, seconds = np.random.default_rng(0), np.arange(5 * RATE) / RATE
    wave = {
        "nothing": np.zeros(0),
        "silence": np.zeros(5 * RATE),
        "noise": rng.normal(0, 0.1, 5 * RATE),
        "loud noise": np.clip(rng.normal(0, 0.9, 20 * RATE), -1, 1),
        "chord": sum(0.2 * np.sin(2 * np.pi * hertz * seconds) for hertz in (261.6, 329.6, 392.0)),
        "tune": sum(
            np.sin(2 * np.pi * 220 * k * 2 ** (np.floor(3 * seconds) % 7 / 12) * seconds) / k
            for k in (1, 2, 3)
        )
        * np.exp(-2 * (3 * seconds % 1))
        / 4,
        "clicks": rng.random(5 * RATE) > 0.999,
    }[sound]
    assert list(net.transcribe(np.asarray(wave, np.float32), RATE, "en")) == []


def test_prompts_in_noise_at_twenty_decibels_are_still_written(net: WhisperBase) -> None:
    errors, length = 0, 0
    for name in ("conf-onlyone", "conf-getconfno", "confbridge-begin-leader"):
        wave, rate = prompt(name)
        loud = np.sqrt(np.mean(wave**2) / 100)
        noisy = wave + np.random.default_rng(0).normal(0, loud, wave.size).astype(np.float32)
        heard = words(" ".join(one["text"] for one in net.transcribe(noisy, rate, "en")))
        errors += distance(words(TEXTS[name]), heard)
        length += len(words(TEXTS[name]))
    assert errors <= 0.3 * length


def test_the_same_sound_gives_the_same_text(net: WhisperBase) -> None:
    one, again = (list(net.transcribe(*prompt("conf-onlyone"), "en")) for _ in range(2))
    assert one == again


def test_what_the_net_doubts_itself_is_left_out() -> None:
    from faster_whisper.transcribe import Segment

    def segment(**changes: object) -> Segment:
        plain = {"id": 1, "seek": 0, "start": 0.0, "end": 1.0, "text": " Hello.", "tokens": [], "words": []}
        plain |= {"avg_logprob": -0.2, "compression_ratio": 1.0, "no_speech_prob": 0.1, "temperature": 0.0}
        return Segment(**(plain | changes))  # type: ignore[arg-type]

    assert room.trusted(segment())
    assert not room.trusted(segment(compression_ratio=COMPRESSION_AT_MOST + 0.1))
    assert not room.trusted(segment(avg_logprob=-1.5))
    assert not room.trusted(segment(no_speech_prob=0.9))
    assert not room.trusted(segment(text=f" {SIMPLIFIED}"))


def test_the_picture_has_low_notes_first(net: WhisperBase) -> None:
    low, high = (
        np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32) for hertz in (200, 5000)
    )
    bands = [int(net.look(wave, RATE)[:, :100].mean(1).argmax()) for wave in (low, high)]
    assert bands[0] < 10 < 60 < bands[1]
    mel = net.look(low, RATE)
    assert mel.shape == (80, 101)
    assert (mel.min(), mel.max()) == (0, 1)


def test_an_unknown_language_is_refused(net: WhisperBase) -> None:
    with pytest.raises(ValueError, match="auto, en, zh"):
        next(net.transcribe(np.zeros(RATE, np.float32), RATE, "fr"))


def test_distance_counts_changed_added_and_dropped_words() -> None:
    said = ["press", "one", "to", "send", "this", "message"]
    assert distance(said, said) == 0
    assert distance(said, ["press", "two", "to", "send", "message", "now"]) == 3
    assert distance(said, []) == len(said)
