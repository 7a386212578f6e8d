"""English sentences -> Chinese ones: a pretrained BERT that stays as published reads, what was trained here writes.

Devlin et al., "BERT", 2019, https://arxiv.org/abs/1810.04805; a BERT before a translator: Zhu et al., "Incorporating
BERT into Neural Machine Translation", 2020, https://arxiv.org/abs/2002.06823; the learned mix of all its layers: Peters
et al., "Deep contextualized word representations" (ELMo), 2018, https://arxiv.org/abs/1802.05365.
"""

from pathlib import Path
from typing import Any, cast

import torch
from huggingface_hub import PyTorchModelHubMixin
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from models.layers import minilm
from models.translation_net import PAD
from models.translation_text import clean_english
from models.translator import SOURCE_TOKENS, Source, Speaker, unknown_in

HERE = Path(__file__).parent
CHINESE = "chinese.json"
STATES, WIDTH = 7, 384  # of MiniLM: word pieces and six layers
UNKNOWN = "[UNK]"  # of BERT's vocabulary, whose [PAD] has the number 0 as PAD has here


class BertToChinese(Speaker, PyTorchModelHubMixin):
    """BERT's word pieces and the states of all its layers, mixed, then an encoder layer and a decoder of its own."""

    chinese_first = False

    def __init__(
        self,
        targets: int,
        dim: int = 256,
        heads: int = 4,
        inner: int = 512,
        layers: tuple[int, int] = (1, 3),
        dropout: float = 0.1,
    ) -> None:
        super().__init__(targets, dim, heads, inner, layers, dropout)
        self.mix = nn.Parameter(torch.zeros(STATES))
        self.bridge = nn.Linear(WIDTH, dim)
        self.below = cast("Below", None)  # until lay_over()

    def begin(self, source: torch.Tensor) -> torch.Tensor:
        states = self.below.states(source).to(self.mix.dtype)  # (B, S, STATES, WIDTH)
        mixed = torch.einsum("bsnw,n->bsw", states, self.mix.softmax(0))
        return self.dropout(self.bridge(mixed))

    def read(self, sentence: str) -> Source:
        text = clean_english(sentence)
        found = self.vocabularies[0].encode(text)
        return Source(found.ids, found.tokens, unknown_in(text, found, self._unknown))

    def shares(self) -> list[float]:
        """How much of each of BERT's states is in the mix, 0..1, the word pieces first."""
        return self.mix.detach().float().softmax(0).tolist()

    def lay_over(self, below: "Below", chinese: Tokenizer) -> "BertToChinese":
        """Gives the net the frozen part that it reads through, and the vocabulary that it writes in."""
        self.below = below
        self.speak(chinese, below.tokenizer)
        self._unknown = below.tokenizer.token_to_id(UNKNOWN)
        return self

    def to(self, *args: Any, **kwargs: Any) -> "BertToChinese":
        """Moves the frozen part too, which is no submodule, so that it is not stored."""
        if self.below:
            self.below.encoder.to(*args, **kwargs)
        return super().to(*args, **kwargs)

    def _save_pretrained(self, save_directory: Path) -> None:
        super()._save_pretrained(save_directory)
        self.vocabularies[1].save(str(save_directory / CHINESE))


class Below:
    """MiniLM as published, and its word pieces."""

    def __init__(self, encoder: BertModel, tokenizer: Tokenizer) -> None:
        self.encoder, self.tokenizer = encoder.requires_grad_(False), tokenizer
        tokenizer.no_padding()
        tokenizer.enable_truncation(SOURCE_TOKENS)

    @torch.no_grad()
    def states(self, source: torch.Tensor) -> torch.Tensor:
        """Word pieces (B, S) -> (B, S, STATES, WIDTH): their embeddings, then the states after each layer."""
        found = self.encoder(source, (source != PAD).long(), output_hidden_states=True)
        return torch.stack(found.hidden_states, 2)


def load(device: str) -> BertToChinese:
    """The trained net beside this file over MiniLM as published, on a torch device."""
    net = BertToChinese.from_pretrained(HERE).float().eval().requires_grad_(False)
    return net.lay_over(Below(*minilm()), Tokenizer.from_file(str(HERE / CHINESE))).to(device)
