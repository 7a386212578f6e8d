"""MiniLM: close where sentences mean the same, the same alone and in company, a head from a few sentences."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

import models
from models import layers
from models.minilm import net as room

TRIPLES = (
    ("A man is playing the guitar", "Someone strums a guitar", "The stock market fell sharply"),
    ("How do I reset my password?", "I forgot my login and need a new one", "The soup needs more salt"),
)


@pytest.mark.parametrize(("one", "same", "other"), TRIPLES)
def test_meaning_decides_what_is_near(one: str, same: str, other: str) -> None:
    with models.use("minilm") as net:
        vectors = net.embed([one, same, other])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > 0.2 > vectors[0] @ vectors[2]


def test_a_sentence_is_the_same_alone_and_in_company() -> None:
    sentences = [f"Sentence {'very ' * i}number {i}" for i in range(40)]
    with models.use("minilm") as net:
        alone = np.concatenate([net.embed([sentence]) for sentence in sentences])
        with ThreadPoolExecutor(8) as visitors:
            crowd = np.concatenate(list(visitors.map(lambda sentence: net.embed([sentence]), sentences)))
        assert net.embed(sentences) == pytest.approx(alone, abs=1e-5)
    assert crowd == pytest.approx(alone, abs=1e-5)


def points(centres: np.ndarray, each: int) -> tuple[np.ndarray, list[str]]:
    """Clouds around some centres, and their letters as labels."""
    chance = np.random.default_rng(0)
    clouds = centres[:, None] + 0.1 * chance.standard_normal((len(centres), each, centres.shape[1]))
    return clouds.reshape(-1, centres.shape[1]).astype(np.float32), [
        c for c in "abc"[: len(centres)] for _ in range(each)
    ]


@pytest.mark.parametrize("count", [2, 3])
def test_a_head_separates_what_is_separable(count: int) -> None:
    vectors, labels = points(np.eye(4, dtype=np.float32)[:count], each=6)
    head = room.fit(vectors, labels)
    answers = room.classify(head, vectors)
    assert [max(one, key=one.__getitem__) for one in answers] == labels
    assert all(sum(one.values()) == pytest.approx(1) for one in answers)
    assert head.own == 1.0


def test_two_labels_get_scikit_learns_probabilities() -> None:
    vectors, labels = points(np.eye(3, dtype=np.float32)[:2], each=5)
    expected = room._regression().fit(vectors, labels).predict_proba(vectors)[:, 1]
    found = [one["b"] for one in room.classify(room.fit(vectors, labels), vectors)]
    assert found == pytest.approx(expected, abs=1e-4)


def test_noise_is_not_trusted() -> None:
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((60, 16)).astype(np.float32)
    assert room.fit(vectors, ["a", "b"] * 30).own < 0.75


def test_one_label_is_refused() -> None:
    with pytest.raises(ValueError, match="two labels"):
        room.fit(np.eye(3, dtype=np.float32), ["a"] * 3)


def test_attentions_are_those_of_a_plain_eager_encoder() -> None:
    sentence = "The dog chased the cat because it was hungry."
    with models.use("minilm") as net:
        seen, vector = net.attend(sentence), net.embed([sentence])[0]
        shared = net._looking.encoder.layer[5].output.dense.weight
        assert shared.data_ptr() == net._encoder.encoder.layer[5].output.dense.weight.data_ptr()
    encoder, tokenizer = layers.minilm(attention="eager")
    ids = torch.tensor([tokenizer.encode(sentence).ids])
    with torch.inference_mode():
        expected = torch.cat(encoder(input_ids=ids, output_attentions=True).attentions).numpy()
    assert seen["attentions"].shape == (6, 12, 12, 12)
    assert seen["attentions"] == pytest.approx(expected, abs=1e-5)
    assert seen["attentions"].sum(-1) == pytest.approx(1, abs=1e-5)
    assert seen["vector"] == pytest.approx(vector, abs=1e-5)
    assert (seen["tokens"][0], seen["tokens"][-1]) == ("[CLS]", "[SEP]")


def test_a_heads_habit_is_named() -> None:
    tokens = ["[CLS]", "a", "b", "a", "[SEP]"]
    previous = np.eye(5, k=-1)
    assert room.habit(tokens, previous) == ("previous", 1.0)
    assert room.habit(tokens, np.eye(5, k=1)) == ("next", 1.0)
    assert room.habit(tokens, np.eye(5)) == ("same", 1.0)
    assert room.habit(tokens, np.eye(5)[[0, 3, 2, 1, 4]])[0] == "twin"
    assert room.habit(["[CLS]", "[SEP]"], np.eye(2)) == ("start", 0.0)


def test_the_same_examples_train_only_once() -> None:
    sentences = ["The food was lovely", "A tasty dinner", "The bus was late", "We missed our train"]
    labels = ["food", "food", "travel", "travel"]
    with models.use("minilm") as net:
        vectors = net.embed(sentences)
        first = net.fit(vectors, labels)
        assert net.fit(vectors.copy(), list(labels)) is first
        assert net.fit(vectors, labels[::-1]) is not first
