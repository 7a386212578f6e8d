"""The nets of the GANs: modulation is what it says, styles reach their own resolution only, opinions are shares."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from models.gan_net import PERCENTS, SLOPE, Discriminator, Generator, Modulated, as_bytes


@pytest.fixture
def generator() -> Generator:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Generator(4, (12, 8, 6), latent=5, style=7, classes=3, bounded=True).eval()


@torch.no_grad()
def test_scaling_the_picture_is_the_same_as_scaling_and_normalising_the_filters() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = Modulated(4, 6, 3)
        x, style = torch.randn(2, 4, 5, 5), torch.randn(2, 3)
    scales = layer.scales(style)
    for number in range(2):
        filters = layer.weight * scales[number][None, :, None, None]
        filters = filters / (filters.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        one = F.leaky_relu(F.conv2d(x[number : number + 1], filters, layer.bias, padding=1), SLOPE) * 2**0.5
        assert torch.allclose(layer(x, style)[number], one[0], atol=1e-5)


@torch.no_grad()
def test_each_resolution_listens_to_its_own_style(generator: Generator) -> None:
    hands = generator.hands(torch.randn(2, 5, generator=torch.Generator().manual_seed(1)))
    styles = generator.styled(hands, generator.classes(torch.tensor([0, 0])))
    x = generator(styles)
    assert x.shape == (2, 1, 16, 16)
    assert x.abs().max() <= 1
    for layer in range(generator.layers):
        mixed = styles[:1].clone()
        mixed[:, layer] = styles[1, layer]
        assert not torch.allclose(generator(mixed), x[:1])
    assert torch.allclose(generator(styles[1:]), x[1:], atol=1e-6)


@torch.no_grad()
def test_truncation_draws_to_the_centre_and_pushes_beyond(generator: Generator) -> None:
    noise = torch.randn(4, 5, generator=torch.Generator().manual_seed(1))
    generator.centre += 0.3
    whole = generator.hands(noise)
    assert torch.allclose(generator.hands(noise, 0.0), generator.centre.expand(4, -1))
    assert torch.allclose(generator.hands(noise, 0.5), (whole + generator.centre) / 2, atol=1e-6)
    assert torch.allclose(
        generator.hands(3 * noise), whole, atol=1e-5
    )  # the direction counts, not the length


@torch.no_grad()
def test_an_opinion_is_the_share_of_real_pictures_that_look_less_real() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = Discriminator(16, (4, 8), classes=2).eval()
    x, kinds = torch.zeros(2, 1, 16, 16), torch.tensor([0, 1])
    scores = net(x, kinds)
    assert scores[0] != scores[1]  # the class is seen
    net.real[0] = torch.linspace(-50, 50, PERCENTS) + scores[0] + 0.5
    net.real[1] = scores[1] - 1
    assert net.opinions(x, kinds) == pytest.approx([0.5, 1.0], abs=0.011)


def test_bytes_are_rounded_and_kept_in_range() -> None:
    x = torch.tensor([-1.0, 0.0, 1.0, 7.0]).view(1, 1, 2, 2)
    assert as_bytes(x).tolist() == [[[0, 128], [255, 255]]]
    assert as_bytes(x).dtype == np.uint8


def test_nets_for_colour_make_and_read_three_channels() -> None:
    torch.manual_seed(0)
    generator = Generator(4, (8, 8), 4, 4, classes=2, bounded=True, colours=3)
    labels = torch.tensor([0, 1])
    styles = generator.styled(generator.hands(torch.randn(2, 4)), generator.classes(labels))
    pictures = generator(styles)
    assert pictures.shape == (2, 3, 8, 8)
    judge = Discriminator(8, (4, 8), classes=2, colours=3)
    assert judge(pictures, labels).shape == (2,)
    assert not torch.equal(judge(pictures, labels), judge(pictures.flip(1), labels))  # it sees colour
