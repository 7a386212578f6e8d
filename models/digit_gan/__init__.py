"""A GAN that writes digits by hand: ten digits, and as many hands as one likes."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="digit_gan", memory_mb=8, licence="Apache-2.0")
