"""A bidirectional GRU trained with CTC: reads ten digits and twelve commands, letter by letter."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="digit_ctc", memory_mb=14, licence="Apache-2.0")
