"""Trains the Chinese sentiment net. A quarter of an hour on one CPU thread: `python -m models train text_cnn`."""

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.text_cnn import data
from models.text_cnn.net import UNKNOWN, TextCNN, prepared
from models.train import Run

POOL = 32  # batches among which texts are sorted by length, so that little is padding
PENALTIES = (1.0, 3.0, 10.0)  # scikit-learn's C of the baseline, chosen on the validation part


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    half: bool = True  # weights are rounded to half floats before they are measured
    reviews: int = 20_000  # all there are
    epochs: int = 8
    batch: int = 50
    lr: float = 3e-3
    weight_decay: float = 0.1
    smoothing: float = 0.1
    hidden: float = 0.35  # share of characters that training hides
    longest: int = 250  # characters; the rest of a review is cut in training
    seen: int = 2  # how often a character or pair must occur to be known
    pairs: int = 30_000
    averaging: float = 0.995
    accuracy_at_least: float = 0.88

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(reviews=1000, epochs=1, averaging=0.8, accuracy_at_least=0.5)


def train(recipe: Recipe, run: Run) -> TextCNN:
    parts = {part: _prepared(part) for part in ("train", "validation")}
    return fit(recipe, parts, functools.partial(run.epochs, recipe.epochs), run.log)


def fit(
    recipe: Recipe, parts: dict[str, data.Labelled], epochs: Callable[..., Iterable[int]], log: Callable
) -> TextCNN:
    """Trains on parts["train"]; -> averaged weights of the epoch that was best on parts["validation"]."""
    texts, labels = parts["train"][0][: recipe.reviews], parts["train"][1][: recipe.reviews]
    characters, pairs = known(texts, recipe)
    net, best = TextCNN(characters, pairs), TextCNN(characters, pairs)
    mean = AveragedModel(TextCNN(characters, pairs), multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging))
    steps = -(-len(texts) // recipe.batch) * recipe.epochs
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=steps)
    chance = torch.Generator().manual_seed(recipe.seed)
    state = {"net": net, "best": best, "mean": mean, "optimiser": optimiser, "schedule": schedule}
    highest = 0.0
    for epoch in epochs(**state, chance=chance):
        net.train()
        for chosen in batches(texts, recipe.batch, chance):
            ids = net.read([texts[i][: recipe.longest] for i in chosen])
            ids[(torch.rand(ids.shape, generator=chance) < recipe.hidden) & (ids > UNKNOWN)] = UNKNOWN
            wanted = torch.from_numpy(labels[chosen]) * (1 - recipe.smoothing) + recipe.smoothing / 2
            votes = net.votes(ids)
            loss = F.binary_cross_entropy_with_logits(votes, wanted.float()[:, None].expand_as(votes))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            mean.update_parameters(net)
        right = _right(cast(TextCNN, mean.module), *parts["validation"])
        if right > highest:
            best.load_state_dict(mean.module.state_dict())
        highest = max(highest, right)
        log(epoch=epoch, loss=loss.item(), validation_accuracy=right)
    return best.eval()


def known(texts: list[str], recipe: Recipe) -> tuple[str, str]:
    """All characters, and the most frequent pairs, that occur often enough; the most frequent first."""
    characters = Counter(character for text in texts for character in text)
    pairs = Counter(text[i : i + 2] for text in texts for i in range(len(text) - 1))

    def frequent(counted: Counter[str], most: int | None) -> str:
        return "".join(one for one, count in counted.most_common(most) if count >= recipe.seen)

    return frequent(characters, None), frequent(pairs, recipe.pairs)


def batches(texts: list[str], size: int, chance: torch.Generator) -> Iterator[list[int]]:
    """Numbers of texts, shuffled, with texts of like length together."""
    order = torch.randperm(len(texts), generator=chance)
    cut = [
        chosen
        for pool in order.split(POOL * size)
        for chosen in torch.tensor(sorted(pool.tolist(), key=lambda i: len(texts[i]))).split(size)
    ]
    for number in torch.randperm(len(cut), generator=chance):
        yield cut[number].tolist()


@torch.inference_mode()
def _right(net: TextCNN, texts: list[str], labels: np.ndarray) -> float:
    """Share right on prepared texts."""
    net.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    cut = [order[start : start + 64] for start in range(0, len(order), 64)]
    right = sum(
        int(((net(net.read([texts[i] for i in chosen])).numpy() > 0) == labels[chosen]).sum())
        for chosen in cut
    )
    return right / len(texts)


def _prepared(part: str) -> data.Labelled:
    texts, labels = data.reviews(part)
    return [prepared(text) for text in texts], labels


def evaluate(net: TextCNN, frozen: bool) -> dict[str, float]:
    """Share of right answers on the test part or the frozen 400 of it; beside it, when not frozen, the baseline, and
    what the choice of input rests on: this net, one without pairs and one that reads words, on the validation part."""
    texts, labels = data.frozen() if frozen else data.reviews("test")
    metrics = {"accuracy": float(((np.array(net.predict(texts)) > 0.5) == labels).mean())}
    if frozen:
        return metrics
    parts = {part: _prepared(part) for part in ("train", "validation", "test")}
    alone = dataclasses.replace(Recipe(), pairs=0)
    return metrics | {
        "bag_of_ngrams_accuracy": _bag_of_ngrams(parts),
        "validation_accuracy": _right(net, *parts["validation"]),
        "characters_alone_validation_accuracy": _rival(alone, parts),
        "words_validation_accuracy": _rival(alone, as_words(parts)),
    }


def _rival(recipe: Recipe, parts: dict[str, data.Labelled]) -> float:
    """The same net with another input, trained in the same way; -> its best share right on the validation part."""
    reached: list[float] = []
    torch.manual_seed(recipe.seed)
    fit(
        recipe,
        parts,
        lambda **_: range(recipe.epochs),
        lambda **point: reached.append(point["validation_accuracy"]),
    )
    return max(reached)


def as_words(parts: dict[str, data.Labelled]) -> dict[str, data.Labelled]:
    """The texts with each word as one character of a private plane, so that the same net reads words."""
    import jieba

    numbers: dict[str, int] = {}
    return {
        part: (
            [
                "".join(chr(0xF0000 + numbers.setdefault(word, len(numbers))) for word in jieba.cut(text))
                for text in texts
            ],
            labels,
        )
        for part, (texts, labels) in parts.items()
    }


def _bag_of_ngrams(parts: dict[str, data.Labelled]) -> float:
    """TF-IDF of one to three characters, logistic regression, its penalty chosen on the validation part."""
    grams = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, dtype=np.float32
    )
    x = {part: grams.fit_transform(texts) if part == "train" else grams.transform(texts)
         for part, (texts, _) in parts.items()}  # fmt: skip
    models = [
        LogisticRegression(C=penalty, max_iter=1000).fit(x["train"], parts["train"][1])
        for penalty in PENALTIES
    ]
    chosen = max(models, key=lambda model: model.score(x["validation"], parts["validation"][1]))
    return float(chosen.score(x["test"], parts["test"][1]))
