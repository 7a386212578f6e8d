"""The net of the translation rooms: an encoder-decoder Transformer.

Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762; layers normalised before, not
after: Xiong et al., 2020, https://arxiv.org/abs/2002.04745; one table for the target's embedding and output: Press
and Wolf, 2017, https://arxiv.org/abs/1608.05859.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

PAD, START, END, UNKNOWN = 0, 1, 2, 3  # the first four tokens of every vocabulary here
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
Cache = tuple[torch.Tensor, torch.Tensor]  # keys and values, each (B, heads, T, dim / heads)


class Attention(nn.Module):
    """Queries (B, T, dim) look at keys and values that are made once and may be kept."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key_value, self.out = (
            nn.Linear(dim, dim),
            nn.Linear(dim, 2 * dim),
            nn.Linear(dim, dim),
        )

    def split(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, dim / heads)

    def remember(self, x: torch.Tensor) -> Cache:
        keys, values = self.key_value(x).chunk(2, 2)
        return self.split(keys), self.split(values)

    def forward(
        self, x: torch.Tensor, seen: Cache, mask: torch.Tensor | None = None, causal: bool = False
    ) -> torch.Tensor:
        found = self.weights(x, seen[0], mask, causal).to(seen[1].dtype) @ seen[1]
        return self.out(found.transpose(1, 2).flatten(2))

    def weights(
        self, x: torch.Tensor, keys: torch.Tensor, mask: torch.Tensor | None = None, causal: bool = False
    ) -> torch.Tensor:
        """-> (B, heads, T, S), each row sums to 1. Written out: twice as fast to train on a CPU as the fused kernel."""
        scores = self.split(self.query(x)) @ keys.transpose(2, 3) / math.sqrt(keys.shape[3])
        if causal:
            scores = scores + torch.full(
                scores.shape[2:], -math.inf, dtype=scores.dtype, device=x.device
            ).triu(1)
        if mask is not None:
            scores = scores.masked_fill(~mask, -math.inf)
        return scores.softmax(3)


class Layer(nn.Module):
    """Self-attention, for a decoder also a look at the encoder's states, then two linear layers; residual, pre-norm."""

    def __init__(self, dim: int, heads: int, inner: int, dropout: float, crossed: bool) -> None:
        super().__init__()
        self.self_norm, self.self_attention = nn.LayerNorm(dim), Attention(dim, heads)
        if crossed:
            self.cross_norm, self.cross_attention = nn.LayerNorm(dim), Attention(dim, heads)
        self.inner_norm = nn.LayerNorm(dim)
        self.inner = nn.Sequential(nn.Linear(dim, inner), nn.GELU(), nn.Linear(inner, dim))
        self.dropout = nn.Dropout(dropout)

    def encode(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        normed = self.self_norm(x)
        x = x + self.dropout(self.self_attention(normed, self.self_attention.remember(normed), mask))
        return x + self.dropout(self.inner(self.inner_norm(x)))

    def looks(self, x: torch.Tensor, keys: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Where whole targets look among the source's tokens, mean of the heads -> (B, T, S)."""
        normed = self.self_norm(x)
        x = x + self.self_attention(normed, self.self_attention.remember(normed), causal=True)
        return self.cross_attention.weights(self.cross_norm(x), keys, mask).mean(1)

    def decode(
        self, x: torch.Tensor, memory: Cache, mask: torch.Tensor | None, past: Cache | None = None
    ) -> tuple[torch.Tensor, Cache]:
        """x: whole targets, or with past one more token of each; -> states and what to remember."""
        normed = self.self_norm(x)
        now = self.self_attention.remember(normed)
        if past is not None:
            now = torch.cat([past[0], now[0]], 2), torch.cat([past[1], now[1]], 2)
        x = x + self.dropout(self.self_attention(normed, now, causal=past is None))
        x = x + self.dropout(self.cross_attention(self.cross_norm(x), memory, mask))
        return x + self.dropout(self.inner(self.inner_norm(x))), now


class Transformer(nn.Module):
    """Source tokens (B, S) and target tokens (B, T) -> logits of the next target token; PAD fills short rows.

    begin() says what the first encoder layer gets, which is where the nets differ.
    """

    def __init__(
        self,
        targets: int,
        dim: int,
        heads: int,
        inner: int,
        layers: tuple[int, int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.target = embedding(targets, dim)
        self.encoder = nn.ModuleList(
            Layer(dim, heads, inner, dropout, crossed=False) for _ in range(layers[0])
        )
        self.decoder = nn.ModuleList(
            Layer(dim, heads, inner, dropout, crossed=True) for _ in range(layers[1])
        )
        self.source_norm, self.target_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)

    def begin(self, source: torch.Tensor) -> torch.Tensor:
        """Source tokens (B, S) -> (B, S, dim)."""
        raise NotImplementedError

    def encode(self, source: torch.Tensor) -> tuple[list[Cache], torch.Tensor]:
        """-> for each decoder layer the keys and values of the source; the mask (B, 1, 1, S) of real tokens."""
        mask = (source != PAD)[:, None, None]
        x = self.begin(source)
        for layer in _layers(self.encoder):
            x = layer.encode(x, mask)
        x = self.source_norm(x)
        return [layer.cross_attention.remember(x) for layer in _layers(self.decoder)], mask

    def decode(
        self, target: torch.Tensor, memory: list[Cache], mask: torch.Tensor, past: list[Cache] | None = None
    ) -> tuple[torch.Tensor, list[Cache]]:
        """-> states (B, T, dim) of the target tokens that past does not hold; the past after them."""
        x = self.embed(self.target, target, past[0][0].shape[2] if past else 0)
        now = []
        for number, layer in enumerate(_layers(self.decoder)):
            x, kept = layer.decode(x, memory[number], mask, past[number] if past else None)
            now.append(kept)
        return self.target_norm(x), now

    def attend(self, source: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """-> logits (B, T, targets); where each target looked, mean of heads and layers (B, T, S)."""
        memory, mask = self.encode(source)
        x = self.embed(self.target, target, 0)
        looks = []
        for layer, seen in zip(_layers(self.decoder), memory, strict=True):
            looks.append(layer.looks(x, seen[0], mask))
            x, _ = layer.decode(x, seen, mask)
        return self.logits(self.target_norm(x)), torch.stack(looks).mean(0)

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        return F.linear(states, self.target.weight)

    def embed(self, table: nn.Embedding, tokens: torch.Tensor, first: int) -> torch.Tensor:
        """Tokens (B, T), the first of them at a place of the sentence -> vectors (B, T, dim) with their places."""
        dim = table.embedding_dim
        places = torch.arange(first, first + tokens.shape[1], device=tokens.device)[:, None]
        rates = torch.exp(torch.arange(0, dim, 2, device=tokens.device) * (-math.log(10000.0) / dim))
        waves = torch.cat([(places * rates).sin(), (places * rates).cos()], 1)
        return self.dropout(table(tokens) * math.sqrt(dim) + waves)


def embedding(tokens: int, dim: int) -> nn.Embedding:
    table = nn.Embedding(tokens, dim)
    nn.init.normal_(table.weight, std=dim**-0.5)
    return table


def _layers(stack: nn.ModuleList) -> list[Layer]:
    return list(stack)  # type: ignore[arg-type]
