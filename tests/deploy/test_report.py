"""The report says what was shown, with receipts, and holds nothing that a visitor could make of it."""

import re
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from demos._prepared import Shown
from deploy import report, tour

pytestmark = pytest.mark.usefixtures("hub")
RECEIPT = '<p class="receipt"><span lang="zh">热</span><span lang="en">warm</span> poem_gpt 0123456789ab</p>'
SCRIPT = "<script>alert('x')</script>"


def run(demo: str = "poem", text: Any = "月", said: str = "<p>床前明月光</p>", **more: Any) -> Shown:
    facts = {
        "args": (text,),
        "tour": "a" * 32,
        "is_example": True,
        "answer": (said,),
        "receipt": RECEIPT,
    } | more
    return Shown(demo, demo, [gr.Textbox()], [gr.HTML()], **facts)


def written(*runs: Shown, language: str = "en") -> str:
    book = report.Book()
    for one in runs:
        book.write(one)
    return report.page(book.notes("a" * 32), language)


@pytest.mark.parametrize(("language", "heading", "warm"), [("en", "Poems", "warm"), ("zh", "写诗", "热")])
def test_a_stop_has_its_sentence_input_answer_and_receipt(language: str, heading: str, warm: str) -> None:
    page = written(run(), language=language)
    (stop,) = [stop for stop in tour.STOPS if stop.demo == "poem"]
    for text in (heading, getattr(stop, language), "月", "床前明月光", f"{warm} poem_gpt 0123456789ab"):
        assert text in page


def test_what_was_typed_and_answered_is_escaped() -> None:
    page = written(run(text=SCRIPT, said=f"<p>{SCRIPT.replace('<', '&lt;')}</p>", is_example=False))
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page


def test_nothing_is_fetched_from_elsewhere_and_no_script_runs() -> None:
    page = written(run())
    assert "default-src 'none'" in page
    assert not re.search(r"(?i)(src|href)=|@import|url\(", page)


def test_one_s_own_input_stands_beside_the_example() -> None:
    page = written(run(), run(text="手机", is_example=False))
    assert page.count("<h2>") == 1
    assert "an input of one&#x27;s own: 手机" in page
    assert "Moon: 月" in page


def test_an_answer_that_nobody_waited_for_is_said_to_be_so() -> None:
    assert "not waited for" in written(run(answer=(), receipt=""))


def test_shown_once_more_but_not_waited_for_keeps_the_first_receipt() -> None:
    page = written(run(), run(answer=(), receipt=""))
    assert "poem_gpt 0123456789ab" in page


def test_pictures_and_drawings_are_not_kept() -> None:
    photo = f"data:image/png;base64,{'A' * 500}"
    shown = Shown("poem", "poem", [gr.HTML(), gr.Image()], [gr.HTML()], (photo, "photos/photo.png"), "a" * 32, False,
                  (f'<img src="{photo}"><p>a boot</p>',), RECEIPT)  # fmt: skip
    page = written(shown)
    assert "AAAA" not in page
    assert "photo.png" not in page
    assert "a boot" in page


def test_only_the_newest_tours_are_remembered() -> None:
    book = report.Book()
    for number in range(report.MOST_TOURS + 5):
        book.write(run(tour=f"{number:032}"))
    assert not book.notes(f"{0:032}")
    assert book.notes(f"{report.MOST_TOURS + 4:032}")


def test_without_a_browser_there_is_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "BROWSERS", ("no-such-browser",))
    (tmp_path / "page.html").write_text("<p>")
    assert report.printed(tmp_path / "page.html") is None


@pytest.mark.browser
@pytest.mark.skipif(not report.browser(), reason="no Chromium on this machine")
def test_a_whole_tour_fits_one_page(tmp_path: Path) -> None:
    """With the longest input and answer that are printed."""
    book, receipt = (
        report.Book(),
        RECEIPT.replace("poem_gpt", "transformer_zh_en · queued 0.00 s · loaded " * 3),
    )
    for stop in tour.STOPS:
        for is_example in (True, False):
            said = f"<p>{'answer ' * 100}</p>"
            book.write(run(stop.demo, "word " * 100, said, receipt=receipt, is_example=is_example))
    report.write(report.page(book.notes("a" * 32), "en"), tmp_path / "page.html")
    pdf = report.printed(tmp_path / "page.html")
    assert pdf is not None
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1
