"""Trains the fiddler. About 20 minutes on a CPU thread: `python -m models train melody_transformer`.

Tunes come in a key drawn anew each time. The matrices are moved by Muon: Jordan et al., 2024,
https://kellerjordan.github.io/posts/muon/. The rates fall to nothing; what is published is the net after the epoch that
was best on the validation tunes.
"""

import copy
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional as F

from models.kneser_ney import KneserNey
from models.melody_transformer import data
from models.melody_transformer.events import (
    DANCES,
    END,
    HEADER,
    HIGHEST,
    LENGTHS,
    LOWEST,
    MOST,
    TOKENS,
    Event,
    Piece,
    in_range,
    onsets,
    tokens,
)
from models.melody_transformer.net import MelodyTransformer
from models.train import Run

KEYS = range(-6, 6)  # semitones that tunes are moved by
OPENINGS, OPENING, BARS = (
    48,
    2,
    16,
)  # held-out tunes that are gone on with, twice each; bars given; bars of the whole
MAJOR = {0, 2, 4, 5, 7, 9, 11}
SKIP = -100  # what the loss leaves out
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # tokens read, onsets, tokens wanted, each (B, T)


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    minutes: float = 17.0  # of training, measuring in between not counted
    epochs: int = 8  # parts of that time, after each of which the net is measured
    batch: int = 1280  # tokens
    lr: float = 0.02  # of Muon, for the matrices
    adam_lr: float = 3e-3  # for all else
    warm: float = 0.4  # epochs in which the rates rise
    decay: float = 0.05  # of the matrices' weights
    unnamed: float = 0.3  # of reels, hornpipes and strathspeys that are shown as mere 4/4
    dropout: float = 0.05
    tunes: int = 10**9  # at most; all there are
    half: bool = True
    gain_bits_at_least: float = 0.01  # over the 5-gram

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(minutes=0.1, epochs=1, tunes=60)


def train(recipe: Recipe, run: Run) -> MelodyTransformer:
    split = data.pieces()
    known, held = split["train"][: recipe.tunes], split["validation"]
    net = MelodyTransformer(dropout=recipe.dropout)
    best = copy.deepcopy(net)
    optimisers = _optimisers(net, recipe)
    seconds = 60 * recipe.minutes / recipe.epochs  # of one epoch
    for epoch in run.epochs(recipe.epochs, net=net, best=best, muon=optimisers[0][0], adam=optimisers[1][0]):
        net.train()
        started, losses = time.monotonic(), []
        for batch in _endless(known, recipe, epoch):
            done = epoch + (time.monotonic() - started) / seconds
            if done >= epoch + 1:
                break
            for optimiser, rate in optimisers:
                optimiser.param_groups[0]["lr"] = rate * min(
                    done / recipe.warm + 0.01, 1 - done / recipe.epochs
                )
            with torch.autocast("cpu", torch.bfloat16):
                loss = _loss(net, *batch)
            loss.backward()
            for optimiser, _ in optimisers:
                optimiser.step()
                optimiser.zero_grad()
            losses.append(loss.item() / np.log(2))
        earlier = [row["validation_bits"] for row in run.curve]
        now = bits(net, held)
        if now < min(earlier, default=np.inf):
            best.load_state_dict(net.state_dict())
        run.log(epoch=epoch, steps=len(losses), bits=float(np.mean(losses)), validation_bits=now)
    return best


def _endless(known: Sequence[Piece], recipe: Recipe, epoch: int) -> Iterator[Batch]:
    """Batches in chance order, each tune once, then again in other keys; a resumed training draws the same."""
    for again in itertools.count():
        chance = np.random.default_rng([recipe.seed, epoch, again])
        batches = _batches(_varied(known, recipe, chance), recipe.batch)
        yield from (batches[at] for at in chance.permutation(len(batches)))


def _optimisers(net: MelodyTransformer, recipe: Recipe) -> list[tuple[torch.optim.Optimizer, float]]:
    """Muon and AdamW, each with its rate."""
    matrices = [
        part.weight for block in net.blocks for part in block.modules() if isinstance(part, torch.nn.Linear)
    ]
    chosen = {id(weight) for weight in matrices}
    rest = [weight for weight in net.parameters() if id(weight) not in chosen]
    muon = torch.optim.Muon(matrices, lr=recipe.lr, weight_decay=recipe.decay)
    adam = torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.98), weight_decay=0.01)
    return [(muon, recipe.lr), (adam, recipe.adam_lr)]


def _varied(known: Sequence[Piece], recipe: Recipe, chance: np.random.Generator) -> list[Piece]:
    """Every tune in some key that the net's range holds, some without the name of their dance."""
    varied = []
    for piece in known:
        pitches = [pitch for pitch, _ in piece.events if pitch]
        keys = [key for key in KEYS if min(pitches) + key >= LOWEST and max(pitches) + key <= HIGHEST]
        unnamed = DANCES[piece.kind] == DANCES["common"] and chance.random() < recipe.unnamed
        moved = piece.moved(keys[chance.integers(len(keys))])
        varied.append(replace(moved, kind="common") if unnamed else moved)
    return varied


def _batches(pieces: Sequence[Piece], size: int) -> list[Batch]:
    """Tunes of like lengths together, about `size` tokens with the padding.

    -> tokens read (B, T), onsets (B, T), tokens wanted (B, T), SKIP for the header and the padding.
    """
    rows = sorted(((tokens(piece), onsets(piece)) for piece in pieces), key=lambda row: len(row[0]))
    batches, some = [], []
    for number, row in enumerate(rows):
        some.append(row)
        longest = len(rows[number + 1][0]) if number + 1 < len(rows) else MOST
        if (len(some) + 1) * longest > size or number + 1 == len(rows):
            batches.append(_padded(some))
            some = []
    return batches


def _padded(rows: list[tuple[list[int], list[int]]]) -> Batch:
    width = max(len(ids) for ids, _ in rows) - 1
    read, begun = torch.full((len(rows), width), END), torch.zeros(len(rows), width, dtype=torch.long)
    wanted = torch.full((len(rows), width), SKIP)
    for row, (ids, at) in enumerate(rows):
        size = len(ids) - 1
        read[row, :size], begun[row, :size] = torch.tensor(ids[:-1]), torch.tensor(at[:size])
        wanted[row, HEADER - 1 : size] = torch.tensor(ids[HEADER:])
    return read, begun, wanted


def _loss(
    net: MelodyTransformer, read: torch.Tensor, begun: torch.Tensor, wanted: torch.Tensor
) -> torch.Tensor:
    """Mean nats of notes and ends."""
    return F.cross_entropy(net(read, begun).flatten(0, 1).float(), wanted.flatten(), ignore_index=SKIP)


@torch.inference_mode()
def bits(net: MelodyTransformer, pieces: Sequence[Piece]) -> float:
    """Bits a note (and the end) in the keys they are written in."""
    net.eval()
    total, count = 0.0, 0
    for read, begun, wanted in _batches(pieces, 4096):
        scores = net(read, begun).flatten(0, 1).float()
        total += F.cross_entropy(scores, wanted.flatten(), ignore_index=SKIP, reduction="sum").item()
        count += int((wanted != SKIP).sum())
    return total / count / float(np.log(2))


def evaluate(net: MelodyTransformer, frozen: bool) -> dict[str, float]:
    """Bits a note in held-out tunes, beside a 5-gram; how what it writes keeps bars and scales, and what it copies."""
    if frozen:
        return {"bits_per_note": bits(net, data.frozen())}
    split = data.pieces()
    known, tested = split["train"], split["test"]
    own, five_gram = bits(net, tested), five_gram_bits(known, tested)
    opened = [begin(piece, OPENING) for piece in tested[:: len(tested) // OPENINGS][:OPENINGS]]
    written = [one for number, piece in enumerate(opened) for one in _written(net, piece, number)]
    tunes = [_after(begin(piece, BARS), begin(piece, OPENING)) for piece in tested]
    text = " ".join(map(spelled, known))
    copies, shared = ([longest_copy(one, text) for one in some] for some in (written, tunes))
    return {
        "bits_per_note": own,
        "five_gram_bits_per_note": five_gram,
        "gain_bits": five_gram - own,
        "bar_lines_kept": float(np.mean([bar_lines_kept(one) for one in written])),
        "bar_lines_kept_in_tunes": float(np.mean([bar_lines_kept(one) for one in tunes])),
        "notes_in_scale": float(np.mean([in_scale(one) for one in written])),
        "notes_in_scale_in_tunes": float(np.mean([in_scale(one) for one in tunes])),
        "copied_notes_in_a_row": float(np.mean(copies)),
        "copied_notes_in_a_row_in_tunes": float(np.mean(shared)),
        "longest_copy": float(max(copies)),
    }


def five_gram_bits(known: Sequence[Piece], tested: Sequence[Piece]) -> float:
    """The better of two: counted in the keys that tunes are written in, or in all that training showed."""
    moved = [piece.moved(key) for piece in known for key in KEYS]
    found = []
    for pieces in (known, [piece for piece in moved if in_range(piece.events)]):
        found.append(KneserNey(list(map(_row, pieces)), TOKENS).bits(list(map(_row, tested)), END))
    return min(found)


def _row(piece: Piece) -> list[int]:
    """The kind, which rows begin with, and the notes; the upbeat is given."""
    kind, _, *notes = tokens(piece)
    return [kind, *notes]


def begin(piece: Piece, bars: int) -> Piece:
    """The first bars and the upbeat, the last note cut at the bar line."""
    kept, now = [], -piece.upbeat
    for pitch, ticks in piece.events:
        if now < bars * piece.bar:
            kept.append((pitch, min(ticks, bars * piece.bar - now)))
        now += ticks
    return replace(piece, events=tuple(kept))


def _written(net: MelodyTransformer, opening: Piece, seed: int) -> list[Piece]:
    """Two continuations, without their opening."""
    rows: list[list[Event]] = [[], []]
    asked = (opening.kind, opening.upbeat, opening.events)
    for step in net.write(asked, BARS, count=2, seed=2 * seed):
        for row, one in zip(rows, step, strict=True):
            row += [(one["pitch"], one["ticks"])] if one else []
    whole = [replace(opening, events=(*opening.events, *row)) for row in rows]
    return [_after(piece, opening) for piece in whole if len(piece.events) > len(opening.events) + 1]


def _after(whole: Piece, opening: Piece) -> Piece:
    """What comes after the opening, which ends on a bar line."""
    return replace(whole, upbeat=0, events=whole.events[len(opening.events) :])


def bar_lines_kept(piece: Piece) -> float:
    """At what share of the bar lines inside a piece a note begins."""
    begun = set(onsets(piece))
    inside = range(piece.bar, max(begun), piece.bar)
    return sum(line in begun for line in inside) / max(len(inside), 1)


def in_scale(piece: Piece) -> float:
    """The share of notes in the major scale that holds most of them."""
    pitches = [pitch for pitch, _ in piece.events if pitch]
    return max(sum((pitch + key) % 12 in MAJOR for pitch in pitches) for key in range(12)) / len(pitches)


def spelled(piece: Piece) -> str:
    """A letter for each note: its step from the one before and its length, so that keys do not count."""
    steps = data.steps(piece)
    lengths = [LENGTHS.index(ticks) if ticks in LENGTHS else 0 for pitch, ticks in piece.events if pitch][1:]
    return "".join(
        chr(0x4E00 + (step + 64) * len(LENGTHS) + length) for step, length in zip(steps, lengths, strict=True)
    )


def longest_copy(piece: Piece, known: str) -> int:
    """Notes in a row that stand in a known tune just so, in any key. known: spelled tunes."""
    row, most = spelled(piece), 0
    for start in range(len(row)):
        while start + most < len(row) and row[start : start + most + 1] in known:
            most += 1
    return most + 1 if most else 0
