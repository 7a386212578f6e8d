"""A Transformer trained here that turns English sentences into Chinese ones."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="transformer_en_zh", memory_mb=32, licence="CC-BY-SA-4.0")
