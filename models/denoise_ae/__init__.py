"""A net trained here that takes the noise out of a colour photograph without being told how strong it is."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="denoise_ae", memory_mb=79, licence="Apache-2.0")
