"""The speech tab: text, times and subtitles of a prompt, escaped words, wrong inputs refused, the failing examples;
beside them what the RNN reads of digits and commands.
"""

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile

from demos import _ui
from demos._spelled import page, read, verdict
from demos._ui import InvalidInput
from demos.speech_recognition import DEMO, SAMPLES, picture, recognise, subtitles, text_of, words_of
from models.digit_ctc.words import LETTERS

SAID: list[dict[str, Any]] = [
    {"text": "A <b> & B", "start": 1.5, "end": 2.25, "language": "en", "language_probability": 0.5,
     "words": [(" A", 1.5, 1.7, 0.9), (" <b>", 1.7, 2.0, 0.25), (" & B", 2.0, 2.25, 1.0)]},
    {"text": "Late", "start": 3725.0004, "end": 3726.9996, "language": "en", "language_probability": 0.5,
     "words": [(" Late", 3725.0, 3727.0, 0.5)]},
]  # fmt: skip


def test_a_prompt_is_written_with_times_and_subtitles() -> None:
    *_, (text, words, heard, srt) = recognise(str(SAMPLES / "prompt.flac"), "auto")
    assert (
        text == "That agent is already logged on. Please enter your agent number followed by the pound key."
    )
    assert "agent" in words
    assert heard is not None
    lines = srt.splitlines()
    assert lines[0] == "1"
    assert lines[1].startswith("00:00:0")
    assert " --> 00:00:0" in lines[1]
    assert "agent" in lines[2]


def test_the_chinese_example_is_written_in_chinese() -> None:
    *_, (text, words, *_) = recognise(str(SAMPLES / "lunch.flac"), "auto")
    assert text == "我们一起去吃饭吧。"
    assert "Chinese" in words


def test_the_failing_example_fails() -> None:
    *_, (text, *_) = recognise(str(SAMPLES / "noisy.flac"), "en")
    assert "password incorrect" not in text.lower()


def test_words_are_escaped() -> None:
    page = words_of(SAID, "auto")
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_doubtful_words_are_coloured_deeper() -> None:
    page = words_of(SAID, "auto")
    assert page.index("--doubt:6%") < page.index("--doubt:45%")


def test_only_a_language_that_was_found_out_is_more_or_less_sure() -> None:
    assert " 50%</p>" in words_of(SAID, "auto")
    assert " 50%</p>" not in words_of(SAID, "en")


def test_subtitles_are_srt() -> None:
    assert subtitles(SAID) == (
        "1\n00:00:01,500 --> 00:00:02,250\nA <b> & B\n\n2\n01:02:05,000 --> 01:02:07,000\nLate\n"
    )


def test_languages_join_their_sentences_as_they_write() -> None:
    assert text_of(SAID) == "A <b> & B Late"
    assert text_of([{"text": one, "language": "zh"} for one in ("你好。", "再见。")]) == "你好。再见。"


def test_a_line_stands_where_a_word_begins() -> None:
    drawn = np.asarray(picture(np.zeros((80, 1000), np.float32), SAID[:1]))
    white = np.flatnonzero((drawn == 255).all((0, 2)))
    assert white.tolist() == [150, 170, 200]


def test_a_sound_without_speech_gets_its_sentence(tmp_path: Path) -> None:
    hum = 0.3 * np.sin(np.arange(32_000) / 20)
    soundfile.write(tmp_path / "hum.wav", hum, 16_000)
    with pytest.raises(InvalidInput, match="No clear speech"):
        list(recognise(str(tmp_path / "hum.wav"), "en"))


@pytest.mark.parametrize("language", ["fr", "", None, 1, [], {}])
def test_an_unknown_language_is_refused(language: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.use", lambda name: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match="English or Chinese"):
        list(recognise(str(SAMPLES / "prompt.flac"), language))  # type: ignore[arg-type]


@pytest.mark.parametrize("sound", [None, "", 3, "nowhere.wav", __file__])
def test_what_is_no_sound_is_refused_before_a_model_is_asked(
    sound: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda name: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        list(recognise(sound, "auto"))  # type: ignore[arg-type]


TOLD: dict[str, Any] = {
    "words": ["seven", "?", "stop"],
    "candidates": [(["seven", "?", "stop"], 0.8), ([], 0.1)],
    "spelled": "seven <b>",
    "letters": np.full((40, 1 + len(LETTERS)), 0.04, np.float32),
    "mel": np.zeros((40, 119), np.float32),
    "seconds": 0.03,
    "start": -0.25,
}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("digits.flac", ["four", "zero", "seven", "one", "five", "three"]),
        ("commands.flac", ["stop", "right", "left", "down", "start", "yes"]),
    ],
)
def test_the_rnn_reads_the_examples_of_a_voice_it_never_heard(file: str, words: list[str]) -> None:
    told = read(str(SAMPLES / file))
    first_row = told.split("<tr><td>")[1]
    assert first_row.startswith(" ".join(words) + "</td>")
    assert "of the whole" in told


def test_the_failing_example_of_the_rnn_fails() -> None:
    assert "stop go left up back</td>" not in read(str(SAMPLES / "fast.flac")).split("<tr>")[1]


@pytest.mark.parametrize(
    ("words", "share", "sentence"),
    [
        ([], 0.9, "No digit or command was heard"),
        (["?"], 0.9, "none of its ten digits"),
        (["one", "?"], 0.9, "not in its vocabulary"),
        (["one"], 0.3, "Only 30% sure"),
        (["one"], 0.93, "93% sure"),
    ],
)
def test_the_rnn_says_honestly_how_sure_it_is(words: list[str], share: float, sentence: str) -> None:
    assert sentence in verdict(TOLD | {"words": words, "candidates": [(words, share)]})


def test_letters_are_pictured_and_escaped() -> None:
    shown = page(TOLD)
    assert "seven &lt;b&gt;" in shown
    assert "<b>" not in shown
    assert shown.count("<image ") == 2
    assert shown.count("<text ") == 1 + len(LETTERS) + 1  # a row each, and second 0
    assert ">7<small>seven</small>" in shown
    assert "(nothing)" in shown


def test_a_sound_without_words_is_answered_with_a_sentence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hum.wav", 0.3 * np.sin(np.arange(32_000) / 20), 16_000)
    told = read(str(tmp_path / "hum.wav"))
    assert "No digit or command" in told or "Something was heard, but none" in told


def test_what_is_too_long_for_the_rnn_is_refused_before_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda name: pytest.fail("a model was asked"))
    soundfile.write(tmp_path / "long.wav", 0.1 * np.ones(21 * 8000), 8000)
    for sound in (str(tmp_path / "long.wav"), None, "", 3, "nowhere.wav", __file__):
        with pytest.raises(InvalidInput):
            read(sound)  # type: ignore[arg-type]


def test_tab_renders_with_its_examples() -> None:
    with gr.Blocks():
        _ui.render(DEMO)
    whisper, rnn = _ui.runs("speech_recognition")
    assert [run.api for run in (whisper, rnn)] == ["speech_recognition", "speech_recognition_digits"]
    for run in (whisper, rnn):
        assert all(Path(values[0]).exists() for values in run.examples.values())
