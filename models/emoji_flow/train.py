"""Trains the flow of emojis. An hour and a quarter on one CPU thread: `python -m models train emoji_flow`.

`python -m models.emoji_flow.data` writes names.json anew, `python -m models.emoji_flow.judge` frozen.npz.
"""

import copy
import functools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.spatial.distance import pdist
from torch.nn import functional as F

import models
from models import gan_net, gan_training, generation, quality
from models.emoji_flow import data
from models.emoji_flow.judge import ASKED, Judge, features, held_out, numbers
from models.emoji_flow.net import GUIDANCE, NAMES, SIDE, STEPS, STYLE, TEXT, EmojiFlow, Flow, as_bytes, load
from models.train import Run

WATCHED = 128  # drawings of the held-out style that each point of the curve is measured on
TIMES = 2  # pictures of each text that are measured
FROZEN_STEPS = 6
SEED = 1000  # of the first picture that is measured
ENLARGED = 16  # drawings in a batch of the enlarger's


@dataclass(frozen=True)
class Recipe:
    """The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    goes_on: bool = True  # from the weights that are there, which had 62 minutes at half a processor before
    compiled: bool = True  # by torch.compile, which needs a C++ compiler and is half as fast again
    minutes: float = 112.0
    rounds: int = 56
    batch: int = 64
    lr: float = 1e-3
    warm: int = 200  # steps until the full rate
    average: float = 0.999  # what the running mean keeps at each step
    silent: float = 0.12  # share of pictures whose words are left out, for guidance
    any_style: float = 0.15  # share whose style is left out
    painted: float = 0.25  # share shown in another colour, with the colour's name before theirs
    blur: float = 0.15  # noise on a vector, in the spread of its numbers, so that near texts mean the same
    enlarger_minutes: float = 3.0
    baseline_minutes: float = 3.0
    half: bool = True
    top5_at_least: float = 0.60

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(
            goes_on=False, compiled=False, minutes=0.2, rounds=2, enlarger_minutes=0.1, baseline_minutes=0.1
        )


def train(recipe: Recipe, run: Run) -> EmojiFlow:
    net = load("cpu") if recipe.goes_on else EmojiFlow()
    net.train().requires_grad_(True)
    lesson = Lesson(net.flow, recipe)
    length = 60 * recipe.minutes / recipe.rounds
    for number in run.epochs(recipe.rounds, **lesson.state()):
        losses = [lesson.step((number + share) / recipe.rounds) for share in shares_of(length)]
        seen = int(lesson.steps) * recipe.batch / len(lesson.pictures)
        run.log(passes=seen, loss=np.mean(losses), held_out_loss=lesson.held_out_loss())
    learn_to_enlarge(net, recipe)
    net.meanings.copy_(embedded(NAMES))
    return net


def shares_of(seconds: float) -> Iterator[float]:
    """Says again and again which share of the time is over, 0..1, until it is."""
    started = time.monotonic()
    while (spent := time.monotonic() - started) < seconds:
        yield spent / seconds


class Lesson:
    """The flow that is trained, and `mean`, the running mean of it."""

    def __init__(self, mean: Flow, recipe: Recipe) -> None:
        self.recipe, self.mean = recipe, mean.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.flow = copy.deepcopy(self.mean)
        self._quick = torch.compile(self.flow) if recipe.compiled else self.flow
        self.optimiser = torch.optim.AdamW(
            self.flow.parameters(), recipe.lr, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.steps = torch.tensor(0)
        self.numbers, styles, pictures = data.trained_on()
        self.styles, self.pictures = torch.from_numpy(1 + styles), data.halved(pictures)

    @functools.cached_property
    def plain(self) -> torch.Tensor:
        """Vectors of each emoji's wordings, (emojis, WORDINGS, 384)."""
        return _each([one.wordings() for one in data.emojis()])

    @functools.cached_property
    def painted(self) -> torch.Tensor:
        """Vectors of each emoji's name after that of each colour, (emojis, colours, 384)."""
        return _each([[f"{colour} {one.name}" for colour in data.COLOURS] for one in data.emojis()])

    @functools.cached_property
    def watched(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Some drawings of the held-out style, (WATCHED, 3, 32, 32), and the vectors of their names."""
        held = data.drawings(data.HELD_OUT)
        chosen = sorted(held)[:: len(held) // WATCHED][:WATCHED]
        return as_tensor(data.halved(np.stack([held[number] for number in chosen]))), self.plain[chosen, 0]

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {"mean": self.mean, "flow": self.flow, "optimiser": self.optimiser, "chance": self.chance,
                "count": _Count(self)}  # fmt: skip

    def step(self, share: float) -> float:
        """One step; share: of the training that is over, (0, 1). -> the loss."""
        rate = (
            self.recipe.lr
            * min(1.0, (1 + int(self.steps)) / self.recipe.warm)
            * math.cos(share * math.pi / 2)
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            loss = flow_loss(self._quick, *self._batch(), self.chance)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.flow.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        keep = min(self.recipe.average, (1 + int(self.steps)) / (10 + int(self.steps)))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.flow.parameters()), 1 - keep)
        return loss.item()

    @torch.no_grad()
    def held_out_loss(self) -> float:
        """The running mean's loss on drawings whose style it has never seen; the same noise each time."""
        chance = torch.Generator().manual_seed(1)
        styles = torch.zeros(len(self.watched[0]), dtype=torch.long)
        return flow_loss(self.mean, *self.watched, styles, chance).item()

    def _batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """-> pictures, vectors and styles, some of them left out."""
        size = self.recipe.batch
        chosen = torch.randint(len(self.pictures), (size,), generator=self.chance)
        wording = torch.randint(data.WORDINGS, (size,), generator=self.chance)
        colour = torch.randint(len(data.COLOURS), (size,), generator=self.chance)
        lots = torch.rand(4, size, generator=self.chance)
        shown = [
            self._shown(*one)
            for one in zip(
                chosen.tolist(), wording.tolist(), colour.tolist(), lots[0] < self.recipe.painted, strict=True
            )
        ]
        vectors = torch.stack([vector for _, vector in shown])
        vectors = vectors + self.recipe.blur * TEXT**-0.5 * torch.randn(vectors.shape, generator=self.chance)
        vectors = vectors * (lots[1] >= self.recipe.silent)[:, None]
        styles = self.styles[chosen] * (lots[2] >= self.recipe.any_style)
        pictures = as_tensor(np.stack([picture for picture, _ in shown]))
        return self._moved(pictures, lots[3] < 0.5), vectors, styles

    def _shown(self, one: int, wording: int, colour: int, paint: bool) -> tuple[np.ndarray, torch.Tensor]:
        """A drawing and the vector of a text; painted where it may be and has colours."""
        turned = data.recoloured(self.pictures[one], list(data.COLOURS)[colour]) if paint else None
        if turned is None:
            return self.pictures[one], self.plain[self.numbers[one], wording]
        return turned, self.painted[self.numbers[one], colour]

    def _moved(self, x: torch.Tensor, mirrored: torch.Tensor) -> torch.Tensor:
        """Some mirrored, all moved by up to a pixel; beyond the edge lies white."""
        x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
        down, right = torch.randint(3, (2,), generator=self.chance).tolist()
        return F.pad(x, (1, 1, 1, 1), value=1.0)[:, :, down : down + x.shape[2], right : right + x.shape[3]]


class _Count:
    """The number of steps, as a checkpoint wants it."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"steps": self.lesson.steps.clone()}

    def load_state_dict(self, saved: dict[str, torch.Tensor]) -> None:
        self.lesson.steps = saved["steps"]


def flow_loss(
    flow: Flow, x: torch.Tensor, words: torch.Tensor, styles: torch.Tensor, chance: torch.Generator
) -> torch.Tensor:
    """Mean squared error of the direction from pictures (B, 3, 32, 32) to noise, most often asked half way."""
    level = torch.randn(len(x), generator=chance).sigmoid()
    noise = torch.randn(x.shape, generator=chance)
    at = level[:, None, None, None]
    return F.mse_loss(flow(torch.lerp(x, noise, at), level, words, styles).float(), noise - x)


def learn_to_enlarge(net: EmojiFlow, recipe: Recipe) -> None:
    """The enlarger learns to bring back drawings of 64 pixels from their halves."""
    pictures = data.trained_on()[2]
    optimiser = torch.optim.Adam(net.enlarger.parameters(), 2e-3)
    chance = torch.Generator().manual_seed(recipe.seed)
    for share in shares_of(60 * recipe.enlarger_minutes):
        chosen = torch.randint(len(pictures), (ENLARGED,), generator=chance).numpy()
        small, large = (as_tensor(one) for one in (data.halved(pictures[chosen]), pictures[chosen]))
        optimiser.param_groups[0]["lr"] = 2e-3 * math.cos(share * math.pi / 2)
        loss = F.l1_loss(net.enlarger(small), large)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def embedded(texts: list[str]) -> torch.Tensor:
    """MiniLM's vectors, float32 (texts, 384), each of length 1."""
    with models.use("minilm") as reader:
        return torch.from_numpy(reader.embed(texts))


def _each(texts: list[list[str]]) -> torch.Tensor:
    """Equally many texts of each emoji -> (emojis, texts, 384)."""
    return embedded([text for some in texts for text in some]).reshape(len(texts), -1, TEXT)


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (N, side, side, 3) -> float32 (N, 3, side, side), range (-1, 1)."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def evaluate(net: EmojiFlow, frozen: bool) -> dict[str, float]:
    """TIMES pictures of each of the fifty in judge.py, asked for by name and by a wording never trained on.

    Beside them the drawings that were trained on, and pictures by a class-conditional GAN. variety: how much pictures
    of one text differ, 1 where as much as the drawings of one emoji do. frozen: one picture of each in FROZEN_STEPS
    steps, by a judge that learned from fewer variations.
    """
    judge, asked = Judge(2 if frozen else 4), np.arange(len(ASKED))
    texts = {"": [name for name, _ in ASKED], "unseen_wordings_": [text for _, text in ASKED]}
    metrics: dict[str, float] = {}
    for kind, some in texts.items():
        made = painted(net, some, 1 if frozen else TIMES, FROZEN_STEPS if frozen else STEPS)
        seen, repeated = features(made), np.repeat(asked, len(made) // len(asked))
        metrics[f"{kind}top5"] = judge.top5(seen, repeated)
        metrics[f"{kind}top1"] = float((judge.ranks(seen, repeated) < 1).mean())
        if not (kind or frozen):
            compared = _compared(made, seen)
            baseline = gan_pictures(Recipe(), repeated)
    if frozen:
        return metrics
    seen = features(baseline)
    metrics |= compared | {f"gan_{name}": value for name, value in _compared(baseline, seen).items()}
    drawn, labels = the_fifty()
    real = features(drawn)
    metrics |= {
        "gan_top5": judge.top5(seen, repeated),
        "drawings_top5": judge.top5(real, labels),
        "held_out_frechet_distance": generation.frechet_distance(features(data.halved(held_out())), real),
    }
    return metrics | _enlarged_well(net)


def painted(net: EmojiFlow, texts: list[str], times: int, steps: int) -> np.ndarray:
    """So many pictures of each text, in STYLE -> uint8 (texts x times, 32, 32, 3), those of a text together."""
    words = np.repeat(embedded(texts).numpy(), times, 0)
    *_, last = net.paint(words, STYLE, SEED, steps, GUIDANCE)
    return last.guess


def the_fifty() -> tuple[np.ndarray, np.ndarray]:
    """The drawings of the fifty that were trained on, uint8 (N, 32, 32, 3), and which each is, (N,)."""
    where = {number: place for place, number in enumerate(numbers())}
    drawn = [(picture, where[number]) for name in data.STYLES
             for number, picture in data.drawings(name).items() if number in where]  # fmt: skip
    return data.halved(np.stack([picture for picture, _ in drawn])), np.array([place for _, place in drawn])


def _compared(made: np.ndarray, seen: np.ndarray) -> dict[str, float]:
    """Pictures, TIMES of each text, and their features, beside the drawings that were trained on."""
    drawn, labels = the_fifty()
    real = features(drawn)
    of_one = np.mean([pdist(some).mean() for some in np.split(seen, len(ASKED))])
    drawn_of_one = np.mean([pdist(real[labels == one]).mean() for one in np.unique(labels)])
    return {
        "frechet_distance": generation.frechet_distance(seen, real),
        "diversity": generation.diversity(seen) / generation.diversity(real),
        "variety": float(of_one / drawn_of_one),
        "novelty": generation.novelty(made, data.halved(held_out()), data.halved(data.trained_on()[2])),
    }


def _enlarged_well(net: EmojiFlow) -> dict[str, float]:
    """PSNR of the held-out drawings brought back from their halves, in dB, by the enlarger and by interpolation."""
    large = held_out()
    small = data.halved(large)
    plain = [
        np.asarray(Image.fromarray(one).resize((2 * SIDE,) * 2, Image.Resampling.BICUBIC)) for one in small
    ]
    return {"enlarger_psnr": _psnr(net.enlarge(small), large), "bicubic_psnr": _psnr(np.stack(plain), large)}


def _psnr(made: np.ndarray, real: np.ndarray) -> float:
    return float(np.mean([quality.psnr(one, other) for one, other in zip(made, real, strict=True)]))


def gan_pictures(recipe: Recipe, asked: np.ndarray) -> np.ndarray:
    """The baseline: a GAN that is told which of the fifty to draw, not in words -> uint8 (N, 32, 32, 3)."""
    torch.manual_seed(recipe.seed)
    drawn, labels = the_fifty()
    net = SimpleNamespace(
        latent=64,
        generator=gan_net.Generator(4, (96, 64, 48, 32), 64, 64, len(ASKED), bounded=True, colours=3),
        discriminator=gan_net.Discriminator(SIDE, (32, 64, 128), len(ASKED), colours=3),
    )
    settled = gan_training.GanRecipe(penalty=1.0, shift=0.1, turn=0.1)
    duel = gan_training.Duel(net, 255 - drawn, labels, settled)  # the paper is 0, as the GAN moves pictures
    for share in shares_of(60 * recipe.baseline_minutes):
        duel.step(share)
    noise = torch.randn(len(asked), net.latent, generator=torch.Generator().manual_seed(SEED))
    with torch.inference_mode():
        hands = net.generator.hands(noise)
        return 255 - as_bytes(
            net.generator(net.generator.styled(hands, net.generator.classes(torch.from_numpy(asked))))
        )


def pictures(net: EmojiFlow) -> dict[str, Image.Image]:
    """The card's picture: 16 samples over their nearest training pictures, by pixels and by features."""
    made = painted(net, [name for name, _ in ASKED[:: len(ASKED) // 16]], 1, STEPS)[:16]
    training = data.halved(data.trained_on()[2])
    by_pixels, _ = generation.nearest(made, training)
    by_features, _ = generation.nearest(features(made), features(training))
    return {"nearest.png": generation.sheet([made, training[by_pixels], training[by_features]])}
