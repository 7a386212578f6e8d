"""A GAN that designs garments of ten kinds, and remembers how it learned to."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="fashion_gan", memory_mb=64, licence="Apache-2.0")
