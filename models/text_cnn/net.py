"""Sentiment of Chinese reviews: filters over three, four and five characters, the strongest answer of each, and what
every character and pair adds by itself.

Kim, "Convolutional Neural Networks for Sentence Classification", 2014, https://arxiv.org/abs/1408.5882. The linear part
beside it: Cheng et al., "Wide & Deep Learning for Recommender Systems", 2016, https://arxiv.org/abs/1606.07792.
"""

import functools
import itertools
import math
import unicodedata
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from opencc import OpenCC
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from models.batching import Batcher
from models.text_cnn import data

TOGETHER = 16  # calls in one batch
TEXTS = 8  # texts in one forward pass: more cost memory and gain no time
WIDTHS = (3, 4, 5)  # characters
PADDING, UNKNOWN, FIRST = 0, 1, 2  # numbers of no character, of one that training did not show, of the first
FAVOURITES = 5  # n-grams kept for each filter
LOUD = 10.0  # what single weights are multiplied by, so that a few epochs suffice them
TO_SIMPLIFIED = OpenCC("t2s")


class TextCNN(nn.Module, PyTorchModelHubMixin):
    """Characters and pairs of characters, numbered, (B, T, 2) -> logit (B,) of "positive".

    characters: all it knows, in one string; pairs: all pairs it knows, one after the other. Filters and the embeddings
    that they read, `size` numbers each, belong to `members` nets, whose mean the answer is.
    """

    def __init__(
        self,
        characters: str,
        pairs: str = "",
        members: int = 4,
        size: int = 32,
        filters: int = 48,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.numbers = {one: number for number, one in enumerate(characters, FIRST)}
        two = [pairs[i : i + 2] for i in range(0, len(pairs), 2)]
        self.pairs = {one: number for number, one in enumerate(two, FIRST)}
        self.character = nn.Embedding(FIRST + len(characters), members * size, PADDING)
        self.pair = nn.Embedding(FIRST + len(two), members * size, PADDING)
        for table in (self.character, self.pair):  # small, so that a few epochs can shape them
            nn.init.normal_(table.weight, std=0.1)
            nn.init.zeros_(table.weight[PADDING])
        self.lone_character = nn.Embedding(FIRST + len(characters), 1, PADDING)
        self.lone_pair = nn.Embedding(FIRST + len(two), 1, PADDING)
        for table in (self.lone_character, self.lone_pair):
            nn.init.zeros_(table.weight)
        self.members, self.filters = members, members * filters
        self.convolutions = nn.ModuleList(
            nn.Conv1d(members * size, self.filters, width, groups=members) for width in WIDTHS
        )
        self.dropout, self.soft_dropout = nn.Dropout(dropout), nn.Dropout(dropout / 2)
        self.head = nn.Linear(self.filters * len(WIDTHS), 1)

    @functools.cached_property
    def _ask(self) -> Batcher:
        return Batcher(self._look_at_many, TOGETHER)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.votes(ids).mean(1)

    def votes(self, ids: torch.Tensor) -> torch.Tensor:
        """The logit of each member, (B, members): in training each has a loss of its own, so that they differ."""
        strongest = torch.stack([answers.amax(2) for answers in self.answers(ids)], 1)  # (B, widths, filters)
        adds = (self.dropout(strongest).flatten(1) * self.head.weight).view(
            *strongest.shape[:2], self.members, -1
        )
        return self.members * adds.sum((1, 3)) + self.head.bias + self.alone(ids).sum((1, 2))[:, None]

    def alone(self, ids: torch.Tensor) -> torch.Tensor:
        """What each character adds by itself, and each pair: (B, T, 2)."""
        adds = torch.cat([self.lone_character(ids[..., 0]), self.lone_pair(ids[..., 1])], -1)
        return LOUD * adds / (ids[..., 0] != PADDING).sum(1).clamp(min=1).sqrt()[:, None, None]

    def answers(self, ids: torch.Tensor) -> list[torch.Tensor]:
        """What each filter of each width says at each place, 0 and above: (B, filters, T - width + 1)."""
        x = self.character(ids[..., 0]) + self.pair(ids[..., 1])
        x = self.soft_dropout(x).transpose(1, 2)  # (B, size, T)
        lengths = (ids[..., 0] != PADDING).sum(1)
        said = []
        for width, convolution in zip(WIDTHS, self.convolutions, strict=True):
            inside = torch.arange(x.shape[2] - width + 1, device=x.device) <= (lengths - width)[
                :, None
            ].clamp(min=0)
            said.append(convolution(x).relu() * inside[:, None])  # a window must not reach beyond the text
        return said

    def predict(self, texts: list[str]) -> list[float]:
        """Chinese reviews -> how probably each is positive, 0..1."""
        return [found["positive"] for found in self._ask(texts)]

    def explain(self, text: str) -> dict[str, Any]:
        """positive: probability; bias; characters, pairs: what each adds by itself, a pair where it begins; filters:
        of each the n-gram in the text that it answered to most.

        A filter is number, start and end (characters of the text), answer (0 and above), weight in the last
        layer, and adds, their product: the bias and what all of them add make the logit of the probability.
        """
        return self._ask([text])[0]

    @functools.cached_property
    def favourites(self) -> list[list[str]]:
        """For each filter the n-grams that it answers to most, strongest first, among held-out reviews."""
        texts = sorted(map(prepared, data.frozen()[0]), key=len)  # alike lengths waste no padding
        cut = [texts[start : start + TEXTS] for start in range(0, len(texts), TEXTS)]
        with torch.inference_mode():
            found = [self._strongest(self.read(part)) for part in cut]
        answers, starts = (torch.cat(part) for part in zip(*found, strict=True))  # (texts, filters)
        orders, places = answers.argsort(0, descending=True).T.tolist(), starts.T.tolist()
        widths = [width for width in WIDTHS for _ in range(self.filters)]
        liked = [
            dict.fromkeys(texts[i][at[i] : at[i] + width] for i in order)
            for width, order, at in zip(widths, orders, places, strict=True)
        ]
        return [list(pieces)[:FAVOURITES] for pieces in liked]

    @torch.inference_mode()
    def _look_at_many(self, calls: list[list[str]]) -> list[list[dict[str, Any]]]:
        flat = [text for texts in calls for text in texts]
        found: dict[int, dict[str, Any]] = {}
        order = sorted(range(len(flat)), key=lambda i: len(flat[i]))  # alike lengths waste no padding
        for start in range(0, len(flat), TEXTS):
            chosen = order[start : start + TEXTS]
            found |= zip(chosen, self._look([prepared(flat[i]) for i in chosen]), strict=True)
        ends = itertools.accumulate(len(texts) for texts in calls)
        return [
            [found[i] for i in range(end - len(texts), end)] for texts, end in zip(calls, ends, strict=True)
        ]

    def _look(self, texts: list[str]) -> list[dict[str, Any]]:
        ids = self.read(texts)
        (answers, places), alone = self._strongest(ids), self.alone(ids)
        weights, starts = self.head.weight[0], places.tolist()
        logits = (self.head(answers)[:, 0] + alone.sum((1, 2))).tolist()
        adds, said = (answers * weights).tolist(), answers.tolist()
        widths = [width for width in WIDTHS for _ in range(self.filters)]
        return [
            {
                "positive": 1 / (1 + math.exp(-logits[row])),
                "bias": self.head.bias.item(),
                "characters": alone[row, : len(text), 0].tolist(),
                "pairs": alone[row, : len(text), 1].tolist(),
                "filters": [
                    {
                        "number": number,
                        "start": starts[row][number],
                        "end": min(starts[row][number] + width, len(text)),
                        "answer": said[row][number],
                        "weight": weights[number].item(),
                        "adds": adds[row][number],
                    }
                    for number, width in enumerate(widths)
                ],
            }
            for row, text in enumerate(texts)
        ]

    def _strongest(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The strongest answer of each filter of all widths, and where its n-gram begins: (B, filters) each."""
        best = [answers.max(2) for answers in self.answers(ids)]
        return torch.cat([values for values, _ in best], 1), torch.cat([places for _, places in best], 1)

    def read(self, texts: list[str]) -> torch.Tensor:
        """Prepared texts -> (B, T, 2): the numbers of each character and of the pair that it begins."""
        rows = [
            torch.tensor(
                [
                    (self.numbers.get(text[i], UNKNOWN), self.pairs.get(text[i : i + 2], UNKNOWN))
                    for i in range(len(text))
                ]
                + [(PADDING, PADDING)] * (max(WIDTHS) - len(text))
            )
            for text in texts
        ]
        return pad_sequence(rows, batch_first=True, padding_value=PADDING).to(self.head.weight.device)


def prepared(text: str) -> str:
    """The text as the net knows it, character by character: Simplified, narrow, small, any digit as 0."""
    simplified = TO_SIMPLIFIED.convert(text)
    if len(simplified) != len(text):  # a phrase became longer or shorter, and places must stay
        simplified = "".join(TO_SIMPLIFIED.convert(one)[:1] for one in text)
    return "".join(map(_plain, simplified))


@functools.cache
def _plain(character: str) -> str:
    if character.isdigit():
        return "0"
    narrow = unicodedata.normalize("NFKC", character).lower()
    return " " if not narrow.strip() else narrow if len(narrow) == 1 else character


def load(device: str) -> TextCNN:
    """The trained net beside this file, on a torch device."""
    return TextCNN.from_pretrained(Path(__file__).parent).float().eval().requires_grad_(False).to(device)
