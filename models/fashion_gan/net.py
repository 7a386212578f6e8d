"""A conditional GAN for garments, 32 x 32, with a style and a class for each of its four resolutions, so that they mix.

Karras et al., "A Style-Based Generator Architecture for Generative Adversarial Networks", 2018,
https://arxiv.org/abs/1812.04948; the nets and their papers stand in models/gan_net.py.
"""

from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.gan_net import Discriminator, Generator, as_bytes
from models.garment_page import LABELS

SIDE, EDGE = 32, 2  # pixels; a picture of the data lies in the middle, with a black edge
RESOLUTIONS = (4, 8, 16, 32)  # each has a style
FRAMES, FILMED = 24, 12  # photographs in the training film, garments on each
SPREAD = 0.8  # that measuring and the tab start with: how far from the mean style, 1 as in training
AT_ONCE = 250  # pictures in a batch


class FashionGAN(nn.Module, PyTorchModelHubMixin):
    """Noise (B, latent) and classes -> pictures (B, 1, 32, 32), range (-1, 1); and a discriminator of them."""

    photographs: torch.Tensor
    taken: torch.Tensor

    def __init__(
        self,
        latent: int = 64,
        style: int = 64,
        widths: tuple[int, ...] = (96, 64, 48, 16),
        judging: tuple[int, ...] = (32, 64, 128),
    ) -> None:
        super().__init__()
        self.latent = latent
        self.generator = Generator(
            RESOLUTIONS[0], tuple(widths), latent, style, classes=len(LABELS), bounded=False
        )
        self.discriminator = Discriminator(SIDE, tuple(judging), classes=len(LABELS))
        self.register_buffer("photographs", torch.zeros(FRAMES, FILMED, SIDE, SIDE, dtype=torch.uint8))
        self.register_buffer("taken", torch.full((FRAMES,), -1))  # after how many steps; -1: not taken

    @torch.inference_mode()
    def sample(self, kinds: np.ndarray, seed: int, spread: float = 1.0) -> np.ndarray:
        """Numbers of LABELS (N,), each in a style of its own -> uint8 pictures (N, 32, 32), bright on black.

        spread: how far from the mean style, 1 as in training.
        """
        return self._drawn(self._hands(len(kinds), seed, spread), torch.as_tensor(kinds))

    @torch.inference_mode()
    def walk(self, kinds: tuple[int, int], seeds: tuple[int, int], spread: float, frames: int) -> np.ndarray:
        """From a garment of one kind and seed to another -> uint8 (frames, 32, 32)."""
        ends = [self._hands(1, seed, spread) for seed in seeds]
        share = torch.linspace(0, 1, frames, device=ends[0].device)[:, None]
        classes = self.generator.classes.weight[list(kinds)]
        styles = self.generator.styled(
            torch.lerp(ends[0], ends[1], share), torch.lerp(classes[0], classes[1], share)
        )
        return as_bytes(self.generator(styles))

    @torch.inference_mode()
    def mix(self, coarse: tuple[list[int], list[int]], fine: tuple[list[int], list[int]], layer: int,
            spread: float) -> np.ndarray:  # fmt: skip
        """Kinds and seeds of R garments that give the coarse styles, of C that give those from RESOLUTIONS[layer] on.

        -> uint8 (R + 1, C + 1, 32, 32): the first row shows the fine ones, the first column the coarse ones, the rest
        what becomes of each pair; the corner is black.
        """
        rows, columns = (self._styles(*part, spread) for part in (coarse, fine))
        down, across = len(rows), len(columns)
        mixed = rows[:, None].repeat(1, across, 1, 1)
        mixed[:, :, layer:] = columns[None, :, layer:]
        page = torch.full((down + 1, across + 1, 1, SIDE, SIDE), -1.0, device=rows.device)
        page[0, 1:], page[1:, 0] = self.generator(columns), self.generator(rows)
        page[1:, 1:] = self.generator(mixed.flatten(0, 1)).unflatten(0, (down, across))
        return as_bytes(page.flatten(0, 1)).reshape(down + 1, across + 1, SIDE, SIDE)

    @torch.inference_mode()
    def opinions(self, pictures: np.ndarray, kinds: np.ndarray) -> np.ndarray:
        """Of uint8 pictures (N, 32, 32): the share of real ones that look less real to the discriminator, (N,)."""
        device = self.generator.centre.device
        x = torch.as_tensor(pictures, device=device)[:, None].float() / 127.5 - 1
        return self.discriminator.opinions(x, torch.as_tensor(kinds, device=device))

    def film(self) -> tuple[np.ndarray, list[int]]:
        """How it learned: uint8 (F, 12, 32, 32), the same twelve seeds each time; after how many steps each, (F,)."""
        kept = int((self.taken >= 0).sum())
        return self.photographs[:kept].cpu().numpy(), self.taken[:kept].tolist()

    def photograph(self, step: int) -> None:
        """Adds what the twelve seeds look like now to the film, which must not be full."""
        frame = int((self.taken >= 0).sum())
        self.photographs[frame] = torch.from_numpy(self.sample(np.arange(FILMED) % len(LABELS), seed=0))
        self.taken[frame] = step

    @staticmethod
    def trimmed(pictures: np.ndarray) -> np.ndarray:
        """Pictures as this net makes them, (N, 32, 32) -> as the data has them, (N, 28, 28)."""
        return pictures[:, EDGE:-EDGE, EDGE:-EDGE]

    def _styles(self, kinds: list[int], seeds: list[int], spread: float) -> torch.Tensor:
        """-> (N, 4, 2 x style)."""
        hands = torch.cat([self._hands(1, seed, spread) for seed in seeds])
        return self.generator.styled(hands, self.generator.classes.weight[kinds])

    def _drawn(self, hands: torch.Tensor, kinds: torch.Tensor) -> np.ndarray:
        parts = []
        for some, asked in zip(hands.split(AT_ONCE), kinds.to(hands.device).split(AT_ONCE), strict=True):
            parts.append(as_bytes(self.generator(self.generator.styled(some, self.generator.classes(asked)))))
        return np.concatenate(parts)

    def _hands(self, count: int, seed: int, spread: float) -> torch.Tensor:
        """Drawn on the CPU, so that a seed means the same style on every device."""
        noise = torch.randn(count, self.latent, generator=torch.Generator().manual_seed(seed))
        return self.generator.hands(noise.to(self.generator.centre.device), spread)


def load(device: str) -> FashionGAN:
    """The trained net beside this file, on a torch device."""
    return FashionGAN.from_pretrained(Path(__file__).parent).eval().to(device)
