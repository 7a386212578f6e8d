"""How the net is read from: several drafts side by side with a memory, and one token drawn from what may come next."""

import math
from typing import Any

import numpy as np
import torch

from models.poem_gpt.verse import FIRST, KINDS, UNKNOWN, Step, name

LIKELIEST = 512  # characters that are drawn from at most


class Reading:
    """Rows of tokens, drafts of poems, that are read together, each with and (where guided) without its theme."""

    def __init__(self, net: Any, rows: list[list[int]], plain: list[list[int]], guidance: float) -> None:
        self._net, self._guidance, self._count, self._both = net, guidance, len(rows), bool(plain)
        self._vectors, self._start = net.vectors(), 0
        self._fresh = torch.tensor([*rows, *plain], device=self._vectors.device)
        self._kinds = self._fresh[:, 0]
        self._caches: list[list[torch.Tensor]] = [[] for _ in net.blocks]

    def read(self, new: list[int]) -> tuple[torch.Tensor, np.ndarray]:
        """new: a token for each row, none at the beginning and after keep().

        -> probabilities of the next (rows, TOKENS), attention (rows, layers, heads, tokens so far).
        """
        if new:
            self._fresh = self._column(new)
        scores, looks = self._net.read(self._fresh, self._kinds, self._vectors, self._start, self._caches)
        self._start += self._fresh.shape[1]
        scores = scores[:, -1].float().cpu()
        themed, plain = scores[: self._count], scores[-self._count :]
        shares = (themed + self._guidance * (themed - plain)).softmax(1)
        shares[:, KINDS:FIRST] = 0
        attention = torch.stack([look[: self._count, :, -1] for look in looks], 1)
        return shares, attention.float().cpu().numpy()

    def keep(self, rows: list[int], new: list[int]) -> None:
        """Row i goes on from rows[i], whose last token, new[i], was not read yet."""
        chosen = [*rows, *(self._count + row for row in rows if self._both)]
        for cache in self._caches:
            cache[:] = [part[chosen] for part in cache]
        self._kinds, self._fresh = self._kinds[chosen], self._column(new)

    def _column(self, new: list[int]) -> torch.Tensor:
        return torch.tensor(new * (2 if self._both else 1), device=self._kinds.device)[:, None]


def likelihood(line: list[dict[str, Any]]) -> float:
    return sum(math.log(one["probability"]) for one in line)


def written(token: int, text: str, shares: torch.Tensor, attention: np.ndarray) -> dict[str, Any]:
    best = shares.topk(5)
    return {
        "token": token,
        "text": text,
        "probability": max(float(shares[token]), 1e-9),
        "alternatives": list(zip(map(name, best.indices.tolist()), best.values.tolist(), strict=True)),
        "attention": attention,
    }


def allowed(shares: torch.Tensor, step: Step) -> torch.Tensor:
    """The probabilities (TOKENS,) with 0 for all that the pattern forbids."""
    left = shares.clone()
    left[UNKNOWN] = 0
    if step.characters_only:
        left[:FIRST] = 0
    left[step.banned] = 0
    if not step.among:
        return left
    chosen = torch.zeros_like(left)
    chosen[step.among] = left[step.among]
    return chosen if chosen.sum() > 0 else left


def drawn(shares: torch.Tensor, temperature: float, top_p: float, chance: torch.Generator) -> int:
    """One of the likeliest tokens that make up top_p of the probability, drawn at a temperature."""
    if temperature == 0:
        return int(shares.argmax())
    likely, ids = shares.topk(LIKELIEST)
    sharp = (likely.clamp(min=1e-12).log() / temperature).where(likely > 0, -torch.inf).softmax(0)
    upto = sharp.cumsum(0)
    kept = int((upto - sharp < top_p).sum())
    drawn = torch.rand(1, generator=chance) * upto[kept - 1]
    return int(ids[min(int((upto <= drawn).sum()), kept - 1)])
