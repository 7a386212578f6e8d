"""Grapheme to phoneme: a bidirectional GRU reads the letters, a GRU with attention says the phonemes; three such agree.

Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, https://arxiv.org/abs/1406.1078;
Luong et al., "Effective Approaches to Attention-based Neural Machine Translation", 2015,
https://arxiv.org/abs/1508.04025; the task: Yao and Zweig, "Sequence-to-Sequence Neural Net Models for
Grapheme-to-Phoneme Conversion", 2015, https://arxiv.org/abs/1506.00196. Dropout as in Gal and Ghahramani, "A
Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2016, https://arxiv.org/abs/1512.05287.
"""

from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.batching import Batcher
from models.lexicon import (
    LETTERS,
    PHONEMES,
    SAID_AS,
    described,
    in_words,
    pieces,
    pronunciations,
    spelled,
    with_s,
)

START, END = len(PHONEMES), len(PHONEMES) + 1  # START stands before the first phoneme, END after the last
BEAM = 5  # pronunciations that are followed at once
MOST_PHONEMES = 2.5  # of each letter, and END_ROOM more; a net that never ends is cut there
END_ROOM = 6
TOGETHER = 256  # words in one batch
VISITORS = 16  # whose words go into one batch
LONGEST_ABBREVIATION = 5  # capitals; longer ones are read as a word


class Dropout(nn.Module):
    """(B, T, H): drops a channel at every step of a word or at none, so that a state cannot carry it past the gap."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], dtype=x.dtype, device=x.device) >= self.share
        return x * (kept / (1 - self.share)).to(x.dtype)


class Seq2Seq(nn.Module):
    """Letters (B, T) of words of one length, phonemes so far (B, S) -> logits (B, S, 71), attention (B, S, T)."""

    def __init__(
        self, embedding: int = 64, reader: int = 160, speaker: int = 192, dropout: float = 0.15
    ) -> None:
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS), embedding)
        self.reader = nn.GRU(embedding, reader, batch_first=True, bidirectional=True)
        self.rereader = nn.GRU(2 * reader, reader, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * reader, 2 * speaker)
        self.phonemes = nn.Embedding(len(PHONEMES) + 1, embedding)
        self.first = nn.GRU(
            embedding, speaker, batch_first=True
        )  # remembers what was said: where to look next
        self.query = nn.Linear(speaker, 2 * reader, bias=False)
        self.second = nn.GRU(2 * reader + speaker, speaker, batch_first=True)  # and what was read there
        self.head = nn.Linear(2 * reader + speaker, END + 1)
        self.dropout = Dropout(dropout)

    def forward(self, letters: torch.Tensor, said: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, attention, _ = self.say(self.read(letters), said)
        return logits, attention

    def read(self, letters: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Letters (B, T) -> what was read (B, T, 2 reader), the two states to speak from (1, B, speaker)."""
        read, _ = self.reader(self.letters(letters))
        read, last = self.rereader(self.dropout(read))
        ends = last.transpose(0, 1).flatten(1)  # (B, 2 reader)
        first, second = self.bridge(ends).tanh().chunk(2, 1)
        return self.dropout(read), first[None].contiguous(), second[None].contiguous()

    def say(self, memory: tuple, said: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, tuple]:
        """One step or many: memory as read() gives, said (B, S) -> logits, attention, the memory after it."""
        read, first, second = memory
        asked, first = self.first(self.phonemes(said), first)
        near = self.query(asked) @ read.transpose(1, 2) / read.shape[-1] ** 0.5
        attention = near.softmax(-1)  # (B, S, T)
        seen = attention.to(read.dtype) @ read
        spoken, second = self.second(torch.cat([seen, asked], -1), second)
        logits = self.head(self.dropout(torch.cat([seen, spoken], -1)))
        return logits, attention, (read, first, second)


class G2PGRU(nn.Module, PyTorchModelHubMixin):
    """Nets that were trained from different beginnings; each phoneme gets the mean of the chances they give it."""

    def __init__(self, members: int = 3) -> None:
        super().__init__()
        self.members = nn.ModuleList(Seq2Seq() for _ in range(members))
        self._ask = Batcher(self.pronounce_many, VISITORS)

    def pronounce(self, word: str) -> dict[str, Any]:
        """Any letters -> {"spelled", "dictionary": pronunciations, "candidates": likeliest first}.

        A pronunciation is as lexicon.described() tells; a candidate has besides a probability and an attention,
        float32 (phonemes, letters), each row 1 in sum. Raises ValueError: no letter of a to z.
        """
        plain = spelled(word)
        known = [described(spoken.split()) for spoken in pronunciations().get(plain, [])]
        return {"spelled": plain, "dictionary": known, "candidates": self._ask(plain)}

    def pronounce_many(self, words: list[str], beam: int = BEAM) -> list[list[dict[str, Any]]]:
        """Words as spelled() gives -> the candidates of each, as in pronounce()."""
        if not all(words):
            raise ValueError("a word needs a letter of a to z")
        candidates: dict[str, list[dict[str, Any]]] = {}
        for _, alike in groupby(sorted(set(words), key=len), key=len):
            group = list(alike)
            for start in range(0, len(group), TOGETHER):
                chosen = group[start : start + TOGETHER]
                candidates |= zip(chosen, self._beam(chosen, beam), strict=True)
        return [candidates[word] for word in words]

    def sentence(self, text: str) -> list[dict[str, Any]]:
        """A text -> for each word said {"text", "word", "source", "phonemes", "ipa", "syllables"}, in order.

        text: the piece of the text that it is said for; a number is several words. source: dictionary, net, number,
        letters (capitals that the dictionary lacks, one by one), or sign, which is not said. A word with several
        pronunciations gets the usual one; an unknown possessive is said as its owner, by who knows that, and 's.
        """
        said = [(piece, *_words(piece)) for piece in pieces(text)]
        stems = {
            word: word if word in pronunciations() else word.removesuffix("'s")
            for *_, words in said
            for word in words
        }
        unknown = [stem for stem in dict.fromkeys(stems.values()) if stem not in pronunciations()]
        net = {
            word: best[0]["phonemes"]
            for word, best in zip(unknown, self.pronounce_many(unknown), strict=True)
        }
        answer = []
        for piece, source, words in said:
            for word in words:
                phonemes = net.get(stems[word]) or pronunciations()[stems[word]][0].split()
                phonemes = phonemes if stems[word] == word else with_s(phonemes)
                source = "dictionary" if source == "net" and stems[word] not in net else source
                answer.append({"text": piece, "word": word, "source": source, **described(phonemes)})
            if not words:
                answer.append({"text": piece, "word": "", "source": source, **described([])})
        return answer

    @torch.inference_mode()
    def _beam(self, words: list[str], width: int) -> list[list[dict[str, Any]]]:
        """Words of one length -> for each the `width` pronunciations that a beam search ends with, likeliest first."""
        many, device = len(words), next(self.parameters()).device
        letters = torch.tensor([[LETTERS.index(one) for one in word] for word in words]).to(device)
        memories = [_repeated(member.read(letters), width) for member in self.members]  # type: ignore[operator]
        scores = torch.full((many, width), -torch.inf, device=device)
        scores[:, 0] = 0  # all paths begin alike, so one of them is enough
        said = torch.full((many * width, 1), START, device=device)
        looks = torch.zeros(many * width, 0, len(words[0]), device=device)
        ended = torch.full((END + 1,), -torch.inf, device=device)
        ended[END] = 0
        for _ in range(END_ROOM + int(MOST_PHONEMES * len(words[0]))):
            shares, look, memories = self._said(memories, said[:, -1:].clamp(max=START))
            shares = torch.where(said[:, -1:] == END, ended, shares)
            scores, best = (scores[..., None] + shares.view(many, width, -1)).flatten(1).topk(width)
            came = (best // (END + 1) + width * torch.arange(many, device=device)[:, None]).flatten()
            said = torch.cat([said[came], best.view(-1, 1) % (END + 1)], 1)
            looks = torch.cat([looks[came], look[came]], 1)
            memories = [(read, *(one[:, came].contiguous() for one in states)) for read, *states in memories]
            if (said[:, -1] == END).all():  # came stays within a word, so what was read of it stays too
                break
        paths = zip(said[:, 1:].tolist(), scores.exp().flatten().tolist(), looks.cpu().numpy(), strict=True)
        rows = [_candidate(*path) for path in paths]
        return [rows[start : start + width] for start in range(0, len(rows), width)]

    def _said(
        self, memories: list[tuple], said: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, list[tuple]]:
        """One step of all members -> the logarithm of their mean chances (B, 71), mean attention, their memories."""
        told = [member.say(memory, said) for member, memory in zip(self.members, memories, strict=True)]  # type: ignore[operator]
        logits, looks, after = zip(*told, strict=True)
        shares = torch.stack(logits)[:, :, 0].softmax(-1).mean(0).log()
        return shares, torch.stack(looks).mean(0), list(after)


def _repeated(memory: tuple, width: int) -> tuple:
    """What was read, and the states, of each word `width` times, for as many paths."""
    read, *states = memory
    return read.repeat_interleave(width, 0), *(one.repeat_interleave(width, 1) for one in states)


def _words(piece: str) -> tuple[str, list[str]]:
    """A piece of a text -> where its pronunciation comes from, the words to say for it."""
    if piece[0].isdecimal():
        return "number", in_words(piece)
    plain = SAID_AS.get(piece) or spelled(piece)
    if plain not in pronunciations():
        plain = plain.strip("'")
    if not plain:
        return "sign", []
    if plain in pronunciations():
        return "dictionary", [plain]
    if piece.isupper() and len(piece) <= LONGEST_ABBREVIATION:
        return "letters", list(plain)
    return "net", [plain]


def _candidate(numbers: list[int], probability: float, attention: np.ndarray) -> dict[str, Any]:
    end = numbers.index(END) if END in numbers else len(numbers)
    phonemes = [PHONEMES[number] for number in numbers[:end] if number < START]
    return {**described(phonemes), "probability": probability, "attention": attention[:end]}


def load(device: str) -> G2PGRU:
    """The trained net beside this file, on a torch device."""
    pronunciations()  # so that no visitor waits for the dictionary
    return G2PGRU.from_pretrained(Path(__file__).parent).float().eval().to(device)
