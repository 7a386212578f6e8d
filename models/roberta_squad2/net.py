"""Extractive question answering by RoBERTa base, twelve layers, tuned on SQuAD 2.0 by deepset.

Liu et al., "RoBERTa", 2019, https://arxiv.org/abs/1907.11692; no answer is a span too, the one at <s>: Rajpurkar et
al., "Know What You Don't Know", 2018, https://arxiv.org/abs/1806.03822.
"""

from collections.abc import Iterator
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import ByteLevelBPETokenizer
from transformers import RobertaConfig, RobertaForQuestionAnswering

from models import sources, spans
from models.roberta_squad2 import CONFIG, MERGES, NET, VOCABULARY
from models.spans import Span, Token

QUESTION, WINDOW = 64, 384  # tokens: of a question, of question and piece, as it was tuned
TOGETHER = 4  # pieces in one forward pass
START, PAD, END = 0, 1, 2


class RobertaReader:
    """Questions on a passage; the same door as bert_qa's."""

    def __init__(self, net: RobertaForQuestionAnswering, tokenizer: ByteLevelBPETokenizer) -> None:
        self._net, self._tokenizer = net, tokenizer

    @torch.inference_mode()
    def answers(self, question: str, passage: str) -> Iterator[dict[str, Any]]:
        """Reads a passage piece by piece -> after every few pieces, what was found so far.

        read: share of the passage, 0..1; spans: up to four, the best first, none overlapping another, each with text,
        start and end (characters), sentence (start, end), score and certainty (0..1); found: whether the best is
        likelier than no answer. A question is cut after 64 tokens.
        """
        asked = self._tokenizer.encode(question).ids[:QUESTION]
        pieces = spans.windows(tokens(self._tokenizer, passage), WINDOW - len(asked) - 4)
        bounds = spans.sentences(passage)
        seen: list[Span] = []
        for first in range(0, len(pieces), TOGETHER):
            some = pieces[first : first + TOGETHER]
            logits = self._logits(
                [[START, *asked, END, END, *(one.id for one in piece), END] for piece in some]
            )
            for piece, row in zip(some, logits, strict=True):
                place = len(asked) + 3  # of the piece's first token
                of_tokens = row[place : place + len(piece)].numpy()
                seen += spans.best(piece, of_tokens, row[0].sum().item(), [start for start, _ in bounds])
            best = spans.shown([(one.score, one) for one in seen], passage, bounds, 0.0, 1.0)
            found = bool(best) and best[0]["score"] > 0
            yield {"read": min(1.0, (first + TOGETHER) / len(pieces)), "spans": best, "found": found}

    def to(self, device: str) -> None:
        """Moves the net between a GPU and host memory."""
        self._net.to(device)  # type: ignore[arg-type]

    def _logits(self, rows: list[list[int]]) -> torch.Tensor:
        """Token ids -> (rows, longest, 2), of each token as first and as last of the answer."""
        longest = max(map(len, rows))
        ids = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows], device=self._net.device)
        read = self._net(ids, attention_mask=(ids != PAD).long())
        return torch.stack([read.start_logits, read.end_logits], 2).float().cpu()


def tokens(tokenizer: ByteLevelBPETokenizer, passage: str) -> list[Token]:
    """A passage's tokens; one goes on from the one before where letters or digits meet, or inside a character."""
    encoded = tokenizer.encode(passage)
    found: list[Token] = []
    for number, (start, end) in zip(encoded.ids, encoded.offsets, strict=True):
        before = passage[start - 1 : start]
        met = bool(found) and found[-1].end == start and (before + passage[start : start + 1]).isalnum()
        found.append(Token(number, start, end, met or (bool(found) and start < found[-1].end)))
    return found


def load(device: str) -> RobertaReader:
    """The published net on a torch device, and its tokenizer."""
    config = RobertaConfig.from_json_file(sources.where(CONFIG))
    net = RobertaForQuestionAnswering.from_pretrained(
        None, config=config, state_dict=load_file(sources.where(NET))
    )
    tokenizer = ByteLevelBPETokenizer(
        str(sources.where(VOCABULARY)), str(sources.where(MERGES)), trim_offsets=True
    )
    return RobertaReader(net.to(device).eval(), tokenizer)  # type: ignore[arg-type]
