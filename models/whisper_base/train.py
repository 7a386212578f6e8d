"""Measures Whisper on forty recorded prompts: `python -m models train whisper_base` writes the card's block.

`python -m models.whisper_base.train <folder of wav files> <core-sounds-en.txt>` chose them once from the Debian
packages asterisk-core-sounds-en and asterisk-core-sounds-en-wav 1.6.1-1; they are kept in frozen/.
"""

import json
import re
import sys
from pathlib import Path

import soundfile
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

from models.edit_distance import distance
from models.whisper_base.net import WhisperBase

FROZEN = Path(__file__).parent / "frozen"
ROUNDING = 0.01  # in whole numbers of 8 bits, which makers of processors round differently: four words of 444
PROMPTS, WORDS = 40, range(8, 26)  # how many, and how long they are


def evaluate(net: WhisperBase, frozen: bool) -> dict[str, float]:
    """Word errors (substituted, inserted and left out) over the words of all prompts, all kept in the repo."""
    normalise = EnglishTextNormalizer({})
    errors = total = 0
    for name, said in json.loads((FROZEN / "transcripts.json").read_text()).items():
        wave, rate = soundfile.read(FROZEN / f"{name}.flac", dtype="float32")
        heard = " ".join(segment["text"] for segment in net.transcribe(wave, rate, "en"))
        words = normalise(said).split()
        errors += distance(words, normalise(heard).split())
        total += len(words)
    return {"word_error_rate": errors / total}


def choose(folder: Path, transcripts: Path) -> None:
    """Writes every n-th prompt of plain words, in the order of their names, into frozen/."""
    lines = re.findall(r"^([\w-]+): (.+)$", transcripts.read_text(), re.MULTILINE)
    plain = {
        name: said
        for name, said in sorted(lines)
        if len(said.split()) in WORDS and not re.search(r"[\[\d]", said)
    }
    chosen = list(plain)[:: len(plain) // PROMPTS][:PROMPTS]
    for name in chosen:
        soundfile.write(FROZEN / f"{name}.flac", *soundfile.read(folder / f"{name}.wav"))
    (FROZEN / "transcripts.json").write_text(
        json.dumps({name: plain[name] for name in chosen}, indent=1) + "\n"
    )


if __name__ == "__main__":
    choose(Path(sys.argv[1]), Path(sys.argv[2]))
