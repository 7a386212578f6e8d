"""A flow that turns noise into small colour pictures of what a text says, told to it by MiniLM's vector of the text."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="emoji_flow", memory_mb=27, licence="Apache-2.0")
