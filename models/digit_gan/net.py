"""A conditional GAN for handwritten digits: what a hand is, and which digit it writes, are two inputs.

Mirza and Osindero, "Conditional Generative Adversarial Nets", 2014, https://arxiv.org/abs/1411.1784; the nets and
their papers stand in models/gan_net.py.
"""

from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.gan_net import Discriminator, Generator, as_bytes

SIDE = 28  # pixels
AT_ONCE = 250  # pictures in a batch


class DigitGAN(nn.Module, PyTorchModelHubMixin):
    """Noise (B, latent) and digits -> pictures (B, 1, 28, 28), range (-1, 1); and a discriminator of them."""

    def __init__(
        self,
        latent: int = 64,
        style: int = 64,
        widths: tuple[int, ...] = (64, 48, 16),
        judging: tuple[int, ...] = (32, 64, 128),
    ) -> None:
        super().__init__()
        self.latent = latent
        self.generator = Generator(SIDE // 4, tuple(widths), latent, style, classes=10, bounded=True)
        self.discriminator = Discriminator(SIDE, tuple(judging), classes=10)

    @torch.inference_mode()
    def write(self, digits: list[int], hand: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Digits 0 to 9, all in one hand -> uint8 pictures (N, 28, 28), bright on black; opinions (N,).

        hand: a seed; spread: how far from the mean hand, 1 as in training. An opinion is the share of real digits
        of that kind which look less real to the discriminator, range (0, 1).
        """
        hands = self._hands(1, hand, spread).expand(len(digits), -1)
        classes = torch.tensor(digits, device=hands.device)
        x = self.generator(self.generator.styled(hands, self.generator.classes(classes)))
        return as_bytes(x), self.discriminator.opinions(x, classes)

    @torch.inference_mode()
    def sample(self, digits: np.ndarray, seed: int, spread: float = 1.0) -> np.ndarray:
        """Digits (N,), each in a hand of its own -> uint8 pictures (N, 28, 28), bright on black."""
        hands = self._hands(len(digits), seed, spread)
        classes = torch.as_tensor(digits, device=hands.device)
        parts = [
            as_bytes(self.generator(self.generator.styled(some, self.generator.classes(asked))))
            for some, asked in zip(hands.split(AT_ONCE), classes.split(AT_ONCE), strict=True)
        ]
        return np.concatenate(parts)

    @torch.inference_mode()
    def morph(self, first: int, last: int, hand: int, spread: float, frames: int) -> np.ndarray:
        """One digit that becomes another in one hand -> uint8 (frames, 28, 28), bright on black."""
        hands = self._hands(1, hand, spread).expand(frames, -1)
        ends = self.generator.classes.weight[[first, last]]
        share = torch.linspace(0, 1, frames, device=hands.device)[:, None]
        return as_bytes(self.generator(self.generator.styled(hands, torch.lerp(ends[0], ends[1], share))))

    @staticmethod
    def trimmed(pictures: np.ndarray) -> np.ndarray:
        """Pictures as this net makes them -> as the judge reads them: the same."""
        return pictures

    def _hands(self, count: int, seed: int, spread: float) -> torch.Tensor:
        """Drawn on the CPU, so that a seed means the same hand on every device."""
        noise = torch.randn(count, self.latent, generator=torch.Generator().manual_seed(seed))
        return self.generator.hands(noise.to(self.generator.centre.device), spread)


def load(device: str) -> DigitGAN:
    """The trained net beside this file, on a torch device."""
    return DigitGAN.from_pretrained(Path(__file__).parent).eval().to(device)
