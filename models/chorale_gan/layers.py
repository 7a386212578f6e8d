"""The three nets of the chorale GAN: a generator, a reader that tells the noise of a chorale, a discriminator.

A roll is (B, 32, 4, PITCHES + 1): at each step, for each voice, a one-hot choice of the pitch that sounds, and whether
it is struck there, 0 or 1. Time comes before channels, so that a convolution is one large product of matrices.
"""

import itertools
import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from models.chorale_gan.passages import LOWEST, PITCHES, STEPS, VOICES
from models.music_statistics import MAJOR, MINOR

SLOPE = 0.2  # of the leaky rectifier
CHANNELS = VOICES * (PITCHES + 1)
PAIRS = list(itertools.combinations(range(VOICES), 2))
TURNS = 7  # Fourier coefficients of the twelve pitch classes
HEARD = CHANNELS + 2 * TURNS * (len(PAIRS) + VOICES) + 3 * VOICES


class Near(nn.Module):
    """A convolution over three steps, (B, T, before) -> (B, T, after)."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.mix = nn.Linear(3 * before, after)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        edged = F.pad(x, (0, 0, 1, 1))
        return self.mix(torch.cat([edged[:, :-2], x, edged[:, 2:]], 2))


class Block(nn.Module):
    """Two convolutions beside the input, (B, T, C) -> same; scaled and moved by a style (B, S) where there is one."""

    def __init__(self, width: int, style: int = 0) -> None:
        super().__init__()
        self.first, self.second = Near(width, width), Near(width, width)
        self.scales = nn.Linear(style, 2 * width) if style else None

    def forward(self, x: torch.Tensor, style: torch.Tensor | None = None) -> torch.Tensor:
        y = x
        if self.scales is not None and style is not None:
            scale, shift = self.scales(style)[:, None].chunk(2, 2)
            y = y * (1 + scale) + shift
        y = self.second(F.leaky_relu(self.first(F.leaky_relu(y, SLOPE)), SLOPE))
        return (x + y) * 0.5**0.5


class Trunk(nn.Module):
    """(B, 32, before) -> features of quarters, half bars and bars, (B, 16, width), (B, 8, width), (B, 4, width)."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.stem = Near(2 * before, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(3))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        found: list[torch.Tensor] = []
        x = self.stem(x.reshape(len(x), STEPS // 2, -1))
        for block in self.blocks:
            x = block(x.unflatten(1, (-1, 2)).mean(2) if found else x)
            found.append(x)
        return found


class Generator(nn.Module):
    """Noise (B, latent), minor (B,), given (a roll), known (B, 4): which voices are given -> logits, shaped as a roll.

    A U-net: what is given is read down to one bar a step, and filled in on the way up by blocks that the noise scales.
    """

    def __init__(self, latent: int, width: int) -> None:
        super().__init__()
        self.mode = nn.Embedding(2, latent)
        self.mapping = nn.Sequential(
            nn.Linear(2 * latent, width), nn.LeakyReLU(SLOPE), nn.Linear(width, width)
        )
        self.given = Trunk(CHANNELS + VOICES, width)
        self.start = nn.Linear(width, 4 * width)
        self.place = nn.Parameter(torch.randn(STEPS // 2, width) * 0.5)
        self.blocks = nn.ModuleList(Block(width, width) for _ in range(3))
        self.last = nn.ModuleList(Block(width, width) for _ in range(2))
        self.choice = nn.Linear(width, 2 * CHANNELS)

    def forward(
        self, noise: torch.Tensor, minor: torch.Tensor, given: torch.Tensor, known: torch.Tensor
    ) -> torch.Tensor:
        style = self.mapping(torch.cat([noise, self.mode(minor.long())], 1))
        shown = (given * known[:, None, :, None]).flatten(2)
        shown = torch.cat([shown, known[:, None].expand(-1, STEPS, -1)], 2)
        x = self.start(style).unflatten(1, (4, -1))
        for block, skip in zip(self.blocks, self.given(shown)[::-1], strict=True):
            if x.shape[1] != skip.shape[1]:
                x = x.repeat_interleave(2, 1)
            x = block((x + skip) * 0.5**0.5, style)
        x = x + self.place
        for block in self.last:
            x = block(x, style)
        return self.choice(F.leaky_relu(x, SLOPE)).reshape(len(x), STEPS, VOICES, PITCHES + 1)


class Reader(nn.Module):
    """A roll and its mode -> mean and logarithmic variance of the noise that it could be made of, (B, latent) each."""

    def __init__(self, latent: int, width: int) -> None:
        super().__init__()
        self.trunk = Trunk(CHANNELS, width)
        self.code = nn.Linear(4 * width + 1, 2 * latent)

    def forward(self, roll: torch.Tensor, minor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = self.trunk(roll.flatten(2))[-1].flatten(1)
        mean, spread = self.code(torch.cat([seen, minor[:, None].to(seen.dtype)], 1)).chunk(2, 1)
        return mean, spread.clamp(-8, 4)


class Critic(nn.Module):
    """A roll and its mode -> how real it is, (B,). It hears the intervals between voices and the steps of each."""

    circles: torch.Tensor

    def __init__(self, width: int, hidden: int = 192) -> None:
        super().__init__()
        self.trunk = Trunk(HEARD, width)
        self.hidden = nn.Linear(4 * width, hidden)
        self.local = Near(width, 1)
        self.head = nn.Linear(hidden, 1)
        self.modes = nn.Embedding(2, hidden)
        nn.init.normal_(self.modes.weight, std=hidden**-0.5)
        pitches = torch.tensor(LOWEST)[:, None] + torch.arange(PITCHES)
        angles = 2 * math.pi / 12 * pitches[..., None] * torch.arange(TURNS)  # (4, PITCHES, TURNS)
        self.register_buffer("circles", torch.cat([angles.cos(), angles.sin()], 2), persistent=False)

    def forward(self, heard: torch.Tensor, minor: torch.Tensor) -> torch.Tensor:
        """heard: as heard() makes it of a roll."""
        found = self.trunk(heard)
        x = F.leaky_relu(self.hidden(found[-1].flatten(1)), SLOPE)
        near = self.local(F.leaky_relu(found[0], SLOPE)).mean((1, 2))  # each quarter by itself
        return self.head(x)[:, 0] + (x * self.modes(minor.long())).sum(1) + near

    def heard(self, roll: torch.Tensor) -> torch.Tensor:
        """A roll -> (B, 32, HEARD): the roll; intervals between voices, and from step to step of each; their motion.

        Pitch classes are points on circles, once round, twice round...; the quotient of two points is their interval.
        """
        points = torch.stack([roll[:, :, v, :PITCHES] @ self.circles[v] for v in range(VOICES)], 2)
        before = F.pad(points[:, :-1], (0, 0, 0, 0, 1, 0))
        above = torch.cat([points[:, :, one] for one, _ in PAIRS] + [points.flatten(2)], 2)
        below = torch.cat([points[:, :, one] for _, one in PAIRS] + [before.flatten(2)], 2)
        cos, sin = above.unflatten(2, (-1, 2, TURNS)).unbind(3)  # (B, 32, 10, TURNS)
        cos_below, sin_below = below.unflatten(2, (-1, 2, TURNS)).unbind(3)
        quotients = torch.stack([cos * cos_below + sin * sin_below, sin * cos_below - cos * sin_below], 3)
        return torch.cat([roll.flatten(2), quotients.flatten(2), _motion(roll[..., :PITCHES])], 2)


class Tally(nn.Module):
    """A roll and its mode -> the share of each pitch class among its notes, (B, 12), and of those in its scale, (B, 1).

    As music_statistics counts them, with gradients.
    """

    classes: torch.Tensor
    scales: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        pitches = (torch.tensor(LOWEST)[:, None] + torch.arange(PITCHES)) % 12
        self.register_buffer("classes", F.one_hot(pitches, 12).float())  # (4, PITCHES, 12)
        scales = torch.zeros(2, 12)
        scales[0, list(MAJOR)] = 1
        scales[1, [(9 + one) % 12 for one in MINOR]] = 1
        self.register_buffer("scales", scales)

    def forward(self, roll: torch.Tensor, minor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        choices = roll[..., :PITCHES]
        held = (choices[:, 1:] * choices[:, :-1]).sum(3) * (1 - roll[:, 1:, :, PITCHES])
        begun = F.pad(1 - held, (0, 0, 1, 0), value=1.0)  # (B, 32, 4)
        counts = torch.einsum("btv,btvp,vpc->bc", begun, choices, self.classes)
        shares = counts / counts.sum(1, keepdim=True)
        return shares, (shares * self.scales[minor.long()]).sum(1, keepdim=True)


def energy_distance(some: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Between the distributions that (N, D) and (M, D) are drawn from, without bias: that within others is left out,
    which no gradient passes (Szekely and Rizzo, 2013)."""
    within = _apart(some, some).sum() / (len(some) * (len(some) - 1))
    return 2 * _apart(some, others).mean() - within


def _apart(some: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    return ((some[:, None] - others).square().sum(2) + 1e-8).sqrt()


def _motion(choices: torch.Tensor) -> torch.Tensor:
    """Choices of pitches (B, 32, 4, PITCHES) -> (B, 32, 3 x 4): whether each voice stays, and how far it leaps.

    The leap in octaves, and its square. Circles know no octaves, and a leap of one is an error that is heard.
    """
    before = torch.cat([choices[:, :1], choices[:, :-1]], 1)
    stays = (choices * before).sum(3)
    leap = (choices - before) @ torch.arange(PITCHES, device=choices.device, dtype=choices.dtype) / 12
    return torch.cat([stays, leap.abs(), leap.square()], 2)


def as_roll(pitches: torch.Tensor, struck: torch.Tensor) -> torch.Tensor:
    """Pitches (B, 4, 32) from each voice's lowest on, struck (B, 4, 32) -> a roll."""
    return torch.cat([F.one_hot(pitches, PITCHES).float(), struck.float()[..., None]], 3).transpose(1, 2)


def chosen(logits: torch.Tensor, noise: torch.Tensor | None = None) -> torch.Tensor:
    """Logits -> the roll of the likeliest choices; noise: Gumbel's, shaped as the logits, added first.

    Gradients pass as through softmax and sigmoid (straight-through).
    """
    if noise is not None:
        logits = logits + noise
    soft = torch.cat([logits[..., :PITCHES].softmax(3), logits[..., PITCHES:].sigmoid()], 3)
    with torch.no_grad():
        pitches = F.one_hot(soft[..., :PITCHES].argmax(3), PITCHES)
        hard = torch.cat([pitches, soft[..., PITCHES:] > 0.5], 3).to(soft.dtype)
        change = hard - soft
    return soft + change


def gumbel(shape: Sequence[int], chance: torch.Generator) -> torch.Tensor:
    """Noise for logits (..., PITCHES + 1) that makes the likeliest choice a draw: Gumbel's for pitches, logistic for
    strikes."""
    even = torch.rand(*shape, generator=chance).clamp(1e-6, 1 - 1e-6)
    return torch.cat(
        [-(-even[..., :PITCHES].log()).log(), (even[..., PITCHES:] / (1 - even[..., PITCHES:])).log()], -1
    )
