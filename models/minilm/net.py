"""all-MiniLM-L6-v2: a six-layer BERT whose averaged states are close where sentences mean the same.

Reimers and Gurevych, "Sentence-BERT", 2019, https://arxiv.org/abs/1908.10084; Wang et al., "MiniLM", 2020,
https://arxiv.org/abs/2002.10957. Few labelled sentences are enough for a linear classifier on frozen states:
Tunstall et al., "Efficient Few-Shot Learning Without Prompts", 2022, https://arxiv.org/abs/2209.11055.
"""

import copy
import time
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from tokenizers import Tokenizer
from transformers import BertModel

from models import layers, settings
from models.batching import Batcher
from models.minilm.head import Head, classify

TOGETHER = 16  # calls in one batch
SENTENCES = 32  # sentences in one forward pass
REMEMBERED = 2000  # sentences whose vectors are kept: who changes one line waits for that line only
INVERSE_PENALTY = 10.0  # of the logistic regression, scikit-learn's C; chosen on training draws
FOLDS = 5
HEADS = 64  # classifiers that are kept: who asks about another sentence does not wait for the same training


class MiniLM:
    """Sentences -> unit vectors, and classifiers over them."""

    def __init__(self, encoder: BertModel, tokenizer: Tokenizer) -> None:
        self._encoder, self._tokenizer = encoder, tokenizer
        self._looking = _eager(encoder)
        self._known: dict[str, np.ndarray] = {}
        self._heads: dict[tuple, Head] = {}
        self._ask = Batcher(self._embed_many, TOGETHER, settings.runs_at_once())

    def embed(self, sentences: list[str]) -> np.ndarray:
        """-> float32 (sentences, 384), each of length 1."""
        return self._ask(sentences)

    @torch.inference_mode()
    def attend(self, sentence: str) -> dict[str, Any]:
        """Where each token of a sentence looks, in every layer and head, and what the encoder makes of it.

        -> tokens (T of them, "[CLS]" first and "[SEP]" last); attentions, float32 (layers, heads, T, T), each row
        sums to 1 and tells where its token looks; states, float32 (T, 384), and vector, (384,), of length 1: the
        last layer's answer for each token and their mean; cut: whether the sentence was longer than 256 tokens.
        """
        encoded = self._tokenizer.encode(sentence)
        ids = torch.tensor([encoded.ids], device=self._encoder.device)
        seen = self._looking(input_ids=ids, attention_mask=torch.ones_like(ids), output_attentions=True)
        states = seen.last_hidden_state[0]
        vector = torch.nn.functional.normalize(states.mean(0), dim=0)
        return {
            "tokens": encoded.tokens,
            "attentions": torch.cat(seen.attentions).float().cpu().numpy(),
            "states": states.float().cpu().numpy(),
            "vector": vector.float().cpu().numpy(),
            "cut": bool(encoded.overflowing),
        }

    def habit(self, tokens: list[str], attention: np.ndarray) -> tuple[str, float]:
        """What a head looks at most, see habit()."""
        return habit(tokens, attention)

    def fit(self, vectors: np.ndarray, labels: list[str]) -> Head:
        """Trains a classifier on embedded sentences and their labels, see fit(); on the same ones only once."""
        examples = (vectors.tobytes(), tuple(labels))
        head = self._heads.get(examples) or fit(vectors, labels)
        self._heads = dict(list((self._heads | {examples: head}).items())[-HEADS:])
        return head

    def classify(self, head: Head, vectors: np.ndarray) -> list[dict[str, float]]:
        """-> {label: probability} for each embedded sentence."""
        return classify(head, vectors)

    def zero_shot(self, labels: tuple[str, ...], vectors: np.ndarray) -> list[dict[str, float]]:
        """Without any example: {label: cosine similarity of the sentence to the label's name}, range (-1, 1)."""
        near = vectors @ self.embed(list(labels)).T
        return [dict(zip(labels, row.tolist(), strict=True)) for row in near]

    @torch.inference_mode()
    def _embed_many(self, calls: list[list[str]]) -> list[np.ndarray]:
        asked = dict.fromkeys(sentence for sentences in calls for sentence in sentences)
        vectors = {sentence: self._known[sentence] for sentence in asked if sentence in self._known}
        new = sorted((sentence for sentence in asked if sentence not in vectors), key=len)  # little padding
        for start in range(0, len(new), SENTENCES):
            chosen = new[start : start + SENTENCES]
            vectors |= zip(chosen, self._forward(chosen), strict=True)
        self._known = dict(list((self._known | vectors).items())[-REMEMBERED:])
        return [np.stack([vectors[sentence] for sentence in sentences]) for sentences in calls]

    def _forward(self, sentences: list[str]) -> np.ndarray:
        encoded = self._tokenizer.encode_batch(sentences)
        ids = torch.tensor([one.ids for one in encoded], device=self._encoder.device)
        mask = torch.tensor([one.attention_mask for one in encoded], device=self._encoder.device)
        states = self._encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, 384)
        weights = mask[..., None].to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return torch.nn.functional.normalize(mean, dim=1).cpu().numpy()


def _eager(encoder: BertModel) -> BertModel:
    """The same encoder, weight for weight, that also returns its attentions; holds no memory of its own."""
    config = copy.deepcopy(encoder.config)
    config._attn_implementation = "eager"
    with torch.device("meta"):
        looking = BertModel(config, add_pooling_layer=False)
    looking.embeddings = encoder.embeddings
    looking.encoder.load_state_dict(encoder.encoder.state_dict(), assign=True)
    return looking.eval()


def habit(tokens: list[str], attention: np.ndarray) -> tuple[str, float]:
    """What a head looks at most: (T, T), rows sum to 1 -> its habit and the mean share, 0..1, that goes there.

    Habits: previous, next, same (the token itself), twin (the same word elsewhere), separator, start. Counted over
    the tokens between [CLS] and [SEP] that have such a place; one that no token has is not counted.
    """
    inner = range(1, len(tokens) - 1)
    places: dict[str, list[list[int]]] = {
        "previous": [[i - 1] if i > 1 else [] for i in inner],
        "next": [[i + 1] if i < len(tokens) - 2 else [] for i in inner],
        "same": [[i] for i in inner],
        "twin": [[j for j in inner if j != i and tokens[j] == tokens[i]] for i in inner],
        "separator": [[len(tokens) - 1] for _ in inner],
        "start": [[0] for _ in inner],
    }
    shares = {
        name: [float(attention[i, where].sum()) for i, where in zip(inner, rows, strict=True) if where]
        for name, rows in places.items()
    }
    means = {name: sum(row) / len(row) for name, row in shares.items() if row}
    return max(means.items(), key=lambda one: one[1]) if means else ("start", 0.0)


def fit(vectors: np.ndarray, labels: list[str]) -> Head:
    """Unit vectors (N, 384) and their labels -> Head. Raises ValueError for less than two labels."""
    if len(set(labels)) < 2:
        raise ValueError("a classifier needs at least two labels")
    started = time.perf_counter()
    model = _regression().fit(vectors, labels)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two labels
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    own = _left_out_accuracy(vectors, np.array(labels))
    seconds = time.perf_counter() - started
    names = tuple(map(str, model.classes_))
    return Head(names, weights.astype(np.float32), bias.astype(np.float32), own, seconds)


def _left_out_accuracy(vectors: np.ndarray, labels: np.ndarray) -> float | None:
    """Share right on sentences that training did not see; None where a label has only one."""
    few = min(np.unique(labels, return_counts=True)[1])
    if few < 2:
        return None
    folds = StratifiedKFold(min(FOLDS, few), shuffle=True, random_state=0)
    return float((cross_val_predict(_regression(), vectors, labels, cv=folds) == labels).mean())


def _regression() -> LogisticRegression:
    return LogisticRegression(C=INVERSE_PENALTY, tol=1e-3)


def load(device: str) -> MiniLM:
    """The encoder as published, on a torch device."""
    encoder, tokenizer = layers.minilm()
    return MiniLM(encoder.to(device), tokenizer)  # type: ignore[arg-type]
