"""The models' command line: what an operator is told."""

import pytest

from models import __main__, train


def check(room: str, full: bool = False) -> dict[str, float]:
    if room == "gcn":
        raise train.Refused("gcn: accuracy is 0.5000, published is 0.9688")
    if room == "minilm":
        raise KeyError("accuracy")
    return {"accuracy": 1.0}


def test_all_rooms_are_checked_though_some_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(train, "check", check)
    assert __main__.main(["check", "--all"]) == 1
    said = capsys.readouterr().out
    assert "failed  gcn" in said
    assert "published is 0.9688" in said
    assert "failed  minilm" in said
    assert "ready   poem_gpt" in said
    assert "qwen25" not in said  # it needs a hub
    assert "2 failed" in said


def test_one_slow_room_is_told_but_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(train, "check", check)
    monkeypatch.setattr(__main__, "SLOW", -1.0)
    assert __main__.check(("poem_gpt", "digit_cnn")) == 0
    assert "slow    poem_gpt" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["check", "gcn", "--all"], ["train", "--all"], ["train"]])
def test_what_does_not_go_together_is_refused(wrong: list[str], capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        __main__.main(wrong)
    assert "error" in capsys.readouterr().err
