"""The speech tab: numbers and invented words are said, Chinese is translated, wrong input is refused, all is timed."""

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demos import _voice
from demos._run import InvalidInput
from demos.speech_generation import EXAMPLES, MAX_CHARACTERS, MAX_LETTERS, speak


def last(text: str, *settings: float) -> tuple[dict[str, Any], Any, Any]:
    *_, answer = speak(text, *(settings or (1, 0.667, 0.8, 0)))
    return answer


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def heard(piece: dict[str, Any]) -> np.ndarray:
    with wave.open(io.BytesIO(Path(piece["file"]).read_bytes())) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22_050)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def test_sound_comes_in_pieces_that_are_the_whole() -> None:
    steps = list(speak("I paid $5. It was too much, they said, for a small cup of tea.", 1, 0.667, 0.8, 0))
    assert len(steps) > 5
    assert steps[0][1] is None
    told, (rate, whole), (_, guessed) = steps[-1]
    pieces = [piece for sentence in told["sentences"] for piece in sentence["pieces"]]
    assert np.array_equal(np.concatenate([heard(piece) for piece in pieces]), whole)
    assert [word for _, word, _ in told["sentences"][0]["words"]] == ["i", "paid", "five", "dollars", ""]
    assert told["done"]
    assert not steps[-2][0]["done"]
    assert abs(guessed.size - whole.size) <= 2 * 256
    assert rate == 22_050


def test_times_of_phonemes_follow_each_other_to_the_end() -> None:
    told, (rate, whole), _ = last("We see. They hear.")
    for sentence in told["sentences"]:
        times = [(start, end) for *_, start, end in sentence["phonemes"]]
        assert all(0 <= start < end for start, end in times)
        assert times == sorted(times)
        assert times[-1][1] <= sentence["seconds"]
        assert sentence["mel"].startswith("data:image/png")
        assert max(sentence["wave"]) == 1
    assert sum(one["seconds"] for one in told["sentences"]) == pytest.approx(whole.size / rate, abs=1e-3)


def test_words_that_no_dictionary_has_are_guessed_and_marked() -> None:
    told, *_ = last("The wug sprindled.")
    sources = {word: source for _, word, source in told["sentences"][0]["words"]}
    assert (sources["wug"], sources["the"]) == ("guessed", "")
    assert [sound for place, sound, *_ in told["sentences"][0]["phonemes"] if place == 1] == ["W", "AH1", "G"]


def test_chinese_is_translated_and_that_is_said() -> None:
    told, *_ = last("你叫什么名字？", 1, 0, 0, 0)
    assert "name" in [word for _, word, _ in told["sentences"][0]["words"]]
    assert "translated first" in told["notes"][1]


def test_what_cannot_be_said_is_named() -> None:
    told, *_ = last("Say שלום to me", 1, 0, 0, 0)
    assert "שלום" in told["notes"][0]
    assert [word for _, word, _ in told["sentences"][0]["words"]] == ["say", "to", "me", ""]


def test_the_same_seed_says_the_same() -> None:
    assert np.array_equal(last("Once again.")[1][1], last("Once again.")[1][1])


def test_the_failing_example_says_the_wrong_sound() -> None:
    """ "dove" is a bird and a dive; it says both alike."""
    told, *_ = last(*EXAMPLES["会失败：看意思才会读", "Fails: meaning decides the sound"])
    words = [word for _, word, _ in told["sentences"][0]["words"]]
    first, second = (at for at, word in enumerate(words) if word == "dove")
    said = [
        [sound for place, sound, *_ in told["sentences"][0]["phonemes"] if place == at]
        for at in (first, second)
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "text", ["😀", "12345", "A", "!!! 5 ???", "<script>alert(1)</script>", "https://a.io/?q=<b>"]
)
def test_odd_texts_are_said(text: str) -> None:
    told, (_, whole), _ = last(text, 2, 0, 0, 0)
    assert whole.any()
    assert any(word for sentence in told["sentences"] for _, word, _ in sentence["words"])


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("مرحبا بالعالم", 1, 0.6, 0.8, 0), "English only"),
        (("?!...", 1, 0.6, 0.8, 0), "English only"),
        (("word " * 10_000, 1, 0.6, 0.8, 0), f"{MAX_CHARACTERS:,}"),
        (("a" * (MAX_LETTERS + 1), 1, 0.6, 0.8, 0), "40 letters"),
        (("é" * (MAX_LETTERS + 1), 1, 0.6, 0.8, 0), "40 letters"),
        (("a’" * MAX_LETTERS + "a", 1, 0.6, 0.8, 0), "40 letters"),
        (("Hi", 3, 0.6, 0.8, 0), "Speed"),
        (("Hi", 1, float("nan"), 0.8, 0), "sound"),
        (("Hi", 1, 0.6, 9, 0), "timing"),
        (("Hi", 1, 0.6, 0.8, None), "Seed"),
    ],
)
def test_what_cannot_be_said_is_refused(values: tuple, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        next(speak(*values))


def test_a_word_that_is_long_only_as_it_is_said_is_refused() -> None:
    with pytest.raises(InvalidInput, match="40 letters"):
        next(speak("a`" * MAX_LETTERS + "a", 1, 0.6, 0.8, 0))


def test_files_of_a_voice_are_told_to_gradio_for_deletion() -> None:
    voice = _voice.Voice()
    voice.begin([{"text": "a", "word": "a"}], [(0, "AH0", "ɐ", 0.0, 0.1)])
    voice.add(np.zeros(2205, np.float32), 22_050)
    box = _voice.voice_box(_voice.Text("声音", "Sound"))
    box.postprocess(voice.told())
    assert box.temp_files == {voice.told()["sentences"][0]["pieces"][0]["file"]}
