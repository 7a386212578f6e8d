"""Four variational autoencoders of garments: codes of 16 numbers with beta 1, 4 and 16, and a map of 2 numbers.

Higgins et al., "beta-VAE", 2017, https://openreview.net/forum?id=Sy2fzU9gl: beta weighs the code's cost against that
of the pixels. The nets themselves: models/vae_net.py.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from PIL import Image
from torch import nn

from models.garment_page import prepare
from models.vae_net import VAE, bits_per_pixel

SIZES = {"beta1": 16, "beta4": 16, "beta16": 16, "map": 2}  # numbers in a code
BETAS = {"beta1": 1.0, "beta4": 4.0, "beta16": 16.0, "map": 1.0}
DRAWS = 4  # of a code, over which a picture's cost is averaged


class FashionVAE(nn.Module, PyTorchModelHubMixin):
    """The nets by name; pictures go in and out as uint8 (N, 28, 28), bright on black, codes as float32 (N, size)."""

    worth: torch.Tensor  # mean nats that each number of each net's code tells

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.nets = nn.ModuleDict({name: VAE(size, width) for name, size in SIZES.items()})
        self.register_buffer("worth", torch.zeros(len(SIZES), max(SIZES.values())))

    @torch.inference_mode()
    def encode(self, which: str, pictures: np.ndarray) -> np.ndarray:
        """-> the mean of each picture's code."""
        return self.vae(which).encode(self.tensor(pictures))[0].cpu().numpy()

    @torch.inference_mode()
    def decode(self, which: str, codes: np.ndarray) -> np.ndarray:
        """-> the likeliest picture of each code."""
        pictures = self.vae(which).decode(torch.from_numpy(codes).to(self.worth.device))
        return (255 * pictures[:, 0] + 0.5).byte().cpu().numpy()

    def read(self, page: Image.Image) -> np.ndarray:
        """Grey page, dark garment or outline on white, any size -> the picture as the nets see it, (28, 28)."""
        return (255 * prepare(page) + 0.5).astype(np.uint8)

    @torch.inference_mode()
    def cost(self, which: str, pictures: np.ndarray) -> dict[str, Any]:
        """What pictures cost on average, a bound from above: "bits_per_pixel"; in nats "pixels" and "code"."""
        chance, net = torch.Generator().manual_seed(0), self.vae(which)
        parts = [net.cost(self.tensor(pictures), chance) for _ in range(DRAWS)]
        pixels = float(np.mean([nats.mean().item() for nats, _ in parts]))
        code = parts[0][1].sum(1).mean().item()  # known without drawing
        return {"bits_per_pixel": bits_per_pixel(pixels + code), "pixels": pixels, "code": code}

    def worths(self, which: str) -> list[float]:
        """Nats that each number of a code tells on average; near 0: the net does not use it."""
        return self.worth[list(SIZES).index(which)][: SIZES[which]].tolist()

    def vae(self, which: str) -> VAE:
        """One of the nets, for training."""
        return self.nets[which]  # type: ignore[return-value]

    def tensor(self, pictures: np.ndarray) -> torch.Tensor:
        """-> (N, 1, 28, 28), range (0, 1), on the nets' device, for training."""
        return torch.from_numpy(pictures.copy())[:, None].to(self.worth.device).float() / 255


def load(device: str) -> FashionVAE:
    """The trained nets beside this file, on a torch device."""
    return FashionVAE.from_pretrained(Path(__file__).parent).eval().to(device)
