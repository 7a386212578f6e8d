"""A pilot for gymnasium's LunarLander that learned by proximal policy optimisation, and the moon it flies over."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="lander_ppo", memory_mb=8, licence="Apache-2.0")
