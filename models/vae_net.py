"""A small convolutional variational autoencoder for grey pictures of 28 x 28, and what a picture costs by it.

Kingma and Welling, "Auto-Encoding Variational Bayes", 2014, https://arxiv.org/abs/1312.6114. Pixels have 256 levels and
follow a discretised logistic distribution, Salimans et al., "PixelCNN++", 2017, https://arxiv.org/abs/1701.05517, with
one learned scale, as in Rybkin et al., "Simple and Effective VAE Training with Calibrated Decoders", 2021,
https://arxiv.org/abs/2006.13202.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

SIDE = 28  # pixels
HALF = 0.5 / 255  # half the distance between two levels of grey


class VAE(nn.Module):
    """A picture (B, 1, 28, 28), range (0, 1), <-> a code (B, size), near a standard normal distribution."""

    def __init__(self, size: int, width: int = 64) -> None:
        super().__init__()
        self.size = size
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),  # 16 x 7 x 7
            *_layer(nn.Conv2d(16, width, 3, 1, 1, bias=False)),
            *_layer(nn.Conv2d(width, width, 3, 2, 1, bias=False)),  # width x 4 x 4
            nn.Flatten(),
            nn.Linear(16 * width, 2 * size),
        )
        self.decoder = nn.Sequential(
            nn.Linear(size, 16 * width),
            nn.ReLU(),
            nn.Unflatten(1, (width, 4, 4)),
            *_layer(nn.ConvTranspose2d(width, width, 3, 2, 1, bias=False)),  # width x 7 x 7
            *_layer(nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False)),  # width / 2 x 14 x 14
            nn.Conv2d(width // 2, 4, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.log_scale = nn.Parameter(torch.tensor(-2.5))  # of the pixels' logistic distribution

    def encode(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """-> mean and logarithm of the variance of the code, (B, size) each."""
        mean, log_variance = self.encoder(pictures).chunk(2, 1)
        return mean, log_variance.clamp(-12, 4)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """-> the likeliest picture, (B, 1, 28, 28), range (0, 1)."""
        return self.decoder(codes).clamp(0, 1)

    def cost(self, pictures: torch.Tensor, chance: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """What a picture costs in nats by one draw of its code, whose sum bounds -log p(picture) from above.

        -> its pixels given the code, (B,); the code itself, by each of its numbers, (B, size).
        """
        mean, log_variance = self.encode(pictures)
        drawn = torch.randn(mean.shape, generator=chance).to(mean)
        centre = self.decoder(mean + (log_variance / 2).exp() * drawn)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance) / 2
        return -self._log_likelihood(pictures, centre).sum((1, 2, 3)), divergence

    def _log_likelihood(self, pictures: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
        """Of each pixel: log of S(above) - S(below), S the logistic function; black and white have no outer edge."""
        scale = self.log_scale.exp()
        above, below = (pictures + HALF - centre) / scale, (pictures - HALF - centre) / scale
        darker = torch.where(pictures > 1 - HALF, 0.0, F.softplus(-above))
        lighter = torch.where(pictures < HALF, 0.0, F.softplus(below))
        edges = torch.where((pictures < HALF) | (pictures > 1 - HALF), 0.0, _log1mexp(2 * HALF / scale))
        return edges - darker - lighter


def bits_per_pixel(nats: float) -> float:
    """Of a picture's cost."""
    return nats / (math.log(2) * SIDE * SIDE)


def _layer(convolution: nn.Conv2d | nn.ConvTranspose2d) -> tuple[nn.Module, ...]:
    return convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU()


def _log1mexp(x: torch.Tensor) -> torch.Tensor:
    """log(1 - exp(-x)), x above 0."""
    return (-torch.expm1(-x)).log()
