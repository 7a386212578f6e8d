"""BERT translation: English into Chinese by two nets, one of which reads through a pretrained BERT."""

from collections.abc import Iterator

import gradio as gr

import models
from demos._run import both
from demos._text import open_text, within
from demos._translated import MAX_BEAM, MAX_CHARACTERS, MAX_PENALTY, alignments, page, sentences
from demos._ui import Demo, InvalidInput, Text, how_it_works, run_button, t
from models import translation_text

ROOMS = ("bert_en_zh", "transformer_en_zh")
EXAMPLES = {
    ("BERT 读得更准", "BERT reads better"): ["The lawyer refused to answer the journalist's question.", 5, 1.0],
    ("两句话", "Two sentences"): ["My phone's battery is dead. She wept when she heard the news.", 5, 1.0],
    ("BERT 反而读错", "BERT reads worse"): ["The soup is too salty.", 5, 1.0],
    ("会失败：习语", "Fails: an idiom"): ["It is raining cats and dogs.", 5, 1.0],
}  # fmt: skip


def compare(text: str, beam: int, penalty: float) -> Iterator[tuple[str, str, str, str]]:
    """English, up to 8 sentences, into Chinese by two nets; -> as HTML what the one over BERT writes, what the one from
    nothing writes, where the first looked, and how much it takes from each of BERT's layers.

    beam: candidates kept, 1 to 8; penalty: 0 likes short candidates, 2 long ones.
    """
    text = open_text(text, MAX_CHARACTERS)
    beam = int(within(beam, 1, MAX_BEAM, "候选数", "Candidates"))
    penalty = float(within(penalty, 0, MAX_PENALTY, "长度惩罚", "Length penalty"))
    if translation_text.is_chinese(text) is not False:
        raise InvalidInput(
            "这里只把英语译成中文，请写英语", "This translates English only; write some English"
        )
    asked = sentences(text, chinese=False)
    with models.use(ROOMS[0]) as net:
        found, shares = net.translate(asked, beam, penalty), net.shares()
    told = alignments(asked, found), _mix(shares)
    yield page(asked, found, ""), "", *told
    with models.use(ROOMS[1]) as rival:
        beside = rival.translate(asked, beam, penalty)
    yield page(asked, found, ""), page(asked, beside, ""), *told


def _mix(shares: list[float]) -> str:
    """BERT's states as a table: how much of each the decoder's reader takes."""
    names = [both("词片", "word pieces"), *(both(f"第 {i} 层", f"layer {i}") for i in range(1, len(shares)))]
    rows = "".join(
        f'<tr><td>{name}</td><td>{share:.0%}<div class="share" style="width:{share:.0%}"></div></td></tr>'
        for name, share in zip(names, shares, strict=True)
    )
    heads = both("BERT 的状态", "state of BERT"), both("在混合里的份额", "share of the mix")
    return (
        f'<table class="answers"><thead><tr><th scope="col">{heads[0]}</th><th scope="col">{heads[1]}</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
    )


def _column(label: Text) -> gr.HTML:
    """Half of the page, on a phone the whole width."""
    with gr.Column(min_width=320):
        return gr.HTML(elem_classes="written", min_height=160, label=label)


def build() -> None:
    text = gr.Textbox(
        "The lawyer refused to answer the journalist's question.",
        lines=3,
        max_lines=8,
        label=t("英语，最多八句", "English, up to eight sentences"),
    )
    with gr.Accordion(t("集束搜索", "Beam search"), open=False):
        beam = gr.Slider(1, MAX_BEAM, 5, step=1, label=t("候选数", "Candidates"))
        penalty = gr.Slider(0, MAX_PENALTY, 1.0, step=0.1, label=t("长度惩罚", "Length penalty"))
    start = gr.Column()
    with gr.Row():
        pages = [
            _column(t("先读过书的 BERT", "Over a pretrained BERT")),
            _column(t("从零开始的 Transformer", "Transformer from nothing")),
        ]
    with gr.Row():
        picture = _column(
            t("BERT 一方的对齐：每行看向哪里", "Alignment of the BERT one: where each row looks")
        )
        mix = _column(t("它取 BERT 的哪些层", "What it takes from BERT"))
    with start:
        run_button(
            compare,
            inputs=[text, beam, penalty],
            outputs=[*pages, picture, mix],
            examples=EXAMPLES,
            together=8,
            label=t("翻译", "Translate"),
        )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "BERT 先读过大量英语，参数不再改动；这里学的只是各层状态按什么份额相加，以及由此写出中文的解码器。"
            "对齐图说明每个中文词元看向哪些词片，颜色越深看得越多。旁边的 Transformer 用同样的六万句对和中文词表，"
            "但英语也要从零学起。",
            "BERT has read much English before and is not changed; what is learned here is in which shares its "
            "layers' states are added, and a decoder that makes Chinese of the sum. The alignment picture tells which "
            "word pieces each Chinese token looks at, darker is more. The Transformer beside it had the same sixty "
            "thousand pairs and the same way of cutting Chinese, but learned its English from nothing.",
        ),
        code="models/bert_en_zh/net.py:BertToChinese.begin",
        rooms=list(ROOMS),
    )


DEMO = Demo(
    name="translation_bert",
    title=t("BERT 翻译", "BERT translation"),
    about=t(
        "同一句英语交给两个翻译器：一个通过预训练的 BERT 来读，一个从零学起；译文、候选和把握程度并排对照。",
        "One English sentence, two translators into Chinese: one reads through a pretrained BERT, the other learned "
        "all from nothing. Compare what they write, their candidates and how sure they are.",
    ),
    models=ROOMS,
    questions=(13,),
    build=build,
)
