"""Chinese review -> how likely it is positive, and which n-gram filters of a convolutional net said so."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="text_cnn", memory_mb=164, licence="Apache-2.0")
