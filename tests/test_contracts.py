"""What every demo and every room owes, over the live registry."""

import asyncio
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

import app
import demos
import models
from demos._run import InvalidInput, stream
from demos._ui import Run, runs
from models import sources, train

ROOT = Path(__file__).parent.parent
CHINESE = re.compile("[\u4e00-\u9fff]")
WRONG = (None, "", " \n", float("nan"), -1, "😀" * 50_000, [], {})
TRAININGS = {
    "forecast_tune",
    "social_links",
    "social_groups",
    "lander_cartpole",
    "vae_train",
}  # that take seconds
LEAST_MB = 12  # what malloc keeps or gives back by chance
MEASURED = [name for name in models.ROOMS if models.spec(name).offline]  # a second choice needs a hub
HEADINGS = {
    "**What it is.**": "**是什么。**",
    "**Source.**": "**来源。**",
    "**Measured.**": "**测量。**",
    "**Limits.**": "**局限。**",
    "**Memory.**": "**内存。**",
}


@pytest.fixture(scope="module")
def hub() -> gr.Blocks:
    return app.build()


def first_example(name: str) -> list[Any]:
    return next(iter(runs(name)[0].examples.values()))


def consume(answer: Any) -> None:
    """Draws all from a generator, which raises only then."""
    list(answer if hasattr(answer, "__next__") else [])


async def last_step(run: Run) -> tuple:
    """The outputs of a run's first example, and its receipt."""
    values = tuple(next(iter(run.examples.values())))
    return [step async for step in stream(run.fn, values, len(run.outputs), seed=None)][-1]


@pytest.mark.parametrize("name", demos.names())
def test_a_demo_is_called_the_same_everywhere(hub: gr.Blocks, name: str) -> None:
    demo = demos.load(name)
    assert demo.name == name
    assert runs(name)[0].api == name
    assert {fn.api_name for fn in hub.fns.values() if fn.api_visibility == "public"} >= {name}
    assert set(demo.models) <= set(models.ROOMS)


@pytest.mark.parametrize("name", demos.names())
def test_the_first_example_runs_offline_and_ends_with_a_receipt(hub: gr.Blocks, name: str) -> None:
    run = runs(name)[0]
    last = asyncio.run(last_step(run))
    assert 'class="receipt"' in last[-1]
    assert models.revision(demos.load(name).models[0]) in last[-1]


@pytest.mark.parametrize("name", demos.names())
def test_one_example_in_each_demo_shows_its_limits(hub: gr.Blocks, name: str) -> None:
    labels = runs(name)[0].examples
    assert any(english.startswith("Fails") and chinese.startswith("会失败") for chinese, english in labels)


@pytest.mark.parametrize("name", demos.names())
def test_every_example_fills_every_input(hub: gr.Blocks, name: str) -> None:
    for run in runs(name):
        assert {len(values) for values in run.examples.values()} <= {len(run.inputs)}


def test_no_tab_waits_for_live_training(hub: gr.Blocks) -> None:
    lanes = {fn.api_name: fn.concurrency_id for fn in hub.fns.values() if fn.api_visibility == "public"}
    assert {name for name, lane in lanes.items() if lane == "training"} == TRAININGS


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("name", demos.names())
def test_wrong_input_gets_a_sentence_in_both_languages_before_a_model_is_asked(
    hub: gr.Blocks, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    values = first_example(name)
    values = [wrong, *values[1:]]
    with pytest.raises(InvalidInput) as told:
        consume(runs(name)[0].fn(*values))
    assert CHINESE.search(told.value.zh)
    assert not CHINESE.search(told.value.en)


@pytest.mark.parametrize("name", models.ROOMS)
def test_a_card_is_complete_in_both_languages(name: str) -> None:
    card = (ROOT / "models" / name / "README.md").read_text()
    assert card.startswith("---\nlicense: ")
    english, chinese = card.split("\n## 中文\n")
    for heading, heading_zh in HEADINGS.items():
        assert heading in english
        assert heading_zh in chinese


@pytest.mark.parametrize("name", MEASURED)
def test_a_card_shows_the_results_that_were_measured(name: str, tmp_path: Path) -> None:
    for file in ("README.md", "results.json"):
        shutil.copy(ROOT / "models" / name / file, tmp_path)
    train.write_results(tmp_path)
    assert (tmp_path / "README.md").read_text() == (ROOT / "models" / name / "README.md").read_text()


@pytest.mark.parametrize("name", models.ROOMS)
def test_every_weight_is_known_by_its_digest(name: str) -> None:
    spec = models.spec(name)
    assert spec.name == name
    for weight in spec.weights:
        assert re.fullmatch("[0-9a-f]{64}", weight.sha256)
        assert name not in MEASURED or sources._sha256(sources.where(weight)) == weight.sha256
    if not spec.weights and not spec.live:
        assert (ROOT / "models" / name / "model.safetensors").stat().st_size < 10_000_000


@pytest.mark.parametrize("name", MEASURED)
def test_published_numbers_are_measured_again(name: str) -> None:
    measured = train.check(name)
    assert measured
    assert all(math.isfinite(value) for value in measured.values())


@pytest.fixture(scope="module")
def measuring() -> Iterator[subprocess.Popen]:
    """Rooms in, megabytes out."""
    command = [sys.executable, "-m", "tests.memory"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        yield one
        one.kill()


@pytest.mark.parametrize("name", MEASURED)
def test_declared_memory_is_what_a_fresh_process_grows_by(measuring: subprocess.Popen, name: str) -> None:
    """Loaded net and the most that an example of its demos adds, after the libraries were imported.

    Measured again where the first does not fit, since the first in a new environment also compiles bytecode. LEAST_MB
    is allowed where 30 % is less.
    """
    assert measuring.stdin
    assert measuring.stdout
    declared, grown = models.spec(name).memory_mb, 0
    for _ in range(2):
        measuring.stdin.write(f"{name}\n")
        measuring.stdin.flush()
        grown = next(int(line) for line in measuring.stdout if line.strip().isdecimal())
        if abs(grown - declared) <= max(0.3 * declared, LEAST_MB):
            return
    raise AssertionError(f"{name} grows by {grown} MB, declared are {declared}")


def test_every_file_is_under_ten_megabytes() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    sizes = {
        file: (ROOT / file).stat().st_size for file in listed.stdout.split("\0") if (ROOT / file).is_file()
    }
    assert [file for file, size in sizes.items() if size >= 10_000_000] == []


def test_every_source_of_weights_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text()
    missing = [weight.name for name in models.ROOMS for weight in models.spec(name).weights
               if not any(part.package in notice for part in weight.parts)
               and not any(mirror.repo in notice for mirror in weight.mirrors)]  # fmt: skip
    assert missing == []
