"""Vision transformer for garments: 49 patches of 4 x 4 pixels and a class token, pre-norm self-attention.

Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, https://arxiv.org/abs/2010.11929; patches embedded by two
small convolutions after Xiao et al., "Early Convolutions Help Transformers See Better", 2021,
https://arxiv.org/abs/2106.14881; trained on a part of the patches after Liu et al., "PatchDropout", 2023,
https://arxiv.org/abs/2208.07220. Roll-out: Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020,
https://arxiv.org/abs/2005.00928.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from torch import nn
from torch.nn import functional as F

from models.garment_page import LABELS, SIDE, prepare

PATCH = 4  # pixels along a patch's side
GRID = SIDE // PATCH  # patches along a picture's side
TOKENS = 1 + GRID * GRID  # the class token stands first


class Block(nn.Module):
    """Self-attention, then a two-layer perceptron; each reads normalised tokens and adds to them."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)  # queries, keys and values
        self.joined = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = self._heads(x)  # (B, heads, T, width / heads)
        return self._rest(x, F.scaled_dot_product_attention(query, key, value))

    def attend(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """As forward, and the attention itself: (B, heads, T, T), row i: how much token i takes from each."""
        query, key, value = self._heads(x)
        rows = (query @ key.transpose(2, 3) * query.shape[-1] ** -0.5).softmax(-1)
        return self._rest(x, rows @ value), rows

    def _heads(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        many, tokens, width = x.shape
        asked = self.asked(self.before_attention(x)).view(many, tokens, 3, self.heads, width // self.heads)
        return asked.permute(2, 0, 3, 1, 4).unbind()

    def _rest(self, x: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        x = x + self.joined(mixed.transpose(1, 2).flatten(2))
        return x + self.mlp(self.before_mlp(x))


class FashionViT(nn.Module, PyTorchModelHubMixin):
    """(B, 1, 28, 28), range (0, 1), bright garment on black -> logits (B, 10)."""

    def __init__(self, width: int = 96, depth: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.patches = nn.Sequential(
            nn.Conv2d(1, width // 3, 3, 2, 1, bias=False),
            nn.BatchNorm2d(width // 3),
            nn.ReLU(),
            nn.Conv2d(width // 3, width, 3, 2, 1),
        )  # width x 7 x 7
        self.first = nn.Parameter(torch.zeros(1, 1, width))  # the class token
        self.places = nn.Parameter(0.02 * torch.randn(1, TOKENS, width))
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, len(LABELS))

    def forward(self, x: torch.Tensor, kept: torch.Tensor | None = None) -> torch.Tensor:
        """kept: (B, K) numbers of the patches to read, 0 to 48; all where None.

        When not training: the mean of the picture and its mirror image, which shows the same garment.
        """
        if self.training:
            return self._logits(self._tokens(x, kept))
        return (self._logits(self._tokens(x)) + self._logits(self._tokens(x.flip(3)))) / 2

    def _tokens(self, x: torch.Tensor, kept: torch.Tensor | None = None) -> torch.Tensor:
        """-> (B, 1 + patches, width), each knowing its place."""
        tokens = self.patches(x).flatten(2).transpose(1, 2) + self.places[:, 1:]
        if kept is not None:
            tokens = tokens.gather(1, kept[..., None].expand(-1, -1, tokens.shape[2]))
        return torch.cat([(self.first + self.places[:, :1]).expand(len(x), -1, -1), tokens], 1)

    def _logits(self, tokens: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(self.norm(tokens[:, 0]))

    @torch.inference_mode()
    def look(self, page: Image.Image) -> dict[str, Any]:
        """Grey page, dark garment or outline on white, any size -> its answer and what led there.

        "shares": {label: probability}; "seen": (28, 28), what the net sees; "attention": (layers, heads, 50, 50),
        each row sums to 1, token 0 is the class token, 1 to 49 the patches from the left and the top; "rollout":
        (50, 50), see rollout(). Attention is that of the picture as it is, not of its mirror image.
        """
        x = self._tensor(page)
        both, rows = self._tokens(torch.cat([x, x.flip(3)])), []
        for block in self.blocks:
            both, attention = block.attend(both)  # type: ignore[operator]
            rows.append(attention[0])
        shares = self.head(self.norm(both[:, 0])).mean(0).softmax(0).tolist()
        attention = torch.stack(rows).cpu().numpy()
        return {
            "shares": dict(zip(LABELS, shares, strict=True)),
            "seen": x[0, 0].cpu().numpy(),
            "attention": attention,
            "rollout": rollout(attention),
        }

    def _tensor(self, page: Image.Image) -> torch.Tensor:
        return torch.from_numpy(prepare(page))[None, None].to(self.first.device)


def rollout(attention: np.ndarray) -> np.ndarray:
    """(layers, heads, T, T) -> (T, T): how much each input token reaches each token of the last layer.

    Heads are averaged; half of a token comes from itself, by the residual connection. Rows sum to 1.
    """
    own = np.eye(attention.shape[-1], dtype=np.float32)
    reached = own
    for layer in attention.mean(1):
        reached = (layer + own) / 2 @ reached
    return reached


def load(device: str) -> FashionViT:
    """The trained net beside this file, on a torch device."""
    return FashionViT.from_pretrained(Path(__file__).parent).eval().to(device)
