"""Extractive question answering: a BERT reads question and passage together and scores each word as the first and
as the last word of the answer.

Devlin et al., "BERT", 2019, https://arxiv.org/abs/1810.04805; no answer is a span too, the one at [CLS]: Rajpurkar
et al., "Know What You Don't Know", 2018, https://arxiv.org/abs/1806.03822. The encoder is all-MiniLM-L6-v2; what
training adds to its upper layers has low rank: Hu et al., "LoRA", 2021, https://arxiv.org/abs/2106.09685.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models import layers, spans
from models.spans import Span, Token

QUESTION, WINDOW = 40, 256  # tokens: of a question, of question and piece
TOGETHER, ALIKE = 4, 8  # pieces, sentences in one forward pass
COMPARED = 8  # sentences that are compared with the question as a whole
CLS, SEP = 101, 102


class SpanReader(nn.Module, PyTorchModelHubMixin):
    """(B, T) token ids and types -> logits (B, T, 2): start and end of the answer; place 0 is no answer."""

    threshold: torch.Tensor
    likeness: torch.Tensor
    scale: torch.Tensor

    def __init__(self, rank: int = 48, tuned: int = 4) -> None:
        """rank: of what training adds to each matrix; tuned: how many layers it is added to, from the top."""
        super().__init__()
        encoder, tokenizer = layers.minilm()
        encoder.requires_grad_(False)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        upper = copy.deepcopy(encoder.encoder.layer[-tuned:])
        self._fixed = (encoder, upper, tokenizer)  # a tuple, so that saving leaves it out
        self.tuned = tuned
        linears = tuple(part for part in upper.modules() if isinstance(part, nn.Linear))
        self._linears = linears
        self.down = nn.ParameterList(
            torch.randn(one.in_features, rank) * one.in_features**-0.5 for one in linears
        )
        self.up = nn.ParameterList(torch.zeros(rank, one.out_features) for one in linears)
        self.head = nn.Linear(encoder.config.hidden_size, 2)
        # Set after training: least score of an answer, weight of likeness, steepness of certainty
        for name, value in (("threshold", 0.0), ("likeness", 0.0), ("scale", 1.0)):
            self.register_buffer(name, torch.tensor(value))
        self._hooks = [one.register_forward_hook(self._added(number)) for number, one in enumerate(linears)]

    def _added(self, number: int) -> Any:
        return lambda part, given, answer: answer + given[0] @ self.down[number] @ self.up[number]

    def settle(self, device: str) -> "SpanReader":
        """Adds what was trained to the frozen matrices, which makes reading faster; ends training."""
        with torch.no_grad():
            for linear, down, up in zip(self._linears, self.down, self.up, strict=True):
                linear.weight += (down @ up).T
        for hook in self._hooks:
            hook.remove()
        for part in self._fixed[:2]:
            part.to(device)  # type: ignore[arg-type]
        return self.to(device)

    def forward(self, ids: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        encoder, upper, _ = self._fixed
        mask = (ids != 0)[:, None, None]  # (B, 1, 1, T)
        with torch.no_grad():
            states = encoder.embeddings(input_ids=ids, token_type_ids=types)  # (B, T, 384)
            for layer in encoder.encoder.layer[: -self.tuned]:
                states = layer(states, mask)
        for layer in upper:
            states = layer(states, mask)
        return self.head(states.float())

    @torch.inference_mode()
    def answers(self, question: str, passage: str) -> Iterator[dict[str, Any]]:
        """Reads a passage piece by piece -> after every few pieces, what was found so far.

        read: share of the passage, 0..1; spans: up to four, the best first, none overlapping another, each with
        text, start and end (characters), sentence (start, end), score and certainty (0..1); found: whether the
        best reaches the threshold. A question is cut after 40 tokens.
        """
        asked = self._fixed[2].encode(question, add_special_tokens=False).ids[:QUESTION]
        pieces = self._pieces(len(asked), passage)
        bounds = spans.sentences(passage)
        near: dict[int, float] = {}  # likeness of the sentences that were compared so far
        seen: list[Span] = []
        for first in range(0, len(pieces), TOGETHER):
            some = pieces[first : first + TOGETHER]
            ids, types = batch(
                [pair(asked, [one.id for one in piece]) for piece in some], self.head.weight.device
            )
            for piece, logits in zip(some, self(ids, types).cpu().numpy(), strict=True):
                place = len(asked) + 2  # of the piece's first token
                of_tokens, none = logits[place : place + len(piece)], logits[0].sum()
                seen += spans.best(piece, of_tokens, none, [start for start, _ in bounds])
            best = self._best(seen, question, passage, bounds, near)
            found = bool(best) and best[0]["score"] >= self.threshold.item()
            yield {"read": min(1.0, (first + TOGETHER) / len(pieces)), "spans": best, "found": found}

    def _pieces(self, asked: int, passage: str) -> list[list[Token]]:
        """The passage's tokens in windows, each with room for the question."""
        encoded = self._fixed[2].encode(passage, add_special_tokens=False)
        tokens = [
            Token(number, start, end, text.startswith("##"))
            for number, (start, end), text in zip(encoded.ids, encoded.offsets, encoded.tokens, strict=True)
        ]
        return spans.windows(tokens, WINDOW - asked - 3)

    def _best(
        self,
        seen: list[Span],
        question: str,
        passage: str,
        bounds: list[tuple[int, int]],
        near: dict[int, float],
    ) -> list[dict[str, Any]]:
        """The best spans of the most promising sentences, after the sentences' likeness is added to their scores."""
        seen.sort(key=lambda span: -span.score)
        promising = list(dict.fromkeys(span.sentence for span in seen))[:COMPARED]
        if self.likeness:
            new = [number for number in promising if number not in near]
            texts = [passage[start:end] for start, end in (bounds[number] for number in new)]
            near.update(zip(new, self.similar(question, texts).tolist(), strict=True))
        weight = self.likeness.item()
        scored = [(span.score + weight * near.get(span.sentence, 0.0), span)
                  for span in seen if span.sentence in promising]  # fmt: skip
        return spans.shown(scored, passage, bounds, self.threshold.item(), self.scale.item())

    @torch.inference_mode()
    def similar(self, question: str, texts: list[str]) -> np.ndarray:
        """Cosine of the question and each text, as MiniLM sees them without what was trained, float32 (texts,)."""
        if not texts:
            return np.zeros(0, np.float32)
        encoded = self._fixed[2].encode_batch([question, *texts], add_special_tokens=False)
        rows = [[CLS, *one.ids[: WINDOW - 2], SEP] for one in encoded]
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))  # alike lengths waste no padding
        vectors = np.empty((len(rows), self.head.in_features), np.float32)
        for first in range(0, len(order), ALIKE):
            chosen = order[first : first + ALIKE]
            ids, types = batch([(rows[i], [0] * len(rows[i])) for i in chosen], self.head.weight.device)
            mask = (ids != 0).long()
            states = self._fixed[0](
                input_ids=ids, token_type_ids=types, attention_mask=mask
            ).last_hidden_state
            vectors[chosen] = nn.functional.normalize((states * mask[..., None]).sum(1), dim=1).cpu().numpy()
        return vectors[1:] @ vectors[0]


def pair(question: list[int], piece: list[int]) -> tuple[list[int], list[int]]:
    """-> token ids of [CLS] question [SEP] piece [SEP], and their types, 1 from the piece on."""
    ids = [CLS, *question, SEP, *piece, SEP]
    return ids, [0] * (len(question) + 2) + [1] * (len(piece) + 1)


def batch(
    pairs: list[tuple[list[int], list[int]]], device: torch.device | str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and types of several pairs -> two int64 (B, T), zeros behind the shorter ones."""
    longest = max(len(ids) for ids, _ in pairs)
    both = [[row + [0] * (longest - len(row)) for row in rows] for rows in zip(*pairs, strict=True)]
    ids, types = torch.tensor(both, device=device)
    return ids, types


def load(device: str) -> SpanReader:
    """MiniLM with the trained part beside this file laid over it, on a torch device."""
    return SpanReader.from_pretrained(Path(__file__).parent).eval().settle(device)
