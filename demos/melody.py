"""Melody: a small transformer that read traditional dance tunes goes on with an opening, several times, to be heard."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._keys import keys_box
from demos._midi import open_midi
from demos._music import TIMBRES, Note, name_of
from demos._opening import MAX_CHARACTERS, Opening, from_abc, from_midi, metre_of
from demos._roll import roll
from demos._text import choice, within
from demos._tunes import Tunes, tunes_box
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t
from models.melody_transformer.events import DANCES as BARS_OF
from models.melody_transformer.events import HEADER, REST, TICKS, Event

DANCES = {
    "reel": ("里尔舞 4/4", "Reel, 4/4"),
    "hornpipe": ("号笛舞 4/4", "Hornpipe, 4/4"),
    "strathspey": ("斯特拉斯佩舞 4/4", "Strathspey, 4/4"),
    "common": ("其他 4/4", "Other, 4/4"),
    "jig": ("吉格舞 6/8", "Jig, 6/8"),
    "slip_jig": ("滑步吉格 9/8", "Slip jig, 9/8"),
    "waltz": ("三拍子歌曲 3/4", "Air or waltz, 3/4"),
}
SOUNDS = {
    "flute": ("长笛", "Flute"),
    "fiddle": ("提琴", "Fiddle"),
    "harp": ("竖琴", "Harp"),
    "organ": ("风琴", "Organ"),
}
LAYERS = 4
LENGTHS, TEMPOS, MAX_TEMPERATURE, LEAST_TOP_P, MOST_TUNES = (4, 32), (60, 240), 1.5, 0.05, 4
EVERY = 8  # notes between two states of the page
FAINT = 0.06  # of the strongest look; weaker ones are not shown
LOUD, SOFT = 0.92, 0.76  # the first note of a bar, and others
USUAL = (16, 0.9, 0.95, 3)  # bars, temperature, top-p, continuations
EXAMPLES = {
    ("吉格舞", "A jig"): ["K:D\nDFA dcd | AFA BGE |", None, "jig", *USUAL, 180, "flute", 0, 1],
    ("里尔舞", "A reel"): ["K:G\nD2 | GBAG FGAc | BGBd g2 dg |", None, "reel", *USUAL, 200, "fiddle", 0, 2],
    ("号笛舞", "A hornpipe"): [
        "K:D\n(3ABc | d>cd>f A>BA>G | F>Ad>f a2 g>f |", None, "hornpipe", *USUAL, 160, "harp", 0, 3
    ],
    ("滑步吉格", "A slip jig"): ["K:Em\nG2B E2B BAG | F2A D2A AGF |", None, "slip_jig", *USUAL, 180, "flute", 0, 4],
    ("三拍子的歌", "An air in three"): ["K:G\nBA>G | G2 Bd ef | g3 e dB |", None, "waltz", *USUAL, 110, "harp", 0, 5],
    ("茉莉花（它没听过中国民歌）", "Jasmine Flower, Chinese"): [
        "E2 EG AccA | G2 GA G4 |", None, "common", *USUAL, 110, "flute", 0, 6
    ],
    ("会失败：半音阶", "Fails: a chromatic scale"): [
        "C^CD^D EF^FG | ^GA^AB c4 |", None, "common", *USUAL, 160, "organ", 0, 7
    ],
}  # fmt: skip


def go_on(
    notes: str,
    file: str | None,
    dance: str,
    bars: int,
    temperature: float,
    top_p: float,
    tunes: int,
    tempo: float,
    timbre: str,
    layer: int,
    seed: int,
) -> Iterator[dict[str, Any]]:
    """Continuations of an opening, growing: piano rolls, then paths of MIDI and WAV files.

    notes: the opening in ABC, in eighth notes, such as "K:D DFA dcd | AFA BGE |"; file: a MIDI file instead of it, or
    null; dance: reel, hornpipe, strathspey, common (other 4/4), jig, slip_jig or waltz; bars: 4 to 32, of the whole
    with its opening; tunes: 1 to 4; tempo: quarter notes a minute; timbre: flute, fiddle, harp or organ; layer: 0: all.
    """
    choice(dance, DANCES, "请选一种舞曲", "Choose one of the dances")
    choice(timbre, TIMBRES, "请选一种音色", "Choose one of the sounds")
    layer = int(choice(layer, range(LAYERS + 1), "请选一层", "Choose one of the layers"))
    bars = int(within(bars, *LENGTHS, "小节数", "Bars"))
    options = {
        "count": int(within(tunes, 1, MOST_TUNES, "份数", "Continuations")),
        "temperature": within(temperature, 0, MAX_TEMPERATURE, "温度", "Temperature"),
        "top_p": within(top_p, LEAST_TOP_P, 1, "Top-p", "Top-p"),
        "seed": int(within(seed, 0, 2**31 - 1 - MOST_TUNES, "种子", "Seed")),
    }
    shown = Tunes(within(tempo, *TEMPOS, "速度", "Tempo"))
    opening = opened(notes, file, dance, bars)
    rows: list[list[dict[str, Any]]] = [[] for _ in range(options["count"])]
    for number, step in enumerate(_steps(opening, bars, options)):
        for row, one in zip(rows, step, strict=True):
            row += [one] if one else []
        if number % EVERY == 0:
            _show(shown, opening, rows, layer)
            yield shown.told()
    _show(shown, opening, rows, layer, done=True)
    yield from _played(shown, opening, rows, timbre, f"{dance}-{options['seed']}")


def _played(
    shown: Tunes, opening: Opening, rows: list[list], timbre: str, name: str
) -> Iterator[dict[str, Any]]:
    """Renders one tune after the other; name: of their files."""
    for number, row in enumerate(rows):
        written = tune_of(opening, row, number)
        shown.play(number, written, timbre, metre_of(opening.dance), f"{name}-{number + 1}")
        yield shown.told()


def _steps(opening: Opening, bars: int, options: dict[str, Any]) -> Iterator[list[dict[str, Any] | None]]:
    with models.use("melody_transformer") as net:
        yield from net.write((opening.dance, opening.upbeat, opening.events), bars, **options)


def opened(notes: str, file: str | None, dance: str, bars: int) -> Opening:
    """The file's opening where there is one, else the text's. Raises InvalidInput: also where it is longer than all."""
    opening = from_midi(open_midi(file), dance) if file else from_abc(notes, dance)
    if sum(ticks for _, ticks in opening.events) - opening.upbeat >= bars * BARS_OF[dance]:
        raise InvalidInput(
            f"开头已经有 {bars} 小节，请把全曲放长",
            f"The opening fills {bars} bars already; choose a longer whole",
        )
    return opening


def tune_of(opening: Opening, row: Sequence[dict[str, Any]], voice: int) -> list[Note]:
    """All notes, of the opening and of what was written; rests are left out. The first of a bar is the loudest."""
    notes, now = [], 0
    for pitch, ticks in _events(opening, row):
        loud = SOFT if (now - opening.upbeat) % BARS_OF[opening.dance] else LOUD
        if pitch != REST:
            notes.append(Note(pitch, now / TICKS, ticks / TICKS, voice, loud))
        now += ticks
    return notes


def _events(opening: Opening, row: Sequence[dict[str, Any]]) -> list[Event]:
    return [*opening.events, *((one["pitch"], one["ticks"]) for one in row)]


def _show(shown: Tunes, opening: Opening, rows: list[list], layer: int, done: bool = False) -> None:
    """Draws each tune; what was looked at, and what was told of the opening, when all are done."""
    given = sum(pitch != REST for pitch, _ in opening.events)
    for number, row in enumerate(rows):
        notes = tune_of(opening, row, number)
        heard = [one for one in row if one["pitch"] != REST]
        picture = roll(
            notes,
            bar=BARS_OF[opening.dance] / TICKS,
            first_bar=opening.upbeat / TICKS,
            kinds=["given"] * given + ["written"] * len(heard),
            tips=[name_of(note.pitch) for note in notes[:given]] + [_tip(one) for one in heard],
        )
        zh, en = f"续写 {number + 1}：{len(heard)} 个音", f"Continuation {number + 1}: {len(heard)} notes"
        notes_zh, notes_en = zip(("", ""), *opening.told) if done and not number else (("",), ("",))
        told = "。".join([zh, *filter(None, notes_zh)]), ". ".join([en, *filter(None, notes_en)])
        shown.show(number, picture, told, _looks(opening, row, layer) if done else ())


def _tip(one: dict[str, Any]) -> str:
    """The note with its probability, and what else it could have been."""
    rows = [f"{share:4.0%} {_named(pitch, ticks)}" for pitch, ticks, share in one["alternatives"]]
    return "\n".join([f"{_named(one['pitch'], one['ticks'])}: {one['probability']:.0%}", "", *rows])


def _named(pitch: int, ticks: int) -> str:
    return f"{name_of(pitch) if pitch != REST else '–'} {Fraction(ticks, 4 * TICKS)}"


def _looks(opening: Opening, row: list[dict[str, Any]], layer: int) -> list[list[tuple[int, int]]]:
    """For each note, the notes it looked back at and how much, in percent of the strongest look, rests left out."""
    sounds = np.array([pitch != REST for pitch, _ in _events(opening, row)])
    places = np.cumsum(sounds) - 1
    looks: list[list[tuple[int, int]]] = [[] for pitch, _ in opening.events if pitch != REST]
    for number, one in enumerate(row, len(opening.events)):
        if one["pitch"] == REST:
            continue
        heads = one["attention"][layer - 1] if layer else one["attention"].reshape(-1, HEADER + number)
        shares = heads.mean(0)[HEADER:]
        shares = shares * sounds[: len(shares)]
        shares = shares / max(float(shares.max()), 1e-6)
        looks.append(
            [(int(places[at]), round(100 * float(shares[at]))) for at in np.flatnonzero(shares > FAINT)]
        )
    return looks


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            notes, file, dance = _asked()
            sampling = _sampling()
        with gr.Column(scale=3, min_width=320):
            shown = tunes_box(
                t(
                    "点谱子从那里听起；指着一个音，看它回看了哪些",
                    "Click to hear from there; point at a note: what did it look back at?",
                )
            )
            layers = [(t(f"第 {n} 层", f"Layer {n}"), n) for n in range(1, LAYERS + 1)]
            layer = gr.Radio(
                [(t("全部层", "All layers"), 0), *layers], value=0, label=t("注意力", "Attention")
            )
    *sampling, seed = sampling
    with left:
        run_button(
            go_on,
            inputs=[notes, file, dance, *sampling, layer, seed],
            outputs=[shown],
            examples=EXAMPLES,
            live=[layer.input],
            label=t("续写", "Go on"),
        )
    _explained()


def _asked() -> list[gr.components.Component]:
    """The opening, and what kind of dance it begins."""
    first = next(iter(EXAMPLES.values()))
    notes = gr.Textbox(
        first[0], label=t("开头（ABC 记谱法）", "The opening, in ABC"), lines=2, max_lines=6,
        max_length=MAX_CHARACTERS + 1, elem_id="melody-notes",
        info=t("C 到 B 是一个八度，小写高八度，^ 升 _ 降；不写数字是八分音符，2 是四分；| 是小节线",
               "C to B, small letters an octave higher, ^ sharp, _ flat; eighth notes, with a 2 quarters; | bar line"),
    )  # fmt: skip
    keys_box(t("键盘：点一下就写进去", "Keyboard: click to write notes"), "melody-notes")
    file = gr.File(
        label=t("或者上传一段 MIDI（代替上面的音）", "Or a short MIDI file, in place of the notes above"),
        file_types=[".mid", ".midi"], height=140,
    )  # fmt: skip
    dance = gr.Dropdown(
        [(t(*both), name) for name, both in DANCES.items()], value=first[2], label=t("舞曲", "Dance")
    )
    return [notes, file, dance]


def _sampling() -> list[gr.components.Component]:
    """How it is written and played; the seed is the last."""
    with gr.Row():
        bars = gr.Slider(*LENGTHS, 16, step=4, label=t("全曲小节数", "Bars of the whole"), min_width=140)
        count = gr.Slider(1, MOST_TUNES, 3, step=1, label=t("续写几份", "Continuations"), min_width=140)
    with gr.Accordion(t("采样与演奏", "Sampling and playing"), open=False):
        temperature = gr.Slider(0, MAX_TEMPERATURE, 0.9, step=0.05, label=t("温度", "Temperature"))
        top_p = gr.Slider(LEAST_TOP_P, 1, 0.95, step=0.05, label=t("Top-p", "Top-p"))
        tempo = gr.Slider(
            *TEMPOS, 180, step=5, label=t("速度（每分钟四分音符）", "Tempo, quarter notes a minute")
        )
        timbre = gr.Radio(
            [(t(*both), name) for name, both in SOUNDS.items()], value="flute", label=t("音色", "Sound")
        )
        seed = seed_box()
    return [bars, temperature, top_p, count, tempo, timbre, seed]


def _explained() -> None:
    how_it_works(
        t(
            "模型读过两本一百多年前的曲集，约两千首爱尔兰和美国的舞曲与歌，只学一件事：看着前面的音，猜下一个音的高低和长短。"
            "注意力认的不是绝对位置，而是距离：隔了几个音，隔了几小节、差在小节里的哪一格；所以“正好八小节之前是什么”一眼就能看到，"
            "旋律会重复、变化，在该收的地方收。训练时每首曲子每次换一个调。声音由一个小合成器当场算出。",
            "The net read two collections of more than a century ago, some two thousand Irish and American dances and "
            "airs, and learned one thing: to guess the pitch and length of the next note from those before. Attention "
            "knows no absolute place, only distances: how many notes back, how many bars, and where in the bar; so "
            "what began exactly eight bars before is one look away, and tunes repeat, vary and close where they "
            "should. In training each tune came in another key each time. A small synthesiser computes the sound.",
        ),
        code="models/melody_transformer/relative.py:distances",
        rooms=["melody_transformer"],
    )


DEMO = Demo(
    name="melody",
    title=t("旋律续写", "Melody"),
    about=t(
        "写几个音、在键盘上点几下或上传一段 MIDI，一个读过传统舞曲的小 Transformer 接着写下去：几份续写并排，马上能听，"
        "还能看每个音回看了哪些音。",
        "Write a few notes, click them on a keyboard or bring a short MIDI, and a small transformer that read "
        "traditional dance tunes goes on: several continuations side by side, heard at once, and what each note looked "
        "back at.",
    ),
    models=("melody_transformer",),
    questions=(9,),
    build=build,
)
