"""Text generation: a language model chats or continues a text and shows what else it might have said."""

import html
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

import models
from demos._run import both
from demos._text import choice, not_english, open_text, share_in, within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t

MAX_CHARACTERS = 3000  # of the prompt, and of the earlier conversation that is kept in mind
MAX_TOKENS, MAX_TEMPERATURE, LEAST_TOP_P = 400, 1.5, 0.05
MODES = ("chat", "continue")
ROOMS = ("smollm2", "qwen25")  # the second needs a model hub
SEEN = {"\n": "↵", " ": "␣"}  # how white space is written among the alternatives
SKY = "Why is the sky blue? Answer in two sentences."
STORY = "Once upon a time, in a village by the sea, there lived a clockmaker who"
EXAMPLES = {
    ("天空为什么蓝", "Why the sky is blue"): [SKY, "chat", 160, 0.3, 0.9, 1, [], "smollm2"],
    ("四行诗", "A four-line poem"): [
        "Write a four-line poem about the sea at night.",
        "chat",
        160,
        0.3,
        0.9,
        1,
        [],
        "smollm2",
    ],
    ("续写故事", "Go on with a story"): [STORY, "continue", 112, 0.7, 0.9, 1, [], "smollm2"],
    ("会失败：算术", "Fails: arithmetic"): ["What is 17 times 23?", "chat", 80, 0.0, 1.0, 0, [], "smollm2"],
}


def write(
    prompt: str,
    mode: str,
    tokens: int,
    temperature: float,
    top_p: float,
    seed: int,
    history: list[dict] | None,
    model: str = "smollm2",
) -> Iterator[tuple[str, list[dict]]]:
    """Text that answers or continues a prompt, as HTML that grows token by token.

    mode: chat or continue; temperature 0 always takes the likeliest token; history: earlier chat messages;
    model: smollm2, which knows English only, or qwen25, which is fetched from a model hub.
    """
    model = choice(model, ROOMS, "请选列出的模型", "Choose one of the models listed")
    prompt = checked(prompt) if model == "smollm2" else open_text(prompt, MAX_CHARACTERS)
    mode = choice(mode, MODES, "请选“对话”或“续写”", "Choose chat or continue")
    tokens = int(within(tokens, 1, MAX_TOKENS, "长度", "Length"))
    temperature = within(temperature, 0, MAX_TEMPERATURE, "温度", "Temperature")
    top_p = within(top_p, LEAST_TOP_P, 1, "Top-p", "Top-p")
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    earlier = recent(history or []) if mode == "chat" else []
    said: list[dict] = []
    asked = [*earlier, {"role": "user", "content": prompt}]
    with models.use(model) as net:
        started = time.monotonic()
        yield _page(mode, asked, "", 0), earlier  # a model may have nothing to add
        sampling = (tokens, temperature, top_p, seed)
        stream = net.chat(asked, *sampling) if mode == "chat" else net.complete(prompt, *sampling)
        pieces = []
        try:
            for token in stream:
                pieces.append(_token(token, "".join(one["text"] for one in said).count("**")))
                said.append(token)
                answer = {"role": "assistant", "content": "".join(one["text"] for one in said)}
                speed = len(said) / (time.monotonic() - started)
                yield _page(mode, asked, "".join(pieces), speed), [*asked, answer] if mode == "chat" else []
        except ValueError as cause:
            raise _too_long(earlier) from cause


def _too_long(earlier: list[dict]) -> InvalidInput:
    if earlier:
        return InvalidInput(
            "对话太长了，请点“新对话”", "The conversation has become too long; begin a new one"
        )
    return InvalidInput("内容太长，请缩短后再试", "This is too long; shorten it")


def checked(prompt: str) -> str:
    """The prompt without the space around it. Raises InvalidInput: empty, too long, or not English."""
    prompt = open_text(prompt, MAX_CHARACTERS)
    if share_in("LATIN", prompt) < 0.5:
        raise not_english()
    return prompt


def recent(history: list[dict]) -> list[dict]:
    """The last whole rounds of a conversation that fit into MAX_CHARACTERS."""
    while sum(len(message["content"]) for message in history) > MAX_CHARACTERS:
        history = history[2:]
    return history


def _page(mode: str, asked: list[dict], answer: str, speed: float) -> str:
    """The conversation, or the prompt and its continuation, with the newest text token by token."""
    *earlier, last = [(one["role"], html.escape(one["content"])) for one in asked]
    foot = f'<p class="speed">{speed:.0f} {both("词元 / 秒", "tokens / s")}</p>' if answer else ""
    if mode == "continue":
        return f'<div class="text"><b>{last[1]}</b>{answer}</div>{foot}'
    turns = "".join(f'<div class="turn {role}">{text}</div>' for role, text in [*earlier, last])
    return f'{turns}<div class="turn assistant">{answer}</div>{foot}'


def _token(token: dict[str, Any], marks: int) -> str:
    """A token, the paler the surer, with its alternatives for hover and focus. marks: how many ** came before.

    As in Markdown, what stands between two ** is bold and they are not shown.
    """
    rows = "\n".join(f"{share:4.0%} {_seen(text)}" for text, share in token["alternatives"])
    doubt = round(60 * (1 - token["probability"]))
    parts = [html.escape(part) for part in token["text"].split("**")]
    text = "".join(f"<b>{part}</b>" if (marks + i) % 2 and part else part for i, part in enumerate(parts))
    return f'<span class="token" tabindex="0" style="--doubt:{doubt}%" data-tip="{html.escape(rows)}">{text}</span>'


def _seen(text: str) -> str:
    return "".join(SEEN.get(character, character) for character in text) or "∅"


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=320) as left:
            modes = [(t("对话", "Chat"), "chat"), (t("续写", "Continue"), "continue")]
            mode = gr.Radio(modes, value="chat", label=t("方式", "Mode"))
            prompt = gr.Textbox(label=t("英语提示", "Prompt, in English"), lines=3, max_length=MAX_CHARACTERS)
            rooms = [
                (t("SmolLM2，1.35 亿参数", "SmolLM2, 135 million parameters"), "smollm2"),
                (t("Qwen2.5，5 亿，也懂中文", "Qwen2.5, 500 million, also Chinese"), "qwen25"),
            ]
            hint = t("第二个要连得上模型仓库，首次取 1 GB", "The second is fetched from a model hub, 1 GB")
            model = gr.Radio(rooms, value="smollm2", label=t("模型", "Model"), info=hint)
            with gr.Accordion(t("采样", "Sampling"), open=False):
                tokens = gr.Slider(8, MAX_TOKENS, 160, step=8, label=t("最多词元", "Most tokens"))
                temperature = gr.Slider(0, MAX_TEMPERATURE, 0.7, step=0.05, label=t("温度", "Temperature"))
                top_p = gr.Slider(LEAST_TOP_P, 1, 0.9, step=0.05, label=t("Top-p", "Top-p"))
                seed = seed_box()
        with gr.Column(scale=3):
            page = gr.HTML(elem_classes="written", min_height=240, label=t("文本", "Text"))
            history = gr.State([])
            new = gr.Button(t("新对话", "New conversation"), size="sm", elem_classes="aside")
    with left:
        ends = run_button(
            write,
            inputs=[prompt, mode, tokens, temperature, top_p, seed, history, model],
            outputs=[page, history],
            examples=EXAMPLES,
        )
    ends(new.click).then(lambda: ("", []), None, [page, history], queue=False, api_visibility="private")
    _explained()


def _explained() -> None:
    how_it_works(
        t(
            "模型每次只做一件事：读完前面的全部文字，给 49152 个词元各打一个分，softmax 变成概率，再抽一个接在后面。"
            "底色越深，说明它越没把握；把鼠标放在词上，看它当时最想说的五个词。温度把概率拉平或收紧，"
            "Top-p 只留下合计占到这个份额的那些词，同一个种子总写出同样的文字。",
            "The model does one thing over and over: it reads all that stands there, gives each of 49,152 tokens a "
            "score, softmax makes probabilities of them, and one is drawn and appended. The deeper a token's colour, "
            "the less sure it was; point at it to see the five it liked best. Temperature flattens or sharpens, top-p "
            "keeps the likeliest that make up that share, and the same seed writes the same text.",
        ),
        code="models/smollm2/net.py:_options",
        rooms=list(ROOMS),
    )


DEMO = Demo(
    name="text_generation",
    title=t("文本生成", "Text generation"),
    about=t(
        "和一个只有 1.35 亿参数的语言模型聊天，或让它续写；它在你眼前一个词元一个词元地写，只懂英语。",
        "Chat with a language model of only 135 million parameters, or let it go on with your text. English only.",
    ),
    models=("smollm2",),
    questions=(1,),
    build=build,
)
