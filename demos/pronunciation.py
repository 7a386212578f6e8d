"""Pronunciation: an English word, known or invented, or a sentence -> phonemes, stress and who said so."""

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._matrix import matrix
from demos._run import both
from demos._text import choice, open_text, short_words
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t
from demos._voice import as_sound
from models.lexicon import pieces, spelled

MAX_CHARACTERS, MAX_WORDS, MAX_LETTERS = 8000, 500, 40  # of a text, of a text, of a word
AT_ONCE = 40  # words and signs of a sentence between two looks at Stop
MOST_HEARD, BREATH = 100, 30  # words that are said aloud, and at once
GUESSES = (1, 2, 3, 4, 5)
SOURCES = {
    "dictionary": ("词典", "dictionary"),
    "net": ("网络", "net"),
    "number": ("数字", "number"),
    "letters": ("逐个字母", "letter by letter"),
}
EXAMPLES = {
    ("造出来的词", "An invented word"): ["blorptastic", 1],
    ("不发音的字母", "Silent letters"): ["knighthood", 1],
    ("整句", "A sentence"): ["Dr. Zuckerbot's 3 wugs sprindled through Worcestershire in 1984.", 1],
    ("会失败：法语词", "Fails: a French word"): ["rendezvous", 1],
}


def pronounce(text: str, guess: int) -> Iterator[str]:
    """An English word or sentence -> pronunciation and alignment of letters with phonemes, as HTML.

    guess: which of the net's five pronunciations of a word the alignment shows, 1 to 5.
    """
    text = readable(text)
    rank = int(choice(guess, GUESSES, "请选第 1 到第 5 个读法", "Choose one of the guesses 1 to 5")) - 1
    cut = pieces(text)
    with models.use("g2p_gru") as net:
        said: list[dict[str, Any]] = []
        for start in range(0, len(cut), AT_ONCE):
            said += net.sentence(" ".join(cut[start : start + AT_ONCE]))
            if len(cut) > AT_ONCE:
                yield _sentence(said, "")
        spoken = [one for one in said if one["word"]]
        if not spoken:
            raise InvalidInput("这里没有英语读得出的东西", "There is nothing here that English can say")
        unknown = [one for one in spoken if one["source"] == "net"]
        shown = max(unknown[:1] or spoken, key=lambda one: len(one["word"]))["word"]
        told = net.pronounce(shown)
    picture = _alignment(told, rank)
    yield _word(shown, told, picture) if len(spoken) == 1 else _sentence(said, picture)


def hear(text: str, guess: int) -> Iterator[tuple[int, np.ndarray] | None]:
    """The same word or sentence said aloud by the voice of speech_generation; of one word the guess that is chosen.

    The sound comes once, whole, for a player begins anew with each; None before it lets Stop be noticed.
    """
    text = readable(text)
    rank = int(choice(guess, GUESSES, "请选第 1 到第 5 个读法", "Choose one of the guesses 1 to 5")) - 1
    _few(_count(text))
    with models.use("g2p_gru") as net:
        spoken = [one for one in net.sentence(text) if one["word"]]
        _few(len(spoken))  # a number is several
        if not spoken:
            raise InvalidInput("这里没有英语读得出的东西", "There is nothing here that English can say")
        alone = net.pronounce(spoken[0]["word"])["candidates"][rank]["phonemes"] if len(spoken) == 1 else []
    words = [alone] if alone else [one["phonemes"] for one in spoken]
    waves: list[np.ndarray] = []
    for start in range(0, len(words), BREATH):
        with models.use("vits_joe") as voice:
            said = voice.say(words[start : start + BREATH])
        waves.append(said["wave"])
        yield None
    yield as_sound(np.concatenate(waves), said["rate"])


def readable(text: str) -> str:
    """The text. Raises InvalidInput: nothing that English spells, too long, or a word that is too long."""
    text = open_text(text, MAX_CHARACTERS)
    if not re.search("[A-Za-z0-9]", unicodedata.normalize("NFKD", text)):
        raise InvalidInput("请写英语单词或句子", "Write an English word or sentence")
    if _count(text) > MAX_WORDS:
        raise InvalidInput(f"太长了，请缩短到 {MAX_WORDS} 个单词以内", f"Shorten it to {MAX_WORDS} words")
    short_words((max(piece, spelled(piece), key=len) for piece in pieces(text)), MAX_LETTERS)
    return text


def _count(text: str) -> int:
    """Words and numbers, signs left out; "well-known" is two."""
    return sum(piece[0].isalnum() for piece in pieces(text))


def _few(words: int) -> None:
    if words > MOST_HEARD:
        raise InvalidInput(f"最多听 {MOST_HEARD} 个词", f"At most {MOST_HEARD} words can be heard")


def _word(word: str, told: dict[str, Any], picture: str) -> str:
    best, known = told["candidates"][0], told["dictionary"]
    if not known:
        verdict = both("词典里没有这个词，全凭网络", "The dictionary does not have it; the net has to guess")
    elif best["phonemes"] in [one["phonemes"] for one in known]:
        verdict = both("和词典一致", "The dictionary says the same")
    else:
        verdict = both("词典另有说法：", "The dictionary says otherwise:")
    rows = "".join(
        f"<tr><td>{html.escape(word)}</td>{_cell(one)}<td>{both(*SOURCES['dictionary'])}</td></tr>"
        for one in known
    )
    rows += "".join(
        f"<tr><td>{number}</td>{_cell(one)}<td>{one['probability']:.0%}"
        f'<div class="share" style="width:{one["probability"]:.0%}"></div></td></tr>'
        for number, one in enumerate(told["candidates"], 1)
    )
    head = f'<div class="syllables">{_syllables(best)}</div><p>{verdict}</p>'
    return f'{head}{picture}<table class="answers">{rows}</table>'


def _sentence(said: list[dict[str, Any]], picture: str) -> str:
    spoken = [one for one in said if one["word"]]
    boxes = "".join(f'<span class="said">{_syllables(one)}</span>' for one in spoken)
    rows = "".join(f"<tr><td>{_written(one)}</td>{_cell(one)}<td>{_source(one)}</td></tr>" for one in spoken)
    return f'<div class="syllables small">{boxes}</div>{picture}<table class="answers">{rows}</table>'


def _written(one: dict[str, Any]) -> str:
    """What stands in the text, and where it is said in other words, those."""
    same = one["text"].lower() == one["word"]
    return html.escape(one["text"] if same else f"{one['text']} → {one['word']}")


def _cell(one: dict[str, Any]) -> str:
    return f"<td>/{one['ipa']}/<br><code>{' '.join(one['phonemes'])}</code></td>"


def _syllables(one: dict[str, Any]) -> str:
    """IPA above ARPAbet, a box for each syllable, its colour telling the stress."""
    return "".join(
        f'<span class="syllable stress{part["stress"]}">{part["ipa"]}<small>{part["phonemes"]}</small></span>'
        for part in one["syllables"]
    )


def _source(one: dict[str, Any]) -> str:
    return both(*SOURCES[one["source"]])


def _alignment(told: dict[str, Any], rank: int) -> str:
    """Rows of phonemes, columns of letters."""
    best = told["candidates"][rank]
    columns = [
        f"{letter} " for letter in told["spelled"]
    ]  # a space, for a single letter is drawn to the very edge
    head = f"<b>{html.escape(told['spelled'])}</b> → /{best['ipa']}/"
    return f"<p>{head}</p>{matrix(best['attention'], best['phonemes'], columns, label='alignment 对齐')}"


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            text = gr.Textbox(
                label=t("英语单词或句子", "An English word or sentence"),
                placeholder=t("也可以是造出来的词", "It may be an invented word"),
                lines=2,
                max_length=MAX_CHARACTERS,
            )
            guess = gr.Radio(
                GUESSES,
                value=1,
                label=t("对齐图显示网络的第几个读法", "Alignment of the net's guess number"),
            )
        with gr.Column(scale=3):
            page = gr.HTML(label=t("读音", "Pronunciation"), min_height=240)
            hint = t("听这些音素（单词：所选的读法）", "Hear these phonemes; of a word, the guess chosen")
            sound = gr.Audio(label=hint, format="wav", interactive=False, autoplay=True, buttons=["download"])
    with left:
        run_button(
            pronounce,
            inputs=[text, guess],
            outputs=[page],
            examples=EXAMPLES,
            together=16,
            live=[guess.input],
        )
        run_button(
            hear,
            inputs=[text, guess],
            outputs=[sound],
            examples={},
            api="pronunciation_sound",
            label=t("听一听", "Hear it"),
        )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "一个双向 GRU 从前往后、从后往前读完所有字母；另一个 GRU 一个接一个地说出音素，每次先用注意力看该"
            "读哪几个字母。三个这样的网络取平均，束搜索同时跟踪五种说法，最后列出最可能的。"
            "句子先查 CMU 发音词典，词典里没有的词才交给网络；框的颜色越深，重音越强。",
            "A bidirectional GRU reads all the letters, forwards and backwards; another GRU says the phonemes "
            "one by one and looks, by attention, at the letters that each is read from. Three such nets are "
            "averaged, and beam search follows five pronunciations at once and lists the likeliest. In a "
            "sentence the CMU dictionary is asked first, and the nets say what it lacks. The deeper a box, "
            "the stronger its stress.",
        ),
        code="models/g2p_gru/net.py:Seq2Seq.say",
        rooms=["g2p_gru"],
    )


DEMO = Demo(
    name="pronunciation",
    title=t("单词发音", "Pronunciation"),
    about=t(
        "写一个英语单词（造出来的也行）或一句话，看它的音素、国际音标、音节和重音，以及每个音素是从哪些字母读"
        "出来的。",
        "Write an English word, even an invented one, or a sentence, and see its phonemes, IPA, syllables and "
        "stress, and which letters each phoneme was read from.",
    ),
    models=("g2p_gru",),
    questions=(24,),
    build=build,
)
