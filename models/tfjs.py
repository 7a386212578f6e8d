"""Weights as TensorFlow.js publishes them: a manifest of names, and one file of 8-bit levels."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Filters lie (height, width, in, out); one filter a channel (height, width, channels, 1); matrices (in, out).
ORDERS = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}
DEPTHWISE = (2, 3, 0, 1)


@dataclass(frozen=True)
class Steps:
    """A tensor of at most 256 levels: level (uint8, in torch's order of axes) x step + least."""

    levels: np.ndarray
    step: float
    least: float

    def values(self) -> np.ndarray:
        """-> float32, rounded once, as TensorFlow.js does."""
        return (self.levels.astype(np.float64) * self.step + self.least).astype(np.float32)


def read(manifest: Path, weights: Path) -> dict[str, Steps | np.ndarray]:
    """The two files of a published model -> its tensors by their published names, a few of them float32 as they are."""
    (group,) = json.loads(manifest.read_text())
    data, start, tensors = weights.read_bytes(), 0, {}
    for entry in group["weights"]:
        coded = entry.get("quantization")
        kind = np.dtype(np.uint8 if coded else np.float32)
        count = int(np.prod(entry["shape"])) * kind.itemsize
        flat = np.frombuffer(data[start : start + count], kind)
        start += count
        order = DEPTHWISE if entry["name"].endswith("depthwise_filter") else ORDERS[len(entry["shape"])]
        tensor = np.array(flat.reshape(entry["shape"]).transpose(order), order="C")
        tensors[entry["name"]] = Steps(tensor, coded["scale"], coded["min"]) if coded else tensor
    if start != len(data):
        raise ValueError(f"{weights.name} holds {len(data)} bytes, its manifest names {start}")
    return tensors


def values(tensor: Steps | np.ndarray) -> np.ndarray:
    """-> float32."""
    return tensor.values() if isinstance(tensor, Steps) else tensor
