"""Fashion-MNIST: 60,000 training and 10,000 test pictures of garments, 28 x 28 grey, ten classes, MIT
licence.

`python -m models.garment_data` writes the first 1,000 test pictures, that the tests measure on, into the room
fashion_cnn.
"""

import gzip
from pathlib import Path

import numpy as np

from models import sources
from models.spec import Dataset, Deb

FROZEN = Path(__file__).parent / "fashion_cnn" / "frozen.npz"
FROZEN_PICTURES = 1000
DIGESTS = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}


def pictures(part: str) -> tuple[np.ndarray, np.ndarray]:
    """part "train" or "t10k" -> uint8 pictures (N, 28, 28), bright on black; int64 labels (N,)."""
    images = np.frombuffer(_file(f"{part}-images-idx3-ubyte.gz"), np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(_file(f"{part}-labels-idx1-ubyte.gz"), np.uint8, offset=8).astype(np.int64)
    return images, labels


def frozen() -> tuple[np.ndarray, np.ndarray]:
    """The sample of the test part that is kept in the repo; shapes as pictures()."""
    with np.load(FROZEN) as arrays:
        return arrays["images"], arrays["labels"]


def _file(name: str) -> bytes:
    version, folder = "0.0~git20200523.55506a9-1", "usr/share/datasets/fashion-mnist"
    part = Deb("dataset-fashion-mnist", version, f"{folder}/{name}")
    with gzip.open(sources.fetch(Dataset(name, DIGESTS[name], (part,)))) as file:
        return file.read()


if __name__ == "__main__":
    images, labels = pictures("t10k")
    np.savez_compressed(FROZEN, images=images[:FROZEN_PICTURES], labels=labels[:FROZEN_PICTURES])
