"""Garments as they might also have been photographed or drawn, for nets to be trained on."""

import torch
from torch.nn import functional as F


def varied(
    images: torch.Tensor, sketches: float, chance: torch.Generator, strength: float = 1.0
) -> torch.Tensor:
    """Pictures (B, 1, 28, 28), range (0, 1) -> as many: mirrored, shifted and turned slightly, a patch wiped.

    sketches: share of them that is turned into filled outlines, as visitors draw; strength: of all the rest, 0 to 1.
    """
    count = len(images)

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return torch.rand(count, *shape, generator=chance) * (high - low) + low

    outline = F.max_pool2d(images, 3, 1, 1) - -F.max_pool2d(-images, 3, 1, 1) > 0.5
    drawn = torch.where(outline, 1.0, (images > 0.05) * uniform(0.3, 0.9, 1, 1, 1))
    images = torch.where(uniform(0, 1, 1, 1, 1) < sketches, drawn, images)
    reach, wipe = 0.12 * strength, 9 * strength
    angle, mirror = uniform(-reach, reach), torch.sign(uniform(-1, 1))
    scale = uniform(1 - 0.08 * strength, 1 + 0.1 * strength)
    rows = [torch.stack([scale * angle.cos() * mirror, -scale * angle.sin(), uniform(-reach, reach)], 1),
            torch.stack([scale * angle.sin() * mirror, scale * angle.cos(), uniform(-reach, reach)], 1)]  # fmt: skip
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    images = F.grid_sample(images, grid, align_corners=False)
    places = torch.arange(28)
    top, left = uniform(-10, 28, 1, 1), uniform(-10, 28, 1, 1)
    down, across = places.view(1, 28, 1), places.view(1, 1, 28)
    wiped = (down > top) & (down < top + wipe) & (across > left) & (across < left + wipe)
    return images.masked_fill(wiped[:, None], 0.0)
