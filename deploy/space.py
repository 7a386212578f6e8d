"""A folder that is a complete Hugging Face Space, and the proof that it runs there.

https://huggingface.co/docs/hub/spaces-config-reference lists what the README's header may say.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from huggingface_hub import HfApi, SpaceHardware, metadata_load, metadata_save

import models
from demos._ui import ROOT
from deploy import preflight

PARTS = (
    "app.py",
    "requirements.txt",
    "README.md",
    "README.zh.md",
    "LICENSE",
    "NOTICE",
    "demos",
    "models",
    "assets",
)
LEFT_OUT = ("__pycache__", "train.py", "*_training.py")  # what only training reads
ZERO, LENDS = "zero-a10g", "spaces==0.51.3"  # what the hub calls ZeroGPU, and the package that lends it
HARDWARE = ("cpu-basic", "cpu-upgrade", "t4-small", "l4x1", ZERO)
MOST_BYTES = 10_000_000  # of a file that needs no large-file storage
AS_A_SPACE = {
    "SPACE_ID": "local/ai-demo-hub",
    "SYSTEM": "spaces",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "HUB_MEMORY_MB": "9600",
}


def write(folder: Path, hardware: str) -> None:
    """Writes the Space into a new or empty folder. Raises FileExistsError for one that holds something."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name a new folder")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy(ROOT / part, folder / part)
    if hardware == ZERO:
        with (folder / "requirements.txt").open("a") as pins:
            pins.write(f"{LENDS}\n")
    readme = folder / "README.md"
    header = metadata_load(readme) or {}
    header |= {"suggested_hardware": hardware, "startup_duration_timeout": "30m"}
    if mirrors := preloaded():
        header["preload_from_hub"] = mirrors
    metadata_save(readme, header)


def preloaded() -> list[str]:
    """What a Space brings while it is built: "repo file,file revision" for every weight that a hub holds."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in models.ROOMS:
        for weight in models.spec(name).weights:
            for mirror in weight.mirrors[:1]:
                found.setdefault((mirror.repo, mirror.revision), []).append(mirror.path)
    return [f"{repo} {','.join(paths)} {revision}" for (repo, revision), paths in found.items()]


def files(folder: Path) -> list[Path]:
    """Every file of a written Space."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def problems(folder: Path) -> list[str]:
    """What would keep a written Space from running, each in one sentence; [] when nothing would."""
    header = metadata_load(folder / "README.md") or {}
    pins = (folder / "requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", pins, re.MULTILINE))
    loose = [line for line in pins.splitlines() if line.strip() and not re.match(r"#|[\w.-]+==", line)]
    found = [f"{line!r} in requirements.txt names no exact version" for line in loose]
    if header.get("sdk_version") != pinned.get("gradio"):
        found.append(
            f"sdk_version {header.get('sdk_version')} is not the pinned gradio {pinned.get('gradio')}"
        )
    if not (folder / header.get("app_file", "")).is_file():
        found.append(f"app_file {header.get('app_file')} is not there")
    if header.get("suggested_hardware") not in HARDWARE:
        found.append(f"{header.get('suggested_hardware')} is no hardware that the hub was made for")
    large = [path for path in files(folder) if path.stat().st_size > MOST_BYTES]
    return found + [f"{path.relative_to(folder)} is larger than 10 MB" for path in large]


def tried(folder: Path) -> Iterator[preflight.Outcome]:
    """Installs a written Space in a clean environment, starts it as Spaces do, and runs every demo's first example."""
    with tempfile.TemporaryDirectory() as scratch:
        python = Path(scratch) / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", scratch], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run(
            [*pip, "-r", "requirements.txt", LENDS], cwd=folder, check=True
        )  # which all Spaces have
        with preflight.hub(str(python), folder, AS_A_SPACE) as address:
            yield from preflight.outcomes(address)


def push(folder: Path, repo: str, hardware: str | None = None, hub: HfApi | None = None) -> str:
    """Uploads a written Space, made first where there is none; -> its address. repo: OWNER/NAME.

    hardware: what it is to run on; None: what it runs on already, or the hub's default.
    """
    hub = hub or HfApi()
    wanted = SpaceHardware(hardware) if hardware else None
    there = hub.repo_exists(repo, repo_type="space")
    if not there:
        hub.create_repo(repo, repo_type="space", space_sdk="gradio", space_hardware=wanted)
    told = "The hub as `python -m deploy space` writes it"
    hub.upload_folder(
        repo_id=repo, folder_path=folder, repo_type="space", commit_message=told, delete_patterns="*"
    )
    if there and wanted:
        hub.request_space_hardware(repo, wanted)
    return f"https://huggingface.co/spaces/{repo}"
