"""A small transformer with relative positions that goes on with traditional dance tunes, note by note."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="melody_transformer", memory_mb=67, licence="Apache-2.0")
