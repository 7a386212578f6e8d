"""A decoder-only transformer that writes classical Chinese poems.

Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018,
https://cdn.openai.com/research-covers/language-unsupervised/language_understanding_paper.pdf; attention:
Vaswani et al., 2017, https://arxiv.org/abs/1706.03762; squared ReLU: So et al., 2021, https://arxiv.org/abs/2109.08668.
A character's vector is its own plus that of its rhymes, so that rhyme and tone are learned once for all characters.
"""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.nn import functional as F

from models.poem_gpt.reading import Reading, allowed, drawn, likelihood, written
from models.poem_gpt.verse import (
    END,
    ERAS,
    FORMS,
    HEADER,
    IDS,
    KINDS,
    LONGEST,
    MARKS,
    RHYMES,
    TOKENS,
    Guide,
    Step,
    header,
    name,
    rhyme_of,
    split,
)


def rhyme_classes() -> torch.Tensor:
    """-> float32 (TOKENS, rhymes): 1 shared by the rhymes that a character is read with, 0 elsewhere."""
    table = torch.zeros(TOKENS, len(RHYMES))
    for column, row in enumerate(RHYMES.values()):
        table[[IDS[character] for character in row], column] = 1
    return table / table.sum(1, keepdim=True).clamp(min=1)


GUIDANCE, TEMPERATURE, TOP_P, DRAFTS = 1.5, 0.8, 0.9, 6
Asked = tuple[str, str, Sequence[str], int]  # era, theme, what lines begin with, seed


class Block(nn.Module):
    """Causal self-attention and a two-layer net, each added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.RMSNorm(width), nn.RMSNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.mix = nn.Linear(width, width, bias=False)
        self.wide, self.narrow = (
            nn.Linear(width, 4 * width, bias=False),
            nn.Linear(4 * width, width, bias=False),
        )
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, x: torch.Tensor, cache: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """The newest tokens. x (B, T, width); cache: keys and values so far, which grow.

        -> x (B, T, width), how much each head attends to each token (B, heads, T, tokens so far).
        """
        query, key, value = self._split(x)
        if cache:
            key, value = torch.cat([cache[0], key], 2), torch.cat([cache[1], value], 2)
        cache[:] = [key, value]
        scores = query @ key.transpose(2, 3) * query.shape[3] ** -0.5
        later = torch.ones(scores.shape[2:], dtype=torch.bool, device=x.device).triu(
            1 + key.shape[2] - query.shape[2]
        )
        weights = scores.masked_fill(later, -torch.inf).softmax(3)
        x = x + self.mix((weights.to(value.dtype) @ value).transpose(1, 2).flatten(2))
        return x + self.narrow(F.relu(self.wide(self.between(x))).square()), weights

    def _split(self, x: torch.Tensor) -> list[torch.Tensor]:
        x = self.before(x)
        query, key, value = (
            part(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        size = query.shape[-1:]
        return [F.rms_norm(query, size), F.rms_norm(key, size), value]  # (B, heads, T, width / heads)


class PoemGPT(nn.Module, PyTorchModelHubMixin):
    """Tokens (B, T) -> scores of the next token (B, T, TOKENS)."""

    def __init__(self, width: int = 192, layers: int = 4, heads: int = 3) -> None:
        super().__init__()
        self.own = nn.Embedding(TOKENS, width)
        self.rhyme = nn.Parameter(torch.zeros(len(RHYMES), width))
        self.place = nn.Embedding(2 * LONGEST, width)  # lines of five have places of their own
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.last = nn.RMSNorm(width)
        self.classes: torch.Tensor
        self.register_buffer("classes", rhyme_classes(), persistent=False)
        nn.init.normal_(self.own.weight, std=0.02)
        nn.init.normal_(self.place.weight, std=0.02)

    def vectors(self) -> torch.Tensor:
        """-> (TOKENS, width): what each token is read and scored by."""
        return self.own.weight + self.classes @ self.rhyme

    def places(self, kinds: torch.Tensor, start: int, count: int) -> torch.Tensor:
        """The vectors of `count` places from `start`. kinds (B,): form tokens -> (B, count, width)."""
        five = torch.tensor([width == 5 for width, _ in FORMS.values()], device=kinds.device)
        shift = LONGEST * five[(kinds - KINDS) // len(ERAS)].long()
        return self.place(shift[:, None] + torch.arange(start, start + count, device=kinds.device))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.read(ids, ids[:, 0], self.vectors(), 0, [[] for _ in self.blocks])[0]

    def read(
        self,
        ids: torch.Tensor,
        kinds: torch.Tensor,
        vectors: torch.Tensor,
        start: int,
        caches: list[list[torch.Tensor]],
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """ids (B, T): the tokens from `start` on -> scores (B, T, TOKENS), each block's attention."""
        x = F.embedding(ids, vectors) + self.places(kinds, start, ids.shape[1])
        x = F.rms_norm(x, x.shape[-1:])
        looks = []
        for block, cache in zip(self.blocks, caches, strict=True):
            x, weights = block(x, cache)
            looks.append(weights)
        return self.last(x) @ vectors.T, looks

    @torch.inference_mode()
    def write(
        self,
        form: str,
        era: str = "tang",
        theme: str = "",
        starts: Sequence[str] = (),
        *,
        guidance: float = GUIDANCE,
        temperature: float = TEMPERATURE,
        top_p: float = TOP_P,
        drafts: int = DRAFTS,
        rhyme: bool = True,
        seed: int = 0,
    ) -> Iterator[dict[str, Any]]:
        """Yields a poem's characters and marks, one by one, in Traditional script.

        form: a key of FORMS; theme: at most two characters; starts: what each line begins with (a whole line, the
        characters of an acrostic, ""). guidance: how far scores are moved on from those without a theme, 0 not at all
        (Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022). temperature 0 always takes the likeliest.
        drafts: of each line, the likeliest is kept. rhyme: even lines end in level-tone characters of one Pingshui
        rhyme, odd ones but the first in oblique tones. -> {"text", "probability": what the net gave it,
        "alternatives": [(text, probability)] best five, "attention": float32 (layers, heads, tokens before)};
        the tokens before are three of the header (form, two of the theme), then one for each text yielded.
        """
        asked = [(era, theme, starts, seed)]
        for lines in self._lines(form, asked, guidance if theme else 0.0, temperature, top_p, drafts, rhyme):
            yield from lines[0]

    def write_many(self, form: str, asked: list[Asked]) -> list[str]:
        """Whole poems of one form, as write() does with its defaults."""
        parts = list(self._lines(form, asked, GUIDANCE, TEMPERATURE, TOP_P, DRAFTS, True))
        return ["".join(one["text"] for line in lines for one in line) for lines in zip(*parts, strict=True)]

    @torch.inference_mode()
    def _lines(
        self,
        form: str,
        asked: list[Asked],
        guidance: float,
        temperature: float,
        top_p: float,
        drafts: int,
        rhyme: bool,
    ) -> Iterator[list[list[dict[str, Any]]]]:
        """Yields the next line of each poem asked for, the best of its drafts, as write() yields its characters."""
        rows = [one for one in asked for _ in range(drafts)]
        plain = [header(form, era) for era, *_ in rows] if guidance else []
        reading = Reading(self, [header(form, era, theme) for era, theme, *_ in rows], plain, guidance)
        guides = [Guide(form, starts, rhyme) for _, _, starts, _ in rows]
        chances = [torch.Generator().manual_seed(seed) for *_, seed in asked]
        while not guides[0].ended:
            lines: list[list[dict[str, Any]]] = [[] for _ in rows]
            while not lines[0] or lines[0][-1]["token"] not in MARKS:
                shares, looks = reading.read([line[-1]["token"] for line in lines if line])
                for row, (line, guide) in enumerate(zip(lines, guides, strict=True)):
                    step, chance = guide.next(), chances[row // drafts]
                    may = allowed(shares[row], step)
                    token = step.token if step.text else drawn(may, temperature, top_p, chance)
                    line.append(written(token, step.text or name(token), shares[row], looks[row]))
                    guide.took(line[-1]["text"])
            firsts = range(0, len(rows), drafts)
            best = [max(range(at, at + drafts), key=lambda row: likelihood(lines[row])) for at in firsts]
            kept = [row for row in best for _ in range(drafts)]
            guides = [copy.deepcopy(guides[row]) for row in kept]
            reading.keep(kept, [lines[row][-1]["token"] for row in kept])
            yield [lines[row] for row in best]

    @torch.inference_mode()
    def ramble(
        self, form: str, asked: list[Asked], temperature: float = TEMPERATURE, top_p: float = TOP_P
    ) -> list[str]:
        """Poems without any guide: the net alone sets marks, keeps line lengths and rhymes, or does not."""
        reading = Reading(self, [header(form, era, theme) for era, theme, *_ in asked], [], 0.0)
        chances = [torch.Generator().manual_seed(seed) for *_, seed in asked]
        rows: list[list[int]] = [[] for _ in asked]
        for _ in range(LONGEST - HEADER):
            shares, _ = reading.read([row[-1] for row in rows if row])
            for row, share, chance in zip(rows, shares, chances, strict=True):
                may = allowed(share, Step(characters_only=False))
                row.append(drawn(may, temperature, top_p, chance))
            if all(END in row for row in rows):
                break
        return ["".join(map(name, row[: row.index(END) + 1 if END in row else None])) for row in rows]

    def lines(self, written: list[dict[str, Any]]) -> list[str]:
        """What write() yielded -> the lines of the poem, without marks."""
        return split("".join(one["text"] for one in written))

    def ends(self, lines: list[str]) -> dict[str, Any]:
        """-> {"ends": last characters of the even lines, "rhyme": the Pingshui rhyme they share, or ""}."""
        return {"ends": [line[-1] for line in lines[1::2]], "rhyme": rhyme_of(lines)}


def load(device: str) -> PoemGPT:
    """The trained net beside this file, on a torch device, in full floats."""
    return PoemGPT.from_pretrained(Path(__file__).parent).float().eval().to(device)
