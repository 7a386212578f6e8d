"""A small GPT that writes classical Chinese poems in four fixed forms, character by character."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="poem_gpt", memory_mb=66, licence="MIT")
