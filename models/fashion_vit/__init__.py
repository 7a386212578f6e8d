"""A small vision transformer that tells ten kinds of garment apart and shows which patches attend to which."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="fashion_vit", memory_mb=8, licence="Apache-2.0")
