"""The translator over BERT: everyday sentences come out right, BERT stays as published, nothing else is stored."""

import json
from pathlib import Path

import numpy as np
import pytest
import sacrebleu
import torch
from safetensors.torch import load_file

import models
from models import translation_data, translation_text
from models.bert_en_zh.net import Below
from models.bert_en_zh.train import Remembered
from models.layers import minilm
from models.translation_training import tokenisation

ROOM = Path(__file__).parent.parent.parent / "models" / "bert_en_zh"


@pytest.mark.parametrize(
    ("sentence", "meaning"),
    [
        ("I don't know.", "我不知道。"),
        ("He is a teacher.", "他是老师。"),
        ("She is my sister.", "她是我姐姐。"),
        ("Where do you live?", "你住在哪里？"),
    ],
)
def test_an_everyday_sentence_is_translated(sentence: str, meaning: str) -> None:
    with models.use("bert_en_zh") as net:
        (found,) = net.translate([sentence])
    assert meaning in [candidate["text"] for candidate in found["candidates"]]


def test_sentences_together_come_out_as_alone() -> None:
    asked = [english for _, english in frozen()[:6]]
    with models.use("bert_en_zh") as net:
        together = net.translate(asked)
        alone = [net.translate([sentence])[0] for sentence in asked]
    for one, other in zip(together, alone, strict=True):
        assert one["candidates"][0]["text"] == other["candidates"][0]["text"]
        assert one["candidates"][0]["score"] == pytest.approx(other["candidates"][0]["score"], abs=1e-4)


def test_scores_fall_and_shares_add_up() -> None:
    with models.use("bert_en_zh") as net:
        (found,) = net.translate(["I like apples."])
        shares = net.shares()
    scores = [candidate["score"] for candidate in found["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) < 0
    assert found["source"] == ["[CLS]", "i", "like", "apples", ".", "[SEP]"]
    assert found["alignment"].shape == (len(found["tokens"]), len(found["source"]))
    assert found["alignment"].dtype == np.float32
    assert found["alignment"].sum(1) == pytest.approx(1, abs=1e-3)
    assert sum(shares) == pytest.approx(1)
    assert len(shares) == 7


def test_a_noun_is_aligned_with_its_word_piece() -> None:
    with models.use("bert_en_zh") as net:
        (found,) = net.translate(["Tom likes music."])
    words = [token["text"] for token in found["tokens"]]
    assert found["alignment"][words.index("音乐")].argmax() == found["source"].index("music")


def test_signs_that_bert_lacks_are_named() -> None:
    with models.use("bert_en_zh") as net:
        (found,) = net.translate(["I like 🦜 birds."])
    assert found["unknown"] == ["🦜"]


def test_bert_is_not_stored_and_the_file_stays_small() -> None:
    assert (ROOM / "model.safetensors").stat().st_size < 10_000_000
    assert not [key for key in load_file(ROOM / "model.safetensors") if "below" in key]


def test_remembered_states_are_those_of_bert() -> None:
    below, kept = Below(*minilm()), Remembered(*minilm())
    ids = [below.tokenizer.encode(text).ids for text in ("I like tea.", "Where are you going tomorrow?")]
    source = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ids], batch_first=True)
    kept.states(source.flip(0))
    for row, length in enumerate(map(len, ids)):
        both = below.states(source)[row, :length], kept.states(source)[row, :length]
        assert torch.allclose(both[0], both[1].float(), atol=5e-3)


def test_the_frozen_pairs_are_clean_and_those_of_the_other_translator() -> None:
    pairs = frozen()
    assert len(pairs) == translation_data.FROZEN_PAIRS
    assert all(translation_text.clean_chinese(chinese) == chinese for chinese, _ in pairs)
    assert pairs == json.loads((ROOM.parent / "transformer_en_zh" / "frozen.json").read_text())


def test_the_card_names_how_bleu_and_chrf_were_counted() -> None:
    card = (ROOM / "README.md").read_text()
    for metric in (sacrebleu.BLEU(tokenize=tokenisation(chinese=True)), sacrebleu.CHRF()):
        metric.corpus_score(["a"], [["a"]])
        assert f"`{metric.get_signature()}`" in card


def frozen() -> list[list[str]]:
    return json.loads((ROOM / "frozen.json").read_text())
