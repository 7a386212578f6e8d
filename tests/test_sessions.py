"""Two visitors at once on one hub: neither sees the other's files, talk, taught classes, faces or fine-tuned model."""

import contextlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.server import ROOT, Server, running
from demos import _face
from demos._lesson import as_lesson, as_value

SAMPLES = ROOT / "assets" / "samples"
FORECAST = ["co2", "", "", 0, 0]


@pytest.fixture(scope="module")
def hub() -> Iterator[Server]:
    with running("app.py", HF_HUB_OFFLINE="1", HUB_THREADS="1") as server:
        yield server


@pytest.fixture
def visitors(hub: Server) -> Iterator[list[httpx.Client]]:
    """Some, each with a session of their own."""
    with contextlib.ExitStack() as pages:
        yield [pages.enter_context(httpx.Client(base_url=hub.client.base_url, timeout=120)) for _ in range(6)]


def at_once(
    hub: Server, endpoint: str, inputs: list[list[Any]], visitors: list[httpx.Client]
) -> list[list[Any]]:
    """Each visitor's outputs, without the receipt."""
    with ThreadPoolExecutor(len(inputs)) as crowd:
        asked = [
            crowd.submit(hub.call, endpoint, one, who) for one, who in zip(inputs, visitors, strict=False)
        ]
        return [answer.result()[:-1] for answer in asked]


def best(label: dict[str, Any]) -> str:
    return str(label["label"])


def test_files_of_one_name_are_not_mixed_up(
    hub: Server, visitors: list[httpx.Client], tmp_path: Path
) -> None:
    photos = [SAMPLES / "image_recognition" / f"{name}.jpg" for name in ("coffee", "pagoda")]
    inputs = []
    for number, photo in enumerate(photos):
        (tmp_path / str(number)).mkdir()
        copy = tmp_path / str(number) / "photo.jpg"
        copy.write_bytes(photo.read_bytes())
        inputs.append([hub.upload(copy), 1])
    alone = [hub.call("image_recognition", one)[0] for one in inputs]
    together = at_once(hub, "image_recognition", inputs * 3, visitors)
    assert [best(outputs[0]) for outputs in together] == [best(one) for one in alone] * 3
    assert best(alone[0]) != best(alone[1])


def test_the_place_of_a_file_is_no_secret_that_can_be_guessed(
    hub: Server, visitors: list[httpx.Client]
) -> None:
    there = Path(hub.upload(SAMPLES / "image_recognition" / "fig.jpg")["path"])
    assert re.fullmatch("[0-9a-f]{64}", there.parent.name)
    for path in (there.parent, there.parent.parent, there.parent.parent / "photo.jpg"):
        assert visitors[1].get(f"/gradio_api/file={path}").status_code == 403


def test_nobody_hears_what_another_said_to_the_model(hub: Server, visitors: list[httpx.Client]) -> None:
    asked = [["My secret word is heron.", "chat", 1, 0, 1, 0, [], "smollm2"],
             ["What did I say?", "chat", 1, 0, 1, 0, [{"role": "user", "content": "heron"}], "smollm2"]]  # fmt: skip
    hub.call("text_generation", asked[0], visitors[0])
    page = hub.call("text_generation", asked[1], visitors[1])[0]
    assert "What did I say?" in page
    assert "heron" not in page
    assert "heron" in hub.call("text_generation", asked[1], visitors[0])[0]


def test_an_enrolled_face_is_there_for_one_visitor_only(hub: Server, visitors: list[httpx.Client]) -> None:
    hopper = _face.as_value(SAMPLES / "face_match" / "hopper.jpg")
    hub.call("face_gallery_add", [hopper, "Grace in private", None], visitors[0])
    assert "Grace in private" in hub.call("face_gallery", [hopper, 0.5, False, None], visitors[0])[0]
    for forged in (None, "samples", {"faces": [["x", "y", [0] * 128]]}):
        with pytest.raises(RuntimeError, match="The gallery is empty"):
            hub.call("face_gallery", [hopper, 0.5, False, forged], visitors[1])


def test_taught_classes_stay_with_who_taught_them(hub: Server, visitors: list[httpx.Client]) -> None:
    taught = [{"rock": "mine one", "trees": "mine two"}, {"meadow": "yours one", "trees": "yours two"}]
    picture = as_value(next((SAMPLES / "teach_images" / "landscape").glob("try.*")))
    lessons = [[as_lesson(SAMPLES / "teach_images" / "landscape", names), picture] for names in taught]
    answers = at_once(hub, "teach_images", lessons, visitors)
    for (_, classifier, answer), names in zip(answers, taught, strict=True):
        assert {one["label"] for one in answer["confidences"]} == set(names.values())
        again = hub.call("teach_images_try", [classifier, picture], visitors[1])[0]
        assert again["label"] == answer["label"]


def test_fine_tuning_for_one_leaves_the_model_of_all_others_as_it_was(
    hub: Server, visitors: list[httpx.Client]
) -> None:
    before = hub.call("forecast", FORECAST, visitors[1])[3]
    path = "/gradio_api/call/forecast_tune"
    event = visitors[0].post(path, json={"data": [*FORECAST, 0], "session_hash": "tuner"}).json()["event_id"]
    with visitors[0].stream("GET", f"{path}/{event}") as training:
        steps = (line for line in training.iter_lines() if line.startswith("data: [") and "held_loss" in line)
        json.loads(next(steps).removeprefix("data: "))
        during = hub.call("forecast", FORECAST, visitors[1])[3]
        next(steps)
    assert before == during == hub.call("forecast", FORECAST, visitors[1])[3]
