"""The check before a hub is shown says of every demo whether it is ready."""

from pathlib import Path

import pytest

import demos
from deploy import preflight
from deploy.preflight import Outcome


def test_a_failed_demo_fails_the_check(capsys: pytest.CaptureFixture) -> None:
    assert not preflight.told([Outcome("poem", 1.0, 0.2), Outcome("lander", error="no weights")])
    said = capsys.readouterr().out
    assert "ready   poem" in said
    assert "no weights" in said
    assert "1 ready, 0 slow, 1 failed" in said


def test_a_slow_demo_is_told_but_passes(capsys: pytest.CaptureFixture) -> None:
    assert preflight.told([Outcome("poem", 1.0, preflight.SLOW + 1)])
    assert "slow    poem" in capsys.readouterr().out


def test_nothing_to_show_is_no_success() -> None:
    assert not preflight.told([])


def test_a_hub_that_ends_at_once_is_said_to(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="ended by itself"), preflight.hub(folder=tmp_path):
        pass


def test_a_running_hub_is_asked_for_its_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demos, "names", lambda: ["few_shot_text", "sketch_cnn"])
    with preflight.hub() as address:
        found = list(preflight.outcomes(address))
    assert [one.demo for one in found] == ["few_shot_text", "sketch_cnn"]
    assert [one.error for one in found] == ["", ""]
    assert all(one.warm_s > 0 < one.cold_s for one in found)
