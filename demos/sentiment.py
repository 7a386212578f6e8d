"""Sentiment: how likely an English review is positive and which words say so; many at once from lines or a CSV."""

import html
import math
from collections.abc import Iterator

import gradio as gr

import models
from demos._run import both
from demos._sentiment import coloured, legend, verdict
from demos._table import as_csv, columns_of, likeliest, read_table, texts_of
from demos._text import english, lines_of, open_text, share_in
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t

MAX_WORDS, MAX_CHARACTERS = 2000, 16_000
MAX_LENGTH = 3000  # characters of one of many texts
AT_ONCE = 32  # texts between two looks at Stop
MAX_ROWS = 1000  # texts at once
EXAMPLES = {
    ("好评", "Praise"): ["A warm, funny film with a wonderful cast. I left the cinema happier than I came."],
    ("差评", "A complaint"): ["The room smelled of smoke, the staff were rude and nobody answered the phone."],
    ("否定与转折", "Not and but"): [
        "The first half is dull and I nearly left, but the ending is not bad at all: it is magnificent.",
    ],
    ("长评", "A long review"): [
        "I had waited for this camera for half a year. The pictures are sharp, the colours are lovely and it fits in "
        "a coat pocket. After two weeks, though, the battery began to fail, and now it dies after twenty minutes. "
        "The shop told me to wait, the maker never replied, and the repair would cost more than I paid. It is a "
        "shame, since I loved using it on our trip. As it stands, I cannot recommend it to anyone, and I will "
        "not buy from this brand again.",
    ],
    ("会失败：反话", "Fails: irony"): [
        "Great, another three-hour film about nothing. Just what the world was waiting for.",
    ],
}  # fmt: skip
MANY = """A wonderful little film.
The battery died after two days.
Friendly staff, spotless room, great breakfast.
I would not buy it again.
The plot is thin, but the songs are lovely."""


def classify(text: str) -> Iterator[tuple[dict[str, float], str]]:
    """How likely an English text is positive, and its words coloured by what they add, piece by piece."""
    text = open_text(open_text(text, MAX_CHARACTERS), MAX_WORDS, words=True)
    if share_in("LATIN", text) < 0.5:
        raise InvalidInput(
            "这个模型只懂英语，请用英语写；中文请用“中文评论情感”",
            "This model knows English only; for Chinese open the tab Chinese sentiment",
        )
    with models.use("bert_sentiment") as net:
        answer = verdict(net.predict([text])[0])
        yield answer, '<div class="text">' + html.escape(text) + "</div>"
        words: list[tuple[str, float]] = []
        blank = 0.0
        for piece in net.explain(text):
            words += piece["words"]
            blank += piece["blank"]
            rest = text[sum(len(word) for word, _ in words) :]
            yield answer, f'<div class="text">{coloured(words)}{html.escape(rest)}</div>{legend()}'
    yield answer, f'<div class="text">{coloured(words)}</div>{legend()}{sum_of(words, blank)}'


def sum_of(words: list[tuple[str, float]], blank: float) -> str:
    """What the words add up to, as HTML. blank: the logit when every word is hidden."""
    shares = [1 / (1 + math.exp(-logit)) for logit in (blank, blank + sum(value for _, value in words))]
    told = both(
        f"词全部遮住时它说 {shares[0]:.0%} 正面；各词的贡献合起来把它带到 {shares[1]:.0%}",
        f"With every word hidden it says {shares[0]:.0%} positive; the words together take it to {shares[1]:.0%}",
    )
    return f'<p class="speed">{told}</p>'


def classify_many(texts: str) -> Iterator[tuple[str, str]]:
    """One English text a line -> a table as HTML, and the same as CSV; grows while it works."""
    lines = lines_of(texts, MAX_ROWS, MAX_LENGTH)
    if not lines:
        raise InvalidInput("请写几行英语，或上传 CSV", "Write some lines of English, or upload a CSV file")
    english(texts)
    positive: list[float] = []
    with models.use("bert_sentiment") as net:
        for start in range(0, len(lines), AT_ONCE):
            positive += net.predict(lines[start : start + AT_ONCE])
            rows = list(zip(lines, positive, strict=False))
            yield table(rows, len(lines)), as_csv(("text", "label", "positive"), [
                (text, label(share)[1], f"{share:.4f}") for text, share in rows])  # fmt: skip


def label(positive: float) -> tuple[str, str]:
    """The likelier answer, in Chinese and English."""
    return ("正面", "positive") if positive > 0.5 else ("负面", "negative")


def table(rows: list[tuple[str, float]], count: int) -> str:
    """Texts with their answers and how many are positive, as HTML."""
    up = sum(share > 0.5 for _, share in rows)
    told = both(
        f"{len(rows)} / {count} 条：正面 {up}，负面 {len(rows) - up}",
        f"{len(rows)} of {count}: {up} positive, {len(rows) - up} negative",
    )
    body = "".join(
        f"<tr><td dir='auto'>{html.escape(text)}</td><td class='{'plus' if share > 0.5 else 'minus'}'>"
        f"{both(*label(share))} {max(share, 1 - share):.0%}</td></tr>"
        for text, share in rows
    )
    return f'<p>{told}</p><div class="scrolled"><table class="answers"><tbody>{body}</tbody></table></div>'


def fill(path: str | None, column: str | None) -> tuple[gr.Dropdown, str, str]:
    """An uploaded CSV -> its columns to choose from, the texts of one, a line each, and what was read or why not."""
    try:
        rows = read_table(path)
        names = columns_of(rows)
        chosen = names.index(column) if column in names else likeliest(rows)
        whole = texts_of(rows, chosen)
    except InvalidInput as cause:
        return gr.Dropdown(visible=False), "", f'<p class="refused">{both(cause.zh, cause.en)}</p>'
    texts = whole[:MAX_ROWS]
    cut = ("，只读了前面的", ", the first ones only") if len(whole) > MAX_ROWS else ("", "")
    told = both(f"读到 {len(texts)} 条{cut[0]}", f"{len(texts)} texts read{cut[1]}")
    box = gr.Dropdown(names, value=names[chosen], visible=True)
    return box, "\n".join(one[:MAX_LENGTH] for one in texts), f'<p class="status">{told}</p>'


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            text = gr.Textbox(lines=6, max_lines=14, label=t("英语评论", "Review, in English"))
        with gr.Column(scale=3):
            answer = gr.Label(num_top_classes=2, label=t("情感", "Sentiment"))
            words = gr.HTML(
                min_height=80, elem_classes="written", label=t("哪些词起了作用", "Which words did it")
            )
    with left:
        run_button(classify, inputs=[text], outputs=[answer, words], examples=EXAMPLES, together=16)
    with gr.Accordion(t("一次判断很多条", "Many at once"), open=False):
        many()
    how_it_works(
        t(
            "句子先变成词元，六层注意力让每个词元看到其他词元；下面三层半是原样的 MiniLM，上面的部分在影评上微调过。"
            "最后把各词元的状态取平均和最大值，一层线性层打分。词的颜色来自积分梯度：从全部遮住走到原句，"
            "把一路上分数对每个词的斜率加起来，总和正好是分数的变化。",
            "A sentence becomes tokens, and six layers of attention let each token see the others; the lower half is "
            "MiniLM as published, the upper part was tuned on film reviews. The mean and the maximum of the tokens' "
            "states go through one linear layer. The colours are integrated gradients: on the way from all words "
            "hidden to the sentence, the slopes of the score are added up for each word, and together they are "
            "just what the score changed by.",
        ),
        code="models/bert_sentiment/net.py:BertSentiment._contributions",
        rooms=["bert_sentiment"],
    )


def many() -> None:
    """Lines or a CSV in, a table and a CSV out. The file stays in the page's session and is deleted with it."""
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            texts = gr.Textbox(
                MANY, lines=7, max_lines=12, label=t("每行一条英语", "One text a line, in English")
            )
            upload = gr.File(
                file_types=[".csv", ".tsv", ".txt"], height=110, label=t("或上传 CSV", "Or upload a CSV")
            )
            column = gr.Dropdown(visible=False, label=t("哪一列是文字", "The column with the texts"))
            note = gr.HTML()
        with gr.Column(scale=3):
            rows = gr.HTML(min_height=120, label=t("答案", "Answers"))
            csv = gr.Textbox(visible="hidden", label="CSV")
            save = gr.Button(t("下载 CSV", "Download CSV"), size="sm")
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    upload.upload(fill, [upload, column], [column, texts, note], **quiet)
    column.input(fill, [upload, column], [column, texts, note], **quiet)
    save.click(
        None, csv, None, js="(text) => text && hub.download('sentiment.csv', text)", api_visibility="private"
    )
    with left:
        run_button(
            classify_many, inputs=[texts], outputs=[rows, csv], examples={}, api="sentiment_many", together=16
        )


DEMO = Demo(
    name="sentiment",
    title=t("英语评论情感", "Sentiment"),
    about=t(
        "写一段英语评论，看它有多大可能是正面的，每个词起了什么作用；也可以一次判断一千条，下载成 CSV。",
        "Write a review in English and see how likely it is positive and what each word did to that; or classify a "
        "thousand at once and download them as CSV.",
    ),
    models=("bert_sentiment",),
    questions=(2, 8),
    build=build,
)
