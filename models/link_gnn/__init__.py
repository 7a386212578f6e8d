"""A graph neural network that is trained on the spot on a network of people and says who should meet whom."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="link_gnn", memory_mb=91, licence="Apache-2.0", live=True)
