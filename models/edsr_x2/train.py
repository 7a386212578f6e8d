"""Trains the net that enlarges 2 times, 64 minutes on one CPU thread: `python -m models train edsr_x2`."""

from dataclasses import dataclass

from models.edsr_x2.net import Doubler
from models.enlarger_training import EnlargerRecipe, fit, measured, measured_twice
from models.train import Run


@dataclass(frozen=True)
class Recipe(EnlargerRecipe):
    gain_at_least: float = 2.5
    twice_gain_at_least: float = 1.2
    twice_drawings_gain_at_least: float = 0.0
    twice_worst_drawing_gain_at_least: float = 0.0

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.5, rounds=2, photos=4)


def train(recipe: Recipe, run: Run) -> Doubler:
    net = Doubler()
    fit(net, recipe, run)
    return net


def evaluate(net: Doubler, frozen: bool) -> dict[str, float]:
    """dB over Pillow's bicubic on seven photographs and eight drawings, or on the frozen three and two."""
    return measured(net, frozen) | measured_twice(net, frozen)
