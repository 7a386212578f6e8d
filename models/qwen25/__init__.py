"""Qwen2.5-0.5B-Instruct: writes English and Chinese; a second choice that needs a model hub."""

import functools

from models.spec import ModelSpec, hub_file

REPO, REVISION = "Qwen/Qwen2.5-0.5B-Instruct", "7ae557604adf67be50417f59c2c2f167def9a775"

_file = functools.partial(hub_file, REPO, REVISION)

NET = _file("model.safetensors", "fdf756fa7fcbe7404d5c60e26bff1a0c8b8aa1f72ced49e7dd0210fe288fb7fe")
TOKENIZER = _file("tokenizer.json", "c0382117ea329cdf097041132f6d735924b697924d6f6fc3945713e96ce87539")
CONFIG = _file("config.json", "18e18afcaccafade98daf13a54092927904649e1dd4eba8299ab717d5d94ff45")
SPEC = ModelSpec(
    name="qwen25",
    memory_mb=1104,
    licence="Apache-2.0",
    weights=(NET, TOKENIZER, CONFIG),
    offline=False,
)
