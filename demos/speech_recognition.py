"""Speech recognition: Whisper writes what is said, word by word with times; a small RNN reads digits and commands."""

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image, ImageDraw

import models
from demos._photo import heat
from demos._run import both
from demos._sound import MAX_SECONDS, RATE, open_sound, sound_box
from demos._spelled import spelled_row
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, t

LANGUAGES = ("auto", "en", "zh")
NAMES = {"en": ("英语", "English"), "zh": ("中文", "Chinese")}
SAMPLES = ROOT / "assets" / "samples" / "speech_recognition"
SAMPLE = {  # file -> what the example is called
    "prompt.flac": ("英语提示音", "English prompt"),
    "lunch.flac": ("中文（合成）", "Chinese, synthesised"),
    "long.flac": ("更长的提示音", "A longer prompt"),
    "noisy.flac": ("会失败：带噪声的录音", "Fails: a noisy recording"),
}
PICTURED, HEIGHT = 30, 160  # seconds of the spectrogram that is drawn; pixels


def recognise(sound: str, language: str) -> Iterator[tuple[str, str, Image.Image, str]]:
    """What is said, growing: the text, its words as HTML, the sound as Whisper hears it, subtitles (SRT)."""
    if language not in LANGUAGES:
        raise InvalidInput("请选自动、英语或中文", "Choose automatic, English or Chinese")
    wave = open_sound(sound)
    said: list[dict[str, Any]] = []
    with models.use("whisper_base") as net:
        mel = net.look(wave[: PICTURED * RATE], RATE)
        for segment in net.transcribe(wave, RATE, language):
            said.append(segment)
            yield text_of(said), words_of(said, language), picture(mel, said), subtitles(said)
    if not said:
        raise InvalidInput(
            "没有听到清楚的说话声，请靠近麦克风再说一次",
            "No clear speech was heard; speak closer to the microphone",
        )


def text_of(said: list[dict[str, Any]]) -> str:
    """The segments as one text."""
    return ("" if said[0]["language"] == "zh" else " ").join(segment["text"] for segment in said)


def words_of(said: list[dict[str, Any]], asked: str) -> str:
    """Language, how sure it is where nobody chose one, and every word with its time, deeper the less sure, as HTML."""
    language = said[0]["language"]
    name = both(*NAMES.get(language, (language, language)))
    sure = f" {said[0]['language_probability']:.0%}" if asked == "auto" else ""
    words = [word for segment in said for word in segment["words"]]
    return f"<p>{name}{sure}</p><p>{''.join(map(_word, words))}</p>"


def _word(word: tuple[str, float, float, float]) -> str:
    text, start, end, probability = word
    doubt = round(60 * (1 - probability))
    tip = f"{start:.2f} - {end:.2f} s, {probability:.0%}"
    return f'<span class="token" tabindex="0" style="--doubt:{doubt}%" data-tip="{tip}">{html.escape(text)}</span>'


def picture(mel: np.ndarray, said: list[dict[str, Any]]) -> Image.Image:
    """Log-mel (80, frames), range (0, 1) -> low notes below, with a line where each word begins."""
    width = max(600, min(1600, mel.shape[1]))
    drawn = heat(mel[::-1]).resize((width, HEIGHT), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(drawn)
    for start in (word[1] for segment in said for word in segment["words"]):
        x = start * 100 * width / mel.shape[1]  # 100 frames a second
        pen.line([(x, 0), (x, HEIGHT)], fill="white")
    return drawn


def subtitles(said: list[dict[str, Any]]) -> str:
    """The segments as SRT."""
    return "\n".join(
        f"{number}\n{_clock(one['start'])} --> {_clock(one['end'])}\n{one['text']}\n"
        for number, one in enumerate(said, 1)
    )


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(1000 * seconds), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{thousandths:03}"


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            sound = sound_box(t("声音", "Sound"))
            choices = [
                (t("自动", "Automatic"), "auto"),
                (t("英语", "English"), "en"),
                (t("中文", "Chinese"), "zh"),
            ]
            language = gr.Radio(choices, value="auto", label=t("语言", "Language"))
        with gr.Column(scale=3):
            text = gr.Textbox(label=t("文字", "Text"), lines=3)
            words = gr.HTML(min_height=60, elem_classes="written", label=t("每个词", "Words"))
            hint = t(
                f"它听到的梅尔频谱（前 {PICTURED} 秒），白线是词的开头",
                f"What it hears, first {PICTURED} s, a line where a word begins",
            )
            heard = gr.Image(label=hint, buttons=["fullscreen"])
            srt = gr.Textbox(label=t("字幕 SRT", "Subtitles, SRT"), lines=3, max_lines=8)
            save = gr.Button(t("下载字幕", "Download subtitles"), size="sm", elem_classes="aside")
    save.click(None, srt, None, js="(text) => hub.download('subtitles.srt', text)", api_visibility="private")
    with left:
        run_button(
            recognise,
            inputs=[sound, language],
            outputs=[text, words, heard, srt],
            examples={label: [str(SAMPLES / name), "auto"] for name, label in SAMPLE.items()},
        )
    spelled_row(sound)
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "**Whisper** 把声音变成梅尔频谱：每秒 100 列，每列 80 个频带的能量。编码器读 30 秒的频谱，解码器像语言模型"
            "一样逐词写出文字，每写一个词都回看频谱的相应位置，词的时间就由此得来。没有人声的部分事先由语音检测去掉，"
            "不然模型会编造文字。颜色越深，越没把握。\n\n**RNN** 是从前往后、又从后往前听的 GRU，每 30 毫秒给出各个字母"
            "的概率，“–” 表示什么都不写。训练用的 CTC 把写出同一串字母的所有排法加起来，不必标出每个字母在哪里。"
            "前缀束搜索再在词表里找最可能的词串。",
            "**Whisper** makes a mel spectrogram of the sound: 100 columns a second, the energy of 80 bands in each. "
            "An encoder reads 30 seconds of it, and a decoder writes text like a language model, looking back at the "
            "matching place for each word, which gives the times. What is not speech is cut out first, or the model "
            "would invent words. The deeper the colour, the less sure.\n\n**The RNN** is a GRU that hears forwards and "
            "backwards and tells every 30 milliseconds how likely each letter is; “–” writes nothing. CTC, which "
            "trained it, adds up all ways to lay the letters over time, so nobody has to mark where each is. Prefix "
            "beam search then finds the likeliest words of its list.",
        ),
        code="models/digit_ctc/decode.py:beam",
        rooms=["whisper_base", "digit_ctc"],
    )


DEMO = Demo(
    name="speech_recognition",
    title=t("语音识别", "Speech recognition"),
    about=t(
        f"说一段话或上传一个文件，看 Whisper 边听边写，附每个词的时间，最长 {MAX_SECONDS // 60} 分钟；"
        "或看一个小 RNN 逐个字母读出数字和命令。声音一小时后删除。",
        f"Speak or upload a file and watch Whisper write it down, with the time of each word, up to "
        f"{MAX_SECONDS // 60} minutes; or watch a small RNN read digits and commands letter by letter. Sounds are "
        "deleted after an hour.",
    ),
    models=("whisper_base", "digit_ctc"),
    questions=(17,),
    build=build,
)
