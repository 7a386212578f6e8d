"""What several rooms' nets are built of."""

from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from models import sources
from models.published import MINILM

HERE = Path(__file__).parent
MINILM_TOKENS = 256  # what the encoder was trained to read; the rest of a text is cut


def minilm(attention: str = "sdpa") -> tuple[BertModel, Tokenizer]:
    """all-MiniLM-L6-v2 as published, on the CPU, and its tokenizer, which cuts and pads.

    attention: "eager" for an encoder that can also return its attentions, a little slower.
    """
    config = BertConfig.from_json_file(HERE / "minilm" / "config.json")
    config._attn_implementation = attention
    encoder = BertModel(config, add_pooling_layer=False).eval()
    state = load_file(sources.where(MINILM))
    unused = {"embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"}
    encoder.load_state_dict({key: value for key, value in state.items() if key not in unused}, strict=True)
    tokenizer = Tokenizer.from_file(str(HERE / "minilm" / "tokenizer.json"))
    tokenizer.enable_truncation(MINILM_TOKENS)
    tokenizer.enable_padding()
    return encoder, tokenizer
