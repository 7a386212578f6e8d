"""Few-shot text: labels and a few examples of your own, a classifier trained on them in a blink, and its map."""

import html
from typing import Any

import gradio as gr

import models
from demos._run import both
from demos._scatter import scatter
from demos._text import english, lines_of
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t

MAX_EXAMPLES, MAX_LABELS = 200, 8  # lines, different labels
MAX_SENTENCES, MAX_LENGTH = 50, 1000  # lines, characters of a line
SHOP = """delivery: My parcel still has not arrived
delivery: The tracking page has shown nothing for a week
delivery: When will the courier come to my house?
delivery: You sent the box to the wrong address
refund: I want my money back
refund: You charged my card twice
refund: How do I return this and get reimbursed?
refund: The payment was taken but the order was cancelled
praise: Great service, thank you so much!
praise: I love this lamp, it looks wonderful
praise: Best shop I have ever bought from
praise: Your team was friendly and helped me at once"""
SCHOOL = """maths: The sum of the angles of a triangle is 180 degrees
maths: Solve the equation for x
maths: A prime number has no other divisor
biology: The cell is surrounded by a membrane
biology: Leaves turn light into sugar
biology: Bees carry pollen from flower to flower
history: The king was crowned in the cathedral
history: The treaty ended a war of thirty years
history: Farmers revolted against the tax"""
IRONY = """good: I enjoyed every minute
good: A wonderful film
bad: A boring mess
bad: I want my two hours back"""
EXAMPLES = {
    ("商店来信", "Messages to a shop"): [
        SHOP, "The driver never rang the bell\nThere is a wrong amount on my invoice\nFive stars, my children adore it",
    ],
    ("课本句子", "Lines from schoolbooks"): [
        SCHOOL, "The derivative of a constant is zero\nBlood carries oxygen\nThe empire collapsed within a century",
    ],
    ("会失败：反话", "Fails: irony"): [IRONY, "Wonderful, I enjoyed leaving after ten minutes"],
}  # fmt: skip


def classify(examples: str, sentences: str) -> tuple[str, str]:
    """Trains on lines "label: example" and labels each line of sentences; -> answers and map as HTML."""
    labels, texts = labelled(examples)
    asked = lines_of(sentences, MAX_SENTENCES, MAX_LENGTH)
    if not asked:
        raise InvalidInput("请写一句要分类的英语", "Write a sentence to classify")
    for lines in (texts, asked):
        english(" ".join(lines))
    with models.use("minilm") as net:
        vectors = net.embed([*texts, *asked])  # (examples + asked, 384)
        head = net.fit(vectors[: len(texts)], labels)
        answers = net.classify(head, vectors[len(texts) :])
        by_name = net.zero_shot(head.labels, vectors[len(texts) :])
    shown = [(label, text, False) for label, text in zip(labels, texts, strict=True)]
    shown += [(_best(shares), text, True) for shares, text in zip(answers, asked, strict=True)]
    return _answers(asked, answers, by_name, head, len(texts)), scatter(vectors, shown)


def labelled(examples: str) -> tuple[list[str], list[str]]:
    """Lines "label: example" -> labels and texts. Raises InvalidInput, naming the line that cannot be read."""
    labels, texts = [], []
    for number, line in enumerate(lines_of(examples, MAX_EXAMPLES, MAX_LENGTH), 1):
        label, colon, text = line.replace("：", ":", 1).partition(":")
        if not (colon and label.strip() and text.strip()):
            raise InvalidInput(f"第 {number} 行请写成“标签: 例句”", f"Write line {number} as label: example")
        labels.append(label.strip()[:40])
        texts.append(text.strip())
    if not 2 <= len(set(labels)) <= MAX_LABELS:
        raise InvalidInput(
            f"请给 2 到 {MAX_LABELS} 个标签，各写几句", f"Give 2 to {MAX_LABELS} labels, a few lines each"
        )
    return labels, texts


def _answers(asked: list[str], answers: list[dict], by_name: list[dict], head: Any, count: int) -> str:
    rows = "".join(_row(*row) for row in zip(asked, answers, by_name, strict=True))
    top = "".join(f'<th scope="col">{both(*names)}</th>' for names in (
        ("句子", "sentence"), ("学过例子后", "after your examples"), ("只看标签名", "by the name alone")))  # fmt: skip
    took = f"{1000 * head.seconds:.0f} "
    own = (
        ("每个标签有两句以上，才估得出有多准", "how often it is right shows with two examples of each label")
        if head.own is None
        else (f"轮流留出例句时答对 {head.own:.0%}", f"right on {head.own:.0%} of examples left out in turn")
    )
    told = both(
        f"用 {count} 句训练了 {took}毫秒；{own[0]}", f"Trained on {count} examples in {took}ms; {own[1]}"
    )
    return f'<table class="answers"><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table><p>{told}</p>'


def _row(sentence: str, shares: dict[str, float], near: dict[str, float]) -> str:
    best, named = _best(shares), _best(near)
    return (
        f"<tr><td dir='auto'>{html.escape(sentence)}</td><td><b>{html.escape(best)}</b> {shares[best]:.0%}"
        f'<div class="share" style="width:{shares[best]:.0%}"></div></td><td>{html.escape(named)}</td></tr>'
    )


def _best(shares: dict[str, float]) -> str:
    return max(shares, key=shares.__getitem__)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            examples = gr.Textbox(
                SHOP,
                lines=9,
                max_lines=14,
                label=t("例子，每行“标签: 英语句子”", "Examples, each line label: sentence"),
            )
            sentences = gr.Textbox(
                "The driver never rang the bell",
                lines=3,
                max_lines=8,
                label=t("要分类的英语句子，每行一句", "Sentences to classify, one a line"),
            )
        with gr.Column(scale=3):
            answers = gr.HTML(min_height=120, label=t("答案", "Answers"))
            plane = gr.HTML(min_height=200, label=t("句子地图", "Map of sentences"))
    with left:
        run_button(
            classify,
            inputs=[examples, sentences],
            outputs=[answers, plane],
            examples=EXAMPLES,
            together=16,
            label=t("训练并分类", "Train and classify"),
        )
    how_it_works(
        t(
            "预训练的 MiniLM 把每句话变成 384 个数，意思相近的句子靠得近；它的参数不动。你的例句只用来训练"
            "上面的一层逻辑回归，所以几毫秒就够。地图是这些数里差别最大的两个方向；右列不用例子，只看句子离"
            "哪个标签名最近。",
            "A pretrained MiniLM turns each sentence into 384 numbers, close where sentences mean the same; it is "
            "left as it is. Your examples only train a logistic regression on top, which is why milliseconds are "
            "enough. The map shows the two directions in which the sentences differ most; the right column uses "
            "no example, only the label's name.",
        ),
        code="models/minilm/net.py:fit",
        rooms=["minilm"],
    )


DEMO = Demo(
    name="few_shot_text",
    title=t("几句话教会分类", "Few-shot text"),
    about=t(
        "自己定标签、各写几句英语例子，不到一秒训练好分类器，再拿新句子试它；最多 8 个标签、200 行。",
        "Name your labels, write a few English examples of each, and a classifier is trained in under a second. "
        "Up to 8 labels and 200 lines.",
    ),
    models=("minilm",),
    questions=(30,),
    build=build,
)
