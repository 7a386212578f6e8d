"""A GAN of four-voice chorales: made of noise, and of the voices that are given, which it keeps.

Goodfellow et al., "Generative Adversarial Nets", 2014, https://arxiv.org/abs/1406.2661; with an encoder, "Autoencoding
beyond pixels", Larsen et al., 2016, https://arxiv.org/abs/1512.09300; pitches as one-hot choices that gradients pass:
Jang et al., 2017, https://arxiv.org/abs/1611.01144; GANs of piano rolls: Dong et al., "MuseGAN", 2018,
https://arxiv.org/abs/1709.06298.
"""

from pathlib import Path

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.chorale_data import LOWEST, PITCHES, STEPS, VOICES
from models.chorale_gan.layers import Critic, Generator, Reader, as_roll, chosen

AT_ONCE = 250  # passages in a batch


class ChoraleGAN(nn.Module, PyTorchModelHubMixin):
    """Noise (B, latent), a mode and given voices -> four voices of 32 steps; and a discriminator of them."""

    def __init__(self, latent: int = 64, width: int = 96) -> None:
        super().__init__()
        self.latent = latent
        self.generator = Generator(latent, width)
        self.reader = Reader(latent, width)
        self.discriminator = Critic(width)

    @torch.inference_mode()
    def sample(
        self, minor: np.ndarray, seed: int, given: tuple[np.ndarray, np.ndarray] | None = None, keep: tuple[int, ...] = ()
    ) -> tuple[np.ndarray, np.ndarray]:
        """Modes (N,) -> pitches from each voice's lowest on, int64 (N, 4, 32), and struck, bool (N, 4, 32).

        given: pitches and struck, shaped likewise, of which the voices in keep are kept.
        """
        noise = torch.randn(len(minor), self.latent, generator=torch.Generator().manual_seed(seed))
        parts = [
            self._made(noise[at : at + AT_ONCE], minor[at : at + AT_ONCE],
                       given and tuple(one[at : at + AT_ONCE] for one in given), keep)
            for at in range(0, len(minor), AT_ONCE)
        ]  # fmt: skip
        return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])

    def _made(self, noise, minor, given, keep):
        known = torch.zeros(len(noise), VOICES)
        known[:, list(keep)] = 1
        roll = torch.zeros(len(noise), STEPS, VOICES, PITCHES + 1)
        if given is not None:
            roll = as_roll(torch.as_tensor(given[0]), torch.as_tensor(given[1]))
        logits = self.generator(noise, torch.as_tensor(minor), roll, known)
        made = torch.where(known[:, None, :, None] > 0, roll, chosen(logits))
        pitches = made[..., :PITCHES].argmax(3).transpose(1, 2).numpy()
        return pitches, made[..., PITCHES].transpose(1, 2).numpy() > 0.5


def midi(pitches: np.ndarray) -> np.ndarray:
    """Pitches (N, 4, T) from each voice's lowest on -> MIDI numbers."""
    return pitches + np.array(LOWEST)[:, None]


def load(device: str) -> ChoraleGAN:
    """The trained net beside this file, on a torch device."""
    return ChoraleGAN.from_pretrained(Path(__file__).parent).eval().to(device)
