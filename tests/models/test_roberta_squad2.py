"""The second choice for questions, on a tiny net with random weights: the published one needs a hub."""

import itertools
import json
from collections.abc import Iterator

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import pre_tokenizers
from transformers import RobertaConfig, RobertaForQuestionAnswering

from models import sources, spans
from models.errors import ModelUnavailable
from models.roberta_squad2 import CONFIG, MERGES, NET, SPEC, VOCABULARY
from models.roberta_squad2 import net as room
from models.roberta_squad2.net import END, START, RobertaReader

PUBLISHED = {  # what the published config.json says, but for the sizes
    "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-05,
    "max_position_embeddings": 514, "model_type": "roberta", "position_embedding_type": "absolute",
    "type_vocab_size": 1,
}  # fmt: skip
SIZES = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
PASSAGE = "Ada Byron wrote it in 1843. Charles, a friend, had built the machine. It was never finished."


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RobertaReader]:
    """The files as the hub holds them, small, where fetch would have put them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        for weight in SPEC.weights:
            sources.where(weight).parent.mkdir(parents=True)
        letters = [
            "<s>",
            "<pad>",
            "</s>",
            "<unk>",
            *sorted(pre_tokenizers.ByteLevel.alphabet()),
            "Ġw",
            "it",
            "Ġwas",
        ]
        sources.where(VOCABULARY).write_text(json.dumps({letter: id for id, letter in enumerate(letters)}))
        sources.where(MERGES).write_text("#version: 0.2\ni t\nĠ w\n")
        config = RobertaConfig(**PUBLISHED, **SIZES, vocab_size=len(letters))
        config.to_json_file(sources.where(CONFIG))
        torch.manual_seed(0)
        save_file(RobertaForQuestionAnswering(config).state_dict(), sources.where(NET))
        yield room.load("cpu")


def answer(net: RobertaReader, question: str, passage: str) -> dict:
    *_, last = net.answers(question, passage)
    return last


def test_the_scores_are_those_of_the_library_for_question_and_passage_in_its_own_form(
    net: RobertaReader,
) -> None:
    ids = [net._tokenizer.encode(text).ids for text in ("Who?", PASSAGE)]
    row = [START, *ids[0], END, END, *ids[1], END]
    with torch.inference_mode():
        alone = net._net(torch.tensor([row]))
        together = net._logits([row, row[:9]])
    first, last = alone.start_logits[0], alone.end_logits[0]
    assert torch.allclose(together[0], torch.stack([first, last], 1), atol=1e-5)
    best = answer(net, "Who?", PASSAGE)["spans"][0]
    tokens = list(enumerate(room.tokens(net._tokenizer, PASSAGE), len(ids[0]) + 3))
    starts = [first[place] for place, one in tokens if one.start == best["start"]]  # space may stand before
    ends = [last[place] for place, one in tokens if one.end == best["end"]]
    assert best["score"] == pytest.approx(float(max(starts) + max(ends) - first[0] - last[0]), abs=1e-4)


def test_answers_are_whole_words_of_one_sentence_and_do_not_overlap(net: RobertaReader) -> None:
    found = answer(net, "Who built the machine?", PASSAGE)
    assert found["read"] == 1
    assert len(found["spans"]) == spans.SHOWN
    assert found["found"] == (found["spans"][0]["score"] > 0)
    for one in found["spans"]:
        assert PASSAGE[one["start"] : one["end"]] == one["text"]
        around = PASSAGE[max(0, one["start"] - 1) : one["start"]] + PASSAGE[one["end"] : one["end"] + 1]
        assert not around.isalnum()
        assert one["sentence"][0] <= one["start"] < one["end"] <= one["sentence"][1]
        assert 0 < one["certainty"] < 1
    taken = sorted((one["start"], one["end"]) for one in found["spans"])
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(taken))


def test_a_long_passage_is_read_in_windows_and_all_of_it(net: RobertaReader) -> None:
    steps = list(net.answers("Who? " * 50, "Nobody knows it. " * 150))
    assert len(steps) > 1
    assert [step["read"] for step in steps] == sorted(step["read"] for step in steps)
    assert steps[-1]["read"] == 1


@pytest.mark.parametrize(
    "odd", ["שלום עולם", "😀😀 👍🏽", "\u200b\u200d", "a" * 3000, "é\u0301ñ 東京 ½", "."]
)
def test_any_text_is_read(net: RobertaReader, odd: str) -> None:
    for one in answer(net, odd, odd)["spans"]:
        assert odd[one["start"] : one["end"]] == one["text"]


def test_words_go_on_where_letters_meet_only(net: RobertaReader) -> None:
    tokens = room.tokens(net._tokenizer, "it was, 東")
    assert [one.joined for one in tokens[:1]] == [False]
    heads = {one.start for one in tokens if not one.joined}
    assert heads == {0, 3, 6, 8}


def test_without_a_hub_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("HUB_CACHE", str(tmp_path_factory.mktemp("empty")))
    monkeypatch.setattr(sources, "_places", lambda weight: [])
    with pytest.raises(ModelUnavailable):
        sources.fetch(NET)
