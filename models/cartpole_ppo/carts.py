"""Carts of gymnasium's CartPole-v1, played side by side, for lessons and for tests."""

from collections.abc import Callable

import numpy as np
import torch
from gymnasium.envs.classic_control.cartpole import CartPoleEnv
from torch import nn

FULL = 500  # steps of an episode in which the pole never falls
GAMMA, SMOOTHING = 0.99, 0.95  # discount, GAE's lambda

Choose = Callable[[np.ndarray], np.ndarray]  # float32 (N, 4): place, speed, lean, spin -> pushes 0 or 1 (N,)


class Carts:
    """Carts for lessons, each begun anew when its pole has fallen or its episode is full."""

    def __init__(self, count: int, seed: int) -> None:
        self.carts = _carts(range(seed * 1000, seed * 1000 + count))
        self.seen = _seen(self.carts)
        self.lengths = np.zeros(count, int)
        self.rewards: list[int] = []  # of the episodes that ended

    @torch.no_grad()
    def play(self, player: nn.Module, steps: int, chance: torch.Generator) -> dict[str, torch.Tensor]:
        """So many steps of each cart, by chance as the player's probabilities are.

        -> (N, ...) each: "seen", "push", "log" of its probability, "expected" as it turned out to be, and
        "advantage": how much better that is than the player expected.
        """
        rows, flags = [], []
        for _ in range(steps):
            seen = torch.from_numpy(self.seen.copy())
            logits, value = player(seen)
            logs = logits.log_softmax(1)
            push = torch.multinomial(logs.exp(), 1, generator=chance)
            rows.append((seen, push[:, 0], logs.gather(1, push)[:, 0], value))
            flags.append(self._step(push[:, 0].numpy(), player))
        seen, pushes, logs, values = (torch.stack(part) for part in zip(*rows, strict=True))
        over, bonus = (torch.stack(part) for part in zip(*flags, strict=True))
        advantage = _advantages(values, over, bonus, player(torch.from_numpy(self.seen))[1])
        whole = {
            "seen": seen,
            "push": pushes,
            "log": logs,
            "expected": values + advantage,
            "advantage": advantage,
        }
        return {name: part.flatten(0, 1) for name, part in whole.items()}

    def _step(self, pushes: np.ndarray, player: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
        """-> whether each episode ended (N,), and what a full one would have gone on to earn (N,)."""
        down = _push(self.carts, pushes)
        self.seen = _seen(self.carts)
        self.lengths += 1
        over = down | (self.lengths >= FULL)
        further = player(torch.from_numpy(self.seen))[1] * torch.from_numpy(over & ~down)
        for number in np.flatnonzero(over):
            self.rewards.append(int(self.lengths[number]))
            self.seen[number], self.lengths[number] = self.carts[number].reset()[0], 0
        return torch.from_numpy(over).float(), further


def examine(choose: Choose, count: int, first: int) -> list[int]:
    """Steps that the pole stood, at most FULL, in so many episodes on the seeds first, first + 1, ..."""
    lengths = np.zeros(count, int)
    standing, carts = np.arange(count), _carts(range(first, first + count))
    for _ in range(FULL):
        down = _push(carts, choose(_seen(carts)))
        lengths[standing] += 1
        standing, carts = standing[~down], [cart for cart, fell in zip(carts, down, strict=True) if not fell]
        if not carts:
            break
    return lengths.tolist()


def episode(choose: Choose, seed: int) -> list[tuple[float, float, int]]:
    """One episode to look at: place (metres), lean (radians) and push (0 left, 1 right) at each step."""
    carts, told = _carts([seed]), []
    for _ in range(FULL):
        seen = _seen(carts)
        push = choose(seen)
        told.append((round(float(seen[0, 0]), 3), round(float(seen[0, 2]), 3), int(push[0])))
        if _push(carts, push)[0]:
            break
    return told


def _carts(seeds: range | list[int]) -> list[CartPoleEnv]:
    carts = [CartPoleEnv() for _ in seeds]
    for cart, seed in zip(carts, seeds, strict=True):
        cart.reset(seed=seed)
    return carts


def _seen(carts: list[CartPoleEnv]) -> np.ndarray:
    return np.array([cart.state for cart in carts], np.float32)


def _push(carts: list[CartPoleEnv], pushes: np.ndarray) -> np.ndarray:
    """One step of each -> whether its pole has fallen, or it left the track (N,)."""
    return np.array([cart.step(push)[2] for cart, push in zip(carts, pushes.tolist(), strict=True)])


def _advantages(
    values: torch.Tensor, over: torch.Tensor, bonus: torch.Tensor, after: torch.Tensor
) -> torch.Tensor:
    """Generalised advantage estimation over (steps, N); each step earns 1."""
    advantage, running = torch.zeros_like(values), torch.zeros_like(after)
    for step in range(len(values) - 1, -1, -1):
        goes_on = 1 - over[step]
        surprise = 1 + GAMMA * (after * goes_on + bonus[step]) - values[step]
        running = surprise + GAMMA * SMOOTHING * goes_on * running
        advantage[step], after = running, values[step]
    return advantage
