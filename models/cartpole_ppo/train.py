"""Measures the live training on five seeds: `python -m models train cartpole_ppo` writes the card's block."""

from dataclasses import dataclass

import numpy as np

from models.cartpole_ppo.carts import examine
from models.cartpole_ppo.net import TEST_SEED, TESTS, CartPole

SEEDS, RATE, LONG = 5, 3e-3, 3600.0


@dataclass(frozen=True)
class Recipe:
    """What live training must reach; how it trains stands in net.py."""

    reward_at_least: float = 500.0


def evaluate(net: CartPole, frozen: bool) -> dict[str, float]:
    """Mean steps of 100 episodes on seeds that training never sees, of 500; mean of 5 trainings (frozen: one)."""
    finals = [list(net.learn(seed, RATE, LONG))[-1] for seed in range(1 if frozen else SEEDS)]
    metrics = {"reward": float(np.mean([final["test"] for final in finals]))}
    if frozen:
        return metrics
    return metrics | {
        "worst_training_reward": min(float(np.mean(final["test"])) for final in finals),
        "steps_of_training": float(np.mean([final["steps"] for final in finals])),
        "random_reward": float(np.mean([final["random_test"] for final in finals])),
        "rule_reward": float(np.mean(examine(by_rule, TESTS, TEST_SEED))),
    }


def by_rule(seen: np.ndarray) -> np.ndarray:
    """A rule by hand: push to where the pole will lean, the lean plus a little of the spin."""
    return (seen[:, 2] + 0.2 * seen[:, 3] > 0).astype(int)
