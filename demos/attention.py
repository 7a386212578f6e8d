"""Attention: where each of MiniLM's 72 heads looks in two sentences, and how alike these are, whole and by token."""

import base64
import html
import io

import gradio as gr
import numpy as np
from PIL import Image

import models
from demos._matrix import matrix
from demos._run import both
from demos._text import english, open_text, within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, t

LAYERS, HEADS = 6, 12
MOST_CHARACTERS, MOST_TOKENS = 400, 60  # of a sentence
BROAD = 0.25  # a head whose strongest habit stays below this looks at many things
LEAST = 0.02  # share of attention that is drawn as a line
ROW, LEFT, RIGHT, WIDTH = 24, 130, 270, 400  # pixels: height of a token's row, ends of the lines, whole width
PRONOUNS = {"it", "its", "he", "him", "his", "she", "her", "they", "them", "their"}
HABITS = {
    "previous": ("前一个词", "previous word"),
    "next": ("后一个词", "next word"),
    "same": ("自己", "itself"),
    "twin": ("相同的词", "same word elsewhere"),
    "separator": ("[SEP]", "[SEP]"),
    "start": ("[CLS]", "[CLS]"),
}
EXAMPLES = {
    ("代词指谁", "What a pronoun means"): [
        "The dog chased the cat because it was hungry.", "The dog chased the cat because it looked like food.", 4, 2,
    ],
    ("前一个词", "The previous word"): [
        "Every morning the baker opens his shop at six.", "At six o'clock each day, the bakery is opened.", 1, 3,
    ],
    ("后一个词", "The next word"): [
        "A red fox jumped over the old stone wall.", "An old grey dog slept behind the wooden gate.", 2, 9,
    ],
    ("歇在 [CLS]", "Resting on [CLS]"): [
        "The river bank was covered with flowers.", "The bank lent the farmer some money.", 3, 8,
    ],
    ("会失败：谁咬谁", "Fails: who bit whom"): [
        "The man bit the dog.", "The dog bit the man.", 6, 12,
    ],
}  # fmt: skip


def look(first: str, second: str, layer: int, head: int) -> tuple[str, str, str]:
    """Two English sentences; -> their likeness and where one head looks, all heads as small pictures, and the
    likeness of each token of one to each of the other, as HTML. layer: 1 to 6, head: 1 to 12.
    """
    texts = [english(open_text(text, MOST_CHARACTERS)) for text in (first, second)]
    layer = int(within(layer, 1, LAYERS, "层", "Layer"))
    head = int(within(head, 1, HEADS, "头", "Head"))
    with models.use("minilm") as net:
        seen = [net.attend(text) for text in texts]
        if any(len(one["tokens"]) > MOST_TOKENS for one in seen):
            raise InvalidInput(f"每句最多 {MOST_TOKENS} 个词元", f"At most {MOST_TOKENS} tokens a sentence")
        habits = [[net.habit(seen[0]["tokens"], one) for one in row] for row in seen[0]["attentions"]]
    alike = float(seen[0]["vector"] @ seen[1]["vector"])
    pictures = "".join(_looks(one["tokens"], one["attentions"][layer - 1, head - 1]) for one in seen)
    chosen = _habit(*habits[layer - 1][head - 1])
    meant = "".join(_meant(one["tokens"], one["attentions"][layer - 1, head - 1]) for one in seen)
    told = both(
        f"两句相似度 {alike:.2f}（余弦，1 为同义）。第 {layer} 层第 {head} 头：{chosen[0]}{meant}",
        f"Likeness of the two sentences: {alike:.2f} (cosine, 1 is the same). "
        f"Layer {layer}, head {head}: {chosen[1]}{meant}",
    )
    return (
        f'<p class="alike">{told}</p><div class="looks-row">{pictures}</div>',
        _grid(seen[0]["attentions"], habits, layer, head),
        _compared(*seen),
    )


def _habit(name: str, share: float) -> tuple[str, str]:
    """What a head does, in both languages."""
    if share < BROAD:
        return "看得很散", "looks widely"
    zh, en = HABITS[name]
    return f"{zh} {share:.0%}", f"{en} {share:.0%}"


def _meant(tokens: list[str], attention: np.ndarray) -> str:
    """Which other word each pronoun of a sentence looks at most, such as "; it → cat 66%"."""
    told = ""
    for place, token in enumerate(tokens):
        if token in PRONOUNS:
            row = attention[place].copy()
            row[[0, place, -1]] = 0
            told += f"; {token} → {tokens[int(row.argmax())]} {row.max():.0%}"
    return told


def _looks(tokens: list[str], attention: np.ndarray) -> str:
    """A head as lines from each token, on the left, to where it looks; hover or focus leaves one token's lines."""
    height = ROW * len(tokens)
    right = "".join(_word(token, RIGHT + 8, y, "start") for y, token in enumerate(tokens))
    groups = "".join(
        f'<g class="from" tabindex="0"><title>{html.escape(_told(tokens, y, row))}</title>'
        f'<rect x="0" y="{ROW * y}" width="{LEFT}" height="{ROW}"/>{_word(token, LEFT - 8, y, "end")}'
        + "".join(
            f'<line x1="{LEFT}" y1="{ROW * (y + 0.5)}" x2="{RIGHT}" y2="{ROW * (to + 0.5)}" '
            f'stroke-opacity="{share:.2f}" stroke-width="{1 + 5 * share:.1f}"/>'
            for to, share in enumerate(row)
            if share >= LEAST
        )
        + "</g>"
        for y, (token, row) in enumerate(zip(tokens, attention.tolist(), strict=True))
    )
    label = html.escape(" ".join(tokens))
    return f'<svg class="looks" viewBox="0 0 {WIDTH} {height}" role="group" aria-label="{label}">{right}{groups}</svg>'


def _told(tokens: list[str], place: int, row: list[float]) -> str:
    best = sorted(range(len(row)), key=row.__getitem__)[::-1][:5]
    return f"{tokens[place]} → " + ", ".join(f"{tokens[to]} {row[to]:.0%}" for to in best)


def _word(token: str, x: int, row: int, anchor: str) -> str:
    kind = ' class="mark"' if token in ("[CLS]", "[SEP]") else ""
    return (
        f'<text x="{x}" y="{ROW * (row + 0.7):.0f}" text-anchor="{anchor}"{kind}>{html.escape(token)}</text>'
    )


def _grid(attentions: np.ndarray, habits: list, layer: int, head: int) -> str:
    """Every head of the first sentence as a small picture, a row for each layer; the chosen one is marked."""
    cells = "".join(
        f'<button type="button" class="head{" chosen" if (x + 1, y + 1) == (layer, head) else ""}" '
        f'data-layer="{x + 1}" data-head="{y + 1}" aria-label="layer {x + 1}, head {y + 1}">'
        f'<img src="{_picture(attentions[x, y])}" alt=""><small>{both(*_habit(*habits[x][y]))}</small></button>'
        for x in range(LAYERS)
        for y in range(HEADS)
    )
    return f'<div class="heads">{cells}</div>'


def _picture(attention: np.ndarray) -> str:
    """(T, T) -> a PNG of T x T pixels as a data URL, teal where there is attention."""
    shares = np.sqrt(attention / attention.max())[..., None]  # weak ones would not be seen
    paper, ink = np.array([244, 250, 249]), np.array([11, 90, 84])
    file = io.BytesIO()
    Image.fromarray((paper + (ink - paper) * shares).astype(np.uint8)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _compared(first: dict, second: dict) -> str:
    """Cosine of each token's state in one sentence and each in the other."""
    states = [
        one["states"][1:-1] / np.linalg.norm(one["states"][1:-1], axis=1, keepdims=True)
        for one in (first, second)
    ]
    tokens = [one["tokens"][1:-1] for one in (first, second)]
    return matrix(np.clip(states[0] @ states[1].T, 0, 1), *tokens, label="cosine 余弦")


def _picked(event: gr.EventData) -> tuple[int, int]:
    return int(event.layer), int(event.head)  # type: ignore[attr-defined]


PICK = """element.addEventListener("click", (event) => {
  const head = event.target.closest("button.head");
  if (head) trigger("select", { layer: head.dataset.layer, head: head.dataset.head });
});"""


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            labels = (
                t("第一句英语", "First sentence, in English"),
                t("第二句英语", "Second sentence, in English"),
            )
            texts = [gr.Textbox(label=label, lines=2, max_length=MOST_CHARACTERS) for label in labels]
            layer = gr.Slider(1, LAYERS, 4, step=1, label=t("层", "Layer"))
            head = gr.Slider(1, HEADS, 2, step=1, label=t("头", "Head"))
        with gr.Column(scale=3):
            looks = gr.HTML(min_height=200, label=t("这个头看向哪里", "Where this head looks"))
    grid = gr.HTML(js_on_load=PICK, label=t("第一句的全部 72 个头", "All 72 heads on the first sentence"))
    compared = gr.HTML(label=t("两句逐词元的相似度", "Likeness of the two sentences, token by token"))
    with left:
        run_button(
            look,
            inputs=[*texts, layer, head],
            outputs=[looks, grid, compared],
            examples=EXAMPLES,
            live=[layer.release, head.release],
        )
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    grid.select(_picked, None, [layer, head], **quiet).then(
        None, None, None, js="() => hub.run('attention')", api_visibility="private"
    )
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "每个头给每个词元算一行份额，加起来是 1：要从别的词元那里取多少信息。六层各有十二个头，各看各的："
            "有的只看前一个词，有的找代词所指，很多头没事可做，就歇在 [CLS] 上。小图里一行是一个词元；点一张看"
            "它的连线，指着左边的词只看它的。标签是在第一句上量出来的。整句的向量是最后一层全部词元的平均，"
            "两句向量的余弦就是相似度。",
            "Each head gives every token a row of shares that add up to 1: how much it takes from each "
            "other token. Six layers of twelve heads each look their own way: one only at the previous "
            "word, one for what a pronoun means, and many, with nothing to do, rest on [CLS]. In a small "
            "picture a row is a token; click one for its lines, and point at a word on the left for its "
            "own. Labels are measured on the first sentence. A sentence's vector is the mean of the last "
            "layer, and the cosine of two is their likeness.",
        ),
        code="models/minilm/net.py:MiniLM.attend",
        rooms=["minilm"],
    )


DEMO = Demo(
    name="attention",
    title=t("自注意力", "Self-attention"),
    about=t(
        "写两句英语，看一个六层 BERT 的 72 个注意力头各自看向哪里，两句又有多像；每句最多 60 个词元。",
        "Write two English sentences and see where each of the 72 attention heads of a six-layer BERT looks, and how "
        "alike the two are. Up to 60 tokens each.",
    ),
    models=("minilm",),
    questions=(7,),
    build=build,
)
