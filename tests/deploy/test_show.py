"""The show checks everything first, leaves out what failed, and writes its report where it is told."""

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import demos
from demos import _warm
from deploy import preflight, report, show, tour
from deploy.preflight import Outcome

pytestmark = pytest.mark.usefixtures("hub")
NOTE = report.Note("poem", "poem", True, "月", answer={"en": "a poem"}, receipt={"en": "warm"})


def test_a_report_never_goes_into_the_repository(capsys: pytest.CaptureFixture) -> None:
    assert show.show(None, False, show.ROOT / "show-report") == 1
    assert "inside this repository" in capsys.readouterr().out
    assert not (show.ROOT / "show-report").exists()


def test_every_demo_and_stop_is_checked_and_a_failed_one_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def outcomes(address: str, examples: Any) -> Iterator[Outcome]:
        for name, _ in examples:
            yield Outcome(name, error="no weights" if name == "poem" else "")

    monkeypatch.setattr(preflight, "outcomes", outcomes)
    monkeypatch.setattr(_warm, "ahead", {})
    ready = show.checked("http://127.0.0.1/")
    said = capsys.readouterr().out
    assert [stop for stop in tour.STOPS if stop.demo != "poem"] == ready
    assert all(name in said for name in demos.names())
    assert "Left out of the tour, since they failed: poem" in said
    assert _warm.ahead[ready[0].demo] == ready[1].demo
    assert ready[-1].demo not in _warm.ahead


def test_the_report_comes_at_once_and_its_pdf_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "printed", lambda file: file.with_suffix(".pdf"))
    steps = show.reported([NOTE], "en", tmp_path / "new", "abcd")
    assert "Making the PDF" in next(steps)
    (page,) = (tmp_path / "new").glob("shown-*-abcd-en.html")
    assert "a poem" in page.read_text()
    page.with_suffix(".pdf").write_bytes(b"%PDF")
    assert "Download PDF" in next(steps)


def test_a_report_that_cannot_be_written_is_shown_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a file").touch()
    (only,) = show.reported([NOTE], "en", tmp_path / "a file", "abcd")
    assert "a poem" in only
    assert "Download HTML" in only
    for told in show.UNWRITTEN:
        assert told in html.unescape(only)
    assert "FileExistsError" in caplog.text or "NotADirectoryError" in caplog.text


def test_half_a_character_is_no_reason_for_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "printed", lambda file: None)
    *_, last = show.reported([replace(NOTE, asked="\ud83d")], "en", tmp_path, "abcd")
    assert "a poem" in last
    assert "a poem" in next(tmp_path.iterdir()).read_text()


def test_without_a_browser_it_says_how_to_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "printed", lambda file: None)
    *_, last = show.reported([NOTE], "zh", tmp_path, "abcd")
    assert "Download PDF" not in last
    assert "print it from the browser" in last
    assert "另存为 PDF" in last


def test_a_tour_that_showed_nothing_writes_nothing(tmp_path: Path) -> None:
    assert "Nothing was shown" in "".join(show.reported([], "en", tmp_path, "abcd"))
    assert list(tmp_path.iterdir()) == []
