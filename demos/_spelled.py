"""What the RNN reads in a sound: digits and commands, the letters of each moment, and the other candidates."""

import html
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._photo import heat, inline
from demos._run import InvalidInput, both
from demos._sound import RATE, open_sound
from demos._ui import ROOT, run_button, t
from models.digit_ctc.words import COMMANDS, DIGITS, LETTERS, UNKNOWN

SAMPLES = ROOT / "assets" / "samples" / "speech_recognition"
SPOKEN = {  # file -> what the example is called
    "digits.flac": ("六个数字（合成）", "Six digits, synthesised"),
    "commands.flac": ("命令（合成）", "Commands, synthesised"),
    "fast.flac": ("会失败：连着说的词", "Fails: words run together"),
}
SECONDS = 20  # of sound that the RNN reads
DOUBTFUL = 0.5  # a probability of the whole answer below which it is said that it may be wrong
NUMBER = {word: str(number) for number, word in enumerate(DIGITS)}
ROW, LEFT = 16, 30  # pixels: height of a letter's row, width of the letters' names
MEL, FOOT = 60, 16  # pixels: height of the mel picture, of the line of seconds
NARROW, SECOND = 320, 110  # pixels: least width, width of a second


def spelled_row(sound: gr.Audio) -> None:
    """The other way to hear what is in the box: a small net of our own, for two dozen words."""
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            known = ", ".join([*DIGITS, *COMMANDS])
            gr.Markdown(
                t(
                    f"**RNN：数字和命令。** 同一段声音交给一个很小的双向 GRU，英语，最长 {SECONDS} 秒。"
                    f"它只认识：{known}。",
                    f"**RNN: digits and commands.** The same sound, English and up to {SECONDS} seconds, for a small "
                    f"bidirectional GRU. All it knows is {known}.",
                )
            )
        with gr.Column(scale=3):
            hint = t(
                "RNN 读到的词，和每一刻的字母", "Words that the RNN reads, and the letters of each moment"
            )
            shown = gr.HTML(label=hint, min_height=120)
    with left:
        run_button(
            read,
            inputs=[sound],
            outputs=[shown],
            examples={label: [str(SAMPLES / name)] for name, label in SPOKEN.items()},
            api="speech_recognition_digits",
            label=t("用 RNN 读", "Read with the RNN"),
        )


def read(sound: str) -> str:
    """Spoken digits and commands -> what the bidirectional GRU reads, letter by letter, as HTML."""
    wave = open_sound(sound)
    if len(wave) > SECONDS * RATE:
        raise InvalidInput(
            f"RNN 最多读 {SECONDS} 秒，请剪短；更长的话交给 Whisper",
            f"The RNN reads up to {SECONDS} seconds; cut the sound, or let Whisper write it",
        )
    with models.use("digit_ctc") as net:
        told = net.read(wave, RATE)
    return page(told)


def page(told: dict[str, Any]) -> str:
    """What DigitCTC.read() tells, as HTML."""
    spelled = html.escape(told["spelled"]) or "–"
    free = both("不查词表时拼出的字母", "Letters without the list of words")
    return (
        f'<div class="syllables">{"".join(map(_chip, told["words"]))}</div><p>{verdict(told)}</p>'
        f"{picture(told)}<p>{free}: <code>{spelled}</code></p>{_candidates(told['candidates'])}"
    )


def verdict(told: dict[str, Any]) -> str:
    """One honest sentence, in both languages."""
    words, (_, share) = told["words"], told["candidates"][0]
    known = [word for word in words if word != UNKNOWN]
    if not words:
        return both("没有听到数字或命令", "No digit or command was heard")
    if not known:
        return both(
            "听到了声音，但不在它的词表里（十个数字和十二个命令）；别的话请用 Whisper",
            "Something was heard, but none of its ten digits and twelve commands; Whisper takes other speech",
        )
    if share < DOUBTFUL:
        return both(
            f"整句的把握只有 {percent(share)}，可能读错",
            f"Only {percent(share)} sure of the whole; it may be wrong",
        )
    if len(known) < len(words):
        return both(
            "“?”处说的不在它的词表里", "Where “?” stands, something was said that is not in its vocabulary"
        )
    return both(f"整句的把握 {share:.0%}", f"{share:.0%} sure of the whole")


def percent(share: float) -> str:
    """A probability, the small ones not as nothing."""
    return "<1%" if share < 0.01 else f"{share:.0%}"


def _chip(word: str) -> str:
    sign = NUMBER.get(word, word if word in COMMANDS else UNKNOWN)
    small = f"<small>{html.escape(word)}</small>" if word in NUMBER else ""
    return f'<span class="syllable">{html.escape(sign)}{small}</span>'


def _candidates(found: list[tuple[list[str], float]]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(' '.join(words)) or both('（没有）', '(nothing)')}</td><td>{html.escape(percent(share))}"
        f'<div class="share" style="width:{share:.0%}"></div></td></tr>'
        for words, share in found
    )
    return f'<table class="answers">{rows}</table>'


def picture(told: dict[str, Any]) -> str:
    """Mel spectrogram, and below it frames by letters, the brighter the likelier; as SVG."""
    letters, mel = told["letters"], told["mel"]
    length = len(letters) * told["seconds"]
    width, names = max(NARROW, round(SECOND * length)), ["–", "␣", *LETTERS[1:]]
    top, foot = MEL + 4, MEL + 4 + ROW * len(names)
    rows = "".join(
        f'<text x="{LEFT - 8}" y="{top + ROW * (row + 0.8):.0f}" text-anchor="end">{html.escape(name)}</text>'
        for row, name in enumerate(names)
    )
    seconds = "".join(
        f'<text x="{LEFT + width * (at - told["start"]) / length:.0f}" y="{foot + FOOT - 3}">{at} s</text>'
        for at in range(int(length + told["start"]) + 1)
    )
    label = "letters of each moment 每一刻的字母"
    return (
        f'<div class="matrix"><svg viewBox="0 0 {LEFT + width + 20} {foot + FOOT}" '
        f'style="width:{LEFT + width + 20}px" role="img" aria-label="{label}">'
        f"{_image(mel[::-1], 0, width, MEL)}{_image(np.sqrt(letters.T), top, width, foot - top)}{rows}{seconds}"
        "</svg></div>"
    )


def _image(values: np.ndarray, y: int, width: int, height: int) -> str:
    """Values (rows, frames), range (0, 1), as a picture in an SVG."""
    return (
        f'<image href="{inline(heat(values))}" x="{LEFT}" y="{y}" width="{width}" height="{height}" '
        'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )
