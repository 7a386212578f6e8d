"""A GAN of four-voice chorales: made of noise, and of the voices that are given, which it keeps.

Goodfellow et al., "Generative Adversarial Nets", 2014, https://arxiv.org/abs/1406.2661; with an encoder, "Autoencoding
beyond pixels", Larsen et al., 2016, https://arxiv.org/abs/1512.09300; pitches as one-hot choices that gradients pass:
Jang et al., 2017, https://arxiv.org/abs/1611.01144; GANs of piano rolls: Dong et al., "MuseGAN", 2018,
https://arxiv.org/abs/1709.06298.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.chorale_gan import passages
from models.chorale_gan.layers import Critic, Generator, Reader, as_roll, chosen, gumbel
from models.chorale_gan.passages import PITCHES, STEPS, VOICES, Passages

AT_ONCE = 250  # passages in a batch
PERCENTS = 101  # marks on the scale of what the discriminator says of this net's passages, 0 % to 100 %


class ChoraleGAN(nn.Module, PyTorchModelHubMixin):
    """Noise (B, latent), a mode and given voices -> four voices of 32 steps; and a discriminator of them."""

    warmth: torch.Tensor
    drafts: torch.Tensor
    usual: torch.Tensor

    def __init__(self, latent: int = 32, width: int = 96) -> None:
        super().__init__()
        self.latent = latent
        self.generator = Generator(latent, width)
        self.reader = Reader(latent, width)
        self.discriminator = Critic(width)
        self.register_buffer(
            "warmth", torch.zeros(2)
        )  # how much of pitches, of strikes is left to chance: 0 .. 1
        self.register_buffer("drafts", torch.ones(()))  # of which the discriminator picks one
        self.register_buffer("usual", torch.zeros(2, PERCENTS))  # scores of own major and minor, rising

    def compose(
        self,
        minor: bool,
        seed: int,
        spread: float = 1.0,
        kept: dict[str, Any] | None = None,
        keep: Sequence[int] = (),
    ) -> dict[str, Any]:
        """A passage in C major or A minor -> {"midi": int64 (4, 32), "struck": bool (4, 32), "opinion": float}.

        spread: how far from the mean, 1 as in training; kept: another passage, whose voices in keep, 0 soprano to 3
        bass, are kept. The opinion is the share of this net's own passages of that mode which look less real to
        the discriminator, range (0, 1); Bach's look more real to it than nearly all of them.
        """
        noise, chance = self._chance(1, seed)
        return self._told(noise * spread, chance, minor, kept, keep)[0]

    def walk(self, minor: bool, first: int, last: int, spread: float, count: int) -> list[dict[str, Any]]:
        """So many passages from one seed's to another's, as compose() tells them; the noise turns evenly from the first
        to the last, and what is left to chance stays the same."""
        ends = torch.cat([self._chance(1, seed)[0] for seed in (first, last)])
        angles = torch.linspace(0, torch.pi / 2, count)[:, None]
        noise = angles.cos() * ends[0] + angles.sin() * ends[1]
        return self._told(noise * spread, self._chance(1, first)[1], minor, None, ())

    def sample(
        self, minor: np.ndarray, seed: int, given: Passages | None = None, keep: Sequence[int] = ()
    ) -> Passages:
        """One passage of each mode, minor (N,). given: N passages, of which the voices in keep are kept."""
        noise, chance = self._chance(len(minor), seed)
        rolls = None if given is None else as_roll(*map(torch.as_tensor, given[:2]))
        parts = []
        for at in range(0, len(minor), AT_ONCE):
            some = slice(at, at + AT_ONCE)
            kept = None if rolls is None else rolls[some]
            parts.append(self._made(noise[some], chance, minor[some], kept, keep)[0])
        return _passages(torch.cat(parts), minor)

    @staticmethod
    def nearest(midi: np.ndarray) -> dict[str, Any]:
        """The training passage that sounds most pitches of this one, (4, 32), at the same place.

        -> {"work": "BWV 1.6", "same": share of voices and steps, "midi", "struck": as compose() tells them}.
        """
        known = passages.training()
        same = (known.midi == midi).mean((1, 2))
        place = int(same.argmax())
        return {"work": str(passages.works()[place]), "same": float(same[place]),
                "midi": known.midi[place], "struck": known.struck[place]}  # fmt: skip

    @staticmethod
    def soprano(minor: bool, number: int) -> dict[str, Any]:
        """A test passage by Bach of that mode, which the nets have not seen, as compose() tells it; without opinion."""
        unseen = passages.test()
        places = np.flatnonzero(unseen.minor == minor)
        place = places[number % len(places)]
        return {"midi": unseen.midi[place], "struck": unseen.struck[place]}

    def _chance(self, count: int, seed: int) -> tuple[torch.Tensor, torch.Generator]:
        """Noise, and what further draws come from; on the CPU, so that a seed means the same on every device."""
        chance = torch.Generator().manual_seed(seed)
        return torch.randn(count, self.latent, generator=chance), chance

    def _told(
        self, noise: torch.Tensor, chance: torch.Generator, minor: bool, kept: dict[str, Any] | None,
        keep: Sequence[int],
    ) -> list[dict[str, Any]]:  # fmt: skip
        roll = None
        if kept is not None:
            pitches = torch.as_tensor(kept["midi"] - np.array(passages.LOWEST)[:, None])
            roll = as_roll(pitches[None], torch.as_tensor(kept["struck"])[None])
        modes = np.full(len(noise), minor)
        rolls, scores = self._made(noise, chance, modes, roll, keep, alike=True)
        made = _passages(rolls, modes)
        opinions = (self.usual[int(minor)] < scores[:, None]).float().mean(1).tolist()
        return [
            {"midi": midi, "struck": struck, "opinion": opinion}
            for midi, struck, opinion in zip(made.midi, made.struck, opinions, strict=True)
        ]

    @torch.inference_mode()
    def _made(
        self, noise: torch.Tensor, chance: torch.Generator, minor: np.ndarray, given: torch.Tensor | None,
        keep: Sequence[int], alike: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
        """-> rolls, the most real of some drafts each, and the discriminator's scores of them.

        alike: what is left to chance is the same for all.
        """
        here = self.warmth.device
        known, modes = torch.zeros(len(noise), VOICES, device=here), torch.as_tensor(minor, device=here)
        known[:, list(keep)] = 1
        roll = torch.zeros(len(noise), STEPS, VOICES, PITCHES + 1) if given is None else given
        roll = roll.to(here)
        logits = self.generator(noise.to(here), modes, roll, known)
        warmth = torch.cat([self.warmth[:1].expand(PITCHES), self.warmth[1:]])
        best, scores = roll, torch.full((len(noise),), -torch.inf, device=here)
        for _ in range(int(self.drafts)):
            draws = gumbel((1 if alike else len(noise), *logits.shape[1:]), chance).to(here)
            draft = torch.where(known[:, None, :, None] > 0, roll, chosen(logits, warmth * draws))
            found = self.discriminator(self.discriminator.heard(draft), modes)
            best = torch.where((found > scores)[:, None, None, None], draft, best)
            scores = torch.maximum(scores, found)
        return best, scores


def _passages(rolls: torch.Tensor, minor: np.ndarray) -> Passages:
    rolls = rolls.transpose(1, 2).cpu()
    return Passages(rolls[..., :PITCHES].argmax(3).numpy(), rolls[..., PITCHES].numpy() > 0.5, minor)


def load(device: str) -> ChoraleGAN:
    """The trained net beside this file, on a torch device."""
    return ChoraleGAN.from_pretrained(Path(__file__).parent).eval().to(device)
