"""Imports go one way, app -> demos -> models, and what is heavy stays where it belongs; nothing stands unlisted."""

import ast
import contextlib
import functools
import subprocess
import sys
from pathlib import Path

import pytest

import demos
import models

ROOT = Path(__file__).parent.parent
FILES = {
    str(path.relative_to(ROOT)): path
    for path in [ROOT / "app.py", *ROOT.glob("demos/*.py"), *ROOT.glob("models/**/*.py")]
}
HEAVY = {
    "torch",
    "transformers",
    "librosa",
    "faster_whisper",
    "llama_cpp",
    "onnxruntime",
    "ctranslate2",
    "gymnasium",
    "Box2D",
}
MAY_BE_HEAVY = {
    "models/device.py",
    "models/enlarger_net.py",
    "models/enlarger_training.py",
    "models/garment_variation.py",
    "models/gan_net.py",
    "models/gan_training.py",
    "models/layers.py",
    "models/train.py",
    "models/translator.py",
    "models/translation_net.py",
    "models/vae_net.py",
    "models/translation_training.py",
}
MAY_TRAIN = {
    "models/__main__.py",
    "models/train.py",
    "models/translation_training.py",
    "models/enlarger_training.py",
    "models/gan_training.py",
}
PAGES = {"rooms", "questions"}  # tabs of the hub itself


@functools.cache
def parsed(file: str) -> ast.Module:
    """The file's syntax tree. Asked twice where need be: CPython before 3.11.8 fails when another thread parses at the
    same moment (https://github.com/python/cpython/issues/106905), as a library does that is still being imported.
    """
    with contextlib.suppress(SystemError):
        return ast.parse(FILES[file].read_text())
    return ast.parse(FILES[file].read_text())


def imported(file: str) -> set[str]:
    """Full names of all that a file imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def packages(file: str) -> set[str]:
    return {name.split(".")[0] for name in imported(file)}


def room(file: str) -> str | None:
    """The room that a file stands in."""
    parts = file.split("/")
    return parts[1] if parts[0] == "models" and len(parts) > 2 else None


@pytest.mark.parametrize("file", sorted(FILES))
def test_imports_go_one_way(file: str) -> None:
    above = {"app.py": set(), "demos": {"app"}, "models": {"app", "demos", "gradio"}}[file.split("/")[0]]
    assert not packages(file) & (above | {"tests", "benchmarks"})


@pytest.mark.parametrize("file", sorted(FILES))
def test_only_rooms_and_the_device_know_heavy_libraries(file: str) -> None:
    if (room(file) and not file.endswith("/__init__.py")) or file in MAY_BE_HEAVY:
        return
    assert not packages(file) & HEAVY


@pytest.mark.parametrize("file", sorted(file for file in FILES if room(file)))
def test_a_room_imports_no_other_room(file: str) -> None:
    others = {f"models.{name}" for name in models.ROOMS if name != room(file)}
    assert not [name for name in imported(file) if ".".join(name.split(".")[:2]) in others]


@pytest.mark.parametrize("file", sorted(FILES))
def test_only_training_imports_training(file: str) -> None:
    if file.endswith(("/train.py", "/data.py")) or file in MAY_TRAIN:
        return
    assert not [name for name in imported(file) if name.startswith("models.") and name.endswith(".train")]


def test_the_app_starts_without_any_heavy_library() -> None:
    """On a CPU: the Models page shows the memory budget, and whether there is a GPU only torch knows."""
    script = f"import sys, app; app.build(); print(sorted({HEAVY} & set(sys.modules)))"
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


def test_every_room_is_listed() -> None:
    assert sorted(path.parent.name for path in ROOT.glob("models/*/__init__.py")) == sorted(models.ROOMS)


def test_every_demo_is_listed() -> None:
    files = {path.stem for path in ROOT.glob("demos/[!_]*.py")} - PAGES
    assert sorted(files) == sorted(demos.names())


def test_rooms_that_are_opened_at_the_same_moment_find_their_libraries() -> None:
    code = (
        "import models\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "names = ('minilm', 'bert_qa', 'bert_sentiment', 'bert_en_zh', 'lander_ppo', 'efficientnet_lite0')\n"
        "with ThreadPoolExecutor(len(names)) as pool:\n"
        "    list(pool.map(lambda name: models._prepare(name, lambda share: None), names))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
