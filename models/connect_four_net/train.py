"""Trains the player by games against itself, about an hour on one CPU thread: `python -m models train
connect_four_net`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from models.connect_four_net import data, opponents, rules, selfplay
from models.connect_four_net.net import LEVELS, ConnectFourNet
from models.train import Run

MATCH, MATCH_SEED = 200, 1  # games of a match; seed of its openings
GLANCE, GLANCE_SEED = 60, 2  # games for the curve, from other openings


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    generations: int = 54
    games: int = 384  # in each generation
    long: int = 100  # simulations of a move that is learned from
    short: int = 20  # simulations of the other moves
    share: float = 0.3  # of moves that are learned from
    window: int = 60_000  # positions that are kept to learn from, the newest
    steps: int = 64  # of training after each generation
    batch: int = 256
    lr: float = 2e-3
    weight_decay: float = 0.01
    wins_50_random_at_least: float = 0.98
    wins_50_minimax_4_at_least: float = 0.60

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(generations=2, games=32, long=16, short=8, steps=4)


class Memory:
    """The newest positions to learn from; a checkpoint holds them too."""

    def __init__(self, size: int) -> None:
        self.size = size
        kinds = {"mine": np.uint64, "theirs": np.uint64, "shares": np.float32, "values": np.float32}
        self.parts = {name: np.zeros((0, 7) if name == "shares" else 0, kind) for name, kind in kinds.items()}

    def add(self, lessons: selfplay.Lessons) -> None:
        for name, kept in self.parts.items():
            self.parts[name] = np.concatenate([kept, getattr(lessons, name)])[-self.size :]

    def draw(self, count: int, chance: np.random.Generator) -> list[torch.Tensor]:
        """-> planes (B, 3, 6, 7), shares (B, 7), values (B,); each position as it is or in a mirror."""
        chosen = chance.integers(0, len(self.parts["values"]), count)
        mine, theirs, shares, values = (part[chosen] for part in self.parts.values())
        planes, flip = rules.planes(mine, theirs), chance.random(count) < 0.5
        planes[flip], shares[flip] = planes[flip][..., ::-1], shares[flip][:, ::-1]
        return [torch.from_numpy(part) for part in (planes, shares, values)]

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {name: torch.from_numpy(part.copy()) for name, part in self.parts.items()}

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        self.parts = {name: part.numpy() for name, part in state.items()}


def train(recipe: Recipe, run: Run) -> ConnectFourNet:
    net, memory = ConnectFourNet(), Memory(recipe.window)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    total = recipe.steps * recipe.generations
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=total, pct_start=0.1)
    state = {"net": net, "optimiser": optimiser, "schedule": schedule, "memory": memory}

    def evaluate(mine: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with torch.autocast("cpu", torch.bfloat16):  # twice as fast
            return net.evaluate(mine, theirs)

    for generation in run.epochs(recipe.generations, **state):
        chance = np.random.default_rng([recipe.seed, generation])
        net.eval()
        lessons, length = selfplay.play(
            evaluate, recipe.games, recipe.long, recipe.short, recipe.share, chance
        )
        memory.add(lessons)
        net.train()
        losses = np.mean([_step(net, optimiser, schedule, memory.draw(recipe.batch, chance))
                          for _ in range(recipe.steps)], 0)  # fmt: skip
        net.eval()
        won, drawn = opponents.match(net.player(0), opponents.minimax(4), GLANCE, GLANCE_SEED)
        run.log(
            epoch=generation,
            policy_loss=losses[0],
            value_loss=losses[1],
            stones_a_game=length,
            net_alone_against_minimax_4=won + drawn / 2,
        )
    return net


def _step(
    net: ConnectFourNet, optimiser: Any, schedule: Any, batch: list[torch.Tensor]
) -> tuple[float, float]:
    """One step towards the shares that the search found and the values that the games had; -> both losses."""
    planes, shares, values = batch
    with torch.autocast("cpu", torch.bfloat16):
        logits, guess = net(planes)
    policy = F.cross_entropy(logits.float(), shares)
    value = F.mse_loss(guess.float(), values)
    optimiser.zero_grad()
    (policy + value).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    schedule.step()
    return policy.item(), value.item()


def evaluate(net: ConnectFourNet, frozen: bool) -> dict[str, float]:
    """On late positions with known outcomes: how often a move keeps the outcome, where some do not; how often the
    value names the winner, where there is one. When not frozen also MATCH games of each level against random play and
    minimax: shares won and drawn."""
    mine, theirs, outcomes = data.frozen()
    best = outcomes.max(1)
    hard = np.flatnonzero(((outcomes < best[:, None]) & (outcomes > -2)).any(1))
    everyone = {"net": net.player(0), "50": net.player(50), "random": opponents.at_random(np.random.default_rng(0)),
                "minimax_2": opponents.minimax(2), "minimax_4": opponents.minimax(4)}  # fmt: skip
    metrics = {
        f"late_moves_right_{name}": float(
            (outcomes[hard, player(mine[hard], theirs[hard])] == best[hard]).mean()
        )
        for name, player in everyone.items()
    }
    guess = net.both_ways(mine, theirs)[1]
    metrics["late_winner_right_net"] = float((guess * best > 0)[best != 0].mean())
    return metrics if frozen else metrics | _matches(net)


def _matches(net: ConnectFourNet) -> dict[str, float]:
    table: dict[str, float] = {}
    for simulations in LEVELS:
        against = {
            "random": opponents.at_random(np.random.default_rng(MATCH_SEED)),
            "minimax_2": opponents.minimax(2),
            "minimax_4": opponents.minimax(4),
        }
        for name, opponent in against.items():
            won, drawn = opponents.match(net.player(simulations), opponent, MATCH, MATCH_SEED)
            level = simulations or "net"
            table |= {f"wins_{level}_{name}": won, f"draws_{level}_{name}": drawn}
    return table
