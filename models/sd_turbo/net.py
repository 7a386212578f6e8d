"""Stable Diffusion Turbo: one to four steps from noise to a picture that a text describes.

Sauer et al., "Adversarial Diffusion Distillation", 2023, https://arxiv.org/abs/2311.17042; latent diffusion: Rombach
et al., 2022, https://arxiv.org/abs/2112.10752. Its parts are diffusers' and transformers'; it needs no guidance, which
the distillation took in.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, EulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from models import sources
from models.sd_turbo import (
    MERGES,
    READER,
    READER_CONFIG,
    SCHEDULER,
    UNET,
    UNET_CONFIG,
    VAE,
    VAE_CONFIG,
    VOCABULARY,
)
from models.spec import Weight

MOST_STEPS = 4  # that it was distilled for
FLOATS = {"cpu": torch.bfloat16}  # float16 elsewhere, as published: on a CPU it is slow


class SdTurbo:
    """Texts -> pictures, a step at a time."""

    def __init__(
        self, tokenizer: CLIPTokenizer, reader: CLIPTextModel, unet: UNet2DConditionModel, vae: AutoencoderKL,
        schedule: dict[str, Any],
    ) -> None:  # fmt: skip
        self._tokenizer, self._schedule = tokenizer, schedule
        self._reader, self._unet, self._vae = reader, unet, vae

    def paint(self, text: str, seed: int, steps: int) -> Iterator[np.ndarray | None]:
        """An English text (its first 75 tokens) -> None after each step, at last a picture, uint8 (512, 512, 3).

        steps: 1 to MOST_STEPS. The noise is drawn on the CPU, so that a seed means the same on every device.
        """
        scheduler = EulerDiscreteScheduler.from_config(self._schedule)
        scheduler.set_timesteps(steps, device=self._unet.device)
        chance = torch.Generator().manual_seed(seed)
        side, channels = self._unet.config.sample_size, self._unet.config.in_channels
        x = torch.randn(1, channels, side, side, generator=chance).to(self._unet.device, self._unet.dtype)
        with torch.inference_mode():
            words = self._read(text)
            x = x * scheduler.init_noise_sigma
            for time in scheduler.timesteps:
                noise = self._unet(scheduler.scale_model_input(x, time), time, words).sample
                x = scheduler.step(noise, time, x, generator=chance).prev_sample
                yield None
            picture = self._vae.decode(x / self._vae.config.scaling_factor).sample[0].float()
        yield ((picture.permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()

    def to(self, device: str) -> None:
        """Moves the nets between a GPU and host memory."""
        for net in (self._reader, self._unet, self._vae):
            net.to(device)  # type: ignore[arg-type]

    def _read(self, text: str) -> torch.Tensor:
        """-> (1, 77, width): what the text encoder makes of each token."""
        longest = self._reader.config.max_position_embeddings
        ids = self._tokenizer(
            text, padding="max_length", max_length=longest, truncation=True, return_tensors="pt"
        ).input_ids
        return self._reader(ids.to(self._reader.device)).last_hidden_state


def load(device: str) -> SdTurbo:
    """The published nets on a torch device."""
    floats = FLOATS.get(device, torch.float16)
    with init_empty_weights():  # else each parameter would be there twice, once in float32
        reader = CLIPTextModel(CLIPTextConfig.from_json_file(sources.where(READER_CONFIG)))
        unet = UNet2DConditionModel.from_config(_read_json(UNET_CONFIG))
        vae = AutoencoderKL.from_config(_read_json(VAE_CONFIG))
    for net, weights in ((reader, READER), (unet, UNET), (vae, VAE)):
        state = {name: part.to(device, floats) for name, part in load_file(sources.where(weights)).items()}
        state.pop("text_model.embeddings.position_ids", None)  # 0, 1, 2...: no weight
        net.load_state_dict(state, assign=True)
        net.to(device).eval()  # type: ignore[arg-type]
    merges = sources.where(MERGES).read_text().splitlines()
    pairs = [tuple(line.split()) for line in merges if line and not line.startswith("#")]
    tokenizer = CLIPTokenizer(_read_json(VOCABULARY), pairs, pad_token="!")  # type: ignore[arg-type]
    return SdTurbo(tokenizer, reader, unet, vae, _read_json(SCHEDULER))


def _read_json(weight: Weight) -> dict[str, Any]:
    return json.loads(sources.where(weight).read_text())
