"""The app itself: nothing of visitors stays on disk past its hour, and what its start may meet does not stop it."""

import getpass
import os
import time
from pathlib import Path

import pytest

import app
from models import settings


def test_what_a_killed_hub_left_behind_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    old, new = tmp_path / "a" / "voice.wav", tmp_path / "b" / "photo.png"
    for file in (old, new):
        file.parent.mkdir()
        file.write_bytes(b"x")
    os.utime(old, (0, time.time() - app.KEPT - 1))
    app.forget(app.left_behind(tmp_path))
    assert not old.exists()
    assert new.exists()
    assert app.left_behind(tmp_path / "not there yet") == []


def test_what_a_killed_hub_left_less_than_an_hour_ago_is_deleted_once_its_hour_is_over(
    tmp_path: Path,
) -> None:
    first, second, own = (tmp_path / name for name in ("voice.wav", "photo.png", "own.png"))
    first.write_bytes(b"x")
    second.write_bytes(b"x")
    left = app.left_behind(tmp_path)
    own.write_bytes(b"x")
    assert sorted(app.forget(left)) == [second, first]
    for file in (first, own):
        os.utime(file, (0, time.time() - app.KEPT - 1))
    assert app.forget(left) == [second]
    assert not first.exists()
    assert own.exists()
    second.unlink()
    assert app.forget(left) == []


def test_a_file_that_goes_while_the_folder_is_swept_does_not_stop_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice, now = tmp_path / "voice.wav", time.time
    voice.touch()

    def deletes() -> float:
        """As a running hub does after the files were listed."""
        voice.unlink()
        return now()

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(time, "time", deletes)
        app.forget(app.left_behind(tmp_path))
    assert not voice.exists()


def test_a_user_without_a_name_has_a_folder_of_his_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nameless)
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    assert settings.own_temporary_folder().name == "ai-demo-hub-1234"


@pytest.mark.parametrize(("user", "password", "warned"), [("me", "", True), ("", "x", True), ("", "", False)])
def test_half_a_login_is_warned_of(
    user: str, password: str, warned: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HUB_USER", user)
    monkeypatch.setenv("HUB_PASSWORD", password)
    assert settings.login() is None
    assert ("only one of HUB_USER and HUB_PASSWORD" in caplog.text) == warned
