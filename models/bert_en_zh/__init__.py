"""English sentence -> Chinese: MiniLM, frozen, reads it; a decoder trained here writes."""

from models.published import MINILM
from models.spec import ModelSpec

SPEC = ModelSpec(name="bert_en_zh", memory_mb=127, licence="CC-BY-SA-4.0", weights=(MINILM,))
