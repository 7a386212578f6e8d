"""Speech generation: English text is read aloud by a voice that was trained against a discriminator."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._text import open_text, short_words, within
from demos._translated import sentences
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t
from demos._voice import Voice, as_sound, voice_box
from models import translation_text
from models.lexicon import pieces, spelled

MAX_CHARACTERS, MAX_LETTERS = 3000, 40  # of a text, of a word
SPEEDS, NOISES = (0.5, 2.0), (0.0, 1.5)  # of speech, 1 as trained; of how much there is of either noise
GUESSED_SECONDS = 15  # of the speech that Griffin-Lim says too
BEAM, PENALTY = 5, 1.0  # of the translation
PLAYER: dict[str, Any] = {"format": "wav", "interactive": False, "buttons": ["download"], "min_width": 240}
Sound = tuple[int, np.ndarray] | None
NEWS = "Dr. Ruiz paid $3.50 for 2 lb of apples at 7:45 p.m. on March 3rd. That's 15% more than in 2019!"
WUGS = "The wugs of Zorbania sprindled 3/4 of the blorptastic glimwort."
FOX = "The quick brown fox jumps over the lazy dog."
EXAMPLES = {
    ("数字、日期和金额", "Numbers, dates, money"): [NEWS, 1, 0.667, 0.8, 0],
    ("造出来的词", "Invented words"): [WUGS, 1, 0.667, 0.8, 0],
    ("没有噪声", "Without noise"): [FOX, 1, 0, 0, 0],
    ("噪声太多", "Too much noise"): [FOX, 1, 1.5, 1.5, 0],
    ("中文句子", "A Chinese sentence"): ["今天天气很好，我们一起去公园吧。", 1, 0.667, 0.8, 0],
    ("会失败：看意思才会读", "Fails: meaning decides the sound"): [
        "Yesterday I read that the lead singer shed a tear, then a dove dove into the bushes.", 1, 0.667, 0.8, 0
    ],
}  # fmt: skip


def speak(
    text: str, speed: float, melody: float, rhythm: float, seed: int
) -> Iterator[tuple[dict, Sound, Sound]]:
    """English text -> the voice as it comes, its words and phonemes timed; the whole sound; its start by Griffin-Lim.

    speed: 0.5 to 2, 1 as trained; melody and rhythm: 0 to 1.5, how much noise the generator gets for its sound and for
    its timing, 0.667 and 0.8 as published. Chinese is translated first.
    """
    text = readable(text)
    speed = float(within(speed, *SPEEDS, "语速", "Speed"))
    melody = float(within(melody, *NOISES, "声音噪声", "Noise of the sound"))
    rhythm = float(within(rhythm, *NOISES, "节奏噪声", "Noise of the timing"))
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    text, notes = in_english(text)
    with models.use("vits_joe") as net:
        told = net.read(text)
    short_words((one["word"] for sentence in told["sentences"] for one in sentence), MAX_LETTERS)
    if not told["sentences"]:
        raise InvalidInput("这里没有英语读得出的东西", "There is nothing here that English can say")
    voice, waves = Voice(notes or left_out(told["skipped"])), []
    for number, sentence in enumerate(told["sentences"]):
        guess(sentence)
        with models.use("vits_joe") as net:
            pieces = []
            for piece in net.speak(sentence, speed, melody, rhythm, seed + number):
                if "phonemes" in piece:
                    voice.begin(sentence, piece["phonemes"])
                pieces.append(piece["wave"])
                voice.add(piece["wave"], piece["rate"])
                yield voice.told(), None, None
            waves.append(np.concatenate(pieces))
            voice.end(waves[-1], net.mel(waves[-1]))
    rate, whole = piece["rate"], np.concatenate(waves)
    with models.use("vits_joe") as net:
        guessed = net.griffin_lim(net.mel(whole[: GUESSED_SECONDS * rate]))
    yield voice.told(done=True), as_sound(whole, rate), as_sound(guessed, rate)


def readable(text: str) -> str:
    """The text. Raises InvalidInput: nothing that can be said, too long, or a word that is too long."""
    text = open_text(text, MAX_CHARACTERS)
    plain = unicodedata.normalize("NFKD", text)
    if not re.search("[A-Za-z0-9\u4e00-\u9fff]", plain) and not any(
        unicodedata.category(one) == "So" for one in text
    ):
        raise InvalidInput(
            "这个声音只会说英语（中文会先译成英语），请换成英语",
            "This voice speaks English only, and Chinese once it is translated; write in English",
        )
    short_words(map(spelled, pieces(text)), MAX_LETTERS)
    return text


def in_english(text: str) -> tuple[str, tuple[str, str] | None]:
    """The text, Chinese translated, and what to say about that."""
    if not translation_text.is_chinese(text):
        return text, None
    asked = sentences(text, chinese=True)
    with models.use("transformer_zh_en") as net:
        found = net.translate(asked, BEAM, PENALTY)
    english = " ".join(one["candidates"][0]["text"] for one in found)
    return english, (
        f"它不会说中文，所以先译成英语：{english}",
        f"It cannot speak Chinese; translated first: {english}",
    )


def left_out(skipped: str) -> tuple[str, str]:
    """What to say about letters that it cannot say."""
    shown = skipped[:20] + "…" * (len(skipped) > 20)
    return (f"略过了它不会说的：{shown}", f"Left out what it cannot say: {shown}") if skipped else ("", "")


def guess(words: list[dict[str, Any]]) -> None:
    """Fills in the phonemes of a sentence's words that no dictionary has, as g2p_gru would say them."""
    unknown = list(dict.fromkeys(one["word"] for one in words if one["phonemes"] is None))
    if not unknown:
        return
    with models.use("g2p_gru") as net:
        said = dict(zip(unknown, net.pronounce_many(unknown), strict=True))
    for one in (one for one in words if one["phonemes"] is None):
        one |= {"phonemes": said[one["word"]][0]["phonemes"], "source": "guessed"}


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            text = gr.Textbox(NEWS, lines=4, max_lines=12, label=t("英语文字", "Text, in English"))
            speed = gr.Slider(*SPEEDS, 1, step=0.05, label=t("语速", "Speed"))
            hint = t(
                "生成器的输入是随机的：0 平板，1.5 含糊",
                "The generator starts from chance: 0 is flat, 1.5 slurred",
            )
            melody = gr.Slider(
                *NOISES, 0.667, step=0.001, label=t("声音噪声", "Noise of the sound"), info=hint
            )
            hint = t("每个音素的长短：0 最规矩", "How long each phoneme lasts: 0 is the most regular")
            rhythm = gr.Slider(*NOISES, 0.8, step=0.05, label=t("节奏噪声", "Noise of the timing"), info=hint)
            seed = seed_box()
        with gr.Column(scale=3):
            voice = voice_box(t("点一个词，从那里听起", "Click a word to hear from there"))
            with gr.Row():
                whole = gr.Audio(label=t("生成器的声音", "The generator's sound"), **PLAYER)
                zh, en = f"前 {GUESSED_SECONDS} 秒", f"first {GUESSED_SECONDS} s"
                hint = t(f"同一频谱，用 Griffin-Lim，{zh}", f"The same mel by Griffin-Lim, {en}")
                guessed = gr.Audio(label=hint, **PLAYER)
    with left:
        run_button(
            speak,
            inputs=[text, speed, melody, rhythm, seed],
            outputs=[voice, whole, guessed],
            examples=EXAMPLES,
        )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "数字、日期和缩写先变成单词，词典把单词变成音素，词典没有的由 g2p_gru 猜。VITS 的文字编码器为每个音素"
            "给出一个均值和方差；时长预测器从一份噪声抽出它占几帧（1 帧 11.6 毫秒），另一份噪声乘以方差加到均值上，"
            "流把它变成隐变量，生成器再把隐变量直接变成波形。训练时有判别器听它像不像真的，所以它学会了相位和气息；"
            "Griffin-Lim 只知道同一张梅尔频谱，相位靠反复猜，听起来像隔着管子。音素的起止就是生成波形所用的时长，"
            "不是事后对齐的。",
            "Numbers, dates and abbreviations become words, a dictionary turns words into phonemes, and g2p_gru "
            "guesses those it lacks. The text encoder of VITS gives each phoneme a mean and a spread; a duration "
            "predictor draws from one noise how many frames it lasts (one is 11.6 ms), a second noise times the "
            "spread is added to the mean, a flow makes a latent of it, and the generator turns that straight into a "
            "waveform. In training, discriminators listened whether it sounds real, so it learned phases and breath; "
            "Griffin-Lim knows the same mel spectrogram only, guesses the phases in rounds, and sounds as through a "
            "pipe. The times of phonemes are the durations that the wave was made with, not aligned afterwards.",
        ),
        code="models/vits_joe/net.py:VitsJoe._latent",
        rooms=["vits_joe", "g2p_gru"],
    )


DEMO = Demo(
    name="speech_generation",
    title=t("语音合成", "Speech generation"),
    about=t(
        "写一段英语，听一个对抗训练出来的声音边生成边读；数字、日期、金额、缩写和不认识的词它也会读。",
        "Write English and hear a voice, trained against a discriminator, read it while it is being made; also "
        "numbers, dates, money, abbreviations and words it has never seen.",
    ),
    models=("vits_joe", "g2p_gru"),
    questions=(10,),
    build=build,
)
