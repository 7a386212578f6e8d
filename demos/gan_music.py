"""GAN music: chorales of four voices from noise, voices kept while the others change, and walks between two."""

from typing import Any

import gradio as gr
import numpy as np

import models
from demos._chorale import KEYS, LAST, VOICES, beside, counted, drawn, key_name, lift, notes_of
from demos._midi import midi_bytes, midi_file
from demos._music import RATE, Note, sound
from demos._run import both
from demos._text import choice, within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t

SOURCES = ("chorale", "bach")
INSTRUMENTS = {"organ": "管风琴", "flute": "长笛", "fiddle": "提琴", "harp": "竖琴"}
PROGRAMS = {"organ": 19, "flute": 73, "fiddle": 48, "harp": 46}  # General MIDI
TEMPO, MAX_SPREAD = (50, 160), 3.0  # quarter notes a minute
STEPS = 5  # chorales of a walk
COLUMNS = "display:grid;gap:8px 24px;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr))"
PLAYER: dict[str, Any] = {"format": "wav", "interactive": False, "buttons": ["download"]}
Sound = tuple[int, np.ndarray]
EXAMPLES = {
    ("大调", "In major"): ["G major", 3, [], "chorale", 0, 1.0, "organ", 84],
    ("小调", "In minor"): ["E minor", 3, [], "chorale", 0, 1.0, "organ", 76],
    ("只留女高音，换掉其余", "Keep the soprano only"): ["G major", 3, ["soprano"], "chorale", 8, 1.0, "organ", 84],
    ("只换低音", "Another bass"): ["G major", 3, ["soprano", "alto", "tenor"], "chorale", 5, 1.0, "organ", 84],
    ("为巴赫的旋律配和声", "Harmonise Bach's tune"): ["A major", 0, ["soprano"], "bach", 4, 1.0, "organ", 84],
    ("离平均很远", "Far from the mean"): ["C major", 1, [], "chorale", 0, 3.0, "organ", 84],
    ("会失败：平行五度", "Fails: parallel fifths"): ["E minor", 4, [], "chorale", 0, 1.0, "organ", 76],
}  # fmt: skip


def compose(
    key: str, seed: int, keep: list[str], source: str, other: int, spread: float, instrument: str, tempo: float
) -> tuple[str, Sound, str, str]:  # fmt: skip
    """A chorale of four bars -> its piano roll, its sound, a MIDI file, and what can be said of it, as HTML.

    key: such as "G major"; keep: voices, soprano, alto, tenor, bass, that stay while the others are composed anew
    with the seed `other`; source: whose voices stay, "chorale", the one of `seed`, or "bach", one of his that the net
    has not seen, also by number `seed`; spread: how far from the mean, 0 to 3, 1 as in training; instrument: organ,
    flute, fiddle or harp; tempo: quarter notes a minute.
    """
    tonic, minor = key_of(key)
    seed = seed_of(seed, "种子", "Seed")
    kept = kept_of(keep)
    choice(source, SOURCES, "请选择保留谁的声部", "Choose whose voices stay")
    other = seed_of(other, "其余声部的种子", "Seed of the others")
    spread, instrument, tempo = played(spread, instrument, tempo)
    if source == "bach" and not kept:
        raise InvalidInput("请选择要保留巴赫的哪些声部", "Choose which of Bach's voices stay")
    with models.use("chorale_gan") as net:
        piece = net.soprano(minor, seed) if source == "bach" else net.compose(minor, seed, spread)
        if kept:
            piece = net.compose(minor, other, spread, piece, kept)
        like = net.nearest(piece["midi"])
    up = lift(tonic, minor)
    notes = notes_of(piece, up)
    file = midi_file(midi_bytes(notes, tempo, programs=[PROGRAMS[instrument]]), "chorale.mid")
    told = counted(piece, minor) + beside(like, up)
    return drawn(notes, kept), heard(notes, tempo, instrument), file, told


def walk(
    key: str, seed: int, other: int, spread: float, instrument: str, tempo: float
) -> tuple[str, Sound, str]:
    """From one seed's chorale to another's through the space of noise, in five -> their rolls, sound, a MIDI file."""
    tonic, minor = key_of(key)
    seed, other = seed_of(seed, "种子", "Seed"), seed_of(other, "其余声部的种子", "Seed of the others")
    if seed == other:
        raise InvalidInput("请选两个不同的种子", "Choose two different seeds")
    spread, instrument, tempo = played(spread, instrument, tempo)
    with models.use("chorale_gan") as net:
        pieces = net.walk(minor, seed, other, spread, STEPS)
    up, rolls, together = lift(tonic, minor), [], []
    for number, piece in enumerate(pieces):
        notes = notes_of(piece, up)
        same = float(np.mean(piece["midi"] == pieces[0]["midi"]))
        told = both(
            f"第 {number + 1} 首：与第一首相同的音 {same:.0%}", f"No. {number + 1}: {same:.0%} as the first"
        )
        rolls.append(f"<div><p>{told}</p>{drawn(notes, legend=not number)}</div>")
        begin = number * (piece["midi"].shape[1] / 2 + LAST + 2)
        together += [note._replace(start=note.start + begin) for note in notes]
    file = midi_file(midi_bytes(together, tempo, programs=[PROGRAMS[instrument]]), "walk.mid")
    return f'<div style="{COLUMNS}">{"".join(rolls)}</div>', heard(together, tempo, instrument), file


def key_of(key: str) -> tuple[int, bool]:
    """ "G major" -> pitch class of the tonic, whether it is minor. Raises InvalidInput."""
    return KEYS[choice(key, KEYS, "请选择一个调", "Choose a key")]


def kept_of(keep: list[str]) -> list[int]:
    """Names of voices -> their numbers. Raises InvalidInput: no list, an unknown voice, or all of them."""
    if not isinstance(keep, list):
        raise InvalidInput("请选择要保留的声部", "Choose the voices that stay")
    for voice in keep:
        choice(
            voice,
            VOICES,
            "声部只有女高音、女低音、男高音和男低音",
            "Voices are soprano, alto, tenor and bass",
        )
    if set(keep) == set(VOICES):
        raise InvalidInput("至少留一个声部重写", "Leave at least one voice to compose")
    return [number for number, voice in enumerate(VOICES) if voice in keep]


def seed_of(seed: int, zh: str, en: str) -> int:
    return int(within(seed, 0, 2**31 - 1, zh, en))


def played(spread: float, instrument: str, tempo: float) -> tuple[float, str, float]:
    """How it is composed and played, checked. Raises InvalidInput."""
    spread = float(within(spread, 0, MAX_SPREAD, "幅度", "Spread"))
    choice(instrument, INSTRUMENTS, "请选择一种乐器", "Choose an instrument")
    return spread, instrument, float(within(tempo, *TEMPO, "速度", "Tempo"))


def heard(notes: list[Note], tempo: float, instrument: str) -> Sound:
    """Hz and int16 samples."""
    return RATE, np.int16(sound(notes, tempo, instrument) * 32767)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            asked = _asked()
        with gr.Column(scale=3):
            roll = gr.HTML(label=t("钢琴卷帘", "Piano roll"), min_height=240)
            sound_box, file = _played()
            told = gr.HTML(label=t("数一数", "What can be counted"), min_height=120)
    with left:
        run_button(
            compose, inputs=asked, outputs=[roll, sound_box, file, told], examples=EXAMPLES, label=t("作曲", "Compose")
        )  # fmt: skip
    with gr.Accordion(t("从一首走到另一首", "Walk from one to the other"), open=False):
        rolls = gr.HTML(label=t("路上的五首", "Five on the way"), min_height=240)
        sound_box, file = _played()
        key, seed, _, _, other, *rest = asked
        run_button(
            walk, inputs=[key, seed, other, *rest], outputs=[rolls, sound_box, file], examples={},
            api="gan_music_walk", label=t("走过去", "Walk"),
        )  # fmt: skip
    _explained()


def _played() -> tuple[gr.Audio, gr.File]:
    with gr.Row():
        return gr.Audio(label=t("听", "Listen"), **PLAYER), gr.File(
            label="MIDI", interactive=False, min_width=200
        )


def _asked() -> list[gr.components.Component]:
    """The inputs of compose(), in its order."""
    with gr.Row():
        keys = [(t(*key_name(key)), key) for key in KEYS]
        key = gr.Dropdown(keys, value="G major", label=t("调", "Key"), min_width=140)
        seed = seed_box()
    voices = [(t(zh, en.capitalize()), en) for en, zh in VOICES.items()]
    keep = gr.CheckboxGroup(
        voices, value=[], label=t("保留这些声部，重写其余", "Keep these voices, compose the others anew")
    )
    with gr.Row():
        whose = [
            (t("这一首的", "This chorale's"), "chorale"),
            (t("巴赫的，它没见过", "Bach's, unseen"), "bach"),
        ]
        source = gr.Radio(whose, value="chorale", label=t("保留谁的声部", "Whose voices"), min_width=200)
        hint = t("重写其余声部的种子", "Seed of the others")
        other = gr.Number(1, label=hint, precision=0, minimum=0, maximum=2**31 - 1, min_width=120)
    spread = gr.Slider(0, MAX_SPREAD, 1.0, step=0.1, label=t("离平均多远", "How far from the mean"))
    timbres = [(t(zh, en.capitalize()), en) for en, zh in INSTRUMENTS.items()]
    instrument = gr.Radio(timbres, value="organ", label=t("乐器", "Instrument"))
    tempo = gr.Slider(*TEMPO, 84, step=2, label=t("每分钟几拍", "Beats a minute"))
    return [key, seed, keep, source, other, spread, instrument, tempo]


def _explained() -> None:
    how_it_works(
        t(
            "生成器把一串随机数变成四个声部、四小节的卷帘：每个八分音符、每个声部选一个音高，并决定要不要重新起音。"
            "判别器把它与巴赫的众赞歌片段成对比较，它看得见声部之间和前后音之间的音程，所以学会了和声与声部进行；"
            "选音是离散的，梯度借 softmax 传回去。已有的声部也可以作为输入交给生成器，它只写缺的那些。"
            "生成器还要学着把真片段读成随机数再写回来，这让相近的随机数写出相近的音乐。"
            "所有曲子都移到 C 大调或 A 小调来学，你要的调是作完再移过去的。",
            "A generator turns random numbers into a roll of four voices and four bars: for each eighth and each voice "
            "it chooses a pitch, and whether it is struck anew. A discriminator compares it with passages of Bach's "
            "chorales; it is shown the intervals between voices and from note to note, which is how harmony and the "
            "leading of voices are learnt. Choices are discrete, so gradients pass them as through a softmax. Voices "
            "that are given go into the generator too, and it writes what is missing. It also learns to write real "
            "passages again from the random numbers that a third net reads them as, so that like numbers make like "
            "music. All is learnt in C major and A minor, and moved to your key at the end.",
        ),
        code="models/chorale_gan/layers.py:Critic.heard",
        rooms=["chorale_gan"],
    )  # fmt: skip


DEMO = Demo(
    name="gan_music",
    title=t("GAN 作曲", "GAN music"),
    about=t(
        "由噪声写出四声部、四小节的众赞歌：看卷帘、听、下载 MIDI；留住一个声部换掉其余，或从一首走到另一首。",
        "Four-part chorales of four bars, composed from noise: see the piano roll, listen, download MIDI; keep a "
        "voice and change the others, or walk from one chorale to another.",
    ),
    models=("chorale_gan",),
    questions=(15,),
    build=build,
)
