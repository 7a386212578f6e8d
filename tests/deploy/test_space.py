"""What `python -m deploy space` writes is a complete Space, and what is wrong with a folder is said."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock, create_autospec

import httpx2
import pytest
from huggingface_hub import HfApi, SpaceHardware, metadata_load
from huggingface_hub.errors import HfHubHTTPError

import models
from demos._ui import ROOT
from deploy import __main__ as command
from deploy import space


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A written Space."""
    folder = tmp_path_factory.mktemp("space")
    space.write(folder, "cpu-basic")
    return folder


def test_a_written_space_has_no_problems(folder: Path) -> None:
    assert space.problems(folder) == []


def test_its_header_names_the_pinned_gradio_and_the_hardware(folder: Path) -> None:
    header = metadata_load(folder / "README.md") or {}
    assert f"gradio=={header['sdk_version']}" in (ROOT / "requirements.txt").read_text()
    assert header["suggested_hardware"] == "cpu-basic"
    assert (folder / "README.md").read_text().count("# AI Demo Hub") == 1


def test_for_zero_gpu_the_package_that_lends_it_is_pinned_as_it_was_tested(tmp_path: Path) -> None:
    space.write(tmp_path / "space", space.ZERO)
    assert space.problems(tmp_path / "space") == []
    assert (tmp_path / "space" / "requirements.txt").read_text().splitlines()[-1] == space.LENDS
    assert space.LENDS in (ROOT / "requirements-dev.txt").read_text()


def test_what_a_hub_holds_is_brought_while_the_space_is_built(folder: Path) -> None:
    brought = (metadata_load(folder / "README.md") or {})["preload_from_hub"]
    mirrored = [
        weight.mirrors[0] for name in models.ROOMS for weight in models.spec(name).weights if weight.mirrors
    ]
    assert mirrored
    for mirror in mirrored:
        assert any(
            line.startswith(mirror.repo) and mirror.path in line and mirror.revision in line
            for line in brought
        )


def test_only_what_running_needs_is_there(folder: Path) -> None:
    names = {str(path.relative_to(folder)) for path in space.files(folder)}
    assert {
        "app.py",
        "requirements.txt",
        "NOTICE",
        "models/digit_cnn/model.safetensors",
        "assets/style.css",
    } <= names
    assert not [
        name for name in names if name.startswith(("tests/", "benchmarks/", ".")) or name.endswith("train.py")
    ]


def test_every_tab_can_be_built_from_it(folder: Path) -> None:
    code = "import app, demos, models; app.build(); [models.spec(name) for name in models.ROOMS]; print(*demos.names())"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "image_recognition" in told.stdout.split()


def test_what_is_wrong_is_said(folder: Path, tmp_path: Path) -> None:
    space.write(tmp_path / "new", "cpu-basic")
    readme, requirements = tmp_path / "new" / "README.md", tmp_path / "new" / "requirements.txt"
    readme.write_text(readme.read_text().replace("app_file: app.py", "app_file: main.py"))
    requirements.write_text("gradio==6.0.0\ntorch>=2\n")
    (tmp_path / "new" / "assets" / "film.bin").write_bytes(bytes(space.MOST_BYTES + 1))
    found = " | ".join(space.problems(tmp_path / "new"))
    for expected in ("'torch>=2'", "pinned gradio 6.0.0", "main.py is not there", "film.bin is larger"):
        assert expected in found


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert command.main(["space", "--to", str(tmp_path)]) == 1
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "cause",
    [
        HfHubHTTPError("401 Client Error.\n\nInvalid username or password.", response=Mock()),
        httpx2.ConnectError("no route to the hub"),
        subprocess.CalledProcessError(1, ["pip", "install"]),
        RuntimeError("the hub ended by itself"),
    ],
)
def test_what_goes_wrong_on_the_way_is_one_sentence_in_each_language(
    cause: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise cause

    monkeypatch.setattr(space, "write", lambda *_: None)
    monkeypatch.setattr(space, "problems", lambda folder: [])
    monkeypatch.setattr(space, "tried", fails)
    monkeypatch.setattr(space, "push", fails)
    for way in (["--check"], ["--push", "me/hub"]):
        assert command.main(["space", "--to", str(tmp_path), *way]) == 1
        chinese, english = capsys.readouterr().err.splitlines()
        assert chinese.startswith("没有做成：")
        assert english.startswith("This did not work: ")
        assert str(cause).split()[-1] in english


def stand_in(*there: str) -> Any:
    """A hub that has these Spaces, and answers calls with the library's own parameters."""
    hub = create_autospec(HfApi, instance=True)
    hub.repo_exists.side_effect = lambda repo, repo_type: repo in there and repo_type == "space"
    return hub


def test_a_push_makes_the_space_on_the_hardware_asked_for_and_uploads_the_folder(folder: Path) -> None:
    hub = stand_in()
    assert space.push(folder, "someone/hub", "t4-small", hub) == "https://huggingface.co/spaces/someone/hub"
    assert hub.create_repo.call_args.kwargs["space_sdk"] == "gradio"
    assert hub.create_repo.call_args.kwargs["space_hardware"] == "t4-small"
    assert hub.upload_folder.call_args.kwargs["folder_path"] == folder
    assert hub.upload_folder.call_args.kwargs["repo_type"] == "space"
    hub.request_space_hardware.assert_not_called()


def test_a_space_that_is_there_is_moved_to_other_hardware_only_where_it_was_named(folder: Path) -> None:
    hub = stand_in("someone/hub")
    space.push(folder, "someone/hub", None, hub)
    hub.request_space_hardware.assert_not_called()
    space.push(folder, "someone/hub", space.ZERO, hub)
    hub.request_space_hardware.assert_called_once_with("someone/hub", space.ZERO)
    hub.create_repo.assert_not_called()
    assert hub.upload_folder.call_count == 2


def test_the_hub_knows_every_hardware_that_can_be_named() -> None:
    assert [SpaceHardware(one).value for one in space.HARDWARE] == list(space.HARDWARE)


def test_the_hardware_that_was_named_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple] = []
    monkeypatch.setattr(space, "write", lambda *given: asked.append(given))
    monkeypatch.setattr(space, "problems", lambda folder: [])
    monkeypatch.setattr(space, "push", lambda *given: asked.append(given) or "address")
    for named in ([], ["--hardware", "l4x1"]):
        assert command.main(["space", "--to", str(tmp_path), "--push", "me/hub", *named]) == 0
    default, l4 = (tmp_path, "cpu-basic"), (tmp_path, "l4x1")
    assert asked == [default, (tmp_path, "me/hub", None), l4, (tmp_path, "me/hub", "l4x1")]


def test_the_volume_of_the_container_belongs_to_who_writes_it() -> None:
    """Docker gives a new volume the owner of the folder in the image, and root's where there is none."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    (mounted,) = re.findall(r"-v \w+:(\S+)", lines[0])
    assert lines.index(f"RUN mkdir -p {mounted}") > lines.index("USER 1000")
