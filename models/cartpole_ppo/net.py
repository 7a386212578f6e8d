"""Learns gymnasium's CartPole-v1 from nothing, at each visit anew, by proximal policy optimisation.

Schulman et al., "Proximal Policy Optimization Algorithms", 2017, https://arxiv.org/abs/1707.06347; advantages
after Schulman et al., 2016, https://arxiv.org/abs/1506.02438. The task: Barto, Sutton and Anderson, 1983,
https://doi.org/10.1109/TSMC.1983.6313077.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from models.cartpole_ppo.carts import FULL, Carts, episode, examine

CARTS, HORIZON, MOST_STEPS = (
    16,
    64,
    150_000,
)  # side by side; steps of each between two lessons; of all training
PASSES, BATCH, CLIP = 8, 256, 0.2  # through the steps of a lesson; how far a probability may move
WIDTH, SCALE = 64, 50.0  # hidden units; steps that the value net's output stands for
LATEST, GOOD = 20, 475  # episodes that the shown mean is of; the mean from which on training may end
# Episodes at the end, the likelier push at each step; lessons begin with seeds just above a thousand's multiple
TESTS, TEST_SEED = 100, 20_500
LOOK, GRID = 4, 21  # lessons between two looks; cells of the plane along each side
LEAN, SPIN = 0.21, 2.0  # rim of the plane: radians, radians a second


class Player(nn.Module):
    """(B, 4): place, speed, lean, spin -> logits of a push to the left and right (B, 2), expected steps (B,)."""

    def __init__(self, chance: torch.Generator) -> None:
        super().__init__()
        self.policy, self.value = _perceptron(2, 0.01, chance), _perceptron(1, 1.0, chance)

    def forward(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.policy(seen), SCALE * self.value(seen)[:, 0]

    @torch.inference_mode()
    def choose(self, seen: np.ndarray) -> np.ndarray:
        """The likelier push of each cart."""
        return self.policy(torch.from_numpy(seen)).argmax(1).numpy()


class CartPole:
    """What the room lends: a training to watch. Holds no weights; each call trains its own.

    It stays on the CPU, which is faster than a GPU for nets this small.
    """

    def learn(self, seed: int, rate: float, limit: float) -> Iterator[dict[str, Any]]:
        """Trains until the latest episodes are about full and a test is, or MOST_STEPS, or so many seconds.

        rate: Adam's step. A state, after each lesson: "steps"; "episodes" so far; "reward": mean of the latest
        ones; "seconds"; every LOOK lessons also "episode", see episode(), as the player would now play, and
        "plane": (GRID, GRID) probabilities of a push to the right by spin (rows, -SPIN..SPIN) and lean
        (columns, -LEAN..LEAN). The last one also "test" and "random_test": rewards of TESTS episodes.
        """
        chance, started = torch.Generator().manual_seed(seed), time.monotonic()
        player, carts = Player(chance), Carts(CARTS, seed)
        optimiser = torch.optim.Adam(player.parameters(), rate, eps=1e-5)
        for lesson in range(MOST_STEPS // (CARTS * HORIZON)):
            _improve(player, optimiser, carts.play(player, HORIZON, chance), chance)
            state = {
                "steps": (lesson + 1) * CARTS * HORIZON,
                "episodes": len(carts.rewards),
                "reward": float(np.mean(carts.rewards[-LATEST:] or [0])),
                "seconds": time.monotonic() - started,
            }
            if state["seconds"] > limit or (state["reward"] >= GOOD and self._stands(player, seed)):
                break
            yield state | (_look(player, seed) if lesson % LOOK == 0 else {})
        by_chance = np.random.default_rng(seed)
        yield (
            state
            | _look(player, seed)
            | {
                "test": examine(player.choose, TESTS, TEST_SEED),
                "random_test": examine(lambda seen: by_chance.integers(2, size=len(seen)), TESTS, TEST_SEED),
            }
        )

    def _stands(self, player: Player, seed: int) -> bool:
        return min(examine(player.choose, LATEST, seed)) == FULL


def _improve(
    player: Player, optimiser: torch.optim.Optimizer, rows: dict[str, torch.Tensor], chance: torch.Generator
) -> None:
    """One lesson: pushes that went better than expected become likelier, none by more than CLIP."""
    for _ in range(PASSES):
        for chosen in torch.randperm(len(rows["push"]), generator=chance).split(BATCH):
            logits, value = player(rows["seen"][chosen])
            logs = logits.log_softmax(1).gather(1, rows["push"][chosen, None])[:, 0]
            ratio, better = (logs - rows["log"][chosen]).exp(), rows["advantage"][chosen]
            better = (better - better.mean()) / (better.std() + 1e-8)
            gain = torch.minimum(ratio * better, ratio.clamp(1 - CLIP, 1 + CLIP) * better).mean()
            loss = F.mse_loss(value / SCALE, rows["expected"][chosen] / SCALE) - gain
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(player.parameters(), 0.5)
            optimiser.step()


@torch.inference_mode()
def _look(player: Player, seed: int) -> dict[str, Any]:
    spin, lean = np.meshgrid(np.linspace(-SPIN, SPIN, GRID), np.linspace(-LEAN, LEAN, GRID), indexing="ij")
    still = np.zeros_like(lean)
    cells = np.stack([still, still, lean, spin], -1).reshape(-1, 4).astype(np.float32)
    right = player(torch.from_numpy(cells))[0].softmax(1)[:, 1]
    return {
        "episode": episode(player.choose, TEST_SEED + TESTS + seed),
        "plane": right.reshape(GRID, GRID).numpy().copy(),
    }


def _perceptron(out: int, gain: float, chance: torch.Generator) -> nn.Sequential:
    layers = [nn.Linear(4, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, out)]
    for layer, size in zip(layers, (2**0.5, 2**0.5, gain), strict=True):
        nn.init.orthogonal_(layer.weight, size, generator=chance)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])


def load(device: str) -> CartPole:
    """Nothing to read: a player is trained at each call."""
    return CartPole()
