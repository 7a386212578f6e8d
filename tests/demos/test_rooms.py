"""The Models page: what it shows, and who may unload."""

from types import SimpleNamespace

import pytest

import models
from demos import rooms


def request(host: str, client: str, **headers: str) -> SimpleNamespace:
    return SimpleNamespace(headers={"host": host} | headers, client=SimpleNamespace(host=client))


@pytest.mark.parametrize(
    ("visitor", "operator"),
    [
        (request("127.0.0.1:7860", "127.0.0.1"), True),
        (request("localhost:7860", "127.0.0.1"), True),
        (request("hub.example.org", "203.0.113.5"), False),
        (request("hub.example.org", "127.0.0.1"), False),
        (request("127.0.0.1:7860", "203.0.113.5"), False),
        (request("127.0.0.1:7860", "127.0.0.1", **{"x-forwarded-for": "203.0.113.5"}), False),
    ],
)
def test_only_a_browser_on_this_machine_is_the_operator(visitor: SimpleNamespace, operator: bool) -> None:
    assert rooms.is_operator(visitor) is operator


def test_a_stranger_cannot_unload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "unload", lambda room: pytest.fail("unloaded"))
    assert "Only the person" in rooms.release("digit_cnn", request("hub.example.org", "203.0.113.5"))


def test_the_page_names_every_room_and_the_reason_of_every_event(monkeypatch: pytest.MonkeyPatch) -> None:
    told = models.Event(1, 0.0, "释放 <vae>", "dropped <vae>: 412 MB needed for whisper")
    monkeypatch.setattr(models, "events", lambda since=0: [told])
    page = rooms.view()
    assert all(room in page for room in models.ROOMS)
    assert "412 MB needed for whisper" in page
    assert "<vae>" not in page


def test_a_device_that_is_not_there_is_told_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def budget() -> None:
        raise models.ModelUnavailable("没有 cuda", "no cuda <here>")

    monkeypatch.setattr(models, "budget", budget)
    assert "no cuda &lt;here&gt;" in rooms.view()
