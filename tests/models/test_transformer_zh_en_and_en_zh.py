"""The two translators: everyday sentences come out right, alone or together, and the data leaks nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
import torch

import models
from models import translation_data, translation_text
from models.transformer_zh_en.net import ChineseToEnglish
from models.translation_training import tokenisation
from models.translator import search

ROOMS = {"transformer_zh_en": "zh_en", "transformer_en_zh": "en_zh"}
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("room", "sentence", "meaning"),
    [
        ("transformer_zh_en", "我不知道。", "I don't know."),
        ("transformer_zh_en", "他是老师。", "He is a teacher."),
        ("transformer_en_zh", "I don't know.", "我不知道。"),
        ("transformer_en_zh", "He is a teacher.", "他是老师。"),
    ],
)
def test_an_everyday_sentence_is_translated(room: str, sentence: str, meaning: str) -> None:
    with models.use(room) as net:
        (found,) = net.translate([sentence])
    assert meaning in [candidate["text"] for candidate in found["candidates"]]


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    with models.use("transformer_zh_en") as net:
        traditional, simplified = net.translate(["我們喜歡音樂。", "我们喜欢音乐。"])
    assert traditional["candidates"] == simplified["candidates"]


@pytest.mark.parametrize("room", ROOMS)
def test_sentences_together_come_out_as_alone(room: str) -> None:
    chinese = [pair[0] for pair in frozen(room)[:6]]
    asked = chinese if room.endswith("zh_en") else [pair[1] for pair in frozen(room)[:6]]
    with models.use(room) as net:
        together = net.translate(asked)
        alone = [net.translate([sentence])[0] for sentence in asked]
    for one, other in zip(together, alone, strict=True):
        assert one["candidates"][0]["text"] == other["candidates"][0]["text"]
        assert one["candidates"][0]["score"] == pytest.approx(other["candidates"][0]["score"], abs=1e-4)


@pytest.mark.parametrize("room", ROOMS)
def test_scores_fall_and_shares_add_up(room: str) -> None:
    with models.use(room) as net:
        (found,) = net.translate(["我喜欢苹果。" if room.endswith("zh_en") else "I like apples."])
    scores = [candidate["score"] for candidate in found["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) < 0
    assert found["alignment"].shape == (len(found["tokens"]), len(found["source"]))
    assert found["alignment"].dtype == np.float32
    assert found["alignment"].sum(1) == pytest.approx(1, abs=1e-3)
    assert all(0 < token["probability"] <= 1 for token in found["tokens"])


def test_a_name_is_aligned_with_its_characters() -> None:
    with models.use("transformer_zh_en") as net:
        (found,) = net.translate(["汤姆喜欢音乐。"])
    words = [token["text"].strip() for token in found["tokens"]]
    assert found["alignment"][words.index("music")].argmax() == found["source"].index("音乐")


def test_characters_that_the_vocabulary_lacks_are_named() -> None:
    with models.use("transformer_zh_en") as net:
        (found,) = net.translate(["我看见了一只鱻。"])
    assert found["unknown"] == ["鱻"]


def test_a_step_of_the_search_sees_what_the_whole_net_sees() -> None:
    torch.manual_seed(0)
    net = ChineseToEnglish(30, 30, dim=16, heads=2, inner=32).eval()
    source = torch.randint(4, 30, (3, 7))
    for tokens, score in (row[0] for row in search(net, source[:1], beam=3, penalty=1.0)):
        target = torch.tensor([[1, *tokens, 2]])
        logits, _ = net.attend(source[:1], target[:, :-1])
        chosen = logits.log_softmax(2)[0].gather(1, target[0, 1:, None])[:, 0]
        ended = len(tokens) < 2 * source.shape[1] + 10
        assert chosen[: len(tokens) + ended].mean().item() == pytest.approx(score, abs=1e-4)


def test_no_family_of_paraphrases_is_split() -> None:
    pairs = [("你好！", "Hello."), ("你好", "Hi!"), ("嗨。", "hi"), ("再见。", "Bye.")]
    families = translation_data._families(pairs)
    assert sorted(map(len, families)) == [1, 3]


@pytest.mark.parametrize("room", ROOMS)
def test_the_frozen_pairs_are_clean(room: str) -> None:
    pairs = frozen(room)
    assert len(pairs) == translation_data.FROZEN_PAIRS
    for chinese, english in pairs:
        assert translation_text.clean_chinese(chinese) == chinese
        assert translation_text.clean_english(english) == english


@pytest.mark.parametrize("room", ROOMS)
def test_the_card_names_how_bleu_was_counted(room: str) -> None:
    bleu = sacrebleu.BLEU(tokenize=tokenisation(room == "transformer_en_zh"))
    bleu.corpus_score(["a"], [["a"]])
    assert f"`{bleu.get_signature()}`" in (ROOT / "models" / room / "README.md").read_text()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Mr. Smith came. He left.", ["Mr. Smith came.", "He left."]),
        ('"Go!" she said. Why?', ['"Go!" she said.', "Why?"]),
        ("你好吗？我很好。“走吧！”他说。", ["你好吗？", "我很好。", "“走吧！”", "他说。"]),
        ("真的吗？！太好了！！！“走吧！？”", ["真的吗？！", "太好了！！！", "“走吧！？”"]),
        ("It costs 3.50 dollars", ["It costs 3.50 dollars"]),
        ("\n\n一\n二", ["一", "二"]),
        ("他说，" * 20, ["他说，" * 15, "他说，" * 5]),
    ],
)
def test_a_text_is_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert translation_text.sentences(text, 45) == parts


@pytest.mark.parametrize(
    ("text", "chinese"),
    [("你好", True), ("Hello", False), ("Tom有个女友", True), ("привет", None), ("😀 12", None)],
)
def test_the_language_is_told_by_the_script(text: str, chinese: bool | None) -> None:
    assert translation_text.is_chinese(text) is chinese


def test_chinese_is_brought_to_one_form() -> None:
    assert translation_text.clean_chinese("我 們\u200b看著,著名的 「書」!") == '我们看着，著名的"书"！'


def frozen(room: str) -> list[list[str]]:
    return json.loads((ROOT / "models" / room / "frozen.json").read_text())
