"""An LSTM that reads and writes letter by letter, in the style of the King James Bible or of Jane Austen."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="char_lstm", memory_mb=11, licence="Apache-2.0")
