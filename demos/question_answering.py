"""Question answering: the answer marked in the passage, or none; beside it what a language model makes up."""

import html
from collections.abc import Iterator

import gradio as gr

import models
from demos._run import both
from demos._text import choice, english, open_text
from demos._ui import ROOT, Demo, how_it_works, run_button, t
from models.spans import prompt

MAX_WORDS, MAX_QUESTION = 2000, 300  # words of a passage, characters of a question
MAX_CHARACTERS = 20_000  # of a passage
WRITER_WORDS = 700  # of a passage that SmolLM2 is given; the rest is left out
WRITER_TOKENS = 60
READERS = ("bert_qa", "roberta_squad2")  # the second needs a model hub
SAMPLES = ROOT / "assets" / "samples" / "question_answering"
BEES, CANAL, DESERT, STRIKE = (
    (SAMPLES / f"{name}.txt").read_text().strip() for name in ("bees", "canal", "desert", "strike")
)
EXAMPLES = {
    ("第一艘船", "Which ship"): [CANAL, "Which vessel was the first to use the canal?", "bert_qa"],
    ("多少天", "How many days"): [STRIKE, "How long did the quarrel of 2009 last?", "bert_qa"],
    ("怎样取暖", "How they keep warm"): [
        BEES,
        "How does the colony stay warm during the cold months?",
        "bert_qa",
    ],
    ("住在哪里", "Where"): [DESERT, "Where does the fennec live?", "bert_qa"],
    ("文中没有", "Not in the text"): [DESERT, "How fast can a fennec run?", "bert_qa"],
    ("会失败：要数一数", "Fails: counting"): [
        CANAL,
        "How many nations are mentioned in the text?",
        "bert_qa",
    ],
}


def answer(passage: str, question: str, reader: str = "bert_qa") -> Iterator[tuple[str, str]]:
    """A question on an English passage -> the passage with its answer marked, and SmolLM2's own words, as HTML.

    reader: bert_qa, trained here, or roberta_squad2, which is fetched from a model hub. Yields while it reads, then
    while SmolLM2 writes.
    """
    reader = choice(reader, READERS, "请选列出的模型", "Choose one of the models listed")
    passage = english(open_text(open_text(passage, MAX_CHARACTERS), MAX_WORDS, words=True))
    question = english(open_text(question, MAX_QUESTION))
    page = ""
    with models.use(reader) as net:
        for found in net.answers(question, passage):
            page = _marked(passage, found)
            yield page, ""
    words = passage.split()
    asked = [{"role": "user", "content": prompt(question, " ".join(words[:WRITER_WORDS]))}]
    said = ""
    with models.use("smollm2") as writer:
        try:
            for token in writer.chat(asked, WRITER_TOKENS, 0.0, 1.0, 0):
                said += token["text"]
                yield page, _said(said, cut=len(words) > WRITER_WORDS)
        except ValueError:  # few words, but of very many tokens
            yield (
                page,
                f'<p class="speed">{both("文章太长，SmolLM2 读不下", "Too long for SmolLM2 to read")}</p>',
            )


def _marked(passage: str, found: dict) -> str:
    """The passage with the best span marked and the others underlined, and below them how sure each is."""
    spans = found["spans"]
    best = spans[0] if found["found"] else None
    pieces, at = [], 0
    for span in sorted(spans, key=lambda span: span["start"]):
        text = html.escape(passage[span["start"] : span["end"]])
        mark = f"<mark>{text}</mark>" if span is best else f"<u>{text}</u>"
        pieces += [html.escape(passage[at : span["start"]]), mark]
        at = span["end"]
    body = "".join([*pieces, html.escape(passage[at:])])
    rows = "".join(
        f"<tr><td dir='auto'>{html.escape(span['text'])}</td><td>{span['certainty']:.0%}"
        f'<div class="share" style="width:{span["certainty"]:.0%}"></div></td></tr>'
        for span in spans
    )
    if best:
        told = f"<b dir='auto'>{html.escape(best['text'])}</b> {best['certainty']:.0%}"
    else:
        told = f"<b>{both('这里没有答案', 'No answer here')}</b>"
    if found["read"] < 1:
        told += f" · {both('已读', 'read')} {found['read']:.0%}"
    runners_up = both("候选，下划线标在文中", "Candidates, underlined in the text")
    return (
        f'<p class="found">{told}</p><div class="passage" dir="auto">{body}</div>'
        f'<table class="answers"><caption>{runners_up}</caption><tbody>{rows}</tbody></table>'
    )


def _said(text: str, cut: bool) -> str:
    read = (
        (f"；它只读了前 {WRITER_WORDS} 个单词", f"; it read the first {WRITER_WORDS} words only")
        if cut
        else ("", "")
    )
    note = both(
        f"SmolLM2 生成的话，不是从文中摘的，可能是编的{read[0]}",
        f"Written by SmolLM2, not taken from the text; it may be made up{read[1]}",
    )
    return f'<p class="speed">{note}</p><div class="text">{html.escape(text)}</div>'


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            passage = gr.Textbox(
                label=t("英语文章", "Passage, in English"), lines=9, max_lines=16, max_length=MAX_CHARACTERS
            )
            question = gr.Textbox(label=t("英语问题", "Question, in English"), max_length=MAX_QUESTION)
            rooms = [
                (t("BERT，在这里训练", "BERT, trained here"), "bert_qa"),
                (t("RoBERTa，1.24 亿参数", "RoBERTa, 124 million parameters"), "roberta_squad2"),
            ]
            hint = t(
                "第二个要连得上模型仓库，首次取 0.5 GB", "The second is fetched from a model hub, 0.5 GB"
            )
            reader = gr.Radio(rooms, value="bert_qa", label=t("模型", "Model"), info=hint)
        with gr.Column(scale=3):
            page = gr.HTML(
                elem_classes="reading", min_height=220, label=t("文中的答案", "The answer in the text")
            )
            words = gr.HTML(elem_classes="written", label=t("SmolLM2 自己的话", "SmolLM2's own words"))
    with left:
        run_button(answer, inputs=[passage, question, reader], outputs=[page, words], examples=EXAMPLES)
    how_it_works(
        t(
            "问题和文章拼在一起读，BERT 给每个词元打两个分：像不像答案的开头、像不像结尾；最好的一段再加上所在"
            "句子和问题的相似度。开头的 [CLS] 也参加比赛，它代表“文中没有答案”，答案要比它高出一个量出来的门槛"
            "才算数。长文章切成互相重叠的窗口。训练用的问题是按规则从百科文章的句子里造出来的，没有一个是人写的；"
            "测量用的一百个是手写的。",
            "Question and passage are read together, and BERT scores each token twice: as the first word of the answer "
            "and as the last. To the best span comes the likeness of its sentence to the question. [CLS] competes "
            "too: it stands for no answer, and a span must beat it by a measured threshold. Long passages are read in "
            "windows that overlap. The training questions were made by rules from sentences of encyclopedia articles, "
            "none by a person; the hundred it was measured on were written by hand.",
        ),
        code="models/spans.py:best",
        rooms=["bert_qa", "roberta_squad2", "smollm2"],
    )


DEMO = Demo(
    name="question_answering",
    title=t("阅读问答", "Question answering"),
    about=t(
        "给一段英语文章、问一个问题：答案在原文中标出，没有就说没有；旁边是语言模型自己编的回答。最多 2,000 个单词。",
        "Give an English passage and ask: the answer is marked in the text, or it says that there is none; beside "
        "it a language model's own words. Up to 2,000 words.",
    ),
    models=("bert_qa", "smollm2"),
    questions=(26,),
    build=build,
)
