"""Sentiment of English text: MiniLM, its upper layers tuned here on film reviews, and what each word contributed.

Devlin et al., "BERT", 2019, https://arxiv.org/abs/1810.04805; Wang et al., "MiniLM", 2020,
https://arxiv.org/abs/2002.10957. Contributions: Sundararajan et al., "Axiomatic Attribution for Deep Networks"
(integrated gradients), 2017, https://arxiv.org/abs/1703.01365.
"""

import bisect
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from tokenizers import Encoding, Tokenizer
from torch import nn
from transformers import BertConfig, BertModel
from transformers.models.bert.modeling_bert import BertIntermediate, BertLayer, BertOutput

from models.batching import Batcher
from models.layers import minilm

PAD = 0  # number of [PAD] in the vocabulary
FROZEN_LAYERS = (
    3  # of six; of the fourth, attention stays as published too, so that the file keeps under 10 MB
)
TOGETHER = 16  # calls in one batch
PIECES = 32  # pieces of text in one forward pass
PIECE_WORDS = 48  # a longer text is read in pieces of whole sentences up to so many words
STEPS = 40  # points of the Gauss-Legendre rule
SENTENCE_END = re.compile(r"[.!?]+[\"')\]]*\s*$")


class BertSentiment(nn.Module, PyTorchModelHubMixin):
    """States (B, T, 384) of the frozen part, mask (B, T) -> logit (B,) of "positive"."""

    def __init__(self, layers: int = 2, width: int = 384, heads: int = 12, dropout: float = 0.1) -> None:
        super().__init__()
        config = BertConfig(hidden_size=width, num_attention_heads=heads, intermediate_size=4 * width,
                            hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)  # fmt: skip
        config._attn_implementation = "sdpa"
        self.intermediate, self.output = BertIntermediate(config), BertOutput(config)
        self.layers = nn.ModuleList(BertLayer(config) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width, 1)  # mean and maximum over the words
        self.below = cast("Below", None)  # until lay_over()

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.output(self.intermediate(states), states)
        for layer in self.layers:
            x = layer(x, mask[:, None, None].bool())  # (B, T, 384)
        shut = ~mask[..., None].bool()
        mean = x.masked_fill(shut, 0).sum(1) / mask.sum(1, keepdim=True)
        pooled = torch.cat([mean, x.masked_fill(shut, -1e4).amax(1)], 1)
        return self.head(self.dropout(pooled))[:, 0]

    def lay_over(self, below: "Below") -> "BertSentiment":
        """Gives the net the frozen part that it reads texts through."""
        self.below = below
        self._ask = Batcher(self._logits_of_many, TOGETHER)
        self._weigh = Batcher(lambda pieces: [self._contributions(piece) for piece in pieces], TOGETHER)
        return self

    def to(self, *args: Any, **kwargs: Any) -> "BertSentiment":
        """Moves the frozen part too, which is no submodule, so that it is not stored."""
        if self.below:
            self.below.encoder.to(*args, **kwargs)
        return super().to(*args, **kwargs)

    def predict(self, texts: list[str]) -> list[float]:
        """English texts of any length -> how probably each is positive, 0..1."""
        return [1 / (1 + math.exp(-logit)) for logit in self._ask(texts)]

    def explain(self, text: str) -> Iterator[dict[str, Any]]:
        """What each word of a text contributed, piece by piece of a long one.

        Yields words: [(word, contribution)] with the space after it, joined they are the text; blank and
        logit: what the net says to blanks and to the piece; both and the contributions are weighed by
        the piece's share of the text, so that everything adds up to the logit of the text.
        """
        pieces = pieces_of(text)
        for piece, share in zip(pieces, shares_of(pieces), strict=True):
            words, blank, logit = self._weigh(piece)
            weighed = [(word, share * value) for word, value in words]
            yield {"words": weighed, "blank": share * blank, "logit": share * logit}

    @torch.inference_mode()
    def _logits_of_many(self, calls: list[list[str]]) -> list[list[float]]:
        pieces = [pieces_of(text) for texts in calls for text in texts]
        flat = [piece for of_text in pieces for piece in of_text]
        logits = np.empty(len(flat))
        order = sorted(range(len(flat)), key=lambda i: len(flat[i]))  # alike lengths waste no padding
        for start in range(0, len(flat), PIECES):
            chosen = order[start : start + PIECES]
            logits[chosen] = self(*self.below.read([flat[i] for i in chosen])).float().cpu().numpy()
        ends = np.cumsum([len(of_text) for of_text in pieces])
        means = [
            float(np.dot(logits[end - len(of_text) : end], shares_of(of_text)))
            for of_text, end in zip(pieces, ends, strict=True)
        ]
        return [list(part) for part in np.split(means, np.cumsum([len(texts) for texts in calls])[:-1])]

    def _contributions(self, piece: str) -> tuple[list[tuple[str, float]], float, float]:
        """Integrated gradients along the straight line from blanks to the words, summed over each word."""
        below = self.below
        encoded = below.tokenizer.encode(piece)
        ids = torch.tensor([encoded.ids], device=self.head.weight.device)
        special = torch.tensor(encoded.special_tokens_mask, device=ids.device).bool()
        end = below.embed(ids)  # (1, T, 384)
        start = below.embed(ids.masked_fill(~special, PAD))
        points, weights = (torch.from_numpy(one).to(end) for one in np.polynomial.legendre.leggauss(STEPS))
        path = torch.cat([start, end, start + (points[:, None, None] + 1) / 2 * (end - start)])
        path.requires_grad_()  # (2 + STEPS, T, 384)
        mask = torch.ones_like(path[..., 0])
        with torch.enable_grad():
            logits = self(below.states(path, mask), mask)
            (slopes,) = torch.autograd.grad(logits[2:].sum(), path)
        mean = (slopes[2:] * weights[:, None, None]).sum(0) / 2
        by_token = (mean * (end - start)[0]).sum(1).tolist()
        return words_of(piece, encoded, by_token), logits[0].item(), logits[1].item()


class Below:
    """MiniLM up to the attention of its fourth layer, as published."""

    def __init__(self, encoder: BertModel, tokenizer: Tokenizer) -> None:
        self.encoder, self.tokenizer = encoder.requires_grad_(False), tokenizer

    def read(self, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """-> states (B, T, 384), mask (B, T), 1 where a token is."""
        encoded = self.tokenizer.encode_batch(texts)
        ids = torch.tensor([one.ids for one in encoded], device=self.encoder.device)
        mask = torch.tensor([one.attention_mask for one in encoded], device=self.encoder.device)
        return self.states(self.embed(ids), mask), mask

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """Tokens (B, T) -> word vectors (B, T, 384), before places are added."""
        return self.encoder.embeddings.word_embeddings(ids)

    def states(self, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x, shown = self.encoder.embeddings(inputs_embeds=embedded), mask[:, None, None].bool()
        for layer in self.encoder.encoder.layer[:FROZEN_LAYERS]:
            x = layer(x, shown)
        return cast(BertLayer, self.encoder.encoder.layer[FROZEN_LAYERS]).attention(x, shown)[0]


def pieces_of(text: str) -> list[str]:
    """A text as pieces of up to PIECE_WORDS words, of whole sentences where they fit; joined they are the text."""
    words = re.findall(r"\S+\s*", text)
    pieces, start = [], 0
    while start < len(words):
        end = min(start + PIECE_WORDS, len(words))
        if end < len(words):
            end = next((i for i in range(end, start, -1) if SENTENCE_END.search(words[i - 1])), end)
        pieces.append("".join(words[start:end]))
        start = end
    return pieces or [text]


def shares_of(pieces: list[str]) -> list[float]:
    """The share of a text's words that each piece has; they add up to 1."""
    counts = [len(piece.split()) or 1 for piece in pieces]
    return [count / sum(counts) for count in counts]


def words_of(piece: str, encoded: Encoding, by_token: list[float]) -> list[tuple[str, float]]:
    """The piece cut before each word, and the sum over each word's tokens; joined the words are the piece."""
    starts = [found.start() for found in re.finditer(r"\S+", piece)] or [0]
    starts[0] = 0
    sums = [0.0] * len(starts)
    for (first, last), value in zip(encoded.offsets, by_token, strict=True):
        if last > first:
            sums[bisect.bisect_right(starts, first) - 1] += value
    return [(piece[a:b], value) for a, b, value in zip(starts, [*starts[1:], len(piece)], sums, strict=True)]


def load(device: str) -> BertSentiment:
    """The tuned layers beside this file over MiniLM as published, on a torch device."""
    net = BertSentiment.from_pretrained(Path(__file__).parent).float().eval().requires_grad_(False)
    return net.lay_over(Below(*minilm())).to(device)
