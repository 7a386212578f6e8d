"""The Chinese sentiment net: right on plain reviews of each kind, sums that add up, a split without leaks."""

import math

import pytest
import torch

import models
from models.text_cnn.data import joined, letters
from models.text_cnn.net import WIDTHS, load, prepared


@pytest.mark.parametrize(
    ("review", "positive"),
    [
        ("房间干净，服务热情，位置也很方便，下次还会再来", True),
        ("房间又脏又吵，服务态度很差，再也不来了", False),
        ("这本书写得很好，内容丰富，值得一看", True),
        ("内容空洞，错字连篇，根本不值得买，很失望", False),
        ("外观漂亮，速度快，性价比高，很满意", True),
        ("散热太差，风扇噪音大，用了一周就坏了，后悔买了", False),
    ],
)
def test_plain_reviews_of_each_kind_are_read_as_people_read_them(review: str, positive: bool) -> None:
    with models.use("text_cnn") as net:
        assert (net.predict([review])[0] > 0.5) is positive


def test_traditional_script_and_wide_letters_are_read_alike() -> None:
    assert prepared("房間很髒，ＡＢ１２\n") == prepared("房间很脏,ab34 ")
    assert all(len(prepared(text)) == len(text) for text in ("㍿…①㎡", "乾隆皇帝的裡面", "😀👨‍👩‍👧"))
    with models.use("text_cnn") as net:
        assert net.predict(["房間又小又舊，服務很差"]) == net.predict(["房间又小又旧，服务很差"])


@pytest.mark.parametrize("review", ["好", "服务很差", "书很好看，" * 300, "<b>😀</b> 房间 不错"])
def test_what_filters_characters_and_pairs_add_is_the_whole_answer(review: str) -> None:
    with models.use("text_cnn") as net:
        found = net.explain(review)
        assert net.explain(review) == found
    alone = sum(found["characters"]) + sum(found["pairs"])
    logit = found["bias"] + alone + sum(one["adds"] for one in found["filters"])
    assert len(found["characters"]) == len(found["pairs"]) == len(review)
    assert found["positive"] == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)
    for one in found["filters"]:
        assert 0 <= one["start"] < one["end"] <= len(review)
        assert one["end"] - one["start"] <= max(WIDTHS)
        assert one["adds"] == pytest.approx(one["answer"] * one["weight"], abs=1e-5)


def test_the_answer_is_the_mean_of_all_members() -> None:
    net = load("cpu")
    ids = net.read(["房间干净", "服务很差"])
    votes = net.votes(ids)
    assert votes.shape == (2, net.members)
    assert votes.std(1).min() > 0
    logits = torch.logit(torch.tensor(net.predict(["房间干净", "服务很差"])))
    assert torch.allclose(votes.mean(1), logits, atol=1e-4)


def test_who_is_in_the_same_batch_makes_no_difference() -> None:
    texts = ["好", "位置很好，" * 50, "键盘手感太差，散热也不行"]
    with models.use("text_cnn") as net:
        assert net.predict(texts) == pytest.approx([net.predict([text])[0] for text in texts], abs=1e-4)


def test_a_filter_answers_most_to_its_favourites() -> None:
    with models.use("text_cnn") as net:
        favourites = net.favourites
        best = next(
            one for one in net.explain(favourites[0][0] + "。这是一句话")["filters"] if one["number"] == 0
        )
        other = next(one for one in net.explain("今天我去了一个地方")["filters"] if one["number"] == 0)
    assert best["answer"] > other["answer"]


def test_items_of_a_list_and_additions_join_the_review_and_answers_are_left_out() -> None:
    lines = ["总体不错：", "1、房间大", "2、早餐好", "另一家酒店", "宾馆反馈 2008年4月17日 ： 谢谢", "第三家，",
             "有点吵", "补充点评 2008年6月19日 ： 早餐不错", "1.5公里外有超市"]  # fmt: skip
    assert [text for _, text in joined(lines)] == [
        "总体不错： 1、房间大 2、早餐好", "另一家酒店", "第三家， 有点吵 早餐不错", "1.5公里外有超市"
    ]  # fmt: skip


def test_punctuation_does_not_make_a_review_another_one() -> None:
    assert letters("很好，下次再来！") == letters("很好 下次再来")
