"""Tunes the upper layers of MiniLM on film reviews. A quarter of an hour on one CPU thread:
`python -m models train bert_sentiment`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.bert_sentiment import data
from models.bert_sentiment.net import FROZEN_LAYERS, Below, BertSentiment
from models.layers import minilm
from models.train import Run

POOL = 32  # batches among which texts are sorted by length, so that little is padding
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0)  # scikit-learn's C of the baselines, chosen on the validation part


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    half: bool = True  # weights are rounded to half floats before they are measured
    sentences: int = 10_000  # from Rotten Tomatoes, in each epoch; all there are
    from_long: tuple[int, ...] = (
        10_000,
        10_000,
        8_000,
        8_000,
        6_000,
        4_000,
        0,
    )  # sentences from IMDB, by epoch
    batch: int = 32
    lr: float = 1.6e-4
    lr_decay: float = 0.75  # from each layer to the one below
    weight_decay: float = 0.01
    smoothing: float = 0.1
    averaging: float = 0.997  # of the weights, step by step
    accuracy_at_least: float = 0.83

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(sentences=320, from_long=(320, 0), averaging=0.8, accuracy_at_least=0.5)


def train(recipe: Recipe, run: Run) -> BertSentiment:
    below = Below(*minilm())
    net = over(below)
    mean = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging))
    best = over(below)
    optimiser = torch.optim.AdamW(groups(net, recipe), weight_decay=recipe.weight_decay)
    own, held = (states(below, *data.sentences(part)) for part in ("train", "validation"))
    own = own[: recipe.sentences]
    extra = list(zip(*data.from_long_reviews(), strict=True))
    chance = torch.Generator().manual_seed(recipe.seed)
    extra = [extra[i] for i in torch.randperm(len(extra), generator=chance)]
    steps = sum(-(-(len(own) + count) // recipe.batch) for count in recipe.from_long)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [group["lr"] for group in optimiser.param_groups], total_steps=steps, pct_start=0.1
    )
    parts = {"net": net, "mean": mean, "best": best, "optimiser": optimiser, "schedule": schedule}
    for epoch in run.epochs(len(recipe.from_long), **parts, chance=chance):
        first = sum(recipe.from_long[:epoch])
        more = extra[first : first + recipe.from_long[epoch]]
        seen = own
        if more:
            seen = own + states(below, [text for text, _ in more], np.array([label for _, label in more]))
        net.train()
        for x, mask, labels in batches(seen, recipe.batch, chance):
            loss = _loss(net, x, mask, labels, recipe.smoothing)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(net)
        right = _right(cast(BertSentiment, mean.module), held)
        if all(right > point["validation_accuracy"] for point in run.curve):
            best.load_state_dict(mean.module.state_dict())
        run.log(epoch=epoch, loss=loss.item(), validation_accuracy=right)
    return best.eval().lay_over(below)


def over(below: Below) -> BertSentiment:
    """A net whose layers start as MiniLM's."""
    net, layers = BertSentiment(), below.encoder.encoder.layer
    for name in ("intermediate", "output"):
        getattr(net, name).load_state_dict(getattr(layers[FROZEN_LAYERS], name).state_dict())
    for own, published in zip(net.layers, layers[FROZEN_LAYERS + 1 :], strict=True):
        own.load_state_dict(published.state_dict())
    return net


def groups(net: BertSentiment, recipe: Recipe) -> list[dict]:
    """Parameters with their learning rates: the lower, the slower."""
    stack: list[list[nn.Module]] = [
        [net.intermediate, net.output],
        *([layer] for layer in net.layers),
        [net.head],
    ]
    return [
        {
            "params": [parameter for module in level for parameter in module.parameters()],
            "lr": recipe.lr * recipe.lr_decay**depth,
        }
        for depth, level in enumerate(reversed(stack))
    ]


@torch.no_grad()
def states(below: Below, texts: list[str], labels: np.ndarray) -> list[tuple[torch.Tensor, float]]:
    """What the frozen part makes of each text, half floats (T, 384), and its label; computed once for all epochs."""
    known: dict[int, torch.Tensor] = {}
    for chosen in np.array_split(np.argsort([len(text) for text in texts]), max(1, len(texts) // 64)):
        with torch.autocast("cpu", torch.bfloat16):
            x, mask = below.read([texts[i] for i in chosen])
        known |= {int(i): x[row, : int(mask[row].sum())].half() for row, i in enumerate(chosen)}
    return [(known[i], float(label)) for i, label in enumerate(labels)]


def batches(seen: list, size: int, chance: torch.Generator | None) -> Iterator[tuple]:
    """-> states (B, T, 384), mask (B, T), labels (B,); shuffled, with texts of like length together."""
    order = torch.randperm(len(seen), generator=chance) if chance else torch.arange(len(seen))
    cut = [
        chosen
        for pool in order.split(POOL * size)
        for chosen in torch.tensor(sorted(pool.tolist(), key=lambda i: len(seen[i][0]))).split(size)
    ]
    for number in torch.randperm(len(cut), generator=chance) if chance else range(len(cut)):
        rows = [seen[i] for i in cut[number]]
        x = pad_sequence([row for row, _ in rows], batch_first=True).float()
        mask = torch.zeros(x.shape[:2])
        for place, (row, _) in enumerate(rows):
            mask[place, : len(row)] = 1
        yield x, mask, torch.tensor([label for _, label in rows])


def _loss(net: BertSentiment, x: torch.Tensor, mask: torch.Tensor, labels: torch.Tensor, smoothing: float):
    with torch.autocast("cpu", torch.bfloat16):
        logits = net(x, mask)
    return F.binary_cross_entropy_with_logits(logits.float(), labels * (1 - smoothing) + smoothing / 2)


@torch.inference_mode()
def _right(net: BertSentiment, held: list) -> float:
    net.eval()
    right = sum(
        int(((net(x, mask) > 0) == labels.bool()).sum()) for x, mask, labels in batches(held, 64, None)
    )
    return right / len(held)


def evaluate(net: BertSentiment, frozen: bool) -> dict[str, float]:
    """Share of right answers on 1,000 Rotten Tomatoes sentences, or on our own; beside it, when not frozen, whole
    IMDB reviews and the baselines."""
    if frozen:
        return {"accuracy": _accuracy(net, *data.frozen())}
    return {
        "accuracy": _accuracy(net, *data.sentences("test")),
        "long_review_accuracy": _accuracy(net, *data.long_reviews()),
        "frozen_minilm_accuracy": _regression(*(_vectors(net.below, part) for part in PARTS)),
        "bag_of_words_accuracy": _bag_of_words(),
    }


PARTS = ("train", "validation", "test")


def _accuracy(net: BertSentiment, texts: list[str], labels: np.ndarray) -> float:
    return float(((np.array(net.predict(texts)) > 0.5) == labels).mean())


@torch.inference_mode()
def _vectors(below: Below, part: str) -> tuple[np.ndarray, np.ndarray]:
    """MiniLM as published: the mean of its last states for each sentence."""
    texts, labels = data.sentences(part)
    vectors = torch.empty(len(texts), below.encoder.config.hidden_size)
    for chosen in np.array_split(np.argsort([len(text) for text in texts]), len(texts) // 64):
        encoded = below.tokenizer.encode_batch([texts[i] for i in chosen])
        mask = torch.tensor([one.attention_mask for one in encoded])
        x = below.encoder(torch.tensor([one.ids for one in encoded]), mask).last_hidden_state
        vectors[chosen] = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return F.normalize(vectors).numpy(), labels


def _bag_of_words() -> float:
    texts = {part: data.sentences(part) for part in PARTS}
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(texts["train"][0])
    return _regression(*((words.transform(texts[part][0]), texts[part][1]) for part in PARTS))


def _regression(train: tuple, validation: tuple, test: tuple) -> float:
    """Logistic regression, its penalty chosen on the validation part; -> share right on the test part."""
    models = [LogisticRegression(C=penalty, max_iter=1000).fit(*train) for penalty in PENALTIES]
    return float(max(models, key=lambda model: model.score(*validation)).score(*test))
