"""A Transformer trained here that turns Chinese sentences into English ones."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="transformer_zh_en", memory_mb=33, licence="CC-BY-SA-4.0")
