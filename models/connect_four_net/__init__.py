"""A net that learned Connect Four by playing against itself, and the tree search that thinks with it."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="connect_four_net", memory_mb=17, licence="Apache-2.0")
