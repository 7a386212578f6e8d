"""Converts the published weights once (`python -m models train face_detector`) and measures them.

golden.json holds what the package itself, run on its CPU backend at 416 pixels, says of the sample photos: boxes,
scores and landmarks.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models import face_files, sources, tfjs
from models.face_detector.net import FaceDetector
from models.train import Run

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "assets" / "samples"
GOLDEN = HERE / "golden.json"
# Counted by eye: photo -> faces. The five men of the expedition stand far away.
FACES = {"collins": 1, "hopper": 1, "obama_2009": 1, "obama_2010": 1, "obama_2012": 1, "biden": 1, "andersson": 1,
         "dahlgren": 1, "claudet": 1, "muhammad_ali": 1, "expedition": 5}  # fmt: skip
FACELESS = ("brushes", "cat", "coffee", "dogs", "drum", "fig", "mountains", "pagoda")
FINDER_NAMES = (  # published -> ours
    (r"^conv0/", "finder.first."),
    (r"^conv8/", "finder.last."),
    (r"^conv(\d)/", lambda found: f"finder.blocks.{int(found[1]) - 1}."),
)
MARKER_NAMES = (
    (r"^fc/weights", "marker.last.weight"),
    (r"^fc/", "marker.last."),
    (r"^dense(\d)/conv0/", r"marker.blocks.\1.enter."),
    (r"^dense(\d)/conv(\d)/", lambda found: f"marker.blocks.{found[1]}.layers.{int(found[2]) - 1}."),
)
PARTS = ((r"(depth|point)wise_filter$", r"\1wise.weight"), (r"filters$", "weight"))


@dataclass(frozen=True)
class Recipe:
    seed: int = 0  # nothing is drawn
    box_difference_at_most: float = 0.05  # pixels
    score_difference_at_most: float = 0.001
    point_difference_at_most: float = 0.05  # pixels
    faces_found_at_least: float = 0.66
    false_faces_at_most: float = 0

    @classmethod
    def quick(cls) -> "Recipe":
        return cls()


def train(recipe: Recipe, run: Run) -> FaceDetector:
    """-> the published nets."""
    finder, marker = (
        tfjs.read(*(sources.fetch(file) for file in files))
        for files in (face_files.FINDER, face_files.MARKER)
    )
    state = {
        _renamed(key, FINDER_NAMES): torch.from_numpy(tfjs.values(tensor)) for key, tensor in finder.items()
    }
    state |= {
        _renamed(key, MARKER_NAMES): torch.from_numpy(tfjs.values(tensor)) for key, tensor in marker.items()
    }
    net = FaceDetector()
    for name in net.state_dict():  # a separable layer's one bias is added at its end
        old = name.replace("pointwise.bias", "bias")
        if old != name:
            state[name] = state.pop(old)
    net.load_state_dict(state, strict=True)
    return net.eval()


def evaluate(net: FaceDetector, frozen: bool) -> dict[str, float]:
    """How far from the package's own answers on the sample photos; faces found there, and where none is.

    box_, score_, point_difference: the largest of all; pixels, 0..1, pixels.
    """
    golden = json.loads(GOLDEN.read_text())
    apart = np.array([_apart(net, name, faces) for name, faces in golden.items() if faces])
    found = {name: len(net.search(opened("face_match", name))[1]) for name in FACES}
    metrics = dict(
        zip(("box_difference", "score_difference", "point_difference"), apart.max(0).tolist(), strict=True)
    )
    metrics["faces_found"] = sum(min(found[name], count) for name, count in FACES.items()) / sum(
        FACES.values()
    )
    metrics["false_faces"] = float(sum(max(0, found[name] - count) for name, count in FACES.items()))
    if not frozen:
        empty = [net.search(opened("image_recognition", name))[1] for name in FACELESS]
        metrics["false_faces"] += sum(len(faces) for faces in empty)
    return metrics


def opened(folder: str, name: str) -> Image.Image:
    """A sample photo, RGB."""
    return Image.open(SAMPLES / folder / f"{name}.jpg").convert("RGB")


def _apart(net: FaceDetector, name: str, faces: list[dict]) -> tuple[float, float, float]:
    """Largest differences of box, score and points on one photo; an answer more or less raises ValueError."""
    pixels = np.asarray(opened("face_match", name))
    worst = []
    for (box, score), face in zip(net.find(pixels), faces, strict=True):
        points = net.mark(pixels, box)
        # The package adds the box's corner, not that of the whole pixels it cut out.
        there = np.array(face["points"]) - face["box"][:2] + np.floor(np.maximum(face["box"][:2], 0))
        worst.append(
            (
                np.abs(np.subtract(box, face["box"])).max(),
                abs(score - face["score"]),
                np.abs(points - there).max(),
            )
        )
    return tuple(np.max(worst, 0).tolist())


def _renamed(key: str, names: tuple) -> str:
    for pattern, name in (*names, *PARTS):
        key = re.sub(pattern, name, key)
    return key
