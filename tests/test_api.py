"""Other programs can use the hub with what its API page and its README tell them, and nothing else."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

import app
from demos._ui import ROOT, every_run
from deploy import preflight

LOCAL = "http://127.0.0.1:7860"
ASKED = (
    "sentiment_cnn",
    "char_rnn",
    "image_recognition",
    "forecast",
    "social_groups",
)  # texts, numbers, files


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with preflight.hub(environment={"HF_HUB_OFFLINE": "1"}) as url:
        yield url.rstrip("/")


@pytest.fixture(scope="module")
def page(address: str) -> dict[str, Any]:
    """What the API page shows of each endpoint."""
    return httpx.get(f"{address}/gradio_api/info", timeout=60).json()["named_endpoints"]


def test_every_run_tells_what_it_does_and_within_which_limits(page: dict[str, Any]) -> None:
    app.build()
    for run in every_run():
        told = page[f"/{run.api}"]
        assert len(told["description"].splitlines()) >= 3  # what it answers, and the demo in both languages
        assert re.search("[\u4e00-\u9fff]", told["description"])
        assert told["returns"][-1]["label"] == "Receipt 收据"
        labels = [one["label"] for one in (*told["parameters"], *told["returns"])]
        assert all(labels), run.api
        assert "__i18n__" not in str(labels)


def test_every_run_has_an_example_of_its_own(page: dict[str, Any]) -> None:
    app.build()
    for run in every_run():
        examples = [one["example_input"] for one in page[f"/{run.api}"]["parameters"]]
        assert not re.search("Hello!!|https?://", str(examples)), run.api


def test_what_a_demo_cannot_do_without_has_no_empty_default(page: dict[str, Any]) -> None:
    drawing = page["/vit"]["parameters"][0]
    assert drawing["example_input"].startswith("data:image/png")
    assert not drawing["parameter_has_default"]
    assert page["/poem"]["parameters"][2]["parameter_name"] == "acrostic"
    assert page["/poem"]["parameters"][2]["example_input"] == ""


def test_a_number_is_told_with_its_range(page: dict[str, Any]) -> None:
    seed = next(one for one in page["/char_rnn"]["parameters"] if one["parameter_name"] == "seed")
    assert seed["python_type"] == {"type": "int", "description": "from 0 to 2147483647"}


@pytest.mark.parametrize("name", ASKED)
def test_the_page_s_example_is_answered_to_gradio_client(
    address: str, page: dict[str, Any], name: str
) -> None:
    given = {one["parameter_name"]: _here(one["example_input"]) for one in page[f"/{name}"]["parameters"]}
    client = Client(address, verbose=False)
    answer = client.predict(**given, api_name=f"/{name}")
    assert 'class="receipt"' in answer[-1]


@pytest.mark.parametrize("name", ASKED)
def test_the_page_s_example_is_answered_over_plain_http(
    address: str, page: dict[str, Any], name: str
) -> None:
    with httpx.Client(base_url=f"{address}/gradio_api", timeout=120) as web:
        given = [_uploaded(web, one["example_input"]) for one in page[f"/{name}"]["parameters"]]
        event = web.post(f"/call/{name}", json={"data": given}).json()["event_id"]
        kind, data = _last(web.get(f"/call/{name}/{event}").text)
    assert kind == "complete"
    assert 'class="receipt"' in json.loads(data)[-1]


def test_a_wrong_input_is_answered_by_the_sentence_over_plain_http(address: str) -> None:
    with httpx.Client(base_url=f"{address}/gradio_api", timeout=60) as web:
        event = web.post("/call/sentiment", json={"data": [" "]}).json()["event_id"]
        kind, data = _last(web.get(f"/call/sentiment/{event}").text)
    assert kind == "error"
    assert re.search("[\u4e00-\u9fff].*\n.*[a-z]", json.loads(data)["error"])


def test_the_python_lines_of_the_readme_run(
    address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    (lines,) = _code("python", "gradio_client")
    exec(lines.replace(LOCAL, address), {})
    assert capsys.readouterr().out.splitlines()[-1] == "正面 positive 可卡犬 Cocker Spaniel"


def test_the_requests_of_the_readme_are_answered(address: str) -> None:
    (lines,) = _code("sh", "curl")
    post, get = (shlex.split(line) for line in lines.splitlines() if line.startswith("curl"))
    header, body = post[post.index("-H") + 1], post[post.index("-d") + 1]
    sent = dict([header.split(": ")])
    event = httpx.post(post[2].replace(LOCAL, address), headers=sent, content=body, timeout=60).json()
    where = get[-1].replace(LOCAL, address).replace("EVENT_ID", event["event_id"])
    assert _last(httpx.get(where, timeout=60).text)[0] == "complete"


def _code(language: str, word: str) -> list[str]:
    """The README's code in a language that holds a word."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return [block for block in blocks if word in block]


def _here(value: Any) -> Any:
    return handle_file(str(_sample(value))) if _sample(value) else value


def _uploaded(web: httpx.Client, value: Any) -> Any:
    file = _sample(value)
    if not file:
        return value
    there = web.post("/upload", files={"files": file.read_bytes()}).json()[0]
    return {"path": there, "meta": {"_type": "gradio.FileData"}}


def _sample(value: Any) -> Path | None:
    return ROOT / value["path"] if isinstance(value, dict) and "path" in value else None


def _last(events: str) -> tuple[str, str]:
    """The last event of a stream: its name and its data."""
    name, data = events.strip().splitlines()[-2:]
    return name.removeprefix("event: "), data.removeprefix("data: ")
