"""A pole-balancing policy that is trained on the spot, from nothing to 500 steps in seconds."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="cartpole_ppo", memory_mb=78, licence="Apache-2.0", live=True)
