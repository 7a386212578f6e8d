"""Monte Carlo tree search led by a net (PUCT), over many positions at once in NumPy arrays. No torch.

Silver et al., "Mastering the game of Go without human knowledge", 2017, https://doi.org/10.1038/nature24270; first
values of unvisited moves as in Wu, "Accelerating Self-Play Learning in Go", 2019, https://arxiv.org/abs/1902.10565.
"""

from collections.abc import Callable

import numpy as np

from models.connect_four_net import rules

# uint64 (B,), uint64 (B,) -> float32 (B, 7) shares of the columns, float32 (B,) value for who is to move, -1 to 1
Evaluate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
EXPLORE = 1.6  # weight of the net's shares against the values found
FIRST_LOSS = 0.25  # a move never tried counts as this much worse than its position
NOISE, NOISE_SHARE = 1.0, 0.25  # Dirichlet's alpha, and how much of it is mixed in at the root


class Trees:
    """One search tree for each of G positions, none of which has ended.

    visits, values: float32 (G, 7) at the root, how often each column was tried and the mean value found there for
    who is to move; priors: the net's shares.
    """

    def __init__(
        self,
        mine: np.ndarray,
        theirs: np.ndarray,
        evaluate: Evaluate,
        room: int,
        begin: Evaluate | None = None,
    ) -> None:
        """room: simulations that there will be at most, over all calls of simulate(); begin: judges the roots."""
        count, self.size = len(mine), room + 1
        self.evaluate, self.used = begin or evaluate, 1
        nodes = count * self.size
        self.first = np.arange(count) * self.size  # each tree's root among all nodes
        self.mine, self.theirs = np.zeros(nodes, np.uint64), np.zeros(nodes, np.uint64)
        self.shares, self.tried, self.sums = (np.zeros((nodes, 7), np.float32) for _ in range(3))
        self.child = np.zeros((nodes, 7), np.int64)  # 0: none, since node 0 is nobody's child
        self.value = np.zeros(nodes, np.float32)  # of the node for who is to move there
        self.ended = np.zeros(nodes, bool)
        self.mine[self.first], self.theirs[self.first] = mine, theirs
        self._judge(self.first)
        self.evaluate = evaluate
        self.legal = rules.legal(mine, theirs)
        self.priors = np.where(self.legal, self.shares[self.first], 0)

    @property
    def visits(self) -> np.ndarray:
        return self.tried[self.first]

    @property
    def values(self) -> np.ndarray:
        return self.sums[self.first] / np.maximum(self.visits, 1)

    @property
    def mean(self) -> np.ndarray:
        """float32 (G,): value of each position after search, for who is to move."""
        return (self.sums[self.first].sum(1) + self.value[self.first]) / (self.visits.sum(1) + 1)

    def best(self) -> np.ndarray:
        """int (G,): the column most visited; between equals, and before any visit, the one the net prefers."""
        return np.where(self.legal, self.visits + self.priors, -1).argmax(1)

    def add_noise(self, chance: np.random.Generator) -> None:
        """Makes self-play try what the net would not: Dirichlet noise on the root's shares."""
        noise = chance.standard_gamma(NOISE, self.legal.shape) * self.legal
        noise /= noise.sum(1, keepdims=True)
        mixed = (1 - NOISE_SHARE) * self.priors + NOISE_SHARE * noise
        self.shares[self.first] = np.where(self.legal, mixed, -np.inf)

    def simulate(self, simulations: int) -> None:
        """Walks down each tree so many times, adds a node, asks the net about it and tells its value upwards."""
        for _ in range(simulations):
            path, leaves = self._descend()
            value = self.value[leaves]
            for trees, nodes, columns in reversed(path):
                value[trees] *= -1
                self.sums[nodes, columns] += value[trees]
                self.tried[nodes, columns] += 1

    def _descend(self) -> tuple[list[tuple[np.ndarray, np.ndarray, np.ndarray]], np.ndarray]:
        """-> the ways down, level by level (trees still on their way, nodes, columns), and each tree's leaf."""
        trees, nodes, path = np.arange(len(self.first)), self.first, []
        parents, chosen, leaves = (np.zeros(len(trees), np.int64) for _ in range(3))
        while len(trees):
            columns = self._choose(nodes)
            path.append((trees, nodes, columns))
            below = self.child[nodes, columns]
            parents[trees], chosen[trees], leaves[trees] = nodes, columns, below
            going = (below > 0) & ~self.ended[below]
            trees, nodes = trees[going], below[going]
        fresh = np.flatnonzero(leaves == 0)
        if len(fresh):
            leaves[fresh] = self._grow(parents[fresh], chosen[fresh], self.first[fresh] + self.used)
        self.used += 1
        return path, leaves

    def _choose(self, nodes: np.ndarray) -> np.ndarray:
        """The column with the best sum of value found and wish to explore, for each node."""
        tried = self.tried[nodes]
        total = tried.sum(1, keepdims=True)
        found = np.where(
            tried > 0, self.sums[nodes] / np.maximum(tried, 1), self.value[nodes, None] - FIRST_LOSS
        )
        return (found + EXPLORE * self.shares[nodes] * np.sqrt(total + 1) / (1 + tried)).argmax(1)

    def _grow(self, parents: np.ndarray, columns: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        self.mine[nodes], self.theirs[nodes] = rules.drop(self.mine[parents], self.theirs[parents], columns)
        self.child[parents, columns] = nodes
        self._judge(nodes)
        return nodes

    def _judge(self, nodes: np.ndarray) -> None:
        """Values new nodes: by the rules where the game has ended there, else by the net."""
        mine, theirs = self.mine[nodes], self.theirs[nodes]
        lost = rules.won(theirs)
        self.ended[nodes] = lost | rules.full(mine, theirs)
        self.value[nodes] = np.where(lost, -1, 0)
        open_ = nodes[~self.ended[nodes]]
        if len(open_):
            mine, theirs = self.mine[open_], self.theirs[open_]
            shares, self.value[open_] = self.evaluate(mine, theirs)
            self.shares[open_] = np.where(rules.legal(mine, theirs), shares, -np.inf)
