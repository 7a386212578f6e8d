"""Learns handwritten digits from nothing, at each visit anew: a convolutional variational autoencoder.

Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, https://arxiv.org/abs/1312.6114; the net itself:
models/vae_net.py.
"""

import time
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import numpy as np
import torch

from models import digit_data
from models.vae_net import VAE, bits_per_pixel

SIZES, EPOCHS = (2, 16), 20  # numbers in a code that may be chosen; most epochs of a training
TRAINED, BATCH = 1800, 60  # digits to learn from, of 2,000, the others are held out; those of one step
RATE, WIDTH = 4e-3, 32  # Adam's step; channels of the net
SHOWN, GRID = 16, 11  # samples and held-out digits shown; digits along a side of the map of two numbers


class DigitVAE:
    """What the room lends: a training to watch. Holds no weights; each call trains its own.

    It stays on the CPU: batches this small keep a GPU waiting.
    """

    def learn(self, size: int, beta: float, seed: int, limit: float) -> Iterator[dict[str, Any]]:
        """Trains for EPOCHS epochs, or so many seconds; yields a state after each batch, so that it can be stopped.

        size: 2 or 16 numbers in a code; beta: weight of the code's cost. A state: "epoch", from 0, a fraction;
        "seconds"; "bits_per_pixel": cost of the batch. After each epoch, and at the end, also "held_out": cost in
        bits a pixel of digits it does not learn from; "code": their code's nats; "samples" (SHOWN, 28, 28): what
        fixed codes look like now; "given" and "back" (10, 28, 28): held-out digits and how they come back;
        "map": for two numbers (GRID, GRID, 28, 28), else None. Pictures are uint8, bright on black.
        """
        images, labels = digit_data.frozen()
        learned, held = _tensor(images[:TRAINED]), _tensor(images[TRAINED:])
        shown = TRAINED + np.unique(labels[TRAINED:], return_index=True)[1]
        chance, started = torch.Generator().manual_seed(seed), time.monotonic()
        net = _net(size, seed)
        optimiser = torch.optim.Adam(net.parameters(), RATE)
        fixed = torch.randn(SHOWN, size, generator=torch.Generator().manual_seed(seed))
        batches, state = TRAINED // BATCH, {}
        for epoch in range(EPOCHS):
            for number, chosen in enumerate(torch.randperm(TRAINED, generator=chance).split(BATCH), 1):
                bits = _step(net, optimiser, learned[chosen], beta, chance)
                state = {"epoch": epoch + number / batches, "bits_per_pixel": bits}
                state["seconds"] = time.monotonic() - started
                if state["seconds"] > limit:
                    break
                if number < batches:
                    yield state
            yield state | _look(net, held, _tensor(images[shown]), fixed)
            if state["seconds"] > limit:
                break


def _net(size: int, seed: int) -> VAE:
    """Fresh weights by the seed, leaving the process's own random numbers as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return VAE(size, WIDTH)


def _step(
    net: VAE, optimiser: torch.optim.Optimizer, digits: torch.Tensor, beta: float, chance: torch.Generator
) -> float:
    """One batch; -> what it cost, in bits a pixel."""
    net.train()
    pixels, code = net.cost(digits, chance)
    loss = (pixels + beta * code.sum(1)).mean() / digits[0].numel()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    return bits_per_pixel((pixels + code.sum(1)).mean().item())


@torch.inference_mode()
def _look(net: VAE, held: torch.Tensor, given: torch.Tensor, fixed: torch.Tensor) -> dict[str, Any]:
    net.eval()
    pixels, code = net.cost(held, torch.Generator().manual_seed(0))
    return {
        "held_out": bits_per_pixel((pixels + code.sum(1)).mean().item()),
        "code": code.sum(1).mean().item(),
        "samples": _pictures(net.decode(fixed)),
        "given": _pictures(given),
        "back": _pictures(net.decode(net.encode(given)[0])),
        "map": _map(net) if net.size == 2 else None,
    }


def _map(net: VAE) -> np.ndarray:
    """Digits at equal steps of probability along both numbers, so that the middle is not crowded out."""
    steps = np.array([NormalDist().inv_cdf(share) for share in np.linspace(0.03, 0.97, GRID)], np.float32)
    codes = np.stack(np.meshgrid(steps, -steps), -1).reshape(-1, 2)
    return _pictures(net.decode(torch.from_numpy(codes))).reshape(GRID, GRID, 28, 28)


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures)[:, None].float() / 255


def _pictures(shares: torch.Tensor) -> np.ndarray:
    return (255 * shares[:, 0] + 0.5).byte().numpy()


def load(device: str) -> DigitVAE:
    """Nothing to read: a net is trained at each call."""
    return DigitVAE()
