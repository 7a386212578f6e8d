"""The second choice for pictures, on tiny nets with random weights: the published ones need a hub."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import models
from models import sources
from models.errors import ModelUnavailable
from models.sd_turbo import SPEC
from models.sd_turbo import net as room
from models.sd_turbo.net import SdTurbo

SCHEDULE = {  # as published
    "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "num_train_timesteps": 1000,
    "prediction_type": "epsilon", "steps_offset": 1, "timestep_spacing": "trailing",
}  # fmt: skip
# diffusers makes arrays of tensors in a way that numpy will no longer have.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StableDiffusionPipeline]:
    """A tiny pipeline, saved as the hub holds it, its files where fetch would have put them."""
    saved = tmp_path_factory.mktemp("pipeline")
    pipe = _tiny(saved)
    pipe.save_pretrained(saved, variant="fp16")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setitem(room.FLOATS, "cpu", torch.float32)
        for weight in SPEC.weights:
            target = sources.where(weight)
            target.parent.mkdir(parents=True)
            target.write_bytes((saved / weight.mirrors[0].path).read_bytes())
        yield pipe


@pytest.fixture(scope="module")
def net(pipeline: StableDiffusionPipeline) -> SdTurbo:
    return room.load("cpu")


def _tiny(folder: Path) -> StableDiffusionPipeline:
    torch.manual_seed(0)
    vocabulary = {token: number for number, token in enumerate([
        "!", *[letter + end for letter in "abcdefghijklmnopqrstuvwxyz" for end in ("", "</w>")],
        "<|startoftext|>", "<|endoftext|>"])}  # fmt: skip
    merges = "#version: 0.2\nc a\nca t</w>\n"
    vocabulary |= {"ca": len(vocabulary), "cat</w>": len(vocabulary) + 1}
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer" / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "tokenizer" / "merges.txt").write_text(merges)
    tokenizer = CLIPTokenizer(vocabulary, [("c", "a"), ("ca", "t</w>")], pad_token="!", model_max_length=16)
    reader = CLIPTextModel(
        CLIPTextConfig(vocab_size=len(vocabulary), hidden_size=32, intermediate_size=37, num_hidden_layers=2,
                       num_attention_heads=4, max_position_embeddings=16, hidden_act="gelu",
                       bos_token_id=53, eos_token_id=54, pad_token_id=0)
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=(32, 64), layers_per_block=1, norm_num_groups=32, cross_attention_dim=32,
        attention_head_dim=(2, 4), use_linear_projection=True, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    vae = AutoencoderKL(block_out_channels=(32, 64), in_channels=3, out_channels=3, latent_channels=4,
                        down_block_types=("DownEncoderBlock2D",) * 2,
                        up_block_types=("UpDecoderBlock2D",) * 2)  # fmt: skip
    return StableDiffusionPipeline(
        vae, reader, tokenizer, unet, EulerDiscreteScheduler(**SCHEDULE), None, None, None, False
    )


@pytest.mark.parametrize("steps", [1, 4])
def test_a_picture_is_the_one_that_diffusers_makes(
    net: SdTurbo, pipeline: StableDiffusionPipeline, steps: int
) -> None:
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        "a cat", num_inference_steps=steps, guidance_scale=0.0, output_type="np",
        generator=torch.Generator().manual_seed(3),
    ).images[0]  # fmt: skip
    *still, mine = net.paint("a cat", 3, steps)
    assert still == [None] * steps
    assert mine is not None
    assert mine.shape == (16, 16, 3)
    assert np.abs(mine / 255 - theirs).max() < 0.01


def test_a_seed_and_a_text_decide_what_is_drawn(net: SdTurbo) -> None:
    def last(text: str, seed: int) -> np.ndarray:
        *_, picture = net.paint(text, seed, 1)
        assert picture is not None
        return picture

    assert np.array_equal(last("a cat", 1), last("a cat", 1))
    assert not np.array_equal(last("a cat", 1), last("a cat", 2))
    assert not np.array_equal(last("a cat", 1), last("a dog", 1))
    assert last("cat " * 5000, 1).shape == (16, 16, 3)  # cut where the text encoder ends


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    models.unload("sd_turbo")
    monkeypatch.setenv("HUB_CACHE", str(tmp_path))


@pytest.mark.usefixtures("absent")
def test_without_a_hub_it_is_not_available() -> None:
    with pytest.raises(ModelUnavailable, match="stabilityai/sd-turbo on the hub"), models.use("sd_turbo"):
        pass


@pytest.mark.usefixtures("absent")
def test_what_does_not_fit_the_budget_is_not_even_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = models._cache()
    monkeypatch.setattr(cache, "_prepare", lambda *_: pytest.fail("it was fetched"))
    monkeypatch.setattr(cache, "budget_mb", SPEC.memory_mb - 1)
    with pytest.raises(ModelUnavailable, match=f"sd_turbo needs {SPEC.memory_mb} MB"), models.use("sd_turbo"):
        pass
