"""A net trained here that doubles the width and height of a picture, with more detail than interpolation gives."""

from models.spec import ModelSpec

# 62 MB where the processor has instructions for bfloat16, 89 where it has not
SPEC = ModelSpec(name="edsr_x2", memory_mb=75, licence="Apache-2.0")
