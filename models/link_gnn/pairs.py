"""Pairs of people: which ties are held out, who does not know each other, and the walks that lead from one to
the other. Adamic and Adar, "Friends and Neighbors on the Web", 2003; three steps: Kovács et al.,
"Network-based prediction of protein interactions", 2019, https://doi.org/10.1038/s41467-019-09177-y.
"""

import numpy as np
from scipy import sparse

HELD = 0.2  # of all ties, for the measurement
TESTED, MOST_STRANGERS = 2000, 20_000  # strangers: of the measurement, and in all
EVERY_PAIR = 300  # people, up to whom every two strangers are candidates
HUB, CANDIDATES = 150, 5000  # above: friends of anyone with at most so many friends, the first so many
CHUNK = 1_000_000  # pairs times people that are looked at at once: about 50 MB
BASELINES = ("common_neighbours", "adamic_adar")  # the first two columns of walks()


def matrix(edges: np.ndarray, people: int) -> sparse.csr_array:
    """(E, 2) -> who knows whom, float32 (people, people), both ways."""
    both = np.concatenate([edges, edges[:, ::-1]])
    return sparse.csr_array((np.ones(len(both), np.float32), (both[:, 0], both[:, 1])), (people, people))


def split(
    edges: np.ndarray, people: int, chance: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """-> ties to learn from, held-out ties, strangers to measure on and, others, to learn from; (N, 2) each.

    Strangers are drawn uniformly from all pairs without a tie. Raises ValueError when there are too few.
    """
    order = chance.permutation(len(edges))
    held = round(HELD * len(edges))
    strangers = strangers_of(edges, people, chance)
    tested = min(TESTED, len(strangers) // 2)
    if held < 1 or tested < 1:
        raise ValueError("too few ties or too few strangers to hold any out")
    return edges[order[held:]], edges[order[:held]], strangers[:tested], strangers[tested:]


def strangers_of(
    edges: np.ndarray, people: int, chance: np.random.Generator, most: int | None = MOST_STRANGERS
) -> np.ndarray:
    """So many different pairs without a tie, in random order; (N, 2), the smaller number first. None: no limit."""
    known = np.sort(edges, 1) @ (people, 1)
    if people <= EVERY_PAIR:
        drawn = np.stack(np.triu_indices(people, 1), 1)
    else:
        drawn = np.sort(chance.integers(0, people, (2 * MOST_STRANGERS, 2)), 1)
        drawn = drawn[drawn[:, 0] < drawn[:, 1]]
    keys = np.setdiff1d(drawn @ (people, 1), known)  # sorted, each once
    chance.shuffle(keys)
    return np.stack(np.divmod(keys[:most], people), 1)


def walks(knows: sparse.csr_array, pairs: np.ndarray) -> np.ndarray:
    """How two people are linked: float32 (pairs, 9).

    Common neighbours; Adamic-Adar; resource allocation; walks of two, three and four steps, each step divided by
    the root of the degrees at its ends; sum and difference of log degrees; share of friends in common.
    """
    chunk = max(1, CHUNK // knows.shape[0])
    parts = [_walks(knows, pairs[start : start + chunk]) for start in range(0, len(pairs), chunk)]
    return np.concatenate([np.zeros((0, 9), np.float32), *parts])


def _walks(knows: sparse.csr_array, pairs: np.ndarray) -> np.ndarray:
    degree = np.asarray(knows.sum(1))
    least = np.maximum(degree, 1)
    root = sparse.diags_array(least**-0.5)
    step = (root @ knows @ root).tocsr()
    left, right = (knows[side] for side in pairs.T)
    common = left.multiply(right).tocsr()
    one, other = (step[side] for side in pairs.T)
    two, other_two = (one @ step).tocsr(), (other @ step).tocsr()
    shared = np.asarray(common.sum(1))
    low, high = np.sort(np.log1p(degree[pairs]), 1).T
    columns = [
        shared,
        common @ (1 / np.log(np.maximum(degree, 2))),
        common @ (1 / least),
        one.multiply(other).sum(1),
        two.multiply(other).sum(1),
        two.multiply(other_two).sum(1),
        low + high,
        high - low,
        shared / np.maximum(degree[pairs].sum(1) - shared, 1),
    ]
    return np.stack(columns, 1).astype(np.float32)


def candidates(
    knows: sparse.csr_array, edges: np.ndarray, chance: np.random.Generator, focus: int | None
) -> np.ndarray:
    """Pairs worth scoring (N, 2): all strangers of a small network; of a large one the CANDIDATES with the highest
    Adamic-Adar through people who are no hubs, else random ones, and all strangers of one person, if any.
    """
    people = knows.shape[0]
    if people <= EVERY_PAIR:
        return strangers_of(edges, people, chance, most=None)
    degree = np.asarray(knows.sum(1))
    quiet = (degree > 1) & (degree <= HUB)
    through = knows[:, quiet]
    weighed = through @ sparse.diags_array(1 / np.log(degree[quiet]))
    near = sparse.triu(weighed @ through.T, 1).tocoo()
    found = np.stack([near.row, near.col], 1)[np.argsort(-near.data, kind="stable")]
    found = found[~np.isin(found @ (people, 1), np.sort(edges, 1) @ (people, 1))]
    found = (found if len(found) else strangers_of(edges, people, chance))[:CANDIDATES]
    if focus is None:
        return found
    strangers = np.setdiff1d(np.flatnonzero(knows[[focus]].toarray()[0] == 0), [focus])
    own = np.sort(np.stack([np.full_like(strangers, focus), strangers], 1), 1)
    return np.unique(np.concatenate([found, own]), axis=0)
