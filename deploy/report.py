"""What was shown in a tour, on one page: each stop's sentence, its input, its answer and its receipt; HTML and PDF."""

import base64
import html
import math
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import gradio as gr

import demos
from demos._command import Page
from demos._prepared import Shown
from demos._run import both
from deploy import tour

MOST_TOURS = 20  # whose notes are kept, the newest
INPUT, ANSWER = 100, 170  # most characters of each that are printed
# Points of the printed letters; lines of a page, and Latin letters of a line, then.
LARGEST, LINES, ROW = 8.3, 64, 118
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
POLICY = (
    "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
PATIENCE = 60  # seconds that a browser gets to print a page
STYLE = """
@page { size: A4; margin: 10mm 12mm; }
:root { color-scheme: light; }
* { margin: 0; }
body { max-width: 186mm; margin: 0 auto; padding: 14px; font: SIZEpt/1.3 Inter, "PingFang SC", "Noto Sans CJK SC",
  "Microsoft YaHei", system-ui, sans-serif; color: #0f172a; background: #fff; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; padding-bottom: 4px;
  border-bottom: 2px solid #0f766e; }
h1 { font-size: 1.7em; color: #0b3b3c; }
section { padding: 0.45em 0; border-bottom: 1px solid #e2e8f0; break-inside: avoid; }
h2 { display: inline; margin-right: 0.6em; font-size: 1.12em; color: #0f766e; }
h2 + p { display: inline; }
.receipt, footer, header p { font-size: 0.86em; color: #475569; }
footer { padding-top: 6px; }
b { font-weight: 600; }
p { overflow-wrap: anywhere; }
@media print { body { padding: 0; } }
@media screen { body { font-size: 10.5pt; } }
@media screen and (max-width: 500px) { header { display: block; } }
"""


@dataclass
class Note:
    """One run of a tour in words. asked: "" for a picture or a sound; answer: language -> words."""

    demo: str
    api: str
    is_example: bool
    asked: str
    when: float = field(default_factory=time.time)
    answer: dict[str, str] = field(default_factory=dict)
    receipt: dict[str, str] = field(default_factory=dict)


Notes = dict[tuple[str, bool], Note]  # (endpoint, is_example) -> the last run


class Book:
    """What tours have shown, in words: no picture, sound or file of anybody is kept."""

    def __init__(self) -> None:
        self._tours: OrderedDict[str, Notes] = OrderedDict()

    def write(self, run: Shown) -> None:
        """A run of a tour began, or has its receipt."""
        notes = self._tours.setdefault(run.tour, {})
        self._tours.move_to_end(run.tour)
        while len(self._tours) > MOST_TOURS:
            self._tours.popitem(last=False)
        if not run.receipt and (run.api, run.is_example) in notes:
            return  # shown again: the last receipt stands until there is a new one
        note = Note(run.demo, run.api, run.is_example, _short("".join(_asked(run)[-1:]), INPUT))
        if run.receipt:
            note.answer = {language: _answer(run, language) for language in ("zh", "en")}
            note.receipt = {language: Page(language).read(run.receipt) for language in ("zh", "en")}
        notes[run.api, run.is_example] = note

    def notes(self, tour: str) -> list[Note]:
        """What a tour has shown."""
        return list(self._tours.get(tour, {}).values())


def _asked(run: Shown) -> list[str]:
    """The texts that were typed: what is chosen, drawn or uploaded is not repeated."""
    typed = (
        value
        for box, value in zip(run.inputs, run.args)
        if isinstance(box, gr.Textbox) or (isinstance(box, gr.Dropdown) and box.allow_custom_value)
    )
    return [value for value in typed if isinstance(value, str) and value.strip()]


def _answer(run: Shown, language: str) -> str:
    """The answer's words, as far as they are words and not those of the input."""
    found: list[str] = []
    for box, value in zip(run.outputs, run.answer):
        if isinstance(value, dict) and isinstance(box, gr.Label):
            found += [f"{name} {share:.0%}" for name, share in value.items() if isinstance(share, float)][:3]
        elif isinstance(value, str) and isinstance(box, gr.HTML):
            found += Page(language).read(value).splitlines()
        elif isinstance(value, str) and isinstance(box, gr.Textbox) and not found:
            found.append(value)
    asked = " ".join(_asked(run))
    return _short(" · ".join(line for line in dict.fromkeys(found) if line not in asked), ANSWER)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def page(notes: Iterable[Note], language: str) -> str:
    """The report as a page of its own, without script or address. language: zh or en."""
    notes = sorted(notes, key=lambda note: note.when)
    zh = language == "zh"
    title = "AI Demo Hub：展示报告" if zh else "AI Demo Hub: what was shown"
    shown = [stop for stop in tour.STOPS if any(note.demo == stop.demo for note in notes)]
    body = "".join(_section(stop, notes, language) for stop in shown)
    foot = (
        "回执由演示站在现场结果算完时写下：模型名后的十二位十六进制数是权重文件 SHA-256 的开头，同样的权重、输入和种子"
        "得出同样的结果。"
        if zh
        else "Each receipt was written by the hub when the live answer was complete. The twelve hex digits after a "
        "model's name begin the SHA-256 of its weights; the same weights, inputs and seed give the same answer."
    )
    text = (
        f'<!doctype html>\n<html lang="{"zh-CN" if zh else "en"}"><head><meta charset="utf-8">{POLICY}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE.replace('SIZE', f'{_size(body):.2f}')}</style></head><body>"
        f"<header><h1>{title}</h1><p>{_span(notes)}</p></header>{body}<footer><p>{foot}</p></footer></body></html>\n"
    )
    return text.encode(errors="replace").decode()  # what was typed may hold half a character


def _span(notes: list[Note]) -> str:
    """From when to when, in local time."""
    whens = [note.when for note in notes] or [time.time()]
    began, ended = (time.localtime(when) for when in (whens[0], whens[-1]))
    return f"{time.strftime('%Y-%m-%d %H:%M', began)} – {time.strftime('%H:%M', ended)}"


def _size(body: str) -> float:
    """Points of letters with which all fits a page: the area that they take grows with their square."""
    texts = [html.unescape(re.sub("<[^>]+>", "", text)) for text in re.split("</p>", body)]
    widths = [
        sum(1 + (sign > "\u2e80") for sign in text) for text in texts
    ]  # a Chinese one is as wide as two
    lines = sum(math.ceil(width / ROW) for width in widths) + 0.7 * body.count("<section>")
    return LARGEST * min(1.0, math.sqrt(LINES / max(1, lines)))


def _section(stop: tour.Stop, notes: list[Note], language: str) -> str:
    zh = language == "zh"
    title, sentence = getattr(demos.load(stop.demo).title, language), getattr(stop, language)
    runs = "".join(_run(stop, note, zh) for note in notes if note.demo == stop.demo)
    return f"<section><h2>{html.escape(title)}</h2><p>{html.escape(sentence)}</p>{runs}</section>"


def _run(stop: tour.Stop, note: Note, zh: bool) -> str:
    """A run's input, answer and receipt, everything escaped."""
    language = "zh" if zh else "en"
    label = tour.example(stop)[0][0 if zh else 1]
    own = ("自己的输入" if zh else "an input of one's own") if note.api == note.demo else note.api
    named = label if note.is_example else own
    asked = "：".join((named, note.asked)) if zh else ": ".join((named, note.asked))
    asked = asked if note.asked else named
    missing = "没有等到现场结果" if zh else "the live answer was not waited for"
    heads = ("输入", "结果", "回执") if zh else ("Input", "Answer", "Receipt")
    rows = (
        (heads[0], asked, ""),
        (heads[1], note.answer.get(language, ""), ""),
        (heads[2], note.receipt.get(language, "") or missing, "receipt"),
    )
    return "".join(
        f'<p class="{kind}"><b>{head}</b> {html.escape(text)}</p>' for head, text, kind in rows if text
    )


def write(text: str, file: Path) -> None:
    """Writes a page."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def browser() -> str | None:
    """The first of BROWSERS that this machine has."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def printed(file: Path) -> Path | None:
    """The PDF of a page, written beside it by a browser of this machine; None where there is none that can."""
    program = browser()
    if not program:
        return None
    out = file.with_suffix(".pdf")
    command = [program, "--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run",
               "--disable-background-networking", f"--print-to-pdf={out}"]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium refuses root with a sandbox; the page is ours and holds no script.
        command.append("--no-sandbox")
    try:
        out.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as profile:
            command += [f"--user-data-dir={profile}", file.resolve().as_uri()]
            subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return out if out.exists() else None


def end(text: str, name: str, pdf: bytes | None, told: tuple[str, str]) -> str:
    """The last page of the tour, as HTML: the report, and links that hold it and its PDF. told: (zh, en)."""
    links = _link(f"{name}.html", "text/html;charset=utf-8", text.encode(), "下载 HTML", "Download HTML")
    links += _link(f"{name}.pdf", "application/pdf", pdf, "下载 PDF", "Download PDF") if pdf else ""
    return (
        f'<div class="tour-report"><div class="tour-links">{links}<p role="status">{both(*told)}</p></div>'
        f'<iframe sandbox title="Report 报告" srcdoc="{html.escape(text)}"></iframe></div>'
    )


def _link(name: str, kind: str, content: bytes, zh: str, en: str) -> str:
    address = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return f'<a class="tour-link" download="{name}" href="{address}">{both(zh, en)}</a>'
