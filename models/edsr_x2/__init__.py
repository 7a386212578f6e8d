"""A net trained here that doubles the width and height of a picture, with more detail than interpolation gives."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="edsr_x2", memory_mb=62, licence="Apache-2.0")
