"""Converts the published weights once (`python -m models train face_resnet`) and measures them.

golden.json holds what the package itself, run on its CPU backend, says of the faces on the sample photos: the square
that it cut out, and its 128 numbers.
"""

import io
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

import models
from models import face_files, sources, tfjs
from models.face_resnet.net import LEAST, STEP, THRESHOLD, FaceResNet, decoded
from models.train import Run

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "assets" / "samples"
GOLDEN = HERE / "golden.json"
PEOPLE = {"collins": "collins", "hopper": "hopper", "obama_2009": "obama", "obama_2010": "obama", "obama_2012": "obama",
          "biden": "biden", "andersson": "andersson", "dahlgren": "dahlgren", "claudet": "claudet",
          "muhammad_ali": "muhammad_ali"}  # photo -> who it shows  # fmt: skip
THRESHOLDS = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
BLOCKS = ("32_1", "32_2", "32_3", "64_down", "64_1", "64_2", "64_3", "128_down", "128_1", "128_2", "256_down", "256_1",
          "256_2", "256_down_out")  # fmt: skip
PARTS = {
    "conv/filters": "conv.weight",
    "conv/bias": "conv.bias",
    "scale/weights": "factor",
    "scale/biases": "term",
}


@dataclass(frozen=True)
class Recipe:
    seed: int = 0  # nothing is drawn
    descriptor_difference_at_most: float = 1e-4
    false_accepts_at_most: float = 0.01
    misses_at_most: float = 0.05

    @classmethod
    def quick(cls) -> "Recipe":
        return cls()


def train(recipe: Recipe, run: Run) -> FaceResNet:
    """-> the published net, and its 8-bit levels to be written."""
    coded: dict[str, torch.Tensor] = {}
    for key, tensor in tfjs.read(*(sources.fetch(file) for file in face_files.RESNET)).items():
        name = _renamed(key)
        if isinstance(tensor, tfjs.Steps):
            coded[name] = torch.from_numpy(tensor.levels)
            coded[name + STEP] = torch.tensor(tensor.step, dtype=torch.float64)
            coded[name + LEAST] = torch.tensor(tensor.least, dtype=torch.float64)
        else:
            coded[name] = torch.from_numpy(tensor)
    net = FaceResNet()
    net.load_state_dict(decoded(coded), strict=True)
    net.coded = coded
    return net.eval()


def evaluate(net: FaceResNet, frozen: bool) -> dict[str, float]:
    """How far from the package's own numbers; and how far apart pairs of sample faces are.

    Photos as they are: same_person_largest and different_people_least, distances. Not frozen: also over VARIANTS of
    each photo, misses (two photos of one person at THRESHOLD or more) and false_accepts (two people below it), and the
    same of the box that the detector found, not turned upright (..._unaligned).
    """
    golden = json.loads(GOLDEN.read_text())
    metrics = {
        "descriptor_difference": max(_apart(net, name, faces) for name, faces in golden.items() if faces)
    }
    same, different = _distances(_placed(net, {"as it is": VARIANTS["as it is"]})[0])
    metrics |= {"same_person_largest": float(same.max()), "different_people_least": float(different.min())}
    if frozen:
        return metrics
    aligned, unaligned = _placed(net, VARIANTS)
    metrics |= _counts(aligned)
    for ending, faces in (("", aligned), ("_unaligned", unaligned)):
        same, different = _distances(faces)
        metrics[f"false_accepts{ending}"] = float((different < THRESHOLD).mean())
        metrics[f"misses{ending}"] = float((same >= THRESHOLD).mean())
    same, different = _distances(aligned)
    for threshold in THRESHOLDS:
        metrics[f"false_accepts_at_{threshold}"] = float((different < threshold).mean())
        metrics[f"misses_at_{threshold}"] = float((same >= threshold).mean())
    return metrics


Placed = list[tuple[str, np.ndarray]]  # photo, vector


def _placed(net: FaceResNet, variants: dict[str, Callable]) -> tuple[Placed, Placed]:
    """Each sample photo in each variant -> its largest face as the tab sees it; and cut out by its box alone."""
    aligned, unaligned = [], []
    with models.use("face_detector") as detector:
        for name, change in itertools.product(PEOPLE, variants.values()):
            photo = change(Image.open(SAMPLES / "face_match" / f"{name}.jpg").convert("RGB"))
            turn, faces = detector.search(photo)
            if faces:
                box = photo.rotate(turn, expand=True).crop(tuple(map(round, faces[0]["box"])))
                upright, cut = net.embed([faces[0]["chip"], box])
                aligned.append((name, upright))
                unaligned.append((name, cut))
    return aligned, unaligned


def _distances(faces: Placed) -> tuple[np.ndarray, np.ndarray]:
    """-> of two different photos of one person, of two people."""
    same: list[float] = []
    different: list[float] = []
    for (one, a), (other, b) in itertools.combinations(faces, 2):
        if one != other:
            (same if PEOPLE[one] == PEOPLE[other] else different).append(float(np.linalg.norm(a - b)))
    return np.array(same), np.array(different)


def _counts(faces: Placed) -> dict[str, float]:
    """How many pairs the rates are of, and of how few people and photos these really are."""
    same, different = _distances(faces)
    people = len({PEOPLE[name] for name, _ in faces})
    photos = [name for name in PEOPLE if name in {one for one, _ in faces}]
    alike = sum(PEOPLE[a] == PEOPLE[b] for a, b in itertools.combinations(photos, 2))
    return {
        "same_pairs": float(len(same)),
        "different_pairs": float(len(different)),
        "same_pairs_of_photos": float(alike),
        "different_pairs_of_people": people * (people - 1) / 2,
    }


def _apart(net: FaceResNet, name: str, faces: list[dict]) -> float:
    """Largest distance of our vector from the package's own, of the squares that it cut out."""
    photo = Image.open(SAMPLES / "face_match" / f"{name}.jpg").convert("RGB")
    vectors = net.embed([photo.crop(tuple(face["square"])) for face in faces])
    return max(
        float(np.linalg.norm(ours - face["vector"])) for ours, face in zip(vectors, faces, strict=True)
    )


def _jpeg(photo: Image.Image) -> Image.Image:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=10)
    return Image.open(file).convert("RGB")


VARIANTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda photo: photo,
    "mirrored": ImageOps.mirror,
    "dark": lambda photo: ImageEnhance.Brightness(photo).enhance(0.4),
    "bright": lambda photo: ImageEnhance.Brightness(photo).enhance(1.6),
    "turned left": lambda photo: photo.rotate(15, Image.Resampling.BICUBIC, expand=True),
    "turned right": lambda photo: photo.rotate(-25, Image.Resampling.BICUBIC, expand=True),
    "lying": lambda photo: photo.rotate(90, expand=True),
    "half": lambda photo: ImageOps.scale(photo, 1 / 2),
    "a third": lambda photo: ImageOps.scale(photo, 1 / 3),
    "JPEG at quality 10": _jpeg,
    "blurred": lambda photo: photo.filter(ImageFilter.GaussianBlur(3)),
    "grey": lambda photo: photo.convert("L").convert("RGB"),
}


def _renamed(key: str) -> str:
    """Published name of a tensor -> ours."""
    if key == "fc":
        return "last.weight"
    place, _, part = key.partition("/")
    if place == "conv32_down":
        return f"stem.{PARTS[part]}"
    which, _, part = part.partition("/")
    return f"blocks.{BLOCKS.index(place.removeprefix('conv'))}.{'one' if which == 'conv1' else 'two'}.{PARTS[part]}"
