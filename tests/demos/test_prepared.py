"""In a tour a prepared answer stands there until the live one comes: not elsewhere, not for other inputs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from gradio.context import LocalContext
from gradio.utils import get_upload_folder
from PIL import Image

from demos import _prepared
from demos._prepared import NOTHING, Shown
from demos._run import Final

TOUR = "0123456789abcdef" * 2
STATUS = '<p class="status">computing</p>'
RECEIPT = '<p class="receipt">computed</p>'
SLOWLY = [(NOTHING, NOTHING, STATUS), ("live", NOTHING, STATUS), Final(("live", "too", RECEIPT))]


@pytest.fixture(autouse=True)
def told() -> Iterator[list[Shown]]:
    """A tour with one demo, echo of "hi"; -> what is said of its runs."""
    heard: list[Shown] = []
    _prepared.lead({"echo": ([gr.Textbox()], ["hi"])}, heard.append)
    yield heard
    _prepared.leave()


def ran(steps: list[tuple], text: Any = "hi", tour: str = TOUR, outputs: tuple = ()) -> list[tuple]:
    """The steps of a run of echo, as a page in that tour gets them."""
    boxes = outputs or (gr.Textbox(), gr.Textbox())

    async def live() -> AsyncIterator[tuple]:
        for step in steps:
            yield step

    async def all_of() -> list[tuple]:
        LocalContext.request.set(SimpleNamespace(cookies={_prepared.COOKIE: tour}))
        return [
            step
            async for step in _prepared.led(Shown("echo", "echo", [gr.Textbox()], boxes, (text,)), live())
        ]

    return asyncio.run(all_of())


def prepared(*answer: Any, outputs: tuple = ()) -> None:
    """As the check before the show does."""
    ran([Final((*answer, RECEIPT))], tour="", outputs=outputs)


def test_what_was_prepared_stands_until_each_live_output_comes() -> None:
    prepared("old", "older")
    first, second, last = ran(SLOWLY)
    assert first[:2] == ("old", "older")
    assert "Prepared at" in first[2]
    assert "备好" in first[2]
    assert second[0] == "live"
    assert "Prepared at" in second[2]  # the second output is still the prepared one
    assert last == ("live", "too", RECEIPT)
    assert isinstance(last, Final)


@pytest.mark.parametrize(("text", "tour"), [("ho", TOUR), ("hi", ""), ("hi", "<script>")])
def test_other_inputs_and_pages_outside_a_tour_get_the_live_answer_only(text: str, tour: str) -> None:
    prepared("old", "older")
    assert ran(SLOWLY, text, tour) == SLOWLY


def test_a_live_answer_that_comes_at_once_needs_no_other() -> None:
    prepared("old", "older")
    steps = [("live", NOTHING, STATUS), Final(("live", "too", RECEIPT))]
    assert ran(steps) == steps


def test_what_belongs_to_a_session_is_not_handed_to_another() -> None:
    boxes = (gr.Textbox(), gr.State())
    prepared("old", ["a talk"], outputs=boxes)
    assert ran(SLOWLY, outputs=boxes)[0][:2] == ("old", NOTHING)


def test_pictures_and_sounds_become_files_of_their_own_and_nothing_plays_by_itself() -> None:
    sound = (8000, np.zeros(80, np.int16))
    prepared(Image.new("RGB", (2, 2), "red"), {"id": "a voice", "sound": sound})
    picture, voice = ran(SLOWLY)[0][:2]
    assert Image.open(picture).getpixel((0, 0)) == (255, 0, 0)
    assert voice["still"]


def test_files_that_were_deleted_meanwhile_are_there_again() -> None:
    file = Path(get_upload_folder()) / "tour-test" / "piece.wav"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    prepared({"id": "a voice", "pieces": [{"file": str(file)}]}, "older")
    file.unlink()
    ran(SLOWLY)
    assert file.read_bytes() == b"sound"
    file.unlink()


def test_a_file_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"photo")
    box = [gr.Image(type="filepath")]
    assert _prepared.plain(box, [str(tmp_path / "a")]) == _prepared.plain(box, [str(tmp_path / "b")])
    assert _prepared.plain([gr.Textbox()], [str(tmp_path / "a")]) == [str(tmp_path / "a")]
    assert _prepared.plain(box, ["x" * 5000]) == ["x" * 5000]


def test_the_report_hears_of_the_beginning_and_the_receipt(told: list[Shown]) -> None:
    ran(SLOWLY, "ho", tour="")
    assert told == []
    ran(SLOWLY)
    began, ended = told
    assert (began.receipt, began.is_example, began.tour) == ("", True, TOUR)
    assert (ended.receipt, ended.answer) == (RECEIPT, ("live", "too"))


def test_a_refusal_is_told_too(told: list[Shown]) -> None:
    ran([(NOTHING, NOTHING, '<p class="refused">Draw first</p>')], "")
    assert "Draw first" in told[-1].receipt


def test_nothing_is_on_outside_a_show() -> None:
    assert _prepared.is_on()
    _prepared.leave()
    assert not _prepared.is_on()
