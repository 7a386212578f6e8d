"""Words to a small colour picture: a UNet that knows at every point between noise and pictures which way pictures lie.

Flow matching: Lipman et al., 2022, https://arxiv.org/abs/2210.02747, with the noise levels of Esser et al., "Scaling
Rectified Flow Transformers", 2024, https://arxiv.org/abs/2403.03206; the UNet and the scheduler, which goes straight
ahead in each step, are diffusers'. Guidance without a classifier: Ho and Salimans, 2022,
https://arxiv.org/abs/2207.12598.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UNet2DModel
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.nn import functional as F

SIDE = 32  # pixels that the flow draws; the enlarger doubles them
FOLD = 2  # so many pixels by so many are one place of the UNet's, which makes it four times as fast
TEXT = 384  # numbers in a text's vector, of length 1
STYLES = ("noto", "fluent", "flat")  # a drawing's style is its number here + 1, and 0 where none is asked for
NAMES: list[str] = json.loads(
    (Path(__file__).parent / "names.json").read_text()
)  # of the emojis it learned from
# What measuring and the tab start with; chosen on fifty other emojis
STEPS, GUIDANCE, STYLE = 20, 5.0, "noto"
AT_ONCE = 100  # pictures in a batch


class Stage(NamedTuple):
    """N pictures on their way out of the noise, after `step` of all steps."""

    step: int
    level: float  # share of noise that is left, 0..1
    noisy: np.ndarray  # uint8 (N, 32, 32, 3): where they are
    guess: (
        np.ndarray
    )  # uint8 (N, 32, 32, 3): where the net thinks they lead to; after the last step the pictures
    pull: (
        np.ndarray
    )  # float32 (N, 32, 32), 0 or more: how much the words changed the direction, pixel by pixel


class Flow(nn.Module):
    """Pictures (B, 3, 32, 32), noise levels (B,) 0..1, vectors (B, 384), styles (B,) -> noise - picture, as large.

    A vector of zeros says nothing: the net then draws any emoji.
    """

    def __init__(self, widths: tuple[int, ...] = (48, 96, 128)) -> None:
        super().__init__()
        kinds = ["DownBlock2D"] * (len(widths) - 1) + ["AttnDownBlock2D"]
        told = 4 * widths[0]  # channels of what each block is told
        self.unet = UNet2DModel(
            sample_size=SIDE // FOLD, in_channels=3 * FOLD**2, out_channels=3 * FOLD**2, block_out_channels=widths,
            layers_per_block=1, down_block_types=kinds, norm_num_groups=16, attention_head_dim=32,
            up_block_types=[kind.replace("Down", "Up") for kind in reversed(kinds)],
            resnet_time_scale_shift="scale_shift", class_embed_type="identity",
        )  # fmt: skip
        self.words = nn.Sequential(nn.Linear(TEXT, told), nn.SiLU(), nn.Linear(told, told))
        self.styles = nn.Embedding(1 + len(STYLES), told)

    def forward(
        self, x: torch.Tensor, level: torch.Tensor, words: torch.Tensor, styles: torch.Tensor
    ) -> torch.Tensor:
        told = self.words(words * TEXT**0.5) + self.styles(styles)
        folded = F.pixel_unshuffle(x, FOLD).contiguous(memory_format=torch.channels_last)  # 12 x 16 x 16
        return F.pixel_shuffle(self.unet(folded, level * 1000, class_labels=told).sample, FOLD)


class Enlarger(nn.Module):
    """(B, 3, H, W) -> (B, 3, 2 H, 2 W): what a bicubic enlargement lacks, by a few convolutions (as in EDSR)."""

    def __init__(self, width: int = 24, depth: int = 3) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.middle = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(depth))
        self.last = nn.Conv2d(width, 12, 3, padding=1)
        nn.init.zeros_(self.last.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        plain = F.interpolate(x, scale_factor=2, mode="bicubic")
        x = self.first(x)
        for layer in self.middle:
            x = x + layer(F.relu(x))
        return plain + F.pixel_shuffle(self.last(F.relu(x)), 2)


class EmojiFlow(nn.Module, PyTorchModelHubMixin):
    """A flow of pictures of SIDE pixels, an enlarger, and what the names mean that were learned from."""

    meanings: torch.Tensor

    def __init__(self, widths: tuple[int, ...] = (48, 96, 128)) -> None:
        super().__init__()
        self.flow = Flow(tuple(widths))
        self.enlarger = Enlarger()
        self.register_buffer("meanings", torch.zeros(len(NAMES), TEXT))

    @torch.inference_mode()
    def paint(self, words: np.ndarray, style: str, seed: int, steps: int, guidance: float) -> Iterator[Stage]:
        """One picture for each vector of a text, float32 (N, 384); a Stage before the first step and after each.

        style: one of STYLES or "any"; picture i comes from the noise of seed + i, however many there are; steps: 1 or
        more; guidance: 1 goes where the words lead, more exaggerates what they change, 0 does not listen.
        """
        device = self.meanings.device
        scheduler = FlowMatchEulerDiscreteScheduler()
        scheduler.set_timesteps(sigmas=np.linspace(1, 1 / steps, steps).tolist(), device=device)
        told = torch.from_numpy(words).to(device)
        asked = torch.full((len(told),), 1 + STYLES.index(style) if style in STYLES else 0, device=device)
        x = torch.stack([_noise(seed + number) for number in range(len(told))]).to(device)
        still = np.zeros((len(told), SIDE, SIDE), np.float32)
        yield Stage(0, 1.0, as_bytes(x), np.full((len(told), SIDE, SIDE, 3), 255, np.uint8), still)
        for number, time in enumerate(scheduler.timesteps):
            level = scheduler.sigmas[number]
            plain, led = self._directions(x, level.to(device), told, asked)
            way = plain + guidance * (led - plain)
            guess, pull = x - level * way, (led - plain).abs().mean(1)
            x = scheduler.step(way, time, x).prev_sample
            left = float(scheduler.sigmas[number + 1])
            yield Stage(number + 1, left, as_bytes(x), as_bytes(guess if left else x), pull.cpu().numpy())

    @torch.inference_mode()
    def enlarge(self, pictures: np.ndarray) -> np.ndarray:
        """uint8 (N, 32, 32, 3) -> (N, 64, 64, 3)."""
        x = torch.from_numpy(pictures).to(self.meanings.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        return as_bytes(self.enlarger(x))

    @torch.inference_mode()
    def nearest(self, words: np.ndarray, count: int) -> list[tuple[str, float]]:
        """Vector of a text (384,) -> the names that mean most nearly the same, nearest first, and their cosines."""
        near = self.meanings @ torch.from_numpy(words).to(self.meanings.device)
        found = near.topk(count)
        return [(NAMES[one], float(value)) for value, one in zip(*found, strict=True)]

    def _directions(
        self, x: torch.Tensor, level: torch.Tensor, told: torch.Tensor, asked: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """-> where to, without and with the words; in one pass for up to AT_ONCE pictures."""
        plain, led = [], []
        for some, words, styles in zip(
            x.split(AT_ONCE), told.split(AT_ONCE), asked.split(AT_ONCE), strict=True
        ):
            both = self.flow(some.repeat(2, 1, 1, 1), level.expand(2 * len(some)),
                             torch.cat([torch.zeros_like(words), words]), styles.repeat(2))  # fmt: skip
            plain.append(both[: len(some)])
            led.append(both[len(some) :])
        return torch.cat(plain), torch.cat(led)


def _noise(seed: int) -> torch.Tensor:
    """Drawn on the CPU, so that a seed means the same noise on every device."""
    return torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def as_bytes(x: torch.Tensor) -> np.ndarray:
    """(N, 3, H, W), range (-1, 1) -> uint8 (N, H, W, 3)."""
    return ((x.permute(0, 2, 3, 1) + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()


def load(device: str) -> EmojiFlow:
    """The trained net beside this file, on a torch device."""
    return EmojiFlow.from_pretrained(Path(__file__).parent).eval().to(device)
