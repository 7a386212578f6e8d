"""A convolutional net that tells ten kinds of garment apart, from a drawing or a catalogue photo."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="fashion_cnn", memory_mb=10, licence="Apache-2.0")
