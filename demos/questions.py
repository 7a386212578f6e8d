"""The Questions page: thirty interview questions and five of theory, answered and linked to their demos."""

import html
import json
from dataclasses import dataclass

import gradio as gr

import demos
from demos._ui import ROOT, both

SECTIONS = (  # id, heading in Chinese and English, the questions' numbers
    ("text", "文本", "Text", "1 2 6 7 8 13 14 24 25 26 27 30"),
    ("vision", "视觉", "Vision", "3 4 12 18 21 22 23"),
    ("images", "图像生成", "Image generation", "5 16 28"),
    ("sound", "声音", "Sound", "9 10 15 17"),
    ("sequences", "序列、图与游戏", "Sequences, graphs and games", "11 19 20 29"),
    ("theory", "理论", "Theory", "T1 T2 T3 T4 T5"),
)


@dataclass(frozen=True)
class Question:
    """number: "1".."30" or "T1".."T5"; question, answer: (zh, en); demos: ids, built or still to come."""

    number: str
    question: tuple[str, str]
    answer: tuple[str, str]
    demos: tuple[str, ...]


def questions() -> list[Question]:
    """All questions in the order of their numbers, theory last."""
    rows = json.loads((ROOT / "assets" / "questions.json").read_text(encoding="utf-8"))
    return [
        Question(row["number"], _words(row["question"]), _words(row["answer"]), tuple(row["demos"]))
        for row in rows
    ]


def page(available: set[str]) -> str:
    """The page as HTML, by section. available: the demos that the hub holds; no other is linked."""
    known = {question.number: question for question in questions()}
    about = both(
        "点开一题看要点，演示已就绪的题目，答案下方有入口，可以亲手试一试。",
        "Open a question for a short answer; where its demo is ready, a link below it takes you there.",
    )
    return f'<p class="about">{about}</p>' + "".join(
        f'<section aria-labelledby="questions-{id}"><h2 id="questions-{id}">{both(zh, en)}</h2>'
        + "".join(_details(known[number], available) for number in numbers.split())
        + "</section>"
        for id, zh, en, numbers in SECTIONS
    )


def build(available: set[str]) -> None:
    """Draws the page."""
    gr.HTML(page(available), elem_id="questions-view")


def _words(text: dict[str, str]) -> tuple[str, str]:
    return text["zh"], text["en"]


def _details(question: Question, available: set[str]) -> str:
    """One question that opens to its answer: no script, so keyboard and screen reader work as in any page."""
    links = " ".join(_link(name) for name in question.demos if name in available)
    return (
        f'<details class="question"><summary><span class="number">{html.escape(question.number)}.</span> '
        f"{both(*question.question)}</summary><p>{both(*question.answer)}</p>"
        f"{f'<p>{links}</p>' if links else ''}</details>"
    )


def _link(name: str) -> str:
    title = demos.load(name).title
    words = both(f"打开演示：{title.zh}", f"Open the demo: {title.en}")
    return f'<a class="open-demo" href="?demo={name}" data-demo="{name}">{words}</a>'
