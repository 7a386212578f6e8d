"""The nets of a conditional GAN on small pictures, grey or in colour, which rooms share: a generator whose every
resolution has a style of its own, and a discriminator that is told the class.

Goodfellow et al., "Generative Adversarial Nets", 2014, https://arxiv.org/abs/1406.2661; styles: Karras et al.,
"Analyzing and Improving the Image Quality of StyleGAN", 2020, https://arxiv.org/abs/1912.04958; class by projection:
Miyato and Koyama, 2018, https://arxiv.org/abs/1802.05637; no normalisation and no tricks: Huang et al., "The GAN is
dead; long live the GAN!", 2024, https://arxiv.org/abs/2501.05441.
"""

import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

SLOPE = 0.2  # of the leaky rectifier
PERCENTS = 101  # marks on the scale of what the discriminator says of real pictures, 0 % to 100 %


class Modulated(nn.Module):
    """3 x 3 convolution whose input channels a style scales, brought back to unit size (StyleGAN2's demodulation).

    x (B, before, H, W), style (B, S) -> (B, after, H, W). The picture is scaled, not the filters, which is the same.
    """

    def __init__(self, before: int, after: int, style: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(after, before, 3, 3) / (9 * before) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(after))
        self.scales = nn.Linear(style, before)
        nn.init.ones_(self.scales.bias)

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        scales = self.scales(style)
        sizes = scales.square() @ self.weight.square().sum((2, 3)).T  # (B, after)
        x = F.conv2d(x * scales[:, :, None, None], self.weight, padding=1)
        x = x * (sizes + 1e-8).rsqrt()[:, :, None, None] + self.bias[:, None, None]
        return F.leaky_relu(x, SLOPE) * 2**0.5


class Grow(nn.Module):
    """Twice the height and width: two modulated convolutions beside a 1 x 1 convolution."""

    def __init__(self, before: int, after: int, style: int) -> None:
        super().__init__()
        self.first, self.second = Modulated(before, after, style), Modulated(after, after, style)
        self.skip = nn.Conv2d(before, after, 1, bias=False)

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        around = self.skip(x)
        x = F.interpolate(self.first(x, style), scale_factor=2, mode="bilinear")
        around = F.interpolate(around, scale_factor=2, mode="bilinear")
        return (self.second(x, style) + around) * 0.5**0.5


class Generator(nn.Module):
    """Noise (B, latent) -> hand (B, style); a hand and a class for each resolution -> pictures, range (-1, 1).

    bounded: a tanh keeps them there, which suits ink on paper; garments of many greys learn better without, since it
    saturates early, and are cut off when they are shown.

    start: height and width of the first; widths: channels from there on, each twice as high and wide.
    """

    centre: torch.Tensor

    def __init__(self, start: int, widths: tuple[int, ...], latent: int, style: int, classes: int, bounded: bool,
                 colours: int = 1) -> None:  # fmt: skip
        super().__init__()
        self.start, self.layers, self.bounded = start, len(widths), bounded
        self.mapping = nn.Sequential(nn.Linear(latent, style), nn.LeakyReLU(SLOPE), nn.Linear(style, style))
        for layer in list(self.mapping)[::2]:  # or hands would be small beside classes, and all much the same
            nn.init.kaiming_normal_(layer.weight, SLOPE)  # type: ignore[arg-type]
        self.classes = nn.Embedding(classes, style)
        self.first = nn.Linear(2 * style, widths[0] * start**2)
        self.blocks = nn.ModuleList(Grow(*pair, 2 * style) for pair in itertools.pairwise(widths))
        self.grey = nn.Conv2d(widths[-1], colours, 3, padding=1)
        self.register_buffer("centre", torch.zeros(style))  # the mean hand

    def forward(self, styles: torch.Tensor) -> torch.Tensor:
        """styles: (B, layers, 2 x style), as styled() makes them -> (B, colours, side, side)."""
        first, *others = styles.unbind(1)
        x = F.leaky_relu(self.first(first), SLOPE).view(len(styles), -1, self.start, self.start)
        for block, style in zip(self.blocks, others, strict=True):
            x = block(x, style)
        x = self.grey(x).float()
        return torch.tanh(x) if self.bounded else x

    def hands(self, noise: torch.Tensor, truncation: float = 1.0) -> torch.Tensor:
        """Noise (B, latent) -> (B, style), drawn to the mean hand below a truncation of 1, away from it above."""
        unit = noise * (noise.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        return self.centre + truncation * (self.mapping(unit) - self.centre)

    def styled(self, hands: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        """One hand (B, style) and one class, as it is embedded (B, style), for all layers."""
        return torch.cat([hands, classes], 1)[:, None].expand(-1, self.layers, -1)


class Shrink(nn.Module):
    """Half the height and width: two convolutions beside a 1 x 1 convolution."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, before, 3, padding=1)
        self.second = nn.Conv2d(before, after, 3, padding=1)
        self.skip = nn.Conv2d(before, after, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        around = self.skip(F.avg_pool2d(x, 2))
        x = F.avg_pool2d(F.leaky_relu(self.first(x), SLOPE), 2)
        return (F.leaky_relu(self.second(x), SLOPE) + around) * 0.5**0.5


class Discriminator(nn.Module):
    """Pictures (B, colours, side, side), range (-1, 1), and classes (B,) -> how real each looks, (B,): more is better.

    widths: channels at half size, which the pixels are folded into, and after each halving.
    """

    real: torch.Tensor

    def __init__(self, side: int, widths: tuple[int, ...], classes: int, hidden: int = 128,
                 colours: int = 1) -> None:  # fmt: skip
        super().__init__()
        self.stem = nn.Conv2d(4 * colours, widths[0], 3, padding=1)
        self.blocks = nn.ModuleList(Shrink(*pair) for pair in itertools.pairwise(widths))
        last = side >> len(widths)
        self.hidden = nn.Linear(widths[-1] * last**2, hidden)
        self.head = nn.Linear(hidden, 1)
        self.classes = nn.Embedding(classes, hidden)
        nn.init.normal_(self.classes.weight, std=hidden**-0.5)
        self.register_buffer("real", torch.zeros(classes, PERCENTS))  # scores of real pictures, rising

    def opinions(self, x: torch.Tensor, classes: torch.Tensor) -> np.ndarray:
        """-> share of real pictures of that class which look less real to it, float32 (B,), range (0, 1)."""
        scores = self(x, classes)
        return (self.real[classes] < scores[:, None]).float().mean(1).cpu().numpy()

    def forward(self, x: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.stem(F.pixel_unshuffle(x, 2)), SLOPE)
        for block in self.blocks:
            x = block(x)
        x = F.leaky_relu(self.hidden(x.flatten(1)), SLOPE)
        with torch.autocast(
            x.device.type, enabled=False
        ):  # half floats are too coarse to tell two pictures apart
            x = x.float()
            return self.head(x)[:, 0] + (x * self.classes(classes)).sum(1)


def as_bytes(x: torch.Tensor) -> np.ndarray:
    """(N, 1, side, side), range (-1, 1) -> uint8 (N, side, side)."""
    return ((x[:, 0] + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()
