"""A demo from the terminal: what it prints can be read by a program, and what is wrong is said in a sentence."""

import json
from pathlib import Path

import pytest
from PIL import Image

from demos import _command


def ran(capsys: pytest.CaptureFixture, *arguments: str) -> dict:
    """What a run prints, as JSON."""
    assert _command.main(list(arguments)) == 0
    return json.loads(capsys.readouterr().out)


def test_inputs_that_are_given_replace_those_of_the_first_example(capsys: pytest.CaptureFixture) -> None:
    good = ran(capsys, "sentiment_cnn", "--input", "text=房间很干净，服务热情，下次还来")
    bad = ran(capsys, "sentiment_cnn", "--input", "text=房间又脏又吵，服务很差，再也不来")
    told = [next(iter(answer.values()))["正面 positive"] for answer in (good, bad)]
    assert told[0] > 0.5 > told[1]


def test_pictures_are_written_to_files(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    told = ran(capsys, "image_recognition", "--to", str(tmp_path / "new"), "--language", "zh")
    assert next(iter(told["最像的五类"])).endswith("Spaniel")
    assert Image.open(told["它看的是哪里"]).size == (426, 640)
    assert Path(told["它看的是哪里"]).parent == tmp_path / "new"


def test_a_text_may_come_from_a_file(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    (tmp_path / "review.txt").write_text("太差了，退货")
    told = ran(capsys, "sentiment_cnn", "--input", f"text=@{tmp_path / 'review.txt'}")
    assert next(iter(told.values()))["负面 negative"] > 0.5


@pytest.mark.parametrize(
    ("given", "sentence"),
    [("colour=red", "No input named colour"), ("seed=red", "seed is a number"), ("text=", "Write")],
)
def test_what_is_wrong_is_said_in_both_languages(
    capsys: pytest.CaptureFixture, given: str, sentence: str
) -> None:
    assert _command.main(["poem", "--input", given]) == 1
    chinese, english = capsys.readouterr().err.splitlines()[-2:]
    assert sentence in english
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


def test_a_page_is_read_in_one_language_without_its_drawings() -> None:
    page = (
        '<p><span lang="zh">两<b>行</b></span><span lang="en">two &lt;lines&gt;</span></p>'
        "<div>and<svg><text>drawn</text></svg> a half<br>end</div>"
    )
    assert _command.Page("en").read(page) == "two <lines>\nand a half\nend"
    assert _command.Page("zh").read(page).startswith("两行\n")
