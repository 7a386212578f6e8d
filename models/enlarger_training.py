"""How the enlarging rooms are trained and measured; the rooms' train.py name the scale and the recipe."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models import enlarger_data as data
from models import photo_data
from models.device import half_is_fast
from models.enlarger_net import Enlarger
from models.quality import luma, psnr
from models.train import Run

LARGE = 96  # large pixels of a patch; one may begin at any half of it, and up to a half further
WARM_UP = 0.02  # share of the time in which the learning rate rises; then half a cosine takes it down
DRAWN = 200  # drawings to train on
HELD_SIDE = 640  # large pixels; the curve is measured on the middles of what is held back
FLOOR = 1e-5  # squared error of a patch, of the range (0, 1), below which to come still nearer counts little
LUMA = (0.299, 0.587, 0.114)  # shares of red, green and blue in brightness
COLOURS = 200.0  # weight of the squared error of all three, beside the logarithm of that of brightness


@dataclass(frozen=True)
class EnlargerRecipe:
    """The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    minutes: float = 64.0
    rounds: int = 16
    batch: int = 8
    lr: float = 1.5e-3
    averaged: float = 0.999  # what the published weights keep of themselves at each step
    drawings: float = 0.15  # share of patches
    again: float = 0.3  # share of steps in which the net enlarges its own answer once more
    drawings_again: float = 0.5  # share of patches there
    photos: int = 31
    drawings_gain_at_least: float = 0.0
    worst_drawing_gain_at_least: float = 0.0
    half: bool = True


class Patches:
    """Squares cut from pairs, those with lost detail oftener, turned and mirrored at random."""

    def __init__(self, groups: list[tuple[list[np.ndarray], float]], scale: int) -> None:
        """groups: pictures, and the share of the patches that come from them."""
        self.pairs = [data.pair(one, scale) for pictures, _ in groups for one in pictures]
        self.scale, self.side = scale, LARGE // scale
        tables = [_places(number, pair, scale) for number, pair in enumerate(self.pairs)]
        self.places = np.concatenate(tables)[:, :3].astype(int)
        rest, weights = iter(tables), []
        for pictures, share in groups:
            lost = np.concatenate([next(rest)[:, 3] for _ in pictures])
            weights.append(share * lost / lost.sum())
        self.bounds = np.cumsum(np.concatenate(weights))
        self.chance = np.random.default_rng()

    def batch(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """-> small (count, 3, LARGE / scale, LARGE / scale) and large (count, 3, LARGE, LARGE), range (0, 1)."""
        found = [self._patch() for _ in range(count)]
        small, large = (torch.from_numpy(np.stack(part)) for part in zip(*found, strict=True))
        return small.permute(0, 3, 1, 2).float() / 255, large.permute(0, 3, 1, 2).float() / 255

    def _patch(self) -> tuple[np.ndarray, np.ndarray]:
        row = min(int(np.searchsorted(self.bounds, self.chance.random())), len(self.places) - 1)
        number, *corner = self.places[row]
        pair, scale, side = self.pairs[number], self.scale, self.side
        ends = pair.small.shape[0] - side, pair.small.shape[1] - side
        top, left = (
            min(at + int(self.chance.integers(side // 2)), end) for at, end in zip(corner, ends, strict=True)
        )
        small = pair.small[top : top + side, left : left + side]
        large = pair.large[top * scale :, left * scale :][:LARGE, :LARGE]
        quarters, mirrored = int(self.chance.integers(4)), bool(self.chance.integers(2))
        small, large = np.rot90(small, quarters), np.rot90(large, quarters)
        return (small[:, ::-1], large[:, ::-1]) if mirrored else (small, large)


def _places(number: int, pair: data.Pair, scale: int) -> np.ndarray:
    """-> rows (pair, top, left, root of the detail that bicubic loses there)."""
    height, width, _ = pair.large.shape
    lost = np.abs(data.resized(pair.small, width, height).astype(np.int16) - pair.large).mean(2)
    cell = LARGE // 2
    rows, columns = height // cell - 1, width // cell - 1  # the last patch reaches one cell further
    cells = (
        lost[: (rows + 1) * cell, : (columns + 1) * cell]
        .reshape(rows + 1, cell, columns + 1, cell)
        .mean((1, 3))
    )
    four = cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]
    top, left = np.divmod(np.arange(rows * columns), columns)
    grid = cell // scale
    return np.stack(
        [np.full(rows * columns, number), top * grid, left * grid, np.sqrt(four.ravel() + 0.1)], 1
    )


def _patches(recipe: EnlargerRecipe, scale: int) -> tuple[Patches, Patches]:
    """To be enlarged once, and twice."""
    photos = photo_data.photographs("train")[: recipe.photos]
    # Test pictures are small and sharp, so half the patches come from photographs halved once more.
    halved = [data.resized(one, one.shape[1] // 2, one.shape[0] // 2) for one in photos]
    drawings = [data.drawing(seed) for seed in range(DRAWN)]

    def mixed(share: float, scale: int) -> Patches:
        return Patches([(photos, (1 - share) / 2), (halved, (1 - share) / 2), (drawings, share)], scale)

    return mixed(recipe.drawings, scale), mixed(recipe.drawings_again, scale**2)


def fit(net: Enlarger, recipe: EnlargerRecipe, run: Run) -> None:
    """Trains net in place for recipe.minutes; what it ends as is the running average of its weights."""
    once, twice = _patches(recipe, net.scale)
    held = [data.pair(_middle(one), net.scale) for one in photo_data.photographs("held_back")]
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = copy.deepcopy(net)
    optimiser = torch.optim.Adam(net.parameters(), lr=recipe.lr, betas=(0.9, 0.99))
    seconds = 60 * recipe.minutes / recipe.rounds
    for epoch in run.epochs(recipe.rounds, net=net, mean=mean, optimiser=optimiser):
        chance = once.chance = twice.chance = np.random.default_rng((recipe.seed, epoch))
        started, steps, loss = time.monotonic(), 0, 0.0
        while (passed := time.monotonic() - started) < seconds:
            share = (epoch + passed / seconds) / recipe.rounds
            for group in optimiser.param_groups:
                group["lr"] = recipe.lr * _schedule(share)
            kept = recipe.averaged if epoch else min(recipe.averaged, steps / (steps + 10))
            patches = twice if chance.random() < recipe.again else once
            loss += _step(net, mean, optimiser, patches.batch(recipe.batch), kept)
            steps += 1
        gain = _mean_psnr(held, enlarged(mean)) - _mean_psnr(held, by_pillow(Image.Resampling.BICUBIC))
        run.log(epoch=epoch, loss=loss / steps, steps=steps, held_back_gain_db=gain)
    net.load_state_dict(mean.state_dict())


def _schedule(share: float) -> float:
    """Share of the time -> share of the learning rate."""
    return min(share / WARM_UP, 1.0) * (0.01 + 0.99 * (1 + math.cos(math.pi * min(share, 1.0))) / 2)


def _step(
    net: Enlarger,
    mean: Enlarger,
    optimiser: torch.optim.Optimizer,
    batch: tuple[torch.Tensor, torch.Tensor],
    kept: float,
) -> float:
    guess, large = batch
    while guess.shape[-1] < large.shape[-1]:
        with torch.autocast("cpu", torch.bfloat16):  # halves the time of a step
            guess = net(guess.float().clamp(0, 1))
    loss = _loss(guess.float() - large)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 10)
    optimiser.step()
    with torch.no_grad():
        torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), 1 - kept)
    return loss.item()


def _loss(error: torch.Tensor) -> torch.Tensor:
    """What is measured: each patch's PSNR of brightness, negative; and the squared error, so that colours are true too.

    Chen et al., "HINet: Half Instance Normalization Network for Image Restoration", 2021,
    https://arxiv.org/abs/2105.06086 (a loss of PSNR).
    """
    brightness = (error * error.new_tensor(LUMA).view(3, 1, 1)).sum(1)  # (B, H, W)
    patches = brightness.square().mean((1, 2))
    return (patches + FLOOR).log().mean() + COLOURS * error.square().mean()


Enlarge = Callable[[data.Pair], np.ndarray]


def enlarged(net: Enlarger, ensemble: bool = False, times: int = 1) -> Enlarge:
    """The net as a way to enlarge, tiles and all; times: how often it enlarges its own answer."""

    def how(pair: data.Pair) -> np.ndarray:
        picture = pair.small
        for _ in range(times):
            *_, (_, output) = net.enlarge(picture, ensemble)
            picture = np.ascontiguousarray(output)
        return picture

    return how


def by_pillow(how: Image.Resampling) -> Enlarge:
    """One of Pillow's interpolations as a way to enlarge."""
    return lambda pair: data.resized(pair.small, pair.large.shape[1], pair.large.shape[0], how)


def by_torch(pair: data.Pair) -> np.ndarray:
    """torch's own bicubic, which is sharper than Pillow's."""
    x = torch.from_numpy(pair.small.copy()).permute(2, 0, 1)[None].float()
    y = F.interpolate(x, size=pair.large.shape[:2], mode="bicubic", align_corners=False)[0]
    return y.round().clamp(0, 255).byte().permute(1, 2, 0).numpy()


def measured(net: Enlarger, frozen: bool) -> dict[str, float]:
    """PSNR of the brightness (Y) in dB, mean over pictures, on photographs and drawings, beside interpolations."""
    net.exact = True
    photos, drawings = data.test_pairs(net.scale, frozen)
    own = _gains(photos, enlarged(net))
    drawn = _gains(drawings, enlarged(net))
    plain = _mean_psnr(photos, by_pillow(Image.Resampling.BICUBIC))
    metrics = {
        "psnr": plain + float(np.mean(own)),
        "pil_bicubic_psnr": plain,
        "gain": float(np.mean(own)),
        "worst_photo_gain": min(own),
        "drawings_gain": float(np.mean(drawn)),
        "worst_drawing_gain": min(drawn),
    }
    if not frozen:
        metrics |= {
            "ensemble_gain": float(np.mean(_gains(photos, enlarged(net, ensemble=True)))),
            "torch_bicubic_psnr": _mean_psnr(photos, by_torch),
            "lanczos_psnr": _mean_psnr(photos, by_pillow(Image.Resampling.LANCZOS)),
        }
    if not frozen and half_is_fast("cpu"):
        net.exact = False
        metrics["gain_in_bfloat16"] = float(np.mean(_gains(photos, enlarged(net))))
    return metrics


def measured_twice(net: Enlarger, frozen: bool) -> dict[str, float]:
    """The same gains where the net enlarges its own answer once more."""
    net.exact = True
    photos, drawings = data.test_pairs(net.scale**2, frozen)
    drawn = _gains(drawings, enlarged(net, times=2))
    return {
        "twice_gain": float(np.mean(_gains(photos, enlarged(net, times=2)))),
        "twice_drawings_gain": float(np.mean(drawn)),
        "twice_worst_drawing_gain": min(drawn),
    }


def _gains(pairs: list[data.Pair], how: Enlarge) -> list[float]:
    """Of each picture, dB over Pillow's bicubic."""
    bicubic = by_pillow(Image.Resampling.BICUBIC)
    return [_mean_psnr([pair], how) - _mean_psnr([pair], bicubic) for pair in pairs]


def _mean_psnr(pairs: list[data.Pair], how: Enlarge) -> float:
    """Of Y, without a border as wide as the scale, as is the custom."""
    values = []
    for pair in pairs:
        border = pair.large.shape[0] // pair.small.shape[0]
        inner = (slice(border, -border),) * 2
        values.append(psnr(luma(how(pair))[inner], luma(pair.large)[inner]))
    return float(np.mean(values))


def _middle(picture: np.ndarray) -> np.ndarray:
    sides = [min(length, HELD_SIDE) for length in picture.shape[:2]]
    top, left = ((length - side) // 2 for length, side in zip(picture.shape[:2], sides, strict=True))
    return picture[top : top + sides[0], left : left + sides[1]]
