"""A GRU that reads a word letter by letter and says it phoneme by phoneme, and a dictionary to ask first."""

from models.lexicon import DICTIONARY
from models.spec import ModelSpec

SPEC = ModelSpec(name="g2p_gru", memory_mb=59, licence="Apache-2.0", weights=(DICTIONARY,))
