"""Spreads a few labels over a network of people: a GCN trained from nothing at each visit, and label propagation.

Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks", 2017,
https://arxiv.org/abs/1609.02907. Deep ones blur: Li, Han and Wu, "Deeper Insights into Graph Convolutional
Networks", 2018, https://arxiv.org/abs/1801.07606. Beside it: Zhu and Ghahramani, "Learning from Labeled and
Unlabeled Data with Label Propagation", 2002.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

HIDDEN, RATE, DECAY = 16, 0.01, 5e-4  # as in the paper: width, Adam's step, weight decay of the first layer
ROUNDS, STILL = 2000, 1e-5  # of label propagation: at most so many, or until no share moves by more


class Convolution(nn.Module):
    """Each person takes the mean of their own and their friends' rows, weighed by degree, then one linear map."""

    def __init__(self, before: int, after: int, chance: torch.Generator) -> None:
        super().__init__()
        bound = (6 / (before + after)) ** 0.5  # Glorot and Bengio, 2010
        self.weight = nn.Parameter((2 * torch.rand(before, after, generator=chance) - 1) * bound)

    def forward(self, rows: torch.Tensor | None, ties: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """(people, before), or None for one-hot rows -> (people, after). ties: to, from, weight."""
        to, source, weight = ties
        mapped = self.weight if rows is None else rows @ self.weight
        return torch.zeros_like(mapped).index_add(0, to, mapped[source] * weight[:, None])


class GCN(nn.Module):
    """Nobody is described: a person's input is a one-hot row, so all that is known is who knows whom."""

    def __init__(self, people: int, groups: int, depth: int, chance: torch.Generator) -> None:
        super().__init__()
        widths = [people, *[HIDDEN] * (depth - 1), groups]
        self.layers = nn.ModuleList([Convolution(*pair, chance) for pair in itertools.pairwise(widths)])

    def forward(self, ties: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, torch.Tensor]:
        """-> logits (people, groups), last hidden rows (people, HIDDEN); with one layer the logits twice."""
        rows = hidden = self.layers[0](None, ties)
        for layer in self.layers[1:]:
            hidden = rows.relu()
            rows = layer(hidden, ties)
        return rows, hidden


class Groups:
    """What the room lends: two ways to spread labels. Holds no weights; each call trains its own."""

    def __init__(self, device: str) -> None:
        self._device = device

    def spread(
        self, edges: np.ndarray, people: int, labels: dict[int, int], depth: int, epochs: int, seed: int
    ) -> Iterator[dict[str, Any]]:
        """Trains a GCN; yields its state before the first epoch and after each.

        edges: (E, 2) of persons 0..people-1, each pair once, none to oneself; labels: person -> group 0, 1, ...
        A state: epoch, loss, shares (people, groups), plane (people, 2): the last hidden layer on the plane in
        which it differs most; alike: mean cosine between two people's hidden rows, 1 where all became the same.
        """
        net = GCN(people, max(labels.values()) + 1, depth, torch.Generator().manual_seed(seed))
        net.to(self._device)
        first, *others = net.parameters()
        optimiser = torch.optim.Adam([{"params": [first], "weight_decay": DECAY}], RATE)
        if others:
            optimiser.add_param_group({"params": others})
        ties = tuple(tie.to(self._device) for tie in normalised(edges, people))
        known = torch.tensor(list(labels), device=self._device)
        groups_of_known = torch.tensor(list(labels.values()), device=self._device)
        plane = np.zeros((people, 2), np.float32)
        for epoch in range(epochs + 1):
            logits, hidden = net(ties)
            loss = nn.functional.cross_entropy(logits[known], groups_of_known)
            rows = hidden.detach().cpu().numpy()
            plane = _plane(rows, plane)
            yield {
                "epoch": epoch,
                "loss": loss.item(),
                "shares": logits.detach().softmax(1).cpu().numpy(),
                "plane": plane,
                "alike": _alike(rows),
            }
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    def propagate(self, edges: np.ndarray, people: int, labels: dict[int, int]) -> np.ndarray:
        """Label propagation, see propagate()."""
        return propagate(edges, people, labels)


def normalised(edges: np.ndarray, people: int) -> tuple[torch.Tensor, ...]:
    """The paper's propagation matrix D^-1/2 (A + I) D^-1/2 as (to, from, weight), each tie both ways."""
    own = np.arange(people)
    to = torch.from_numpy(np.concatenate([edges[:, 0], edges[:, 1], own]))
    source = torch.from_numpy(np.concatenate([edges[:, 1], edges[:, 0], own]))
    degree = torch.bincount(to, minlength=people).float()
    return to, source, (degree[to] * degree[source]).rsqrt()


def propagate(edges: np.ndarray, people: int, labels: dict[int, int]) -> np.ndarray:
    """Each person takes the mean of their friends' shares, the labelled keep theirs, until nothing moves.

    -> float32 (people, groups); a row of zeros for whom no label reaches.
    """
    known = np.array(list(labels))
    fixed = np.eye(max(labels.values()) + 1, dtype=np.float32)[list(labels.values())]
    shares = np.zeros((people, fixed.shape[1]), np.float32)
    shares[known] = fixed
    to, source = np.concatenate([edges, edges[:, ::-1]]).T
    degree = np.maximum(np.bincount(to, minlength=people), 1)[:, None]
    for _ in range(ROUNDS):
        columns = [np.bincount(to, column[source], people) for column in shares.T]
        moved = (np.stack(columns, 1) / degree).astype(np.float32)
        moved[known] = fixed
        still = np.abs(moved - shares).max() < STILL
        shares = moved
        if still:
            break
    return shares / np.maximum(shares.sum(1, keepdims=True), 1e-9)


def _plane(rows: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Rows (people, D) -> (people, 2), in units of a row's mean length, turned to lie near the plane before."""
    centred = rows - rows.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    flat = centred @ axes[:2].T / max(float(np.linalg.norm(rows, axis=1).mean()), 1e-9)
    flat = np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
    left, _, right = np.linalg.svd(flat.T @ before)  # orthogonal Procrustes
    return (flat @ (left @ right)).astype(np.float32)


def _alike(rows: np.ndarray) -> float:
    """Mean cosine between two rows, range (-1, 1); rows of zeros are left out."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = (rows / np.maximum(lengths, 1e-9))[lengths[:, 0] > 1e-9]
    return float((units.mean(0) ** 2).sum()) if len(units) else 1.0


def load(device: str) -> Groups:
    """Nothing to read: nets are trained at each call, on this torch device."""
    return Groups(device)
