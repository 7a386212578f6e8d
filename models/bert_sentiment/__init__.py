"""English review -> how likely it is positive, and what each word contributed: MiniLM with its top layers tuned."""

from models.published import MINILM
from models.spec import ModelSpec

SPEC = ModelSpec(name="bert_sentiment", memory_mb=452, licence="Apache-2.0", weights=(MINILM,))
