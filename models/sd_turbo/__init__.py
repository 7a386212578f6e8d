"""Stable Diffusion Turbo: words to a picture of 512 pixels; a second choice that needs a model hub."""

import functools

from models.spec import ModelSpec, hub_file

REPO, REVISION = "stabilityai/sd-turbo", "b261bac6fd2cf515557d5d0707481eafa0485ec2"

_file = functools.partial(hub_file, REPO, REVISION)

VOCABULARY = _file("tokenizer/vocab.json", "e089ad92ba36837a0d31433e555c8f45fe601ab5c221d4f607ded32d9f7a4349")
MERGES = _file("tokenizer/merges.txt", "9fd691f7c8039210e0fced15865466c65820d09b63988b0174bfe25de299051a")
READER_CONFIG = _file(
    "text_encoder/config.json", "9f6935d3d41bf8ce49b1d7ed912b29e770649d1aa3f3972215284f9397cd97d2"
)
READER = _file(
    "text_encoder/model.fp16.safetensors", "bc1827c465450322616f06dea41596eac7d493f4e95904dcb51f0fc745c4e13f"
)
UNET_CONFIG = _file("unet/config.json", "ca09d494527ebe13343006e22b4468d45bf12aa34e76cf03639b6dbba1fb5c6d")
UNET = _file(
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "40ec400881e27d1376c7c95c5bd495f407b33756e80eb6365e301c33a07af6e5",
)
VAE_CONFIG = _file("vae/config.json", "699a58ef7ecf3bffa201a507a3eaa3eed7efabab457ac547bf82df798b52a9be")
VAE = _file(
    "vae/diffusion_pytorch_model.fp16.safetensors",
    "3e4c08995484ee61270175e9e7a072b66a6e4eeb5f0c266667fe1f45b90daf9a",
)
SCHEDULER = _file(
    "scheduler/scheduler_config.json", "5599066c725fc2747a201fa3165ad7c8c3de3be629ce325451752e8f94c0d1ae"
)
SPEC = ModelSpec(
    name="sd_turbo",
    memory_mb=3900,
    licence="LicenseRef-Stability-AI-Community",
    weights=(READER, UNET, VAE, READER_CONFIG, UNET_CONFIG, VAE_CONFIG, SCHEDULER, VOCABULARY, MERGES),
    offline=False,
)
