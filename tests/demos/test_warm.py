"""Opening a tab warms its rooms; leaving it lets go."""

import pytest

import demos
import models
from demos import _warm


class Wish:
    def __init__(self, room: str) -> None:
        self.room, self.cancelled = room, False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    made: list[Wish] = []

    def warm(room: str) -> Wish:
        made.append(Wish(room))
        return made[-1]

    monkeypatch.setattr(models, "warm", warm)
    monkeypatch.setattr(_warm, "_held", {})
    monkeypatch.setattr(_warm, "_inner", {})
    return made


def test_opening_a_tab_warms_its_rooms_and_lets_go_of_the_last(wishes: list[Wish]) -> None:
    _warm.open_tab("image_recognition", "me")
    assert [wish.room for wish in wishes] == list(demos.load("image_recognition").models)
    _warm.open_tab("questions", "me")
    assert all(wish.cancelled for wish in wishes)


def test_a_group_remembers_its_inner_tab(wishes: list[Wish]) -> None:
    assert _warm.open_tab("vision", "me") == "image_recognition"
    _warm.open_tab("sketch_cnn", "me")
    _warm.open_tab("models", "me")
    assert _warm.open_tab("vision", "me") == "sketch_cnn"
    assert _warm.open_tab("vision", "you") == "image_recognition"


def test_a_closed_browser_lets_go_and_is_forgotten(wishes: list[Wish]) -> None:
    _warm.open_tab("sketch_cnn", "me")
    _warm.leave("me")
    assert all(wish.cancelled for wish in wishes)
    assert not _warm._held
    assert not _warm._inner


def test_a_room_that_cannot_be_warmed_does_not_keep_its_tab_from_opening(
    wishes: list[Wish], monkeypatch: pytest.MonkeyPatch
) -> None:
    def warm(room: str) -> None:
        raise models.ModelUnavailable("没有 cuda", "no cuda")

    monkeypatch.setattr(models, "warm", warm)
    assert _warm.open_tab("sketch_cnn", "me") == "sketch_cnn"
