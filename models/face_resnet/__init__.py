"""Face ResNet: 128 numbers for a face, close for two pictures of one person."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="face_resnet", memory_mb=36, licence="MIT")
