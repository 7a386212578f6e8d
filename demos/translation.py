"""Translation: Chinese to English and back, with candidates, doubts and the alignment of a small Transformer."""

import gradio as gr

import models
from demos._text import choice, open_text, within
from demos._translated import MAX_BEAM, MAX_CHARACTERS, MAX_PENALTY, alignments, page, sentences
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t
from models import translation_text

DIRECTIONS = ("auto", "zh_en", "en_zh")
ROOMS = ("transformer_zh_en", "transformer_en_zh")
EXAMPLES = {
    ("写信", "A letter"): ["她正在给朋友写信。", "auto", 5, 1.0],
    ("英译中", "Into Chinese"): ["I haven't seen him for three years.", "auto", 5, 1.0],
    ("三句话", "Three sentences"): ["Where do you live? I want some water. It is raining again.", "auto", 5, 1.0],
    ("会失败：成语", "Fails: an idiom"): ["他总是画蛇添足。", "auto", 5, 1.0],
}  # fmt: skip


def translate(text: str, direction: str, beam: int, penalty: float) -> tuple[str, str]:
    """Chinese into English or English into Chinese, up to 8 sentences; -> translation and alignment as HTML.

    direction: auto, zh_en or en_zh; beam: candidates kept, 1 to 8; penalty: 0 likes short candidates, 2 long ones.
    """
    text = open_text(text, MAX_CHARACTERS)
    direction = choice(direction, DIRECTIONS, "请选翻译方向", "Choose a direction")
    beam = int(within(beam, 1, MAX_BEAM, "候选数", "Candidates"))
    penalty = within(penalty, 0, MAX_PENALTY, "长度惩罚", "Length penalty")
    chinese = from_chinese(text, direction)
    asked = sentences(text, chinese)
    with models.use(ROOMS[0] if chinese else ROOMS[1]) as net:
        found = net.translate(asked, beam, float(penalty))
    return page(asked, found, " " if chinese else ""), alignments(asked, found)


def from_chinese(text: str, direction: str) -> bool:
    """Whether it is Chinese. Raises InvalidInput: another script, or not the chosen direction's."""
    chinese = translation_text.is_chinese(text)
    if chinese is None:
        raise InvalidInput(
            "这里只翻译中文和英语，请写其中一种", "This translates Chinese and English; write one of them"
        )
    if direction == "zh_en" and not chinese:
        raise InvalidInput(
            "这是英语；请选“英译中”或“自动”", "This is English; choose English to Chinese, or automatic"
        )
    if direction == "en_zh" and chinese:
        raise InvalidInput(
            "这是中文；请选“中译英”或“自动”", "This is Chinese; choose Chinese to English, or automatic"
        )
    return chinese


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            text = gr.Textbox(
                "她正在给朋友写信。",
                lines=4,
                max_lines=10,
                label=t("中文或英语，最多八句", "Chinese or English, up to eight sentences"),
            )
            names = (
                t("自动", "Automatic"),
                t("中译英", "Chinese to English"),
                t("英译中", "English to Chinese"),
            )
            pairs = list(zip(names, DIRECTIONS, strict=True))
            direction = gr.Radio(pairs, value="auto", label=t("方向", "Direction"))
            with gr.Accordion(t("集束搜索", "Beam search"), open=False):
                beam = gr.Slider(1, MAX_BEAM, 5, step=1, label=t("候选数", "Candidates"))
                penalty = gr.Slider(0, MAX_PENALTY, 1.0, step=0.1, label=t("长度惩罚", "Length penalty"))
        with gr.Column(scale=3):
            whole = gr.HTML(elem_classes="written", min_height=160, label=t("译文", "Translation"))
            pictures = gr.HTML(
                min_height=200, label=t("对齐：每行看向哪里", "Alignment: where each row looks")
            )
    with left:
        run_button(
            translate,
            inputs=[text, direction, beam, penalty],
            outputs=[whole, pictures],
            examples=EXAMPLES,
            together=8,
            label=t("翻译", "Translate"),
        )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "编码器先读完整句话，解码器再一个词元一个词元地写，每一步都用注意力回看原文；对齐图就是这些注意力的平均，"
            "颜色越深看得越多。集束搜索每步保留几个最好的半句，而不只是一个。两个方向是两个网络，各 490 万参数，"
            "从零开始，只学过六万句日常短句。",
            "The encoder reads the whole sentence, then the decoder writes token by token and looks back at the source "
            "with attention at every step; the alignment picture is the mean of those looks, darker is more. Beam "
            "search keeps the few best beginnings at each step, not only one. Each direction is a net of its own with "
            "4.9 million parameters, which started from nothing and has seen sixty thousand short everyday sentences.",
        ),
        code="models/translator.py:search",
        rooms=list(ROOMS),
    )


DEMO = Demo(
    name="translation",
    title=t("中英翻译", "Translation"),
    about=t(
        "在这里从零训练的 Transformer 把日常中文短句译成英语，或反过来；看它的候选、犹豫之处，以及每个词看向原文哪里。",
        "Transformers trained here from nothing turn short everyday Chinese into English, or back; see the candidates, "
        "the doubts, and where in the source each word looked.",
    ),
    models=ROOMS,
    questions=(27,),
    build=build,
)
