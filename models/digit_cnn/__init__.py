"""A small convolutional net that reads one handwritten digit."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="digit_cnn", memory_mb=9, licence="Apache-2.0")
