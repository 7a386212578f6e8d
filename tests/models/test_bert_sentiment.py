"""The English sentiment net: right on plain sentences, sums that add up, the same whatever it is batched with."""

import math

import pytest
from safetensors import safe_open

import models
from models.bert_sentiment.net import PIECE_WORDS, pieces_of, shares_of

LONG = (
    "The camera is sharp and small. " * 20 + "But the battery is dead, and nobody answers my letters! " * 10
)


def logit(positive: float) -> float:
    return math.log(positive / (1 - positive))


@pytest.mark.parametrize(
    ("sentence", "positive"),
    [
        ("A wonderful, moving film with a perfect ending.", True),
        ("The food was delicious and the waiters were kind.", True),
        ("This is not bad at all, I enjoyed it.", True),
        ("A dull, lazy film that wastes its actors.", False),
        ("The food was cold and the waiters were rude.", False),
        ("It is not good, and I would not buy it again.", False),
    ],
)
def test_plain_sentences_are_read_as_people_read_them(sentence: str, positive: bool) -> None:
    with models.use("bert_sentiment") as net:
        assert (net.predict([sentence])[0] > 0.5) is positive


def test_who_is_in_the_same_batch_makes_no_difference() -> None:
    texts = ["Fine.", LONG, "I hated every minute of this long and pointless film."]
    with models.use("bert_sentiment") as net:
        together = net.predict(texts)
        assert together == pytest.approx([net.predict([text])[0] for text in texts], abs=1e-4)


@pytest.mark.parametrize(
    "text", ["I did not like it, but my sister loved it.", "Fine", LONG, "a\n\nb  <b>😀</b>\u200b c"]
)
def test_contributions_are_complete(text: str) -> None:
    """They add up to what the words change in the logit, and their words to the text."""
    with models.use("bert_sentiment") as net:
        pieces = list(net.explain(text))
        assert sum(piece["logit"] for piece in pieces) == pytest.approx(
            logit(net.predict([text])[0]), abs=1e-3
        )
    for piece in pieces:
        added = sum(value for _, value in piece["words"])
        assert added == pytest.approx(piece["logit"] - piece["blank"], abs=0.05)
    assert "".join(word for piece in pieces for word, _ in piece["words"]) == text


def test_the_word_that_decides_is_found() -> None:
    with models.use("bert_sentiment") as net:
        (piece,) = net.explain("The hotel near the station was terrible")
        again = list(net.explain("The hotel near the station was terrible"))
    assert min(piece["words"], key=lambda word: word[1])[0] == "terrible"
    assert again == [piece]


def test_long_texts_are_cut_between_sentences() -> None:
    pieces = pieces_of(LONG)
    assert "".join(pieces) == LONG
    assert all(piece.rstrip().endswith((".", "!")) and len(piece.split()) <= PIECE_WORDS for piece in pieces)
    assert sum(shares_of(pieces)) == pytest.approx(1)
    assert pieces_of("word " * 100)[0].split() == ["word"] * PIECE_WORDS
    assert pieces_of("") == [""]


def test_only_the_tuned_part_is_kept_in_the_repo() -> None:
    with safe_open("models/bert_sentiment/model.safetensors", "pt") as file:
        assert {key.split(".")[0] for key in file.keys()} == {"intermediate", "output", "layers", "head"}  # noqa: SIM118
