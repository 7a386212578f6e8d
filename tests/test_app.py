"""The app itself: nothing of visitors stays on disk past its hour."""

import os
import time
from pathlib import Path

import app


def test_what_a_killed_hub_left_behind_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    old, new = tmp_path / "a" / "voice.wav", tmp_path / "b" / "photo.png"
    for file in (old, new):
        file.parent.mkdir()
        file.write_bytes(b"x")
    os.utime(old, (0, time.time() - app.KEPT - 1))
    app.sweep(tmp_path)
    assert not old.exists()
    assert new.exists()
    app.sweep(tmp_path / "not there yet")


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
