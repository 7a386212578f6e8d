"""How the translation rooms are trained and measured; the rooms' train.py name the direction and the recipe."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from sacrebleu import BLEU, CHRF
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional as F

from models.train import Run
from models.translation_net import END, PAD, SPECIAL, START, Transformer
from models.translator import Speaker

CHINESE_TOKENS, CHINESE_CHARACTERS = 3750, 2700  # sizes of the vocabulary and of the alphabet it grows from
ENGLISH_TOKENS, ENGLISH_CHARACTERS = 3000, 120
WARM_UP = (
    0.05  # share of the time in which the learning rate rises; then it falls to nothing in a straight line
)
Encoded = list[tuple[list[int], list[int]]]  # source tokens as the net reads them, target tokens


@dataclass(frozen=True)
class TranslationRecipe:
    """What both directions are trained with. The clock decides: rounds of equal time, as many steps as fit."""

    seed: int = 0
    minutes: float = 36.0
    rounds: int = 24
    tokens: int = 1500  # target tokens of a batch
    lr: float = 1.5e-3
    smoothing: float = 0.1
    dropout: float = 0.1
    pairs: int | None = None  # None: all
    bleu_at_least: float = 20.0
    half: bool = True


def learn_vocabulary(sentences: list[str], size: int, alphabet: int, spaced: bool) -> Tokenizer:
    """Byte-pair merges over characters. spaced: words begin with a space (English), or none do (Chinese)."""
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIAL[3]))
    if spaced:
        marks = pre_tokenizers.Split(Regex(r"▁?[^\p{L}\p{N}▁']|▁?\p{N}"), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), marks])
        tokenizer.decoder = decoders.Metaspace()
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[^\p{L}]"), "isolated")
        tokenizer.decoder = decoders.Fuse()
    counts = Counter("".join(sentences).replace(" ", "▁" if spaced else ""))
    # Chosen here, since the trainer's own choice among equally rare characters differs from run to run, and
    # weights belong to one numbering of the tokens.
    letters = sorted(counts, key=lambda one: (-counts[one], one))[:alphabet]
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        special_tokens=list(SPECIAL),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sentences, trainer)
    return tokenizer


def learn_vocabularies(pairs: list[tuple[str, str]]) -> tuple[Tokenizer, Tokenizer]:
    """-> Chinese, English."""
    chinese = learn_vocabulary([one for one, _ in pairs], CHINESE_TOKENS, CHINESE_CHARACTERS, spaced=False)
    english = learn_vocabulary([one for _, one in pairs], ENGLISH_TOKENS, ENGLISH_CHARACTERS, spaced=True)
    return chinese, english


def encoded(net: Speaker, pairs: list[tuple[str, str]]) -> Encoded:
    """(source, target) sentences -> their tokens."""
    written = net.vocabularies[1].encode_batch([target for _, target in pairs])
    return [(net.read(source).ids, one.ids) for (source, _), one in zip(pairs, written, strict=True)]


class Passes:
    """Batches of sentences alike in length, pass after pass; remembers where it is."""

    def __init__(self, data: Encoded, tokens: int, seed: int) -> None:
        self._data, self._tokens, self._seed = data, tokens, seed
        self.number, self.place = 0, 0  # pass; batches of it already seen

    def state_dict(self) -> dict[str, int]:
        return {"number": self.number, "place": self.place}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.number, self.place = state["number"], state["place"]

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            chance = random.Random(f"{self._seed} {self.number}")
            groups = batches(self._data, self._tokens, chance)
            chance.shuffle(groups)
            while self.place < len(groups):
                self.place += 1
                yield tensors([self._data[i] for i in groups[self.place - 1]])
            self.number, self.place = self.number + 1, 0


def batches(data: Encoded, tokens: int, chance: random.Random) -> list[list[int]]:
    """Places of sentences, neighbours in length together, so that a padded batch has at most so many tokens."""
    order = sorted(range(len(data)), key=lambda i: (len(data[i][1]), len(data[i][0]), chance.random()))
    groups: list[list[int]] = [[]]
    for i in order:
        if (len(groups[-1]) + 1) * max(len(data[i][0]), len(data[i][1]) + 1) > tokens and groups[-1]:
            groups.append([])
        groups[-1].append(i)
    return groups


def tensors(chosen: Encoded) -> tuple[torch.Tensor, torch.Tensor]:
    """-> source (B, S) and target (B, T) tokens between START and END, filled with PAD."""
    padded = [
        torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(row) for row in rows], batch_first=True, padding_value=PAD
        )
        for rows in ([s for s, _ in chosen], [[START, *t, END] for _, t in chosen])
    ]
    return padded[0], padded[1]


def fit(net: Transformer, train: Encoded, held: Encoded, recipe: Any, run: Run) -> None:
    """Trains for the recipe's minutes; the curve holds the loss on held-out pairs, unsmoothed."""
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    passes = Passes(train, recipe.tokens, recipe.seed)
    slice_seconds = 60 * recipe.minutes / recipe.rounds
    for number in run.epochs(recipe.rounds, net=net, optimiser=optimiser, passes=passes):
        net.train()
        started = time.monotonic()
        losses: list[float] = []
        for source, target in passes:
            spent = time.monotonic() - started
            if spent > slice_seconds and losses:
                break
            share = min((number + spent / slice_seconds) / recipe.rounds, 1.0)
            optimiser.param_groups[0]["lr"] = recipe.lr * min(share / WARM_UP, (1 - share) / (1 - WARM_UP))
            loss = loss_of(net, source, target, recipe.smoothing)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
        seen = passes.number + passes.place / len(batches(train, recipe.tokens, random.Random(0)))
        run.log(
            round=number, passes=seen, loss=sum(losses) / len(losses), held_back_loss=held_loss(net, held)
        )


def loss_of(net: Transformer, source: torch.Tensor, target: torch.Tensor, smoothing: float) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        states, _ = net.decode(target[:, :-1], *net.encode(source))
        real = target[:, 1:] != PAD
        logits = net.logits(states[real])
    return F.cross_entropy(logits.float(), target[:, 1:][real], label_smoothing=smoothing)


@torch.inference_mode()
def held_loss(net: Transformer, held: Encoded) -> float:
    """Nats per target token."""
    net.eval()
    total = count = 0.0
    for group in batches(held, 3000, random.Random(0)):
        source, target = tensors([held[i] for i in group])
        tokens = int((target[:, 1:] != PAD).sum())
        total += float(loss_of(net, source, target, 0.0)) * tokens
        count += tokens
    return total / count


def bleu(translated: list[str], references: list[str], chinese: bool) -> float:
    """sacrebleu's corpus BLEU, 0..100; its signature stands on the cards. Chinese is counted in characters."""
    return BLEU(tokenize=tokenisation(chinese)).corpus_score(translated, [references]).score


def tokenisation(chinese: bool) -> str:
    return "zh" if chinese else "13a"


def measured(net: Speaker, pairs: list[tuple[str, str]]) -> dict[str, float]:
    """BLEU and chrF of the best candidates for (source, target) sentences."""
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]))  # alike lengths waste no padding
    found = net.translate([pairs[i][0] for i in order])
    translated = [one["candidates"][0]["text"] for one in found]
    references = [pairs[i][1] for i in order]
    chrf = CHRF().corpus_score(translated, [references]).score
    return {"bleu": bleu(translated, references, not net.chinese_first), "chrf": chrf}


def memory_bleu(train: list[tuple[str, str]], test: list[tuple[str, str]], chinese: bool) -> float:
    """The baseline: the translation of the most alike training sentence (one and two words or characters, tf-idf).

    chinese: into Chinese, from English.
    """
    grams = TfidfVectorizer(analyzer="word" if chinese else "char", ngram_range=(1, 2), sublinear_tf=True)
    known = grams.fit_transform([source for source, _ in train]).T.tocsr()
    asked = grams.transform([source for source, _ in test])
    nearest = [int((row @ known).toarray().argmax()) for row in asked]
    return bleu([train[i][1] for i in nearest], [target for _, target in test], chinese)
