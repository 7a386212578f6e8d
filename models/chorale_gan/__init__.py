"""A GAN that composes four-voice chorales of four bars."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="chorale_gan", memory_mb=57, licence="Apache-2.0")
