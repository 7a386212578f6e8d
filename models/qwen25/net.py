"""Qwen2.5-0.5B-Instruct: a decoder-only transformer of 24 layers with grouped-query attention.

Qwen Team, "Qwen2.5 Technical Report", 2024, https://arxiv.org/abs/2412.15115; run by transformers in the
bfloat16 of the published file, one token at a time over a cache of keys and values.
"""

from collections.abc import Iterator
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import Qwen2Config, Qwen2ForCausalLM

from models import sources
from models.qwen25 import CONFIG, NET, TOKENIZER

CONTEXT = 2048  # tokens that a text and its continuation may hold together
ALTERNATIVES = 5
SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."  # as its chats were trained
ENDS = ("<|im_end|>", "<|endoftext|>")
UNFINISHED = "\ufffd"  # what a character looks like whose other bytes are still to come

Token = dict[str, Any]  # text, probability (0..1), alternatives: [(text, probability)], likeliest first


class Qwen25:
    """Texts and chats, token by token; the same doors as SmolLM2's."""

    def __init__(self, net: Qwen2ForCausalLM, tokenizer: Tokenizer) -> None:
        self._net, self._tokenizer = net, tokenizer
        self._ends = {tokenizer.token_to_id(end) for end in ENDS}

    def complete(
        self, text: str, tokens: int, temperature: float, top_p: float, seed: int
    ) -> Iterator[Token]:
        """Continues a text, yielding each token as it is chosen.

        temperature: 0 takes the likeliest; top_p: range (0, 1], share of probability to choose from. A token's
        probabilities are the model's own at temperature 1, before top_p. Raises ValueError when text and
        tokens exceed CONTEXT.
        """
        return self._written(_plain(text), tokens, temperature, top_p, seed)

    def chat(
        self, messages: list[dict[str, str]], tokens: int, temperature: float, top_p: float, seed: int
    ) -> Iterator[Token]:
        """Answers the last of some messages ({"role": "user" or "assistant", "content": text}); as complete()."""
        turns = [{"role": "system", "content": SYSTEM}, *messages]
        said = "".join(f"<|im_start|>{one['role']}\n{_plain(one['content'])}<|im_end|>\n" for one in turns)
        return self._written(f"{said}<|im_start|>assistant\n", tokens, temperature, top_p, seed)

    def to(self, device: str) -> None:
        """Moves the net between a GPU and host memory."""
        self._net.to(device)  # type: ignore[arg-type]

    @torch.inference_mode()
    def _written(
        self, text: str, tokens: int, temperature: float, top_p: float, seed: int
    ) -> Iterator[Token]:
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        if len(ids) + tokens > CONTEXT:
            raise ValueError(f"{len(ids)} tokens and {tokens} more exceed the context of {CONTEXT}")
        chance = torch.Generator().manual_seed(seed)
        written: list[int] = []
        told, past, fresh = "", None, ids
        while len(written) < tokens:
            fed = torch.tensor([fresh], device=self._net.device)  # (1, all of the text) once, then (1, 1)
            answer = self._net(fed, past_key_values=past, use_cache=True, logits_to_keep=1)
            past = answer.past_key_values
            shares = answer.logits[0, -1].float().softmax(0).cpu()  # (vocabulary,)
            token = choose(shares, temperature, top_p, chance)
            if token in self._ends:
                return
            written, fresh = [*written, token], [token]
            whole = self._tokenizer.decode(written, skip_special_tokens=False)
            text = "" if whole.endswith(UNFINISHED) and len(written) < tokens else whole[len(told) :]
            told += text
            likely, first = (one.tolist() for one in shares.topk(ALTERNATIVES))
            others = [(self._tokenizer.decode([id]), share) for share, id in zip(likely, first, strict=True)]
            yield {"text": text, "probability": shares[token].item(), "alternatives": others}


def choose(shares: torch.Tensor, temperature: float, top_p: float, chance: torch.Generator) -> int:
    """Probabilities (vocabulary,) -> a token: of the likeliest that make up top_p, flattened by temperature."""
    if not temperature:
        return int(shares.argmax())
    sorted_shares, ids = shares.sort(descending=True)
    kept = sorted_shares[sorted_shares.cumsum(0) - sorted_shares < top_p]
    weights = torch.softmax(kept.log() / temperature, 0)
    return int(ids[torch.multinomial(weights, 1, generator=chance)])


def _plain(text: str) -> str:
    """A visitor's text without the marks that end a turn."""
    return text.replace("<|", "< |")


def load(device: str) -> Qwen25:
    """The published net on a torch device, and its tokenizer."""
    config = Qwen2Config.from_json_file(sources.where(CONFIG))
    net = Qwen2ForCausalLM.from_pretrained(
        None, config=config, state_dict=load_file(sources.where(NET)), dtype=torch.bfloat16
    )
    tokenizer = Tokenizer.from_file(str(sources.where(TOKENIZER)))
    return Qwen25(net.to(device).eval(), tokenizer)  # type: ignore[arg-type]
