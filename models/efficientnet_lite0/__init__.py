"""EfficientNet-Lite0: names what is on a photo, one of 1,000 ImageNet classes, and shows where it looked."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="efficientnet_lite0", memory_mb=155, licence="Apache-2.0")
