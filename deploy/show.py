"""The hub shown to stakeholders: everything is checked, then the tour opens, and at its end there is a report."""

import contextlib
import itertools
import logging
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

import app
import demos
from demos import _prepared, _warm
from demos._run import both
from demos._ui import ROOT, runs
from deploy import preflight, report, tour
from deploy.preflight import Outcome
from models import settings

NO_BROWSER = (
    "这台机器上没有能打印成 PDF 的 Chromium、Chrome 或 Edge；打开 HTML 报告，用浏览器的“打印”另存为 PDF",
    "No Chromium, Chrome or Edge on this machine could make a PDF; open the HTML report and print it from the browser",
)
UNWRITTEN = (
    "报告没能写入操作者的报告文件夹（磁盘已满或不可写），请从这里下载",
    "The report could not be written to the operator's folder (its disk is full or not writable); download it here",
)


def show(port: int | None, opens: bool, folder: Path | None) -> int:
    """Checks, opens the tour and serves it until Ctrl+C; -> the exit status, 1 when there is nothing to be shown."""
    if folder and folder.resolve().is_relative_to(ROOT.resolve()):
        print(f"{folder} is inside this repository; name a folder elsewhere for the reports")
        return 1
    folder = folder or Path(tempfile.mkdtemp(prefix="show-report-"))
    app.forget(app.left_behind(settings.own_temporary_folder()))
    stops: list[tour.Stop] = []
    hub = build(stops, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _, address, _ = hub.launch(server_port=port, prevent_thread_lock=True, quiet=True, **options())
    except OSError as cause:  # the port is taken, or the folder cannot be made
        print(cause)
        return 1
    try:
        stops += checked(address)
        if not stops:
            print("No stop of the tour is ready, so there is nothing to be shown")
            return 1
        print(f"The tour: {address}?tour=1  (arrows or Page Up and Down; Escape leaves it)")
        print(f"Reports are written to {folder}; Ctrl+C ends the show", flush=True)
        if opens:
            webbrowser.open(f"{address}?tour=1")
        hub.block_thread()
    finally:
        hub.close()
    return 0


def build(stops: list[tour.Stop], folder: Path) -> gr.Blocks:
    """The app with the tour in it. stops: those that are ready, looked up at each page load; folder: for reports."""
    hub, book = app.build(), report.Book()
    examples = {stop.demo: (runs(stop.demo)[0].inputs, tour.example(stop)[1]) for stop in tour.STOPS}
    _prepared.lead(examples, book.write)
    with hub:
        end, bar = gr.HTML(elem_id="tour-end"), tour.bar()

        def ended(event: gr.EventData, request: gr.Request) -> Iterator[str]:
            language = "zh" if event.language == "zh" else "en"
            yield from reported(
                book.notes(_prepared.of(request)), language, folder, _prepared.of(request)[:8]
            )

        hub.load(
            lambda: [tour.told(stop) for stop in stops], None, bar, queue=False, api_visibility="private"
        )
        bar.arrived(
            ended, None, end, api_visibility="private", show_progress="hidden", concurrency_id="report"
        )
    return hub


def options() -> dict[str, Any]:
    """What launch() is told: as ever, and the tour's look."""
    ever = app.launch_options()
    return ever | {"css_paths": [*ever["css_paths"], ROOT / "assets" / "tour.css"]}


def checked(address: str) -> list[tour.Stop]:
    """Runs every demo's first example and every stop's, tells how it went; -> the stops that are ready.

    On the way their answers are kept and their models become warm.
    """
    firsts = [(name, *next(iter(runs(name)[0].examples.items()))) for name in demos.names()]
    wanted = {(name, label[1]): (name, values) for name, label, values in firsts}
    for stop in tour.STOPS:
        wanted.setdefault((stop.demo, stop.example), (stop.demo, tour.example(stop)[1]))
    failed = set()

    def each() -> Iterator[Outcome]:
        found = preflight.outcomes(address, wanted.values())
        for number, key in enumerate(wanted):
            with contextlib.redirect_stdout(sys.stderr):  # libraries that say what they load
                one = next(found)
            failed.update({key} if one.error else ())
            yield one if number < len(firsts) else replace(one, demo=f"{one.demo} (tour)")

    preflight.told(each())
    ready = [stop for stop in tour.STOPS if (stop.demo, stop.example) not in failed]
    if left := [stop.demo for stop in tour.STOPS if stop not in ready]:
        print(f"Left out of the tour, since they failed: {', '.join(left)}")
    _warm.ahead.update({one.demo: following.demo for one, following in itertools.pairwise(ready)})
    return ready


def reported(notes: list[report.Note], language: str, folder: Path, name: str) -> Iterator[str]:
    """The tour's last page, at once with the HTML report, then with its PDF. name: tells one tour from another."""
    if not notes:
        yield f'<p class="about">{both("这次导览还没有展示什么", "Nothing was shown in this tour yet")}</p>'
        return
    file = folder / f"shown-{time.strftime('%Y-%m-%d')}-{name}-{language}.html"
    text = report.page(notes, language)
    try:
        report.write(text, file)
    except OSError:
        logging.getLogger("hub").exception("the report could not be written")
        yield report.end(text, file.stem, None, UNWRITTEN)
        return
    yield report.end(text, file.stem, None, ("正在生成 PDF……", "Making the PDF…"))
    pdf = report.printed(file)
    told = ("已写入操作者的报告文件夹", "Both are in the operator's report folder too") if pdf else NO_BROWSER
    yield report.end(text, file.stem, pdf.read_bytes() if pdf else None, told)
