"""Poems: a small GPT writes four or eight lines on a theme or after a first line, and shows what it looked back at."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

import models
from demos._text import choice, open_text, within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t
from demos._verse import converted, foot, looks, verse_page

FORMS = {  # characters a line, lines
    "5x4": (5, 4, "五绝：五言四句", "4 lines of 5"),
    "7x4": (7, 4, "七绝：七言四句", "4 lines of 7"),
    "5x8": (5, 8, "五律：五言八句", "8 lines of 5"),
    "7x8": (7, 8, "七律：七言八句", "8 lines of 7"),
}
ERAS = {"tang": ("唐", "Tang"), "song": ("宋", "Song")}
SCRIPTS = {"t2s": ("简体", "Simplified"), "": ("繁體", "Traditional")}
THEMES = {
    "月": "moon",
    "江雪": "river, snow",
    "送別": "farewell",
    "秋思": "autumn thoughts",
    "春雨": "spring rain",
    "山居": "living in the hills",
    "邊塞": "the frontier",
    "梅": "plum blossom",
    "酒": "wine",
    "思鄉": "homesick",
}
LAYERS = 4
MAX_CHARACTERS, MAX_TEMPERATURE, LEAST_TOP_P = 40, 1.5, 0.05
MAX_GUIDANCE, MAX_DRAFTS = 3, 8
SAMPLING = (0.8, 0.9, 1.5, 6, True, 0, 1)  # temperature, top-p, guidance, drafts, rhyme, layer, seed
EXAMPLES = {
    ("月", "Moon"): ["月", "7x4", "", "tang", "t2s", *SAMPLING],
    ("首句：明月出天山", "A first line"): ["明月出天山", "5x4", "", "tang", "t2s", *SAMPLING],
    ("藏头：春风得意", "An acrostic"): ["春", "7x4", "春风得意", "tang", "t2s", *SAMPLING],
    ("梅，七律，宋", "Plum blossom, eight lines"): ["梅", "7x8", "", "song", "", *SAMPLING],
    ("会失败：手机", "Fails: mobile phone"): ["手机", "7x4", "", "tang", "t2s", *SAMPLING],
}

# As Taiwan and Hong Kong write them -> as the poems do
OTHER_FORMS = str.maketrans("為偽敍衞衹説鋭", "爲僞敘衛只說銳")


def write(
    text: str,
    form: str,
    acrostic: str,
    era: str,
    script: str,
    temperature: float,
    top_p: float,
    guidance: float,
    drafts: int,
    rhyme: bool,
    layer: int,
    seed: int,
) -> Iterator[str]:
    """A classical Chinese poem, as HTML that grows character by character.

    text: a theme of one or two characters, or a first line of five or seven, in either script; form: 5x4, 7x4,
    5x8 or 7x8, characters a line x lines; acrostic: what the lines begin with, one character each, or "";
    era: tang or song; script: t2s for Simplified, "" for Traditional; guidance: how much the theme counts; drafts: of
    each line, the best is kept; rhyme: even lines rhyme; layer: whose attention is shown, 0 for all.
    """
    text, acrostic = characters(text), characters(acrostic) if acrostic else ""
    choice(form, FORMS, "请选一种体裁", "Choose one of the forms")
    choice(era, ERAS, "请选唐或宋", "Choose Tang or Song")
    choice(script, SCRIPTS, "请选简体或繁体", "Choose Simplified or Traditional")
    choice(layer, range(LAYERS + 1), "请选一层", "Choose one of the layers")
    temperature = within(temperature, 0, MAX_TEMPERATURE, "温度", "Temperature")
    top_p = within(top_p, LEAST_TOP_P, 1, "Top-p", "Top-p")
    guidance = within(guidance, 0, MAX_GUIDANCE, "切题", "Theme")
    drafts = int(within(drafts, 1, MAX_DRAFTS, "草稿", "Drafts"))
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    form, theme, starts = pattern(text, form, acrostic)
    options = {"temperature": temperature, "top_p": top_p, "guidance": guidance, "drafts": drafts}
    about = f"{FORMS[form][2][:2]} · {ERAS[era][0]}"
    written: list[dict[str, Any]] = []
    with models.use("poem_gpt") as net:
        for one in net.write(form, era, theme, starts, rhyme=bool(rhyme), seed=seed, **options):
            written.append(one)
            yield verse_page(about, theme, script, written, "")
        found = net.ends(net.lines(written))
    yield verse_page(about, theme, script, written, foot(found, script) + looks(written, int(layer)))


def characters(text: str) -> str:
    """The Chinese characters of a text in Traditional script. Raises InvalidInput: others than these and marks."""
    kept = "".join(one for one in open_text(text, MAX_CHARACTERS) if one.isalnum() or not one.isprintable())
    if not kept or not all("\u3400" <= one <= "\u9fff" for one in kept):
        raise InvalidInput("请只写汉字", "Write Chinese characters only")
    return converted(kept, "s2t").translate(OTHER_FORMS)


def pattern(text: str, form: str, acrostic: str) -> tuple[str, str, list[str]]:
    """-> the form, the theme, what each line begins with. A first line decides how long lines are.

    Raises InvalidInput: neither theme nor first line, or an acrostic that does not fit.
    """
    count = FORMS[form][1]
    if len(text) not in (1, 2, 5, 7):
        raise InvalidInput(
            f"请写一两个字作题，或五个、七个字作首句；现在是 {len(text)} 个字",
            f"Write 1 or 2 characters as the theme, or 5 or 7 as the first line; these are {len(text)}",
        )
    if acrostic and len(acrostic) != count:
        raise InvalidInput(
            f"藏头要和句数一样多：{count} 个字，现在是 {len(acrostic)} 个",
            f"The acrostic needs one character a line: {count}; these are {len(acrostic)}",
        )
    if len(text) < 5:
        return form, text, list(acrostic)
    if acrostic and acrostic[0] != text[0]:
        raise InvalidInput(
            "首句的第一个字要和藏头的第一个字相同", "The first line must begin with the acrostic"
        )
    return f"{len(text)}x{count}", "", [text, *acrostic[1:]]


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            asked = _asked()
            *sampling, seed = _sampling()
        with gr.Column(scale=3):
            page = gr.HTML(elem_classes="written", min_height=320, label=t("诗", "Poem"))
            layer = gr.Radio(
                [
                    (t("全部层", "All layers"), 0),
                    *[(t(f"第 {n} 层", f"Layer {n}"), n) for n in range(1, LAYERS + 1)],
                ],
                value=0,
                label=t(
                    "指着一个字，看写它时回看了哪些字", "Point at a character: what did the net look back at?"
                ),
            )
    with left:
        run_button(
            write,
            inputs=[*asked, *sampling, layer, seed],
            outputs=[page],
            examples=EXAMPLES,
            live=[layer.input],
        )
    _explained()


def _asked() -> list[gr.components.Component]:
    """What the poem is about and how it looks."""
    text = gr.Dropdown(
        [(t(theme, f"{theme} {en}"), theme) for theme, en in THEMES.items()],
        value="月",
        allow_custom_value=True,
        label=t("题（一两个字）或首句（五或七个字）", "Theme (1 or 2 characters) or first line (5 or 7)"),
        info=t(
            "简体、繁体都行；首句决定每句几个字",
            "Choose or write; a first line decides how long lines are",
        ),
    )
    names = [(t(zh, en), key) for key, (_, _, zh, en) in FORMS.items()]
    form = gr.Radio(names, value="7x4", label=t("体裁", "Form"))
    acrostic = gr.Textbox(
        label=t("藏头（可不填）", "Acrostic (optional)"),
        info=t("每句的第一个字，四个或八个", "What the lines begin with: 4 or 8 characters"),
        max_length=MAX_CHARACTERS,
    )
    with gr.Row():
        era = gr.Radio([(t(*both), key) for key, both in ERAS.items()], value="tang", label=t("时代", "Era"))
        script = gr.Radio(
            [(t(*both), key) for key, both in SCRIPTS.items()], value="t2s", label=t("字体", "Script")
        )
    return [text, form, acrostic, era, script]


def _sampling() -> list[gr.components.Component]:
    """How characters are drawn; the seed is the last."""
    with gr.Accordion(t("采样", "Sampling"), open=False):
        return [
            gr.Slider(0, MAX_TEMPERATURE, 0.8, step=0.05, label=t("温度", "Temperature")),
            gr.Slider(LEAST_TOP_P, 1, 0.9, step=0.05, label=t("Top-p", "Top-p")),
            gr.Slider(0, MAX_GUIDANCE, 1, step=0.25, label=t("切题（0 为不强调）", "Weight of the theme")),
            gr.Slider(1, MAX_DRAFTS, 6, step=1, label=t("每句打几遍草稿，留最好的", "Drafts of each line")),
            gr.Checkbox(True, label=t("双句押平声韵", "Even lines rhyme")),
            seed_box(),
        ]


def _explained() -> None:
    how_it_works(
        t(
            "模型读过 22 万首唐宋的五言、七言诗，只学一件事：看着前面的字，猜下一个字。每写一个字，各层的注意力回看"
            "体裁、题目和已写的字，给 5369 个字各打一个分，softmax 变成概率，再抽一个。句长、标点和藏头是在抽字时"
            "规定的；押韵也是：双句的末字只从同一个平水韵部里抽。",
            "The net read 220,000 Tang and Song poems and learned one thing: to guess the next character from those "
            "before. For each, attention looks back at form, theme and what is written, 5,369 characters get scores, "
            "softmax makes probabilities of them, and one is drawn. Line lengths, marks and acrostics are imposed on "
            "the drawing; so is rhyme: even lines end in characters of one rhyme of the Pingshui table.",
        ),
        code="models/poem_gpt/net.py:Block.forward",
        rooms=["poem_gpt"],
    )


DEMO = Demo(
    name="poem",
    title=t("写诗", "Poems"),
    about=t(
        "给一个题目、一句起头或一串藏头字，一个只有三百万参数的 GPT 逐字写出绝句或律诗，"
        "并让你看它写每个字时回看了哪里。",
        "Give a theme, a first line or an acrostic; a GPT of only three million parameters writes a classical Chinese "
        "poem character by character and shows what it looked back at.",
    ),
    models=("poem_gpt",),
    questions=(25,),
    build=build,
)
