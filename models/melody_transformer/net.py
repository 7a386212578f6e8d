"""A decoder-only transformer over notes, with relative positions in events and in musical time.

Vaswani et al., 2017, https://arxiv.org/abs/1706.03762; relative positions for music: Huang et al., "Music
Transformer", 2018, https://arxiv.org/abs/1809.04281; as a bias for each head, looked up by distance: Raffin et al.,
2019, https://arxiv.org/abs/1910.10683; squared ReLU: So et al., 2021, https://arxiv.org/abs/2109.08668. What is new
here is that a distance is also measured from the note that is to come, in bars and in the place inside the bar: "what
began exactly eight bars before it" is one look away.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.nn import functional as F

from models.melody_transformer.events import LENGTHS, PITCHES, TOKENS, Event, Piece
from models.melody_transformer.relative import (
    BAR_TICKS,
    BARS,
    METRES,
    PLACES,
    STEPS,
    distances,
    parts_of_tokens,
)
from models.melody_transformer.writing import Pen

PHRASE = 16  # bars that are counted, then from the beginning again
Opening = tuple[str, int, Sequence[Event]]  # kind of dance, ticks of the upbeat, notes


class Block(nn.Module):
    """Causal self-attention and a two-layer net, each added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before, self.between = nn.RMSNorm(width), nn.RMSNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.mix = nn.Linear(width, width, bias=False)
        self.wide, self.narrow = (
            nn.Linear(width, 4 * width, bias=False),
            nn.Linear(4 * width, width, bias=False),
        )
        self.steps = nn.Parameter(torch.zeros(heads, STEPS))
        self.bars = nn.Parameter(torch.zeros(len(METRES), BARS, heads))
        self.places = nn.Parameter(torch.zeros(len(METRES), PLACES, heads))
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.narrow.weight)

    def forward(
        self, x: torch.Tensor, apart: torch.Tensor, cache: list[torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The newest tokens. x (B, T, width); apart: see distances(); cache: keys and values so far, which grow.

        -> x (B, T, width), how much each head attends to each token (B, heads, T, tokens so far).
        """
        query, key, value = self._split(x)
        if cache:
            key, value = torch.cat([cache[0], key], 2), torch.cat([cache[1], value], 2)
        cache[:] = [key, value]
        scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5 + self._bias(apart)
        later = torch.ones(scores.shape[2:], dtype=torch.bool, device=x.device).triu(
            1 + key.shape[2] - x.shape[1]
        )
        weights = scores.masked_fill(later, -torch.inf).softmax(3)
        mixed = (weights.to(value.dtype) @ value).transpose(1, 2).flatten(2)
        x = x + F.dropout(self.mix(mixed), self.dropout, self.training)
        wide = F.relu(self.wide(self.between(x))).square()
        return x + F.dropout(self.narrow(wide), self.dropout, self.training), weights

    def _split(self, x: torch.Tensor) -> list[torch.Tensor]:
        x = self.before(x)
        query, key, value = (
            part(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        size = query.shape[-1:]
        return [F.rms_norm(query, size), F.rms_norm(key, size), value]  # (B, heads, T, width / heads)

    def _bias(self, apart: torch.Tensor) -> torch.Tensor:
        """apart (B, T, tokens so far) -> what distance adds to the scores (B, heads, T, tokens so far)."""
        timed = (self.bars[:, :, None] + self.places[:, None]).flatten(0, 2)
        size, so_far = apart.shape[1:]
        at = torch.arange(so_far, device=apart.device)
        steps = (at[so_far - size :, None] - at).clamp(0, STEPS - 1)
        return F.embedding(apart, timed).permute(0, 3, 1, 2) + self.steps[:, steps]


class MelodyTransformer(nn.Module, PyTorchModelHubMixin):
    """Tokens (B, T) and when the note after each begins -> scores of the next token (B, T, TOKENS)."""

    def __init__(self, width: int = 160, layers: int = 4, heads: int = 5, dropout: float = 0.2) -> None:
        super().__init__()
        self.dropout = dropout
        self.own = nn.Embedding(TOKENS, width)
        self.pitch, self.chroma = nn.Embedding(len(PITCHES) + 1, width), nn.Embedding(14, width)
        self.length = nn.Embedding(len(LENGTHS) + 1, width)
        self.place = nn.Embedding(len(METRES) * max(BAR_TICKS), width)  # in the bar, of the note to come
        self.phrase = nn.Embedding(PHRASE, width)  # the number of its bar
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.last = nn.RMSNorm(width)
        for part in (self.own, self.pitch, self.chroma, self.length, self.place, self.phrase):
            nn.init.normal_(part.weight, std=0.02)
        self.parts: torch.Tensor
        self.metres: torch.Tensor
        self.ticks: torch.Tensor
        self.register_buffer("parts", parts_of_tokens(), persistent=False)
        self.register_buffer(
            "metres", torch.tensor([METRES.index(bar) for bar in BAR_TICKS]), persistent=False
        )
        self.register_buffer("ticks", torch.tensor(BAR_TICKS), persistent=False)

    def vectors(self) -> torch.Tensor:
        """-> (TOKENS, width): what each token is read and scored by: its own vector, its pitch's and its length's."""
        pitch, chroma, length = self.parts.unbind(1)
        return self.own.weight + self.pitch(pitch) + self.chroma(chroma) + self.length(length)

    def forward(self, ids: torch.Tensor, onsets: torch.Tensor) -> torch.Tensor:
        """Whole rows, each begun with its kind: see read()."""
        return self.read(ids, onsets, ids[:, 0], self.vectors(), [[] for _ in self.blocks])[0]

    def read(
        self,
        ids: torch.Tensor,
        onsets: torch.Tensor,
        kinds: torch.Tensor,
        vectors: torch.Tensor,
        caches: list[list[torch.Tensor]],
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """ids (B, T): the newest tokens; kinds (B,): the first; onsets (B, tokens so far): see events.onsets().

        -> scores (B, T, TOKENS), each block's attention.
        """
        metres, ticks = self.metres[kinds][:, None], self.ticks[kinds][:, None]
        now = onsets[:, -ids.shape[1] :]
        place = self.place(metres * max(BAR_TICKS) + now % ticks)
        x = F.embedding(ids, vectors) + place + self.phrase(now // ticks % PHRASE)
        x = F.dropout(F.rms_norm(x, x.shape[-1:]), self.dropout, self.training)
        apart = distances(onsets, ids.shape[1], metres[:, :, None], ticks[:, :, None])
        looks = []
        for block, cache in zip(self.blocks, caches, strict=True):
            x, weights = block(x, apart, cache)
            looks.append(weights)
        return self.last(x) @ vectors.T, looks

    @torch.inference_mode()
    def write(
        self,
        opening: Opening,
        bars: int,
        *,
        count: int = 1,
        temperature: float = 0.9,
        top_p: float = 0.95,
        seed: int = 0,
    ) -> Iterator[list[dict[str, Any] | None]]:
        """Yields the next note of each of `count` continuations, None where one has ended.

        opening: kind of dance, ticks of the upbeat, [(MIDI number or 0 for a rest, ticks)]; bars: of the whole, with
        the opening, after which it is cut. temperature 0 always takes the likeliest. Number n is
        drawn with seed + n.
        -> {"pitch", "ticks", "probability": what the net gave it, "alternatives": [(pitch, ticks, probability)] best
        five, "attention": float32 (layers, heads, tokens before)}; the tokens before are HEADER, then a note each.
        """
        piece = Piece(opening[0], opening[1], tuple(opening[2]))
        yield from Pen(self, piece, bars * piece.bar, count, seed).write(temperature, top_p)


def load(device: str) -> MelodyTransformer:
    """The trained net beside this file, on a torch device, in full floats."""
    return MelodyTransformer.from_pretrained(Path(__file__).parent).float().eval().to(device)
