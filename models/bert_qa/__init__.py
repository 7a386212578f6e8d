"""Finds the answer to a question in a passage, or says that it is not there; MiniLM tuned on made questions."""

from models.published import MINILM
from models.spec import ModelSpec

SPEC = ModelSpec(name="bert_qa", memory_mb=153, licence="Apache-2.0", weights=(MINILM,))
