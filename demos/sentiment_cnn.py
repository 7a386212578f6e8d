"""Chinese sentiment: how likely a review is positive, and which n-gram filters of a small net fired where."""

import html
from typing import Any

import gradio as gr

import models
from demos._run import both
from demos._sentiment import coloured, legend, verdict
from demos._text import open_text, share_in
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t

MAX_CHARACTERS = 4000
SHOWN, NAMED = 12, 6  # filters in the table; single characters and pairs below it
EXAMPLES = {
    ("酒店好评", "Hotel, praise"): ["酒店位置很好，离地铁站只有五分钟，房间干净，服务员也很热情，下次还会来。"],
    ("电脑差评", "Computer, complaint"): [
        "键盘手感太差，散热也不行，用了半个小时就烫手，客服还一直推脱，真后悔买了它。",
    ],
    ("读书", "A book"): ["故事情节很吸引人，一口气读完了，女儿也很喜欢，值得推荐。"],
    ("有好有坏", "Good and bad"): ["屏幕很漂亮，做工也精致，就是电池不耐用，装系统还特别麻烦。"],
    ("繁体", "Traditional script"): ["房間又小又舊，隔音很差，早餐也沒什麼可吃的，不值這個價錢。"],
    ("会失败：反话", "Fails: irony"): ["真是太好了，刚买三天就降价五百，我的运气可真不错。"],
}  # fmt: skip


def classify(text: str) -> tuple[dict[str, float], str, str]:
    """How likely a Chinese review is positive, its characters coloured, and the filters that decided it."""
    text = open_text(text, MAX_CHARACTERS)
    if share_in("CJK", text) < 0.5:
        raise InvalidInput(
            "这个网络只读中文，请写中文评论；英文请用“英语评论情感”",
            "This net reads Chinese only; for English open the tab Sentiment",
        )
    with models.use("text_cnn") as net:
        found = net.explain(text)
        favourites = net.favourites
    alone = alone_in(found, len(text))
    shown = marked(text, found["filters"] + alone)
    return verdict(found["positive"]), shown, table(text, found, alone, favourites)


def alone_in(found: dict[str, Any], length: int) -> list[dict[str, Any]]:
    """What single characters and pairs add, as the filters are told: start, end, adds."""
    return [
        {"start": start, "end": min(start + width, length), "adds": adds}
        for width, kind in ((1, "characters"), (2, "pairs"))
        for start, adds in enumerate(found[kind])
    ]


def marked(text: str, pieces: list[dict[str, Any]]) -> str:
    """The text, each character coloured by what the pieces add that it stands in, as HTML."""
    adds = [0.0] * len(text)
    for one in pieces:
        for place in range(one["start"], one["end"]):
            adds[place] += one["adds"] / (one["end"] - one["start"])
    return f'<div class="text">{coloured(list(zip(text, adds, strict=True)))}</div>{legend()}'


def table(text: str, found: dict[str, Any], alone: list[dict[str, Any]], favourites: list[list[str]]) -> str:
    """The filters that added most, with what they found here and what they answer to most elsewhere, as HTML; below it
    what all else adds.
    """
    filters = weightiest(found["filters"], SHOWN)
    rows = "".join(_row(text, one, favourites[one["number"]]) for one in filters)
    names = (
        ("过滤器", "filter"),
        ("在这里找到", "found here"),
        ("加分", "adds"),
        ("最喜欢的片段", "likes best"),
    )
    head = "".join(f'<th scope="col">{both(*name)}</th>' for name in names)
    single = " ".join(
        f"{text[one['start'] : one['end']]} {one['adds']:+.2f}" for one in weightiest(alone, NAMED)
    )
    every, few, lone = (sum(one["adds"] for one in part) for part in (found["filters"], filters, alone))
    others, bias = len(found["filters"]) - SHOWN, found["bias"]
    told = both(
        f"最有分量的单字和字对：{single}。其余 {others} 个过滤器合计 {every - few:+.2f}，单字和字对合计 {lone:+.2f}，"
        f"偏置 {bias:+.2f}，总分 {bias + every + lone:+.2f}",
        f"Weightiest single characters and pairs: {single}. The other {others} filters add {every - few:+.2f}, all "
        f"characters and pairs {lone:+.2f}, the bias {bias:+.2f}; together {bias + every + lone:+.2f}",
    )
    return (
        f'<table class="answers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="speed">{told}</p>'
    )


def weightiest(pieces: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Those that add or take most."""
    return sorted(pieces, key=lambda one: abs(one["adds"]), reverse=True)[:most]


def _row(text: str, one: dict[str, Any], favourites: list[str]) -> str:
    piece = text[one["start"] : one["end"]]
    kind = "plus" if one["adds"] > 0 else "minus"
    likes = " · ".join(html.escape(favourite) for favourite in favourites)
    return (
        f"<tr><td>{one['number']}</td><td><b>{html.escape(piece)}</b></td>"
        f'<td class="{kind}">{one["adds"]:+.2f}</td><td>{likes}</td></tr>'
    )


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            text = gr.Textbox(lines=5, max_lines=12, label=t("中文评论", "Review, in Chinese"))
        with gr.Column(scale=3):
            answer = gr.Label(num_top_classes=2, label=t("情感", "Sentiment"))
            words = gr.HTML(
                min_height=80, elem_classes="written", label=t("哪些字起了作用", "Which characters did it")
            )
            filters = gr.HTML(
                min_height=80, elem_classes="written", label=t("最有分量的过滤器", "Weightiest filters")
            )
    with left:
        run_button(classify, inputs=[text], outputs=[answer, words, filters], examples=EXAMPLES, together=16)
    how_it_works(
        t(
            "每个字（连同它和下一个字组成的字对）变成一串数，576 个过滤器在上面滑动，各看三、四或五个字，"
            "每个过滤器只留下全文里最强的一次回答；一层线性层把这些回答加权相加，每个字和字对本身再各加一点。"
            "所以每个过滤器都能指出它看中的片段，加分表的总和就是分数。过滤器分成四组，训练时各自学着独立判断，"
            "回答时取平均。繁体字先转成简体再读。",
            "Each character, together with the pair it begins, becomes a row of numbers; 576 filters slide over "
            "them, each over three, four or five characters, and each keeps only its strongest answer in the whole "
            "text. One linear layer weighs these answers and adds them up, and every character and pair adds a little "
            "by itself. So every filter can name the piece it found, and the table adds up to the score. The filters "
            "are four groups that learnt to judge each by itself; the answer is their mean. Traditional characters "
            "are read as Simplified.",
        ),
        code="models/text_cnn/net.py:TextCNN.answers",
        rooms=["text_cnn"],
    )


DEMO = Demo(
    name="sentiment_cnn",
    title=t("中文评论情感", "Chinese sentiment"),
    about=t(
        "写一段酒店、图书或数码产品的中文评论，看它是正面还是负面，以及卷积网络的哪些过滤器在哪里找到了依据。",
        "Write a Chinese review of a hotel, a book or a gadget; see whether it is positive, and which filters of a "
        "convolutional net found their evidence where.",
    ),
    models=("text_cnn",),
    questions=(14,),
    build=build,
)
