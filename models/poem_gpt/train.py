"""Trains the poet. About half an hour on a CPU thread: `python -m models train poem_gpt`.

The rates stay where they are; the weights of the last epochs are averaged instead: Sanyal et al., "Early Weight
Averaging meets High Learning Rates for LLM Pre-training", 2023, https://arxiv.org/abs/2306.03241. The matrices are
moved by Muon: Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from models.kneser_ney import KneserNey
from models.poem_gpt import data
from models.poem_gpt.data import Poem
from models.poem_gpt.net import Asked, PoemGPT
from models.poem_gpt.verse import (
    ERAS,
    FIRST,
    FORMS,
    IDS,
    TOKENS,
    UNKNOWN,
    header,
    rhyme_of,
    split,
    tokens,
    toned,
)
from models.train import Run

HELD_BACK = 250  # validation poems that the curve is measured on
TESTED = 2000  # test poems that the published numbers are measured on
SAMPLES, TOGETHER = 500, 25  # poems written; written side by side


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 26
    poems: int = 4000  # an epoch
    batch: int = 3072  # tokens
    lr: float = 0.02  # of Muon, for the matrices
    adam_lr: float = 3e-3  # for vectors of characters and places
    warm: float = 0.5  # epochs in which the rates rise; then they stay
    averaged: int = 8  # epochs, the last, whose weights are averaged in place of falling rates
    tang: int = 2  # times a Tang poem is shown for each time of a Song poem
    scale: float = 0.05  # of the characters' first vectors
    half: bool = True
    gain_bits_at_least: float = 0.01  # over the 5-gram
    line_lengths_right_at_least: float = 0.99
    copies_at_most: float = 0.0

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, averaged=1, poems=500)


def train(recipe: Recipe, run: Run) -> PoemGPT:
    split = data.poems()
    poems, held = split["train"], split["validation"][:HELD_BACK]
    net = PoemGPT()
    _start(net, poems, recipe.scale)
    matrices = [weight for block in net.blocks for weight in block.parameters() if weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    rest = [weight for weight in net.parameters() if id(weight) not in chosen]
    muon = torch.optim.Muon(matrices, lr=recipe.lr, weight_decay=0.01)
    adam = torch.optim.AdamW(rest, lr=recipe.adam_lr, betas=(0.9, 0.98), weight_decay=0.01)
    chance = np.random.default_rng(recipe.seed)
    order = _order(poems, recipe, chance)
    mean = AveragedModel(net)
    for epoch in run.epochs(recipe.epochs, net=net, muon=muon, adam=adam, mean=mean):
        net.train()
        # its own chance for each epoch: a resumed training draws the same themes
        batches = _batches(
            [poems[i] for i in order[epoch]], recipe, np.random.default_rng([recipe.seed, epoch])
        )
        total = 0.0
        for number, batch in enumerate(batches):
            rate = min(1.0, (epoch + number / len(batches)) / recipe.warm + 0.01)
            for optimiser, lr in ((muon, recipe.lr), (adam, recipe.adam_lr)):
                optimiser.param_groups[0]["lr"] = lr * rate
            with torch.autocast("cpu", torch.bfloat16):
                loss = _loss(net, batch)
            loss.backward()
            for optimiser in (muon, adam):
                optimiser.step()
                optimiser.zero_grad()
            total += loss.item()
        if epoch >= recipe.epochs - recipe.averaged:
            mean.update_parameters(net)
        run.log(epoch=epoch, loss=total / len(batches), held_back_bits=bits(net, held))
    return cast(PoemGPT, mean.module)


def _start(net: PoemGPT, poems: list[Poem], scale: float) -> None:
    """Gives characters that keep company alike first vectors: factors of their positive mutual information.

    Levy and Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", 2014.
    """
    together = _company(poems)
    alone = together.sum(1) + 1
    smooth = alone**0.75 / (alone**0.75).sum()
    surprise = np.log(np.maximum(together / alone[:, None] / smooth, 1e-9)).clip(min=0)
    factors, strengths, _ = torch.svd_lowrank(torch.from_numpy(surprise + surprise.T), net.own.embedding_dim)
    vectors = factors * strengths.sqrt()
    met = torch.from_numpy(alone > 1)
    with torch.no_grad():
        net.own.weight[met] = scale * (vectors / vectors.square().mean().sqrt())[met]


def _company(poems: list[Poem]) -> np.ndarray:
    """-> float32 (TOKENS, TOKENS): how often two characters share a line, or one place of a couplet (counts twice)."""
    together = np.zeros((TOKENS, TOKENS), np.float32)

    def count(ones: np.ndarray, others: np.ndarray, weight: float) -> None:
        pairs = np.bincount(ones.ravel() * TOKENS + others.ravel(), minlength=TOKENS**2)
        together[:] += weight * pairs.reshape(TOKENS, TOKENS)

    for width in (5, 7):
        rows = [
            [IDS.get(c, UNKNOWN) for c in line] for poem in poems for line in poem.lines if len(line) == width
        ]
        couplets = np.array(rows).reshape(-1, 2, width)
        count(couplets[:, 0], couplets[:, 1], 2.0)
        for apart in range(1, width):
            count(couplets[:, :, :-apart], couplets[:, :, apart:], 1.0 if apart < 3 else 0.5)
    together[:, UNKNOWN] = together[UNKNOWN] = 0
    return together + together.T


def _order(poems: list[Poem], recipe: Recipe, chance: np.random.Generator) -> np.ndarray:
    """-> (epochs, poems): whole passes over the poems, one after another, each in an order of its own."""
    once = np.repeat(np.arange(len(poems)), [recipe.tang if poem.era == "tang" else 1 for poem in poems])
    needed = recipe.epochs * recipe.poems
    passes = [chance.permutation(once) for _ in range(-(-needed // len(once)))]
    return np.concatenate(passes)[:needed].reshape(recipe.epochs, recipe.poems)


def _batches(poems: list[Poem], recipe: Recipe, chance: np.random.Generator) -> list[torch.Tensor]:
    """Batches of one form each, so that nothing is padded, in random order."""
    forms: dict[str, list[list[int]]] = defaultdict(list)
    for poem in poems:
        ids = [*header(form_of(poem), poem.era, _theme(poem, chance)), *tokens(poem.lines)]
        forms[form_of(poem)].append(ids)
    batches = []
    for rows in forms.values():
        size = recipe.batch // len(rows[0])
        batches += [torch.tensor(rows[start : start + size]) for start in range(0, len(rows), size)]
    return [batches[i] for i in chance.permutation(len(batches))]


def form_of(poem: Poem) -> str:
    return f"{len(poem.lines[0])}x{len(poem.lines)}"


def _theme(poem: Poem, chance: np.random.Generator) -> str:
    """One or two neighbouring characters of the title or a line; none for a quarter of the poems."""
    source, size = chance.random(), 1 + int(chance.random() < 0.5)
    if source < 0.25:
        return ""
    text = poem.lines[chance.integers(len(poem.lines))] if source < 0.65 else poem.title.split(" ")[0]
    pairs = [text[i : i + size] for i in range(len(text) - size + 1)]
    pairs = [pair for pair in pairs if all(character in IDS for character in pair)]
    return pairs[chance.integers(len(pairs))] if pairs else ""


def _loss(net: PoemGPT, batch: torch.Tensor) -> torch.Tensor:
    """Mean nats of the tokens after the header; unknown characters are read, not learned."""
    scores = net(batch[:, :-1])[:, 2:].flatten(0, 1).float()
    wanted = batch[:, 3:].flatten()
    return F.cross_entropy(scores, wanted.where(wanted != UNKNOWN, -100))


@torch.inference_mode()
def bits(net: PoemGPT, poems: list[Poem]) -> float:
    """Bits a known character, no theme given, in poems that training did not see."""
    net.eval()
    total, count = 0.0, 0
    for form in FORMS:
        rows = [[*header(form, poem.era), *tokens(poem.lines)] for poem in poems if form_of(poem) == form]
        for batch in torch.tensor(rows).split(64) if rows else ():
            wanted = batch[:, 3:].flatten()
            scores = net(batch[:, :-1])[:, 2:].flatten(0, 1).float()
            nats = F.cross_entropy(scores, wanted, reduction="none")
            counted = wanted >= FIRST
            total, count = total + nats[counted].sum().item(), count + int(counted.sum())
    return total / count / float(np.log(2))


def evaluate(net: PoemGPT, frozen: bool) -> dict[str, float]:
    """Bits a character in held-out poems, beside a 5-gram; what 500 samples keep of the form, and copy."""
    if frozen:
        return {"bits_per_character": bits(net, data.frozen())}
    split = data.poems()
    tested, known = split["test"][:TESTED], split["train"]
    own, five_gram = bits(net, tested), _five_gram(known, tested)
    bound, free = (_samples(net, tested, guided) for guided in (True, False))
    lines = {line for poem in known for line in poem.lines}
    return {
        "bits_per_character": own,
        "five_gram_bits_per_character": five_gram,
        "gain_bits": five_gram - own,
        "line_lengths_right": _share(bound, lambda poem: True),
        "line_lengths_right_unguided": _share(free, lambda poem: True),
        "rhymed": _share(bound, lambda poem: bool(rhyme_of(poem.lines))),
        "rhymed_unguided": _share(free, lambda poem: bool(rhyme_of(poem.lines))),
        "rhymed_by_poets": _share(dict(enumerate(tested)), lambda poem: bool(rhyme_of(poem.lines))),
        "lines_in_tone": _line_share(bound.values(), toned),
        "lines_in_tone_unguided": _line_share(free.values(), toned),
        "lines_in_tone_by_poets": _line_share(tested, toned),
        "lines_known": _line_share(bound.values(), lines.__contains__),
        "lines_known_by_poets": _line_share(tested, lines.__contains__),
        "copies": float(len(copied([*bound.values(), *free.values()], known))),
    }


def _five_gram(known: list[Poem], tested: list[Poem]) -> float:
    def row(poem: Poem) -> list[int]:
        return [header(form_of(poem), poem.era)[0], *tokens(poem.lines)]

    return KneserNey([row(poem) for poem in known], TOKENS).bits([row(poem) for poem in tested], FIRST)


def _samples(net: PoemGPT, tested: list[Poem], guided: bool) -> dict[int, Poem]:
    """SAMPLES poems in every form and era on themes from held-out titles, without those of wrong line lengths."""
    chance = np.random.default_rng(0)
    asked: dict[str, list[Asked]] = defaultdict(list)
    for number, poem in enumerate(tested[:SAMPLES]):
        theme = _theme(Poem("tang", poem.title, (poem.title.split(" ")[0],)), chance)
        asked[list(FORMS)[number % 4]].append((ERAS[number // 4 % 2], theme, (), number))
    kept = {}
    for form, ones in asked.items():
        for start in range(0, len(ones), TOGETHER):
            some = ones[start : start + TOGETHER]
            written = net.write_many(form, some) if guided else net.ramble(form, some)
            for (era, theme, _, number), text in zip(some, written, strict=True):
                if [len(line) for line in split(text)] == [FORMS[form][0]] * FORMS[form][1]:
                    kept[number] = Poem(era, theme, tuple(split(text)))
    return kept


def copied(samples: list[Poem], known: list[Poem]) -> list[Poem]:
    """The samples that share more than a whole line's length of neighbouring characters with a known poem."""
    windows: dict[str, list[Poem]] = defaultdict(list)
    for poem in samples:
        for window in _windows(poem):
            windows[window].append(poem)
    found = {id(poem) for other in known for window in _windows(other) for poem in windows.get(window, ())}
    return [poem for poem in samples if id(poem) in found]


def _windows(poem: Poem) -> list[str]:
    text, size = "".join(poem.lines), len(poem.lines[0]) + 1
    return [text[i : i + size] for i in range(len(text) - size + 1)]


def _share(samples: dict[int, Poem], right: Callable[[Poem], bool]) -> float:
    """Of all that were asked for: the samples or, where there are more, the poems given."""
    return sum(map(right, samples.values())) / max(SAMPLES, len(samples))


def _line_share(poems: Iterable[Poem], right: Callable[[str], bool]) -> float:
    return float(np.mean([right(line) for poem in poems for line in poem.lines]))
