"""A seeded sample of hostile calls, over HTTP to a hub of its own: `python -m benchmarks hostile` sends all of them."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from benchmarks import hostile
from benchmarks.hostile_inputs import FEWEST, INF, KINDS, NAN, table
from demos._refusals import FULL, UNREADABLE, UNSUITABLE


@pytest.fixture(scope="module")
def hub() -> Iterator[hostile.Hub]:
    with hostile.running() as one:
        yield one


def told(hub: hostile.Hub, path: str, body: Any) -> tuple[int, str]:
    """What a call is answered in the end: status and text."""
    with httpx.Client(base_url=f"{hub.address}gradio_api/", timeout=60) as client:
        answer = client.post(path, json=body)
        if not (answer.is_success and path.startswith("call/")):
            return answer.status_code, answer.text
        last = client.get(f"{path}/{answer.json()['event_id']}").text.strip().splitlines()[-1]
        return answer.status_code, json.loads(last.removeprefix("data: "))


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_hundreds_of_each_kind_and_the_same_ones_for_the_same_seed(kind: str) -> None:
    values = table(kind, 1, "/secret", 1)
    assert len(values) >= FEWEST
    assert repr(values) == repr(table(kind, 1, "/secret", 1))


def test_whatever_is_sent_is_answered_by_an_answer_or_a_sentence(hub: hostile.Hub) -> None:
    wanted = hostile.some(hostile.calls(hub, seed=1), each=6, seed=1)
    with hostile.shut():
        found = hostile.sweep(hub, wanted)
    assert not found.bad, "\n".join(found.bad)
    assert found.calls > 500
    assert 0.5 < found.refused / found.calls < 1
    opened = hostile.sweep(hub, found.passed[::8], listened=2)
    assert not opened.bad, "\n".join(opened.bad)


def test_a_value_out_of_range_is_refused_by_the_name_of_its_input(hub: hostile.Hub) -> None:
    for value in (393, "hot", [1], 10**400):
        _, answer = told(hub, "call/char_rnn", {"data": ["It was a", 10, value, 1]})
        assert answer["error"] == "温度要在 0.1 到 1.5 之间\nTemperature must be from 0.1 to 1.5"


def test_a_choice_that_there_is_not_is_refused_by_the_demo_too(hub: hostile.Hub) -> None:
    _, answer = told(hub, "call/translation", {"data": ["月", "sideways", 5, 1]})
    assert answer["error"] == "请选翻译方向\nChoose a direction"


@pytest.mark.parametrize("path", ["/etc/passwd", "app.py", "http://127.0.0.1:1/x.png"])
def test_a_file_that_was_not_uploaded_is_refused(hub: hostile.Hub, path: str) -> None:
    forged = {"path": path, "meta": {"_type": "gradio.FileData"}}
    _, answer = told(hub, "call/image_recognition", {"data": [forged, 1]})
    assert "\n" in answer["error"]
    assert hub.complaints() == []


def test_missing_inputs_and_helpers_of_the_page_called_by_hand_get_a_sentence(hub: hostile.Hub) -> None:
    for path in ("call/poem", "call/_picked_1", "call/fill_1"):
        _, answer = told(hub, path, {"data": []})
        assert answer["error"] == "\n".join(UNSUITABLE)
    assert hub.complaints() == []


def test_a_helper_whose_answer_no_box_can_show_gets_a_sentence(hub: hostile.Hub) -> None:
    endless = [fn.api_name for fn in hub.blocks.fns.values() if fn.api_name and fn.fn
               and [type(box).__name__ for box in (*fn.inputs, *fn.outputs)] == ["Number", "Number"]]  # fmt: skip
    calls = [
        hostile.Call(f"call/{name}", {"data": [number]}, name) for name in endless for number in (INF, NAN)
    ]
    found = hostile.sweep(hub, calls)
    assert not found.bad, "\n".join(found.bad)
    assert found.refused
    assert hub.complaints() == []


def test_what_the_web_server_cannot_read_is_a_wrong_request_and_not_a_broken_server(hub: hostile.Hub) -> None:
    wrong = {"session_hash": "x", "component_id": -1, "fn_name": "steer", "data": None}
    for path, body in (("call/nobody", {"data": []}), ("component_server", wrong)):
        assert told(hub, path, body) == (400, json.dumps({"detail": "\n".join(UNREADABLE)}, ensure_ascii=False,
                                                         separators=(",", ":")))  # fmt: skip
    assert hub.complaints() == []


def test_nobody_passes_the_queue_by(hub: hostile.Hub) -> None:
    assert told(hub, "run/poem", {"data": ["月"]})[0] == 404


def test_who_comes_when_too_many_wait_is_told_to_come_back(
    hub: hostile.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.blocks._queue, "max_size", 0)
    status, text = told(hub, "call/sentiment_cnn", {"data": ["很好"]})
    assert (status, json.loads(text)["detail"]) == (503, "\n".join(FULL))


def test_a_helper_that_is_asked_without_the_queue_refuses_too(hub: hostile.Hub) -> None:
    status, text = told(hub, "run/_picked_1", {"data": [1, 2, 3]})
    assert (status, json.loads(text)["error"]) == (400, "\n".join(UNSUITABLE))
