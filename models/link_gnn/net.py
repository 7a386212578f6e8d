"""Guesses missing ties of a network: GraphSAGE's message passing and counts of walks, trained anew at each visit.

Hamilton et al., "Inductive Representation Learning on Large Graphs", 2017, https://arxiv.org/abs/1706.02216.
A tie is hidden before its own walks are counted, as in Zhang and Chen, "Link Prediction Based on Graph Neural
Networks", 2018, https://arxiv.org/abs/1802.09691. Measured beside Liben-Nowell and Kleinberg, "The Link
Prediction Problem for Social Networks", 2007, https://doi.org/10.1002/asi.20591.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score, roc_curve
from torch import nn

from models.link_gnn import pairs as drawing
from models.link_gnn.pairs import BASELINES, matrix, walks

EPOCHS, LESSONS, LOOK = 100, 20, 5  # steps; choices of hidden ties they go through; steps between two looks
HIDDEN, MOST_HIDDEN, STRANGERS = 0.2, 300, 2  # ties of a lesson: share, at most; pairs without a tie for each
WIDTH, RATE, DECAY = 16, 0.01, 1e-3  # hidden units; AdamW's step and weight decay
DROPOUT, PAIR_DROPOUT = 0.2, 0.3  # of the last hidden layer; of what messages say of a pair
POINTS = 100  # of a curve, at most


class View:
    """A network without its hidden ties: what a pair can be judged by."""

    def __init__(self, edges: np.ndarray, people: int) -> None:
        self.knows = matrix(edges, people)
        degree = self.knows.sum(1)
        friends = (self.knows @ degree) / np.maximum(degree, 1)
        self.rows = torch.from_numpy(
            np.log1p(np.stack([degree, friends], 1)).astype(np.float32)
        )  # (people, 2)
        own = np.arange(people)
        to = torch.from_numpy(np.concatenate([edges[:, 0], edges[:, 1], own]))
        source = torch.from_numpy(np.concatenate([edges[:, 1], edges[:, 0], own]))
        weight = torch.from_numpy(((degree + 1)[to] * (degree + 1)[source]) ** -0.5)
        self.ties = to, source, weight.float()


Lesson = tuple[View, np.ndarray, np.ndarray, np.ndarray]  # see _lesson()


class LinkGNN(nn.Module):
    """A pair's logit: from two rounds of messages between friends, and from the walks between the two."""

    def __init__(self, shown: list[tuple[View, np.ndarray]], chance: torch.Generator) -> None:
        """shown: the lessons, whose rows and walks are scaled to mean 0 and deviation 1."""
        super().__init__()
        self._chance = chance
        people, counts = (
            torch.cat([view.rows for view, _ in shown]),
            np.concatenate([one for _, one in shown]),
        )
        self.scale = people.mean(0), people.std(0) + 1e-3
        self.walk_scale = counts.mean(0), counts.std(0) + 1e-3
        self.own, self.friends = nn.Linear(2, WIDTH), nn.Linear(2, WIDTH)
        self.again = nn.Linear(WIDTH, WIDTH)
        self.hidden = nn.Linear(WIDTH + counts.shape[1], WIDTH)
        self.last = nn.Linear(WIDTH, 1)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter, generator=chance)
            else:
                nn.init.zeros_(parameter)

    def forward(self, view: View, pairs: np.ndarray, counts: np.ndarray) -> torch.Tensor:
        """pairs (P, 2), their walks (P, 9) -> logits (P,). The order within a pair does not matter."""
        device = self.last.weight.device
        ties = tuple(tie.to(device) for tie in view.ties)
        rows = ((view.rows - self.scale[0]) / self.scale[1]).to(device)
        rows = (self.own(rows) + messages(self.friends(rows), ties)).relu()
        rows = messages(self.again(rows), ties)  # (people, WIDTH)
        both = self._dropped(rows[pairs[:, 0]] * rows[pairs[:, 1]], PAIR_DROPOUT)
        counted = torch.from_numpy((counts - self.walk_scale[0]) / self.walk_scale[1]).to(device)
        hidden = self.hidden(torch.cat([both, counted], 1)).relu()
        return self.last(self._dropped(hidden, DROPOUT))[:, 0]

    def _dropped(self, rows: torch.Tensor, share: float) -> torch.Tensor:
        """Dropout from this net's own generator: others draw from torch's at the same time."""
        if not self.training:
            return rows
        return rows * (torch.rand(rows.shape, generator=self._chance) > share).to(rows) / (1 - share)


def messages(rows: torch.Tensor, ties: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Each person receives their friends' and their own rows, weighed by degree: (people, D) -> (people, D)."""
    to, source, weight = ties
    return torch.zeros_like(rows).index_add(0, to, rows[source] * weight[:, None])


class Links:
    """What the room lends: a net of its own for each call. Holds no weights."""

    def __init__(self, device: str) -> None:
        self._device = device

    def learn(
        self, edges: np.ndarray, people: int, seed: int, seconds: float, focus: int | None = None
    ) -> Iterator[dict[str, Any]]:
        """Trains on four fifths of the ties; yields what stands, first only lessons, the share prepared.

        edges: (E, 2) of persons 0..people-1, each pair once, none to oneself; seconds: training ends early
        after so many; focus: a person to be judged with every stranger. Then epoch, epochs and loss; auc: {"net",
        "adamic_adar", "common_neighbours"} -> area under the curve on held-out ties and strangers; roc: the same
        names -> (2, points), rates of false and true positives. The last state also holds pairs (P, 2) of strangers
        and scores (P,), range (0, 1), judged by the whole network.
        Raises ValueError where there are too few ties or strangers to hold any out.
        """
        end, chance = time.monotonic() + seconds, np.random.default_rng(seed)
        kept, held, test, strangers = drawing.split(edges, people, chance)
        lessons: list[Lesson] = []
        while len(lessons) < LESSONS and (not lessons or time.monotonic() < end):
            lessons.append(_lesson(kept, strangers, people, chance))
            yield {"lessons": len(lessons) / LESSONS}
        shown = [(view, counts) for view, _, counts, _ in lessons]
        net = LinkGNN(shown, torch.Generator().manual_seed(seed)).to(self._device)
        optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
        whole, asked = View(kept, people), np.concatenate([held, test])
        counts, answers = walks(whole.knows, asked), np.arange(len(asked)) < len(held)
        auc, roc = {}, {}
        for place, name in enumerate(BASELINES):
            auc[name], roc[name] = _measure(counts[:, place], answers)
        for epoch in range(1, EPOCHS + 1):
            loss = _step(net, optimiser, lessons[epoch % len(lessons)])
            late = epoch == EPOCHS or time.monotonic() > end
            if epoch % LOOK == 0 or late:
                auc["net"], roc["net"] = _measure(_score(net, whole, asked, counts), answers)
                state = {"epoch": epoch, "epochs": EPOCHS, "loss": loss, "auc": {**auc}, "roc": {**roc}}
                yield state
            if late:
                break
        yield state | _suggest(net, edges, people, chance, focus)


def _lesson(kept: np.ndarray, strangers: np.ndarray, people: int, chance: np.random.Generator) -> Lesson:
    """Hides some ties; -> view without them, pairs to judge, their walks, and 1 where a tie is hidden."""
    order = chance.permutation(len(kept))
    hidden = min(max(1, round(HIDDEN * len(kept))), MOST_HIDDEN)
    others = chance.choice(strangers, min(len(strangers), STRANGERS * hidden), replace=False)
    view = View(kept[order[hidden:]], people)
    pairs = np.concatenate([kept[order[:hidden]], others])
    return view, pairs, walks(view.knows, pairs), (np.arange(len(pairs)) < hidden).astype(np.float32)


def _step(net: LinkGNN, optimiser: torch.optim.Optimizer, lesson: Lesson) -> float:
    view, pairs, counts, answers = lesson
    logits = net.train()(view, pairs, counts)
    loss = nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(answers).to(logits.device))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@torch.inference_mode()
def _score(net: LinkGNN, view: View, pairs: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return net.eval()(view, pairs, counts).sigmoid().cpu().numpy()


def _measure(scores: np.ndarray, answers: np.ndarray) -> tuple[float, np.ndarray]:
    """-> area under the ROC curve, and the curve (2, at most POINTS)."""
    curve = np.stack(roc_curve(answers, scores)[:2])
    shown = np.unique(np.linspace(0, curve.shape[1] - 1, POINTS).round().astype(int))
    return float(roc_auc_score(answers, scores)), curve[:, shown]


def _suggest(
    net: LinkGNN, edges: np.ndarray, people: int, chance: np.random.Generator, focus: int | None
) -> dict[str, Any]:
    view = View(edges, people)
    pairs = drawing.candidates(view.knows, edges, chance, focus)
    return {"pairs": pairs, "scores": _score(net, view, pairs, walks(view.knows, pairs))}


def load(device: str) -> Links:
    """Nothing to read: a net is trained at each call, on this torch device."""
    return Links(device)
