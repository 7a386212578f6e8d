"""The span reader: answers stand in the passage, long ones are read in windows, rules make questions that hold."""

import itertools
import json
import random

import pytest

import models
from models.answered import HUNDRED, by_hand
from models.bert_qa import data, questions
from models.bert_qa.net import batch, pair
from models.spans import sentences

STORY = (
    "Mira Solberg opened a bakery in Tromsø in 1987. She sold rye bread to fishermen. "
    "The shop burned down after nine years because a candle fell over."
)
FILLER = "The weather stayed mild and nothing much happened in the valley that week. "


def answers(question: str, passage: str) -> dict:
    with models.use("bert_qa") as net:
        *_, last = net.answers(question, passage)
    return last


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("Who opened a bakery?", "Mira Solberg"),
        ("In which year was the bakery opened?", "1987"),
        ("Why did the shop burn down?", "a candle fell over"),
    ],
)
def test_the_answer_is_found_where_it_stands(question: str, right: str) -> None:
    best = answers(question, STORY)["spans"][0]
    assert right in best["text"]
    assert STORY[best["start"] : best["end"]] == best["text"]
    start, end = best["sentence"]
    assert start <= best["start"] < best["end"] <= end
    assert 0 <= best["certainty"] <= 1


def test_spans_do_not_overlap_and_the_best_comes_first() -> None:
    spans = answers("Who opened a bakery?", STORY)["spans"]
    assert [one["score"] for one in spans] == sorted((one["score"] for one in spans), reverse=True)
    places = sorted((one["start"], one["end"]) for one in spans)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(places))


@pytest.mark.parametrize("before", [0, 30, 100])
def test_an_answer_deep_in_a_long_passage_is_found(before: int) -> None:
    passage = FILLER * before + STORY + " " + FILLER * (100 - before)
    found = answers("Who opened a bakery?", passage)
    assert "Mira Solberg" in found["spans"][0]["text"]
    assert found["read"] == 1.0


@pytest.mark.parametrize("odd", ["😀" * 50, "שלום עולם", "a", "\u200b", "\u0301" * 300, "word" * 4000])
def test_any_text_is_read(odd: str) -> None:
    with models.use("bert_qa") as net:
        for found in net.answers("Who?", odd):
            assert all(odd[one["start"] : one["end"]] == one["text"] for one in found["spans"])


def test_the_hundred_are_a_hundred_and_their_answers_stand_in_the_text() -> None:
    hand = by_hand(HUNDRED)
    assert len(hand) == 100
    assert sum(not right for _, _, right in hand) == 15
    assert all(one in passage for passage, _, right in hand for one in right)
    others = {row["title"] for row in json.loads(data.CHOICE.read_text())}
    assert others.isdisjoint(row["title"] for row in json.loads(HUNDRED.read_text()))


def test_sentences_are_cut_where_they_end_only() -> None:
    text = 'Dr. Lind paid 3.5 dollars. "Yes," said J. Fox! New day?\nA line'
    assert [text[a:b] for a, b in sentences(text)] == [
        "Dr. Lind paid 3.5 dollars.", '"Yes," said J. Fox!', "New day?", "A line",
    ]  # fmt: skip


def test_pairs_are_padded_behind() -> None:
    ids, types = batch([pair([5], [6, 7]), pair([5], [6])], "cpu")
    assert ids.tolist() == [[101, 5, 102, 6, 7, 102], [101, 5, 102, 6, 102, 0]]
    assert types.tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0]]


@pytest.mark.parametrize(
    ("question", "answer", "fits"),
    [
        ("Who wrote the book about Rome?", "Ada", True),
        ("Who wrote it?", "Ada", False),
        ("What did these people in Rome eat?", "bread", False),
        ("What did the people of Rome eat and?", "bread", False),
    ],
)
def test_questions_that_cannot_stand_alone_are_left_out(question: str, answer: str, fits: bool) -> None:
    assert questions.good(question, answer) == fits


def test_questions_are_asked_otherwise_with_the_same_words() -> None:
    told = {questions.otherwise("When was Ada born?", random.Random(seed)) for seed in range(9)}
    assert told == {"What is the birth date of Ada?", "In which year was Ada born?"}
