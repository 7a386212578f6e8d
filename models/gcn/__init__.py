"""A graph convolutional network that is trained on the spot: a few labelled people, and all the others are told."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="gcn", memory_mb=86, licence="Apache-2.0", live=True)
