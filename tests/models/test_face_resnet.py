"""Face ResNet: the package's own numbers, one person near and two people far on the samples, 8-bit levels kept."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file

from models.face_detector import net as detector
from models.face_resnet import train
from models.face_resnet.net import STEP, THRESHOLD, FaceResNet, load


@pytest.fixture(scope="module")
def net() -> FaceResNet:
    return load("cpu")


@pytest.fixture(scope="module")
def chips() -> dict[str, Image.Image]:
    """Sample photo -> its largest face, upright."""
    finder = detector.load("cpu")
    photos = {
        name: Image.open(train.SAMPLES / "face_match" / f"{name}.jpg").convert("RGB") for name in train.PEOPLE
    }
    return {name: finder.detect(photo)[0]["chip"] for name, photo in photos.items()}


def apart(net: FaceResNet, a: Image.Image, b: Image.Image) -> float:
    return float(np.linalg.norm(np.subtract(*net.embed([a, b]))))


def test_numbers_are_the_packages_own(net: FaceResNet) -> None:
    """Of seven and more faces, each a vector of length about 1.4, within 0.0001."""
    metrics = train.evaluate(net, frozen=True)
    assert metrics["descriptor_difference"] < 1e-4
    assert metrics["same_person_largest"] < THRESHOLD < metrics["different_people_least"]


def test_one_person_is_near_over_the_years(net: FaceResNet, chips: dict[str, Image.Image]) -> None:
    photos = ["obama_2009", "obama_2010", "obama_2012"]
    distances = [
        apart(net, chips[a], chips[b]) for a, b in zip(photos, [*photos[1:], photos[0]], strict=True)
    ]
    assert all(0.3 < distance < 0.45 for distance in distances)


def test_every_two_people_are_far_apart(net: FaceResNet, chips: dict[str, Image.Image]) -> None:
    vectors = dict(zip(chips, net.embed(list(chips.values())), strict=True))
    different = [
        np.linalg.norm(vectors[a] - vectors[b])
        for a in chips
        for b in chips
        if train.PEOPLE[a] != train.PEOPLE[b]
    ]
    assert min(different) > THRESHOLD


def test_a_mirror_image_is_the_same_person(net: FaceResNet, chips: dict[str, Image.Image]) -> None:
    assert apart(net, chips["hopper"], chips["hopper"].transpose(Image.Transpose.FLIP_LEFT_RIGHT)) < 0.3


def test_vectors_are_plain_and_the_same_alone_and_together(
    net: FaceResNet, chips: dict[str, Image.Image]
) -> None:
    three = list(chips.values())[:3]
    together = net.embed(three)
    assert (together.shape, together.dtype) == ((3, 128), np.float32)
    with ThreadPoolExecutor(3) as pool:
        alone = np.concatenate(list(pool.map(lambda chip: net.embed([chip]), three)))
    assert np.allclose(together, alone, atol=1e-5)
    assert net.embed([]).shape == (0, 128)


def test_the_file_holds_the_published_levels() -> None:
    file = train.HERE / "model.safetensors"
    coded = load_file(file)
    levels = [name for name in coded if name + STEP in coded]
    assert {str(coded[name].dtype) for name in levels} == {"torch.uint8"}
    others = set(coded) - {name + end for name in levels for end in ("", ".step", ".least")}
    assert {str(coded[name].dtype) for name in others} == {"torch.float32"}  # published so
    assert sum(coded[name].numel() for name in levels) > 10 * sum(coded[name].numel() for name in others)
    assert file.stat().st_size < 10_000_000
    assert file.stat().st_mode & 0o777 == 0o644


def test_published_names_become_ours() -> None:
    assert train._renamed("conv32_down/conv/filters") == "stem.conv.weight"
    assert train._renamed("conv64_down/conv2/scale/biases") == "blocks.3.two.term"
    assert train._renamed("conv256_down_out/conv1/conv/bias") == "blocks.13.one.conv.bias"
