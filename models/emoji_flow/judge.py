"""A classifier of the fifty emojis in asked.json that learned them from Twemoji alone, which the flow has never seen.

Logistic regression on EfficientNet-Lite0's frozen features, of the drawings and of variations of them. Each emoji has
its name, which is trained on, and a wording of our own that is not.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from sklearn.linear_model import LogisticRegression

import models
from models.emoji_flow import data

HERE = Path(__file__).parent
ASKED: list[tuple[str, str]] = [(name, text) for name, text in json.loads((HERE / "asked.json").read_text())]
FROZEN = HERE / "frozen.npz"  # Twemoji's drawings of them, 64 pixels
SMALL = 26  # pixels of a drawing that is made smaller


def numbers() -> list[int]:
    """Where the fifty stand in data.emojis()."""
    names = [one.name for one in data.emojis()]
    return [names.index(name) for name, _ in ASKED]


def held_out() -> np.ndarray:
    """Twemoji's drawings of the fifty, uint8 (50, 64, 64, 3), kept in the repo."""
    with np.load(FROZEN) as arrays:
        return arrays["drawings"]


def features(pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, side, side, 3) -> what EfficientNet sees, float32 (N, D), each row of length 1."""
    with models.use("efficientnet_lite0") as eye:
        return eye.embed([Image.fromarray(picture) for picture in pictures])


class Judge:
    """variations: of each drawing that are learned from, the drawing itself included."""

    def __init__(self, variations: int = 4) -> None:
        drawings = [one for picture in data.halved(held_out()) for one in _varied(picture)[:variations]]
        labels = np.repeat(np.arange(len(ASKED)), variations)
        self._model = LogisticRegression(C=10, max_iter=300).fit(features(np.stack(drawings)), labels)

    def ranks(self, seen: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Features (N, D) and numbers of ASKED (N,) -> how many others each looks more like, 0 to 49, (N,)."""
        shares = self._model.predict_proba(seen)
        return (shares > shares[np.arange(len(asked)), asked][:, None]).sum(1)

    def top5(self, seen: np.ndarray, asked: np.ndarray) -> float:
        """The share whose asked emoji is among the five likeliest of fifty; a guess has 0.1."""
        return float((self.ranks(seen, asked) < 5).mean())


def _varied(picture: np.ndarray) -> list[np.ndarray]:
    """The drawing, mirrored, smaller, blurred."""
    drawing = Image.fromarray(picture)
    page = Image.new("RGB", drawing.size, "white")
    page.paste(drawing.resize((SMALL, SMALL), Image.Resampling.LANCZOS), ((drawing.width - SMALL) // 2,) * 2)
    mirrored = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return [
        np.asarray(one) for one in (drawing, mirrored, page, drawing.filter(ImageFilter.GaussianBlur(0.8)))
    ]


if __name__ == "__main__":
    drawn = data.drawings(data.HELD_OUT)
    np.savez_compressed(FROZEN, drawings=np.stack([drawn[number] for number in numbers()]))
