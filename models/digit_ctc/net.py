"""A bidirectional GRU that hears digits and commands, trained with CTC: letters come out without being lined up first.

Graves, Fernandez, Gomez and Schmidhuber, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data
with Recurrent Neural Networks", 2006; the unit: Cho et al., 2014, https://arxiv.org/abs/1406.1078.
"""

from pathlib import Path
from typing import Any

import numpy as np
import soxr
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn

from models.digit_ctc import decode
from models.digit_ctc.sound import BANDS, HOP, RATE, frames
from models.digit_ctc.words import LETTERS, UNKNOWN

STRIDE = 3  # frames of sound for one frame of letters
SHOWN = 5  # candidates
MARGIN = RATE // 4  # samples of silence before and after, as the clips of training have


class DigitCTC(nn.Module, PyTorchModelHubMixin):
    """Log-mel (B, T, 40), range (0, 1) -> logits of the blank and each letter, (B, ceil(T / 3), 1 + letters)."""

    def __init__(self, channels: int = 128, hidden: int = 128, dropout: float = 0.2) -> None:
        super().__init__()
        self.first = nn.Conv1d(BANDS, channels, 5, padding=2)
        self.thinned = nn.Conv1d(channels, channels, 5, stride=STRIDE, padding=2)
        self.wider = nn.ModuleList(nn.Conv1d(channels, channels, 5, padding=2) for _ in range(2))
        self.scales = nn.ModuleList(nn.LayerNorm(channels) for _ in range(3))
        self.memory = nn.GRU(channels, hidden, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * hidden, 1 + len(LETTERS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        x = self.first(mel.transpose(1, 2)).relu()  # (B, channels, T)
        x = self.scales[0](self.thinned(x).relu().transpose(1, 2))  # (B, T / 3, channels)
        for near, scale in zip(self.wider, self.scales[1:], strict=True):
            x = scale(x + near(self.dropout(x).transpose(1, 2)).relu().transpose(1, 2))
        x, _ = self.memory(self.dropout(x))  # (B, T / 3, 2 hidden): what came before, and what comes after
        return self.head(self.dropout(x))

    @torch.inference_mode()
    def read(self, wave: np.ndarray, rate: int) -> dict[str, Any]:
        """Float32 mono (N,), range (-1, 1), and its Hz -> what is said, if it is digits and commands.

        words: those of the best candidate, UNKNOWN for a stretch of others; candidates: [(words, probability)], the
        likeliest first; spelled: the letters without the list of words; letters: shares, float32 (frames, 1 + letters),
        the blank first; mel: what the net hears, float32 (40, 3 frames or up to two less), range (0, 1); seconds: of a
        frame of letters, and start: when the first one is, below 0 as silence is put before. Raises ValueError: no
        sound.
        """
        if not len(wave):
            raise ValueError("a sound needs samples")
        sound = np.asarray(wave, np.float32) if rate == RATE else soxr.resample(wave, rate, RATE)
        mel = frames(torch.from_numpy(np.pad(np.float32(sound), MARGIN))[None])
        shares = self(mel.to(self.head.weight.device))[0].softmax(-1).float().cpu().numpy()
        found = [(read.split(), share) for read, share in decode.beam(shares) if decode.whole(read)]
        found = found[:SHOWN] or [([], 0.0)]
        return {
            "words": found[0][0],
            "candidates": found,
            "spelled": decode.greedy(shares),
            "letters": shares,
            "mel": mel[0].T.numpy(),
            "seconds": STRIDE * HOP / RATE,
            "start": -MARGIN / RATE,
        }


def known(words: list[str]) -> list[str]:
    """Words without the signs for others."""
    return [word for word in words if word != UNKNOWN]


def load(device: str) -> DigitCTC:
    """The trained net beside this file, on a torch device."""
    return DigitCTC.from_pretrained(Path(__file__).parent).float().eval().to(device)
