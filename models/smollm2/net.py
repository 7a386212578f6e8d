"""SmolLM2-135M-Instruct, 4-bit weights, on llama.cpp: a decoder-only transformer of 30 layers.

Allal et al., "SmolLM2: When Smol Goes Big", 2025, https://arxiv.org/abs/2502.02737; the weights stay as the
GGUF file holds them. llama.cpp was chosen by measurement, see `benchmarks/text_runtimes.py` and the card.
"""

import codecs
import math
import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

import xllamacpp

from models import settings, sources
from models.smollm2 import GGUF

CONTEXT = 2048  # tokens that a text and its continuation may hold together
SLOTS = 2  # texts written at the same time, batched by llama.cpp
ALTERNATIVES = 5
QUIET = -1  # llama.cpp's verbosity: nothing
_END = object()

Token = dict[str, Any]  # text, probability (0..1), alternatives: [(text, probability)], likeliest first


class SmolLM2:
    """One llama.cpp engine in this process; several visitors' texts are written side by side."""

    def __init__(self, path: str, threads: int) -> None:
        params = xllamacpp.CommonParams()
        params.model.path = path
        params.n_ctx = CONTEXT * SLOTS
        params.n_parallel = SLOTS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.verbosity = QUIET
        # llama.cpp also listens on a loopback port, which any page in a browser here could ask: nobody has its key.
        params.api_keys = [secrets.token_hex(32)]
        params.ui = params.endpoint_slots = params.endpoint_props = False
        self._server = xllamacpp.Server(params)

    def complete(
        self, text: str, tokens: int, temperature: float, top_p: float, seed: int
    ) -> Iterator[Token]:
        """Continues a text, yielding each token as it is chosen.

        temperature: 0 takes the likeliest; top_p: range (0, 1], share of probability to choose from. A token's
        probabilities are the model's own at temperature 1, before top_p. Raises ValueError when text and
        tokens exceed CONTEXT.
        """
        request = {"prompt": text, "n_predict": tokens, **_options(temperature, top_p, seed)}
        return self._written(self._server.handle_completions, request)

    def chat(
        self, messages: list[dict[str, str]], tokens: int, temperature: float, top_p: float, seed: int
    ) -> Iterator[Token]:
        """Answers the last of some messages ({"role": "user" or "assistant", "content": text}); as complete()."""
        request = {"messages": messages, "max_tokens": tokens, **_options(temperature, top_p, seed)}
        return self._written(self._server.handle_chat_completions, request)

    def _written(self, handle: Any, request: dict[str, Any]) -> Iterator[Token]:
        """The engine calls back from its own thread; closing this generator makes it stop."""
        news: queue.SimpleQueue = queue.SimpleQueue()
        closed = threading.Event()
        decode = codecs.getincrementaldecoder("utf-8")(
            "replace"
        ).decode  # some characters take several tokens

        def hear(event: Any) -> bool:
            news.put(event)
            return closed.is_set()

        def run() -> None:
            try:
                handle(request, hear)
                news.put(_END)
            except Exception as cause:  # noqa: BLE001 - whatever it is belongs to who reads the tokens
                news.put(cause)

        threading.Thread(target=run, daemon=True).start()
        try:
            while (event := news.get()) is not _END:
                if isinstance(event, Exception):
                    raise event
                yield from _tokens(event, decode)
        finally:
            closed.set()


def _options(temperature: float, top_p: float, seed: int) -> dict[str, Any]:
    """Only temperature and top-p shape the choice; llama.cpp's other samplers are off."""
    return {
        "stream": True,
        "temperature": temperature,
        "top_p": top_p,
        "seed": seed,
        "samplers": ["top_p", "temperature"] if temperature else ["top_k"],
        "top_k": 1 if not temperature else 0,
        "n_probs": ALTERNATIVES,
        "logprobs": True,
        "top_logprobs": ALTERNATIVES,
        "cache_prompt": False,  # the same seed gives the same text, whatever was written before
    }


def _tokens(event: dict[str, Any], decode: Callable[[bytes], str]) -> Iterator[Token]:
    """The tokens that one callback tells of. Raises ValueError when llama.cpp refused the request."""
    if "error" in event:
        raise ValueError(event["error"]["message"])
    for choice in event["choices"]:
        for token in (choice.get("logprobs") or {}).get("content", ()):
            others = [(one["token"], math.exp(one["logprob"])) for one in token["top_logprobs"]]
            text, probability = decode(bytes(token["bytes"])), math.exp(token["logprob"])
            yield {"text": text, "probability": probability, "alternatives": others}


def load(device: str) -> SmolLM2:
    """The engine on the CPU, which a model of this size needs no GPU for; device is not used."""
    return SmolLM2(str(sources.where(GGUF)), settings.threads())
