"""Character RNN: continues a text letter by letter, shows where it is surprised and what its single units follow."""

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr

import models
from demos._run import both
from demos._text import choice, open_text, within
from demos._ui import Demo, how_it_works, run_button, seed_box, t

MAX_WORDS, MAX_CHARACTERS = 2000, 12_000  # of a text that is read
MAX_WRITTEN, MAX_TEMPERATURE = 1000, 1.5
DETAILED = 2000  # characters; longer texts show no alternatives, which would make the page heavy
EVERY, EVERY_READ = 6, 512  # characters that are written, or read, between two states of the page
DEEPEST = 8.0  # bits of surprise that get the deepest colour
SEEN = {"\n": "↵", " ": "␣"}
UNITS = 512
SURPRISE, OWN_UNIT = "surprise", "unit"
CONCEPTS = {  # what the net's units were searched for -> its name, how well it can be told by one unit
    "quotes": ("引号之内", "inside quotes"),
    "line_end": ("快到行尾", "the line is about to end"),
    "late_in_line": ("行的后半", "late in a line"),
    "capital_next": ("下一个是大写", "a capital comes next"),
    "verse_number": ("经文编号", "inside a verse number"),
    "bible": ("圣经文体", "Bible or novel"),
    "question": ("问句之内", "inside a question"),
    "word_start": ("新词开头", "a word begins"),
}
CLEAR, FAINT = 0.95, 0.8  # AUC above which a unit is said to follow a concept, or to lean towards it
NOVEL = '"My dear Mr. Darcy," said Elizabeth, smiling, "I am'
VERSE = "Rev23:1 And I saw in the city"
LETTER = """"You must know," said she, "that Mr. Collins comes on Monday!"

1Sm4:9 And the king said unto David, Is it peace? And he answered, It is well.
The quick brown fox jumps over the lazy dog."""
EXAMPLES = {
    ("奥斯汀的小说", "An Austen novel"): [NOVEL, 600, 0.6, 1],
    ("钦定本圣经", "The King James Bible"): [VERSE, 500, 0.6, 2],
    ("低温", "Cold: it plays safe"): ["It was a", 400, 0.3, 3],
    ("会失败：今天的英语", "Fails: today's English"): ["The new phone has a better camera and", 400, 0.6, 4],
}
READ_EXAMPLES = {
    ("惊讶度", "Surprise"): [LETTER, SURPRISE, 0],
    ("引号单元", "A unit for quotes"): [LETTER, "quotes", 0],
    ("经文编号单元", "A unit for verse numbers"): [LETTER, "verse_number", 0],
    ("行尾：没有单元", "Line ends: no unit"): [LETTER, "line_end", 0],
    ("会失败：网址", "Fails: a web address"): ["See https://www.example.org/q?id=42&x=7 for it.", SURPRISE, 0],
}  # fmt: skip


def write(text: str, characters: int, temperature: float, seed: int) -> Iterator[tuple[str, str]]:
    """Goes on with an English text twice, taking the likeliest character and drawing one; both as growing HTML."""
    text = readable(text)
    characters = int(within(characters, 1, MAX_WRITTEN, "长度", "Length"))
    temperature = within(temperature, 0.1, MAX_TEMPERATURE, "温度", "Temperature")
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    start = f"<b>{html.escape(text)}</b>"
    pages = [start, start]
    with models.use("char_lstm") as net:
        for count, both_next in enumerate(net.write(text, characters, [0, temperature], seed)):
            pages = [
                page + _surprise(one) for page, one in zip(pages, both_next or [], strict=False)
            ] or pages
            if count % EVERY == 0:
                yield _page(pages[0]), _page(pages[1])
    yield _page(pages[0]), _page(pages[1])


def read(text: str, look: str, unit: int) -> Iterator[str]:
    """Colours a text by the net's surprise, or by one unit's memory; look: surprise, a concept's name, or unit."""
    text = readable(text)
    look = choice(look, (SURPRISE, OWN_UNIT, *CONCEPTS), "请选要看什么", "Choose what to show")
    unit = int(within(unit, 0, UNITS - 1, "单元", "Unit"))
    with models.use("char_lstm") as net:
        found = net.found().get(look, {"unit": unit, "sign": 1})
        pieces: list[str] = []
        bits = 0.0
        for chunk in net.read(text, found["unit"]):
            bits += sum(one["bits"] for one in chunk)
            pieces += [
                _surprise(one, len(text) <= DETAILED) if look == SURPRISE else _unit(one, found["sign"])
                for one in chunk
            ]
            if len(pieces) % EVERY_READ == 0 or len(pieces) == len(text):
                head = _mean(bits, len(pieces)) if look == SURPRISE else _finding(look, found)
                yield f"{head}{_page(''.join(pieces))}"


def readable(text: str) -> str:
    """The text, in plain spaces and newlines. Raises InvalidInput: none, or too long."""
    open_text(text, MAX_WORDS, words=True)
    return open_text(text.replace("\r", ""), MAX_CHARACTERS)


def _page(text: str) -> str:
    return f'<div class="text">{text}</div>'


def _surprise(one: dict[str, Any], detailed: bool = True) -> str:
    """A character, the deeper the more it surprised the net, with what it expected."""
    tip = f"{one['bits']:.1f} bits"
    if not one.get("known", True):
        tip += " · not in its alphabet 不在字母表中"
    if detailed:
        tip += "".join(f"\n{share:4.0%} {_seen(other)}" for other, share in one["alternatives"])
    return _token(one["text"], f"--doubt:{90 * min(1.0, one['bits'] / DEEPEST):.0f}%", tip)


def _unit(one: dict[str, Any], sign: float) -> str:
    value = sign * one["activation"]
    hue = "" if value > 0 else ";--hue:#14a08f"
    return _token(one["text"], f"--doubt:{90 * abs(value):.0f}%{hue}", f"{value:+.2f}")


def _token(text: str, style: str, tip: str) -> str:
    return f'<span class="token" style="{style}" data-tip="{html.escape(tip)}">{html.escape(text)}</span>'


def _seen(text: str) -> str:
    return SEEN.get(text, text)


def _mean(bits: float, count: int) -> str:
    told = f"{bits / count:.2f} bits"
    return f"<p>{both(f'平均每个字符 {told}', f'{told} a character on average')}</p>"


def _finding(look: str, found: dict[str, float]) -> str:
    """What the unit shown was found to follow, on text that the net was not trained on."""
    unit = f"{found['unit']:.0f}"
    if look == OWN_UNIT:
        return f"<p>{both(f'单元 {unit}：橙色为正，绿色为负', f'Unit {unit}: amber is positive, green negative')}</p>"
    zh, en = CONCEPTS[look]
    auc = found["auc"]
    verdicts = (
        (CLEAR, f"单元 {unit} 跟踪“{zh}”", f"Unit {unit} follows “{en}”"),
        (FAINT, f"单元 {unit} 偏向“{zh}”，并不确切", f"Unit {unit} leans towards “{en}”, no more"),
        (0.0, f"没有单元跟踪“{zh}”；最接近的是 {unit}", f"No unit follows “{en}”; {unit} comes nearest"),
    )
    told_zh, told_en = next(told for least, *told in verdicts if auc >= least)
    return f"<p>{both(f'{told_zh}（AUC {auc:.2f}）', f'{told_en} (AUC {auc:.2f})')}</p>"


def build() -> None:
    text = gr.Textbox(
        NOVEL, label=t("开头", "The beginning"), lines=3, max_lines=8, max_length=MAX_CHARACTERS + 1
    )
    with gr.Row():
        characters = gr.Slider(50, MAX_WRITTEN, 600, step=50, label=t("写多少字符", "Characters to write"))
        temperature = gr.Slider(0.1, MAX_TEMPERATURE, 0.6, step=0.05, label=t("温度", "Temperature"))
        seed = seed_box()
    written = [text, characters, temperature, seed]
    pages = [
        gr.HTML(elem_classes="written", min_height=200, label=label, render=False)
        for label in (t("总取最可能的", "Always the likeliest"), t("按概率抽取", "Drawn by probability"))
    ]
    run_button(write, inputs=written, outputs=pages, examples=EXAMPLES, label=t("续写", "Write on"))
    with gr.Row():
        for page in pages:
            with gr.Column(min_width=300):
                page.render()
    _reading()
    _explained()


def _reading() -> None:
    gr.Markdown(t("### 它怎么读你的文字", "### How it reads your text"))
    own = gr.Textbox(
        LETTER, label=t("要读的英语", "English to read"), lines=4, max_lines=12, max_length=MAX_CHARACTERS + 1
    )
    with gr.Row():
        looks = [
            (t("惊讶度", "surprise"), SURPRISE),
            *((t(f"单元：{zh}", f"unit: {en}"), name) for name, (zh, en) in CONCEPTS.items()),
            (t("自选单元", "a unit of your choice"), OWN_UNIT),
        ]
        look = gr.Dropdown(looks, value=SURPRISE, label=t("颜色表示", "Colour shows"))
        unit = gr.Slider(0, UNITS - 1, 0, step=1, label=t("自选单元的编号", "Your unit's number"))
    coloured = gr.HTML(
        elem_classes="written", min_height=120, label=t("上色的文字", "Coloured text"), render=False
    )
    run_button(
        read,
        inputs=[own, look, unit],
        outputs=[coloured],
        examples=READ_EXAMPLES,
        api="char_rnn_read",
        label=t("读", "Read"),
        live=[look.input, unit.release],
    )
    coloured.render()


def _explained() -> None:
    how_it_works(
        t(
            "LSTM 一次读一个字符，把读过的一切记在 512 个数里，再给每个可能的下一个字符打分；它从没见过单词"
            "表，拼写、引号、行宽都是自己学来的。一个字符原来的概率越小，惊讶度（以 2 为底的负对数，比特）越"
            "大，颜色越深。训练结束时我们逐个检查这些数，看哪一个最能说明“引号之内”“快到行尾”等等，并在留出的"
            "文字上验证；有的概念没有这样的单元。",
            "The LSTM reads one character at a time, keeps all it has read in 512 numbers and scores every "
            "possible next character; it was never shown a word list and learned spelling, quotes and line "
            "width by itself. The less likely a character was, the greater the surprise (minus the logarithm "
            "to base 2, in bits) and the deeper the colour. After training each of these numbers was tried as "
            "a sign of being inside quotes, near a line's end and so on, and verified on held-out text; for "
            "some concepts there is none.",
        ),
        code="models/char_lstm/net.py:CharLSTM.step",
        rooms=["char_lstm"],
    )


DEMO = Demo(
    name="char_rnn",
    title=t("字符循环网络", "Character RNN"),
    about=t(
        "一个逐字符写英语的 LSTM，只读过钦定本圣经和简·奥斯汀：让它续写，看每个字符让它多惊讶，看单个单元记住"
        "了什么。",
        "An LSTM that writes English letter by letter and has read nothing but the King James Bible and Jane "
        "Austen: let it write on, see how each character surprised it, and what single units remember.",
    ),
    models=("char_lstm",),
    questions=(6,),
    build=build,
)
