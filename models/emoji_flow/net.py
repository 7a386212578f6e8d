"""Words to a small colour picture: a UNet that knows at every point between noise and pictures which way pictures lie.

It works on codes of pictures, as in latent diffusion: Rombach et al., 2021, https://arxiv.org/abs/2112.10752. Flow
matching: Lipman et al., 2022, https://arxiv.org/abs/2210.02747, with the noise levels of Esser et al., "Scaling
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

from models.emoji_flow.data import SIDE, STYLES

FOLD = 8  # so many pixels by so many are one place of a code
CODE = 8  # numbers of each place
TEXT = 384  # numbers in a text's vector, of length 1
# Of the emojis it learned from
NAMES: list[str] = json.loads((Path(__file__).parent / "names.json").read_text())
# What measuring and the tab start with; chosen on fifty other emojis for an earlier net, which drew pixels
STEPS, GUIDANCE, STYLE = 20, 5.0, "noto"
AT_ONCE = 100  # pictures in a batch


class Stage(NamedTuple):
    """N pictures on their way out of the noise, after `step` of all steps."""

    step: int
    level: float  # share of noise that is left, 0..1
    noisy: np.ndarray  # where they are, uint8 (N, 64, 64, 3)
    guess: np.ndarray  # where the net thinks they lead to, after the last step the pictures; as large
    pull: np.ndarray  # how much the words changed the direction there, 0 or more, float32 (N, 64, 64)


class Coder(nn.Module):
    """Pictures (B, 3, 64, 64) <-> codes (B, 8, 8, 8), in which the flow draws: an autoencoder.

    The decoder knows what edges and surfaces look like, so that the flow has to learn what stands where. spread: of
    each channel of what the encoder makes, by which codes are divided.
    """

    spread: torch.Tensor

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128)) -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(2), nn.Conv2d(12, fine, 3, padding=1), Block(fine),
            nn.Conv2d(fine, middle, 4, 2, 1), Block(middle),
            nn.Conv2d(middle, coarse, 4, 2, 1), Block(coarse), nn.Conv2d(coarse, CODE, 1),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Conv2d(CODE, coarse, 3, padding=1), Block(coarse), Block(coarse), _wider(coarse, middle),
            Block(middle), Block(middle), _wider(middle, fine),
            Block(fine), Block(fine), nn.Conv2d(fine, 12, 3, padding=1), nn.PixelShuffle(2),
        )  # fmt: skip
        self.register_buffer("spread", torch.ones(1, CODE, 1, 1))

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Codes whose channels spread by about 1."""
        return self.encoder(x) / self.spread

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        return self.decoder(codes * self.spread)


class Block(nn.Module):
    """Two convolutions added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.way = nn.Sequential(nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1),
                                 nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1))  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.way(x)


def _wider(come: int, leave: int) -> nn.Module:
    """Twice as wide and high, with other channels."""
    return nn.Sequential(nn.Conv2d(come, 4 * leave, 1), nn.PixelShuffle(2))


class Flow(nn.Module):
    """Codes (B, 8, 8, 8), noise levels (B,) 0..1, vectors (B, 384), styles (B,) -> noise - code, as large.

    A vector of zeros says nothing: the net then draws any emoji.
    """

    def __init__(self, widths: tuple[int, ...] = (96, 96)) -> None:
        super().__init__()
        told = 4 * widths[0]  # channels of what each block is told
        self.unet = UNet2DModel(
            sample_size=SIDE // FOLD, in_channels=CODE, out_channels=CODE, block_out_channels=widths,
            layers_per_block=1, down_block_types=["AttnDownBlock2D"] * len(widths), norm_num_groups=16,
            attention_head_dim=32, up_block_types=["AttnUpBlock2D"] * len(widths),
            resnet_time_scale_shift="scale_shift", class_embed_type="identity",
        )  # fmt: skip
        self.words = nn.Sequential(nn.Linear(TEXT, told), nn.SiLU(), nn.Linear(told, told))
        self.styles = nn.Embedding(1 + len(STYLES), told)

    def forward(
        self, x: torch.Tensor, level: torch.Tensor, words: torch.Tensor, styles: torch.Tensor
    ) -> torch.Tensor:
        told = self.words(words * TEXT**0.5) + self.styles(styles)
        x = x.contiguous(memory_format=torch.channels_last)
        return self.unet(x, level * 1000, class_labels=told).sample


class EmojiFlow(nn.Module, PyTorchModelHubMixin):
    """A flow of codes, the coder that makes pictures of them, and what the names mean that were learned from."""

    meanings: torch.Tensor

    def __init__(self, widths: tuple[int, ...] = (96, 96)) -> None:
        super().__init__()
        self.coder = Coder()
        self.flow = Flow(tuple(widths))
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
        # A style's number is its place + 1, and 0 where none is asked for
        asked = torch.full((len(told),), 1 + STYLES.index(style) if style in STYLES else 0, device=device)
        x = torch.stack([_noise(seed + number) for number in range(len(told))]).to(device)
        still = np.zeros((len(told), SIDE, SIDE), np.float32)
        noise = self._seen(x)
        yield Stage(0, 1.0, noise, noise, still)
        for number, time in enumerate(scheduler.timesteps):
            level = scheduler.sigmas[number]
            plain, led = self._directions(x, level.to(device), told, asked)
            way = plain + guidance * (led - plain)
            guess = self._seen(x - level * way)
            pull = (led - plain).abs().mean(1).repeat_interleave(FOLD, 1).repeat_interleave(FOLD, 2)
            x = scheduler.step(way, time, x).prev_sample
            left = float(scheduler.sigmas[number + 1])
            yield Stage(number + 1, left, self._seen(x) if left else guess, guess, pull.cpu().numpy())

    @torch.inference_mode()
    def nearest(self, words: np.ndarray, count: int) -> list[tuple[str, float]]:
        """Vector of a text (384,) -> the names that mean most nearly the same, nearest first, and their cosines."""
        near = self.meanings @ torch.from_numpy(words).to(self.meanings.device)
        found = near.topk(count)
        return [(NAMES[one], float(value)) for value, one in zip(*found, strict=True)]

    def _seen(self, codes: torch.Tensor) -> np.ndarray:
        """(N, 8, 8, 8) -> uint8 (N, 64, 64, 3)."""
        return np.concatenate([as_bytes(self.coder.decode(some)) for some in codes.split(AT_ONCE)])

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
    return torch.randn(CODE, SIDE // FOLD, SIDE // FOLD, generator=torch.Generator().manual_seed(seed))


def as_bytes(x: torch.Tensor) -> np.ndarray:
    """(N, 3, H, W), range (-1, 1) -> uint8 (N, H, W, 3)."""
    return ((x.permute(0, 2, 3, 1) + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()


def load(device: str) -> EmojiFlow:
    """The trained net beside this file, on a torch device."""
    return EmojiFlow.from_pretrained(Path(__file__).parent).eval().to(device)
