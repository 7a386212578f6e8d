"""Connect Four player: a small residual net says which columns look good and who stands better; a tree search asks it.

Silver et al., "A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play", 2018,
https://doi.org/10.1126/science.aar6404. The net has no batch normalisation: each block starts as the identity.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.nn import functional as F

from models.connect_four_net import rules
from models.connect_four_net.search import Trees

LEVELS = (0, 50, 400)  # simulations of the search; 0: the net alone
EVERY = 50  # simulations between two looks at a search


class Block(nn.Module):
    """(B, C, 6, 7) -> (B, C, 6, 7): two 3 x 3 convolutions beside a straight way."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class ConnectFourNet(nn.Module, PyTorchModelHubMixin):
    """(B, 3, 6, 7) planes of a position -> logits of the columns (B, 7), value for who is to move (B,), -1 to 1."""

    def __init__(self, width: int = 32, blocks: int = 5, heads: int = 8, hidden: int = 64) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))
        self.heads = nn.Conv2d(width, 2 * heads, 1)
        self.policy = nn.Linear(heads * rules.ROWS * rules.COLUMNS, rules.COLUMNS)
        self.value = nn.Sequential(
            nn.Linear(heads * rules.ROWS * rules.COLUMNS, hidden), nn.ReLU(), nn.Linear(hidden, 1)
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = F.relu(self.stem(x.contiguous(memory_format=torch.channels_last)))
        for block in self.blocks:
            x = block(x)
        policy, value = F.relu(self.heads(x)).chunk(2, 1)  # (B, heads, 6, 7) each
        return self.policy(policy.flatten(1)), torch.tanh(self.value(value.flatten(1)).squeeze(1))

    @torch.inference_mode()
    def evaluate(self, mine: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint64 (B,) boards, see rules.py -> float32 (B, 7) shares of the columns, 0 where full; (B,) values."""
        planes = torch.from_numpy(rules.planes(mine, theirs)).to(self.stem.weight.device)
        logits, value = self(planes)
        closed = torch.from_numpy(~rules.legal(mine, theirs)).to(logits.device)
        shares = logits.float().masked_fill(closed, -torch.inf).softmax(1)
        return shares.cpu().numpy(), value.float().cpu().numpy()

    def both_ways(self, mine: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As evaluate(): the mean of the position and its mirror image, which is the same game."""
        boards = [np.concatenate([side, rules.mirrored(side)]) for side in (mine, theirs)]
        shares, values = (part.reshape(2, len(mine), *part.shape[1:]) for part in self.evaluate(*boards))
        return (shares[0] + shares[1][:, ::-1]) / 2, values.mean(0)

    def player(self, simulations: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        """A function from many positions, uint64 (B,) boards, to the columns played in them, int (B,)."""

        def choose(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
            trees = Trees(mine, theirs, self.evaluate, simulations, self.both_ways)
            trees.simulate(simulations)
            return trees.best()

        return choose

    def think(self, moves: list[int], simulations: int) -> Iterator[dict[str, Any]]:
        """Thinks about the position after these columns (0 to 6), which must not be the end of a game.

        Yields each EVERY simulations, and at last {"done", "column": the best one, "shares": the net's own of each
        column, "visits": of the search, "values": of each column after search (of the net where there is none), NaN
        where it was never tried, "value": of the position}; values are -1 to 1 for who is to move. Raises ValueError
        for moves that cannot be made.
        """
        mine, theirs = (np.array([side], np.uint64) for side in rules.position(moves))
        trees = Trees(mine, theirs, self.evaluate, simulations, self.both_ways)
        for done in range(0, simulations, EVERY):
            trees.simulate(min(EVERY, simulations - done))
            yield self._found(trees, min(done + EVERY, simulations))
        if not simulations:
            yield self._found(trees, 0)

    def _found(self, trees: Trees, done: int) -> dict[str, Any]:
        values = np.where(trees.visits > 0, trees.values, np.nan) if done else self._one_ahead(trees)
        return {
            "done": done,
            "column": int(trees.best()[0]),
            "shares": trees.priors[0].tolist(),
            "visits": trees.visits[0].astype(int).tolist(),
            "values": values[0].tolist(),
            "value": float(trees.mean[0]),
        }

    def _one_ahead(self, trees: Trees) -> np.ndarray:
        """float32 (1, 7): what the net says of the position after each column, without any search."""
        roots = trees.mine[trees.first], trees.theirs[trees.first]
        mine, theirs = (side.reshape(-1) for side in rules.all_drops(*roots))
        values = np.where(
            rules.won(theirs), 1, np.where(rules.full(mine, theirs), 0, -self.both_ways(mine, theirs)[1])
        )
        return np.where(trees.legal, values, np.nan)

    def course(self, moves: list[int]) -> list[float]:
        """The net's own value, -1 to 1 for who began, before the first of these columns and after each."""
        boards = [rules.position(moves[:number]) for number in range(len(moves) + 1)]
        mine, theirs = np.array(boards, np.uint64).T
        values = np.where(
            rules.won(theirs), -1, np.where(rules.full(mine, theirs), 0, self.both_ways(mine, theirs)[1])
        )
        return (values * (-1.0) ** np.arange(len(boards))).tolist()


def load(device: str) -> ConnectFourNet:
    """The trained net beside this file, on a torch device."""
    return ConnectFourNet.from_pretrained(Path(__file__).parent).eval().to(device)
