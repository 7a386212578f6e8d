"""Variational autoencoders of garments: a 16-number code at three strengths of beta, and a 2-number map."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="fashion_vae", memory_mb=28, licence="Apache-2.0")
