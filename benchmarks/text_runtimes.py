"""SmolLM2 on a CPU: tokens a second of llama.cpp beside transformers, same file, same threads, one run."""

import time
import warnings

from benchmarks.row import Row
from models import device, settings, sources
from models.smollm2 import GGUF, net

PROMPT, TOKENS = "The old lighthouse keeper climbed the stairs and", 64


def rows() -> list[Row]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    device.limit_threads()
    path = sources.fetch(GGUF)
    fast, first = _llama_cpp()
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    inputs = tokenizer(PROMPT, return_tensors="pt")

    def model(dtype: torch.dtype) -> torch.nn.Module:
        return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=dtype).eval()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch announces that this quantiser will move
        small = torch.ao.quantization.quantize_dynamic(model(torch.float32), {torch.nn.Linear})
    speeds = {
        "float32": _transformers(model(torch.float32), inputs),
        "bfloat16": _transformers(model(torch.bfloat16), inputs),
        "int8 (dynamic)": _transformers(small, inputs),
    }
    told = f"{fast:.0f} tokens/s, {settings.threads()} thread(s)"
    return [
        Row("first token of a warm chat", first, "s", at_most=0.5),
        *(Row(f"llama.cpp 4 bit / transformers {kind}", fast / speed, at_least=1.5 if kind == "float32" else None,
              detail=f"{told}, over {speed:.0f}") for kind, speed in speeds.items()),
    ]  # fmt: skip


def _llama_cpp() -> tuple[float, float]:
    """-> tokens a second, and seconds to the first token of a short chat."""
    model = net.load("cpu")
    list(model.complete(PROMPT, 4, 0, 1.0, 0))
    started = time.perf_counter()
    count = len(list(model.complete(PROMPT, TOKENS, 0, 1.0, 0)))
    speed = count / (time.perf_counter() - started)
    started = time.perf_counter()
    next(model.chat([{"role": "user", "content": PROMPT}], 8, 0, 1.0, 0))
    return speed, time.perf_counter() - started


def _transformers(model, inputs) -> float:  # noqa: ANN001 - torch is not imported at the top
    import torch

    with torch.inference_mode():
        model.generate(**inputs, max_new_tokens=4, do_sample=False)
        started = time.perf_counter()
        written = model.generate(**inputs, min_new_tokens=TOKENS, max_new_tokens=TOKENS, do_sample=False)
    return (written.shape[1] - inputs["input_ids"].shape[1]) / (time.perf_counter() - started)
