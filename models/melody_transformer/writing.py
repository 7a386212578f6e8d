"""How notes are written: several continuations of one opening side by side, each note drawn from what may come."""

from collections.abc import Iterator
from typing import Any

import torch

from models.melody_transformer.events import END, FIRST, Piece, event, onsets, tokens

LIKELIEST = 256  # notes that are drawn from at most


class Pen:
    """Continuations of a piece up to `end` ticks after its first bar line. The memory grows with what is read."""

    def __init__(self, net: Any, piece: Piece, end: int, count: int, seed: int) -> None:
        self._net, self._end = net, end
        device = net.own.weight.device
        self._fresh = torch.tensor([tokens(piece, ended=False)] * count, device=device)
        self._onsets = torch.tensor([onsets(piece)] * count, device=device)
        self._kinds, self._vectors = self._fresh[:, 0], net.vectors()
        self._caches: list[list[torch.Tensor]] = [[] for _ in net.blocks]
        self._chances = [torch.Generator().manual_seed(seed + number) for number in range(count)]
        self._now = [onsets(piece)[-1]] * count

    def write(self, temperature: float, top_p: float) -> Iterator[list[dict[str, Any] | None]]:
        """See MelodyTransformer.write()."""
        ended = [now >= self._end for now in self._now]
        while not all(ended):
            shares, looks = self._read()
            step: list[dict[str, Any] | None] = []
            fresh = []
            for row, share in enumerate(shares):
                number = drawn(allowed(share), temperature, top_p, self._chances[row])
                ended[row] = ended[row] or number == END
                step.append(None if ended[row] else self._written(row, number, share, looks[row]))
                fresh.append(number)
                if not ended[row]:
                    self._now[row] += event(number)[1]
                    ended[row] = self._now[row] >= self._end
            yield step
            self._fresh = torch.tensor(fresh, device=self._kinds.device)[:, None]
            later = torch.tensor(self._now, device=self._kinds.device)[:, None]
            self._onsets = torch.cat([self._onsets, later], 1)

    def _read(self) -> tuple[torch.Tensor, torch.Tensor]:
        """-> probabilities of the next token (rows, TOKENS), attention (rows, layers, heads, tokens so far)."""
        scores, looks = self._net.read(self._fresh, self._onsets, self._kinds, self._vectors, self._caches)
        attention = torch.stack([look[:, :, -1] for look in looks], 1)
        return scores[:, -1].float().softmax(1).cpu(), attention.float().cpu()

    def _written(
        self, row: int, number: int, shares: torch.Tensor, attention: torch.Tensor
    ) -> dict[str, Any]:
        pitch, ticks = event(number)
        best = [one for one in shares.topk(6).indices.tolist() if one >= FIRST][:5]
        return {
            "pitch": pitch,
            "ticks": min(ticks, self._end - self._now[row]),
            "probability": max(float(shares[number]), 1e-9),
            "alternatives": [(*event(one), float(shares[one])) for one in best],
            "attention": attention.numpy(),
        }


def allowed(shares: torch.Tensor) -> torch.Tensor:
    """The probabilities (TOKENS,) of notes and of the end; nothing else comes after a header."""
    left = shares.clone()
    left[:END] = 0
    return left


def drawn(shares: torch.Tensor, temperature: float, top_p: float, chance: torch.Generator) -> int:
    """One of the likeliest tokens that make up top_p of the probability, drawn at a temperature."""
    if temperature == 0:
        return int(shares.argmax())
    likely, ids = shares.topk(LIKELIEST)
    sharp = (likely.clamp(min=1e-12).log() / temperature).where(likely > 0, -torch.inf).softmax(0)
    upto = sharp.cumsum(0)
    kept = int((upto - sharp < top_p).sum())
    point = torch.rand(1, generator=chance) * upto[kept - 1]
    return int(ids[min(int((upto <= point).sum()), kept - 1)])
