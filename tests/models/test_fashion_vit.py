"""The vision transformer: right on pages, and its attention is that of the net itself, summing to 1."""

import numpy as np
import pytest
import torch
from PIL import Image

import models
from models import garment_data as garments
from models.fashion_vit.net import GRID, TOKENS, Block, FashionViT, load, rollout
from models.garment_page import LABELS, prepare


def page(image: np.ndarray, side: int = 280) -> Image.Image:
    return Image.fromarray(255 - image).resize((side, side), Image.Resampling.BICUBIC)


def test_pages_are_read_as_well_as_the_pictures_they_were_made_of() -> None:
    images, labels = (part[:150] for part in garments.frozen())
    with models.use("fashion_vit") as net:
        shares = [net.look(page(image))["shares"] for image in images]
    right = sum(
        max(one, key=one.__getitem__) == LABELS[label] for one, label in zip(shares, labels, strict=True)
    )
    assert right / len(images) >= 0.88
    assert all(sum(one.values()) == pytest.approx(1, abs=1e-4) for one in shares)


def test_attention_and_rollout_are_shares_and_lead_to_the_same_answer() -> None:
    images, _ = garments.frozen()
    net = load("cpu")
    with torch.inference_mode():
        seen = net.look(page(images[0]))
        shares = net(torch.from_numpy(prepare(page(images[0])))[None, None]).softmax(1)[0].tolist()
    assert seen["attention"].shape == (4, 4, TOKENS, TOKENS)
    assert np.allclose(seen["attention"].sum(-1), 1, atol=1e-5)
    assert np.allclose(seen["rollout"].sum(-1), 1, atol=1e-5)
    assert seen["attention"].min() >= 0
    assert seen["shares"] == pytest.approx(dict(zip(LABELS, shares, strict=True)), abs=1e-4)


def test_the_shown_attention_is_what_the_block_computes_with() -> None:
    torch.manual_seed(0)
    block, tokens = Block(32, 4).eval(), torch.randn(2, 7, 32)
    with torch.inference_mode():
        (out, rows), direct = block.attend(tokens), block(tokens)
    assert torch.allclose(out, direct, atol=1e-5)
    assert torch.allclose(rows.sum(-1), torch.ones(2, 4, 7), atol=1e-6)


def test_the_answer_comes_from_the_garment_not_from_the_paper() -> None:
    """A dress fills the middle columns: the class token takes most of its information there."""
    images, labels = garments.frozen()
    dresses = images[labels == LABELS.index("Dress")][:10]
    with models.use("fashion_vit") as net:
        rolled = np.mean([net.look(page(one))["rollout"][0, 1:].reshape(GRID, GRID) for one in dresses], 0)
    assert rolled[:, 2:5].mean() > rolled[:, [0, 6]].mean()


def test_rollout_of_tokens_that_only_look_at_themselves_changes_nothing() -> None:
    own = np.broadcast_to(np.eye(5, dtype=np.float32), (3, 2, 5, 5))
    assert np.allclose(rollout(own), np.eye(5))
    last = own.copy()
    last[2, :, 0] = [0, 1, 0, 0, 0]  # in the last layer token 0 takes all from token 1
    assert np.allclose(rollout(last)[0], [0.5, 0.5, 0, 0, 0])


def test_a_garment_and_its_mirror_image_are_the_same_garment() -> None:
    images, _ = garments.frozen()
    with models.use("fashion_vit") as net:
        here, there = (net.look(page(one))["shares"] for one in (images[3], images[3][:, ::-1]))
    assert here == pytest.approx(there, abs=0.02)


def test_it_learns_on_some_of_the_patches() -> None:
    net = FashionViT(width=24, depth=1, heads=2).train()
    kept = torch.tensor([[0, 5, 48], [1, 2, 3]])
    assert net(torch.rand(2, 1, 28, 28), kept).isfinite().all()
