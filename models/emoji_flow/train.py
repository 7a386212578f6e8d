"""Trains the flow of emojis. An hour and a half on two CPU threads: `python -m models train emoji_flow`.

`python -m models.emoji_flow.data` writes names.json anew, `python -m models.emoji_flow.judge` frozen.npz.
"""

import copy
import functools
import math
import time
from collections.abc import Callable, Iterator
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
from models.emoji_flow.net import GUIDANCE, NAMES, STEPS, STYLE, TEXT, Coder, EmojiFlow, as_bytes
from models.train import Run

WATCHED = 128  # drawings of the held-out style that each point of the curve is measured on
SMALL = 1e-4  # weight of the codes' squares, so that they do not outgrow the noise
TIMES = 2  # pictures of each text that are measured
FROZEN_STEPS = 6
ROUNDING = 0.05  # two of the fifty: twelve evaluations of a UNet come out a little otherwise on each make of processor
GAN_SIDE = 32  # pixels of the baseline's pictures; all are judged at that size
SEED = 1000  # of the first picture that is measured


@dataclass(frozen=True)
class Recipe:
    """The clock decides: rounds of equal time, as many steps as fit; the coder has the first of them."""

    seed: int = 0
    compiled: bool = True  # by torch.compile, which needs a C++ compiler and is half as fast again
    coder_rounds: int = 6
    rounds: int = 36
    minutes: float = 2.0  # of a round
    coder_batch: int = 32
    batch: int = 64
    lr: float = 1e-3
    warm: int = 200  # steps until the full rate
    average: float = 0.999  # what the running mean keeps at each step
    shaken: float = 0.1  # noise on codes while the coder learns, in their spread
    silent: float = 0.12  # share of pictures whose words are left out, for guidance
    any_style: float = 0.15  # share whose style is left out
    painted: float = 0.2  # share shown in another colour, with the colour's name before theirs
    blur: float = 0.15  # noise on a vector, in the spread of its numbers, so that near texts mean the same
    baseline_minutes: float = 3.0
    half: bool = True
    top5_at_least: float = 0.60

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(compiled=False, coder_rounds=1, rounds=2, minutes=0.1)


def train(recipe: Recipe, run: Run) -> EmojiFlow:
    net = EmojiFlow()
    coding, drawing = CoderLesson(net.coder, recipe), FlowLesson(net, recipe)
    for number in run.epochs(recipe.coder_rounds + recipe.rounds, **coding.state(), **drawing.state()):
        drawn = number - recipe.coder_rounds
        run.log(**(coding.round(number) if drawn < 0 else drawing.round(drawn)))
    net.meanings.copy_(embedded(NAMES))
    return net


def shares_of(seconds: float) -> Iterator[float]:
    """Says again and again which share of the time is over, 0..1, until it is."""
    started = time.monotonic()
    while (spent := time.monotonic() - started) < seconds:
        yield spent / seconds


class CoderLesson:
    """The coder learns to bring drawings back, from codes that are shaken a little."""

    def __init__(self, coder: Coder, recipe: Recipe) -> None:
        self.recipe, self.coder = recipe, coder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = torch.optim.AdamW(coder.parameters(), recipe.lr, betas=(0.9, 0.99))
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.steps = torch.tensor(0)

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {"coder": self.coder, "coder_optimiser": self.optimiser, "coder_chance": self.chance,
                "coder_count": Count(self)}  # fmt: skip

    def step(self, share: float) -> float:
        """One step; share: of the training that is over, (0, 1). -> the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.recipe, int(self.steps), share)
        chosen = torch.randint(len(data.shown().pictures), (self.recipe.coder_batch,), generator=self.chance)
        x = as_tensor(data.shown().pictures[chosen.numpy()]).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            codes = self.coder.encoder(x)
            noise = torch.randn(codes.shape, generator=self.chance)
            back = self.coder.decoder(codes + self.recipe.shaken * codes.detach().float().std() * noise)
        loss = sharp_loss(back.float(), x) + SMALL * codes.float().square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.coder.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        return loss.item()

    def round(self, number: int) -> dict[str, float]:
        """-> a point of the curve."""
        shares = shares_of(60 * self.recipe.minutes)
        losses = [self.step((number + share) / self.recipe.coder_rounds) for share in shares]
        self._measure_spread()
        return {"coder_loss": float(np.mean(losses))}

    @torch.no_grad()
    def _measure_spread(self) -> None:
        chosen = torch.randint(len(data.shown().pictures), (512,), generator=self.chance).numpy()
        codes = self.coder.encoder(as_tensor(data.shown().pictures[chosen]))
        self.coder.spread.copy_(codes.std((0, 2, 3), keepdim=True))


def sharp_loss(made: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of pixels and of the steps between neighbours, which are edges."""
    down, across = (F.l1_loss(made.diff(dim=side), x.diff(dim=side)) for side in (2, 3))
    return F.l1_loss(made, x) + down + across


def rate(recipe: Recipe, steps: int, share: float) -> float:
    """The learning rate: rises over the first steps, then falls to 0 as a cosine does."""
    return recipe.lr * min(1.0, (1 + steps) / recipe.warm) * math.cos(share * math.pi / 2)


class FlowLesson:
    """The flow that is trained, and `mean`, the running mean of it."""

    def __init__(self, net: EmojiFlow, recipe: Recipe) -> None:
        self.recipe, self.coder = recipe, net.coder
        self.mean = net.flow.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.flow = copy.deepcopy(self.mean)
        self._quick = torch.compile(self.flow) if recipe.compiled else self.flow
        self.optimiser = torch.optim.AdamW(
            self.flow.parameters(), recipe.lr, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.chance = torch.Generator().manual_seed(recipe.seed)
        self.steps = torch.tensor(0)

    @functools.cached_property
    def codes(self) -> torch.Tensor:
        """Of every variation, (N, 8, 8, 8); once the coder has learned."""
        return coded(self.coder, data.shown().pictures)

    @functools.cached_property
    def by_kind(self) -> dict[bool, torch.Tensor]:
        """Which variations are painted, which in their own colours."""
        painted = torch.from_numpy(data.shown().colours >= 0)
        return {kind: torch.nonzero(painted == kind)[:, 0] for kind in (False, True)}

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
        """Codes of some drawings of the held-out style, (WATCHED, 8, 8, 8), and the vectors of their names."""
        held = data.drawings(data.HELD_OUT)
        chosen = sorted(held)[:: len(held) // WATCHED][:WATCHED]
        return coded(self.coder, np.stack([held[number] for number in chosen])), self.plain[chosen, 0]

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {"mean": self.mean, "flow": self.flow, "optimiser": self.optimiser, "chance": self.chance,
                "count": Count(self)}  # fmt: skip

    def step(self, share: float) -> float:
        """One step; share: of the training that is over, (0, 1). -> the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.recipe, int(self.steps), share)
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

    def round(self, number: int) -> dict[str, float]:
        """-> a point of the curve."""
        shares = shares_of(60 * self.recipe.minutes)
        losses = [self.step((number + share) / self.recipe.rounds) for share in shares]
        passes = int(self.steps) * self.recipe.batch / len(data.trained_on()[0])
        return {"passes": passes, "loss": float(np.mean(losses)), "held_out_loss": self.held_out_loss()}

    @torch.no_grad()
    def held_out_loss(self) -> float:
        """The running mean's loss on drawings whose style it has never seen; the same noise each time."""
        chance = torch.Generator().manual_seed(1)
        styles = torch.zeros(len(self.watched[0]), dtype=torch.long)
        return flow_loss(self.mean, *self.watched, styles, chance).item()

    def _batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """-> codes, vectors and styles, some of them left out."""
        size = self.recipe.batch
        lots = torch.rand(4, size, generator=self.chance)
        among = [self.by_kind[bool(lot < self.recipe.painted)] for lot in lots[0]]
        chosen = torch.stack([some[int(lot * len(some))] for some, lot in zip(among, lots[1], strict=True)])
        wording = torch.randint(data.WORDINGS, (size,), generator=self.chance)
        numbers, styles, colours = (torch.from_numpy(part)[chosen] for part in data.shown()[1:])
        vectors = torch.where(
            (colours < 0)[:, None], self.plain[numbers, wording], self.painted[numbers, colours]
        )
        vectors = vectors + self.recipe.blur * TEXT**-0.5 * torch.randn(vectors.shape, generator=self.chance)
        vectors = vectors * (lots[2] >= self.recipe.silent)[:, None]
        return self.codes[chosen], vectors, (1 + styles) * (lots[3] >= self.recipe.any_style)


class Count:
    """A lesson's number of steps, as a checkpoint wants it."""

    def __init__(self, lesson: CoderLesson | FlowLesson) -> None:
        self.lesson = lesson

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"steps": self.lesson.steps.clone()}

    def load_state_dict(self, saved: dict[str, torch.Tensor]) -> None:
        self.lesson.steps = saved["steps"]


@torch.no_grad()
def coded(coder: Coder, pictures: np.ndarray) -> torch.Tensor:
    """uint8 (N, 64, 64, 3) -> (N, 8, 8, 8)."""
    return torch.cat(
        [coder.encode(as_tensor(some)) for some in np.array_split(pictures, 1 + len(pictures) // 256)]
    )


def flow_loss(
    flow: Callable, x: torch.Tensor, words: torch.Tensor, styles: torch.Tensor, chance: torch.Generator
) -> torch.Tensor:
    """Mean squared error of the direction from codes (B, 8, 8, 8) to noise, most often asked half way."""
    level = torch.randn(len(x), generator=chance).sigmoid()
    noise = torch.randn(x.shape, generator=chance)
    at = level[:, None, None, None]
    return F.mse_loss(flow(torch.lerp(x, noise, at), level, words, styles).float(), noise - x)


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
        made = data.halved(painted(net, some, 1 if frozen else TIMES, FROZEN_STEPS if frozen else STEPS))
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
    return metrics | {"coder_psnr": coder_psnr(net)}


@torch.inference_mode()
def coder_psnr(net: EmojiFlow) -> float:
    """PSNR in dB of the held-out drawings brought back from their codes."""
    real = held_out()
    made = as_bytes(net.coder.decode(coded(net.coder, real)))
    return float(np.mean([quality.psnr(one, other) for one, other in zip(made, real, strict=True)]))


def painted(net: EmojiFlow, texts: list[str], times: int, steps: int) -> np.ndarray:
    """So many pictures of each text, in STYLE -> uint8 (texts x times, 64, 64, 3), those of a text together."""
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


def gan_pictures(recipe: Recipe, asked: np.ndarray) -> np.ndarray:
    """The baseline: a GAN that is told which of the fifty to draw, not in words -> uint8 (N, 32, 32, 3)."""
    torch.manual_seed(recipe.seed)
    drawn, labels = the_fifty()
    net = SimpleNamespace(
        latent=64,
        generator=gan_net.Generator(4, (96, 64, 48, 32), 64, 64, len(ASKED), bounded=True, colours=3),
        discriminator=gan_net.Discriminator(GAN_SIDE, (32, 64, 128), len(ASKED), colours=3),
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
    training = data.trained_on()[2]
    by_pixels, _ = generation.nearest(made, training)
    by_features, _ = generation.nearest(features(made), features(training))
    return {"nearest.png": generation.sheet([made, training[by_pixels], training[by_features]])}
