"""A small variational autoencoder of digits that is trained on the spot, from noise to handwriting in a minute."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="digit_vae", memory_mb=110, licence="Apache-2.0", live=True)
