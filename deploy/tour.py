"""The guided tour: which demos it shows, in what order, and the bar that leads through them."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

import demos
from demos._prepared import COOKIE
from demos._ui import ROOT, both, runs


@dataclass(frozen=True)
class Stop:
    """A demo's example, named by its English label, and one sentence about it in each language."""

    demo: str
    example: str
    zh: str
    en: str


STOPS = (
    Stop(
        "text_generation",
        "Why the sky is blue",
        "会写：一个只有 1.35 亿参数、笔记本就跑得动的语言模型，当场一个词一个词地作答，底色越深的词它越没把握。",
        "It writes: a language model of only 135 million parameters, small enough for a laptop, answers word by word, "
        "and the deeper a word's colour, the less sure it was.",
    ),
    Stop(
        "question_answering",
        "Which ship",
        "会读：答案不是编的，而是从原文里找出来标给你看；旁边是语言模型凭自己说的，该信谁一比便知。",
        "It reads: the answer is not made up but marked in the passage; beside it stands what a language model says "
        "from its own head, so you can see which to trust.",
    ),
    Stop(
        "translation",
        "A letter",
        "会译：一个在本项目里从零训练的模型把中文译成英语，每个词看的是原文哪里，都画了出来。",
        "It translates: trained in this project from nothing, it turns Chinese into English and shows where in the "
        "source each word looked.",
    ),
    Stop(
        "poem",
        "Moon",
        "会作诗：一个只有三百万参数的模型以“月”为题写一首七绝，逐字落笔，句式整齐，也押上了韵。",
        "It composes: a model of only three million parameters writes a classical Chinese poem about the moon, "
        "character by character, and keeps to form and rhyme.",
    ),
    Stop(
        "image_recognition",
        "Spaniels",
        "会看：在一千种事物里认出照片上是什么，还指出它是凭哪一块认出来的。",
        "It sees: it tells what a photo shows among a thousand kinds of things, and points at what made it think so.",
    ),
    Stop(
        "gan_fashion",
        "Nine of each kind",
        "会想象：这九十件衣服鞋包谁也没设计过，是两个网络一个造、一个挑刺，互相较劲练出来的。",
        "It imagines: nobody designed these ninety garments; two nets learned them from each other, one inventing "
        "and one finding fault.",
    ),
    Stop(
        "speech_recognition",
        "English prompt",
        "会听：把一段录音写成文字，每个词是几分几秒说的也标了出来。",
        "It listens: a recording becomes text, and each word is given the time when it was said.",
    ),
    Stop(
        "speech_generation",
        "Invented words",
        "会说：一边合成一边读出来，连刚造出来的词也会念。",
        "It speaks: the voice is heard while it is still being made, and it reads even words that were invented a "
        "moment ago.",
    ),
    Stop(
        "forecast",
        "CO2",
        "会预测：从几十年的二氧化碳记录推算往后一年，给出区间，还当场和经典方法比一比谁更准。",
        "It forecasts: from decades of CO2 measurements it draws the next year with an interval, and measures itself "
        "beside the classical methods on the spot.",
    ),
    Stop(
        "lander",
        "Strong wind",
        "会行动：没人教过它怎么飞，它靠反复试错，学会了顶着大风把登月舱稳稳停住。",
        "It acts: nobody taught it to fly; by trial and error it learned to set a lunar lander down in strong wind.",
    ),
)
CORNERS = (
    '<svg viewBox="0 0 18 18" aria-hidden="true"><path d="M2 7V2h5M11 2h5v5M16 11v5h-5M7 16H2v-5"/></svg>'
)
TEMPLATE = f"""<div class="tour-bar" role="region" aria-label="Guided tour 导览">
<button type="button" class="tour-back"><span aria-hidden="true">‹</span> {both("上一站", "Back")}</button>
<div class="tour-told"><div class="tour-words" aria-live="polite"></div><p class="tour-state" role="status"></p></div>
<button type="button" class="tour-next">{both("下一站", "Next")} <span aria-hidden="true">›</span></button>
<div class="tour-tools"><button type="button" class="switch-language" aria-label="Switch language 切换语言">中 / EN
</button><button type="button" class="tour-full" aria-label="Full screen 全屏">{CORNERS}</button>
<button type="button" class="tour-leave" aria-label="Leave the tour 退出导览">×</button></div></div>"""


def place(stop: Stop) -> int:
    """Where the stop's example stands among those of its demo, once the app is built. Raises StopIteration."""
    return next(n for n, (_, en) in enumerate(runs(stop.demo)[0].examples) if en == stop.example)


def example(stop: Stop) -> tuple[tuple[str, str], list[Any]]:
    """-> the example's label (zh, en) and its values."""
    return list(runs(stop.demo)[0].examples.items())[place(stop)]


def bar() -> gr.HTML:
    """Leads through the stops it is given as told() tells them; fires `arrived` at the end, with event.language."""
    return gr.HTML(
        html_template=TEMPLATE,
        js_on_load=(ROOT / "assets" / "tour.js").read_text().replace("TOUR_COOKIE", COOKIE),
        elem_id="tour",
    )


def told(stop: Stop) -> dict[str, Any]:
    """What the page needs to show a stop, plain."""
    title = demos.load(stop.demo).title
    return {
        "demo": stop.demo,
        "chip": f"{stop.demo}-example-{place(stop)}",
        "title": [title.zh, title.en],
        "sentence": [stop.zh, stop.en],
    }
