"""MiniLM: turns an English sentence into 384 numbers; a classifier on top of them is trained in a blink."""

from models.published import MINILM
from models.spec import ModelSpec

SPEC = ModelSpec(name="minilm", memory_mb=131, licence="Apache-2.0", weights=(MINILM,))
