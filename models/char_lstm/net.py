"""A language model of characters: one wide LSTM layer that, after each character, says how likely every next one is.

Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; Graves, "Generating Sequences With Recurrent Neural
Networks", 2013, https://arxiv.org/abs/1308.0850; single units that mean something: Karpathy et al., "Visualizing
and Understanding Recurrent Networks", 2015, https://arxiv.org/abs/1506.02078.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

UNITS = "units.json"  # beside the weights: what single units were found to follow
UNKNOWN = "\ufffd"  # stands for every character outside the alphabet; always number 0
BEFORE = "\n"  # a text begins as a new line does
ALTERNATIVES = 4  # next characters that are told with each
CHUNK = 64  # characters that are read between two answers, so that a reader can stop
ALIKE = str.maketrans("“”„«»‘’‚–—\t\u00a0", '"""""\'\'\'-- ' + " ")  # what typewriters do not have


class CharLSTM(nn.Module, PyTorchModelHubMixin):
    """Character numbers (B, T) and a state -> logits of each next character (B, T, alphabet), the state after."""

    def __init__(self, alphabet: str, embedding: int = 64, units: int = 512, dropout: float = 0.1) -> None:
        super().__init__()
        self.alphabet = alphabet
        self.numbers = {character: number for number, character in enumerate(alphabet)}
        self.embedding = nn.Embedding(len(alphabet), embedding)
        self.lstm = nn.LSTM(embedding, units, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(units, len(alphabet))
        self.units: dict[str, dict[str, float]] = {}

    def forward(self, numbers: torch.Tensor, state: tuple | None = None) -> tuple[torch.Tensor, tuple]:
        hidden, state = self.lstm(self.embedding(numbers), state)  # (B, T, units)
        return self.head(self.dropout(hidden)), state

    def step(self, numbers: torch.Tensor, state: tuple) -> tuple[torch.Tensor, tuple]:
        """One character each (B,), state ((B, units), (B, units)) -> logits (B, alphabet), the state after."""
        state = torch.lstm_cell(self.embedding(numbers), state, *self.lstm.all_weights[0])
        return self.head(state[0]), state

    def start(self, rows: int) -> tuple[torch.Tensor, tuple]:
        """-> logits of the first character, the state before it."""
        nothing = self.head.weight.new_zeros(rows, self.lstm.hidden_size)
        return self.step(
            torch.tensor([self.numbers[BEFORE]] * rows, device=nothing.device), (nothing, nothing)
        )

    def numbered(self, text: str) -> torch.Tensor:
        """-> numbers (characters,); curly quotes and dashes count as straight ones, what else is unknown as 0."""
        return torch.tensor([self.numbers.get(one, 0) for one in text.translate(ALIKE)], dtype=torch.long)

    @torch.inference_mode()
    def read(self, text: str, unit: int = 0) -> Iterator[list[dict[str, Any]]]:
        """Yields some characters at a time: {"text", "bits", "known", "alternatives", "activation"} for each.

        bits: surprise, -log2 of the probability it had; alternatives: [(character, probability)], likeliest first;
        activation: memory of a unit after reading it, range (-1, 1); known: whether it is in the alphabet.
        """
        numbers = self.numbered(text).to(self.head.weight.device)
        logits, state = self.start(1)
        for begin in range(0, len(text), CHUNK):
            chunk = []
            for character, number in zip(
                text[begin : begin + CHUNK], numbers[begin : begin + CHUNK], strict=True
            ):
                told = self._told(logits[0], int(number))
                logits, state = self.step(number[None], state)
                memory = state[1][0, unit].tanh().item()
                chunk.append({**told, "text": character, "known": bool(number), "activation": memory})
            yield chunk

    @torch.inference_mode()
    def write(
        self, text: str, characters: int, temperatures: list[float], seed: int
    ) -> Iterator[list[dict[str, Any]]]:
        """Reads a text and goes on with it, once per temperature; 0 always takes the likeliest character.

        Yields [] while it reads, then for each temperature {"text", "bits", "alternatives"} of one character.
        """
        device = self.head.weight.device
        logits, state = self.start(1)
        for at, number in enumerate(self.numbered(text).to(device)):
            logits, state = self.step(number[None], state)
            if at % CHUNK == 0:
                yield []
        rows = len(temperatures)
        logits, state = logits.expand(rows, -1), tuple(part.expand(rows, -1) for part in state)
        chance = torch.Generator().manual_seed(seed)
        for _ in range(characters):
            numbers = [self._drawn(*row, chance) for row in zip(logits, temperatures, strict=True)]
            yield [self._told(row, number) for row, number in zip(logits, numbers, strict=True)]
            logits, state = self.step(torch.tensor(numbers, device=device), state)

    def _drawn(self, logits: torch.Tensor, temperature: float, chance: torch.Generator) -> int:
        logits = logits[1:].float().cpu()  # never the unknown character
        if temperature == 0:
            return 1 + int(logits.argmax())
        return 1 + int(torch.multinomial((logits / temperature).softmax(0), 1, generator=chance))

    def _told(self, logits: torch.Tensor, number: int) -> dict[str, Any]:
        shares = logits.float().softmax(0)
        best = shares.topk(ALTERNATIVES)
        rows = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        alternatives = [(self.alphabet[other], share) for other, share in rows]
        bits = -shares[number].clamp_min(1e-30).log2().item()
        return {"text": self.alphabet[number], "bits": bits, "alternatives": alternatives}

    def found(self) -> dict[str, dict[str, float]]:
        """What single units follow: concept -> {"unit", "sign", "auc"}; measured when the net was trained."""
        return self.units

    def _save_pretrained(self, save_directory: Path) -> None:
        super()._save_pretrained(save_directory)
        (save_directory / UNITS).write_text(json.dumps(self.units, indent=1) + "\n")


def load(device: str) -> CharLSTM:
    """The trained net beside this file, on a torch device."""
    folder = Path(__file__).parent
    net = CharLSTM.from_pretrained(folder).float().eval().to(device)
    net.units = json.loads((folder / UNITS).read_text())
    return net
