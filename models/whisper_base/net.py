"""Whisper base: an encoder-decoder Transformer that writes down speech in 99 languages.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022,
https://arxiv.org/abs/2212.04356. It runs in CTranslate2 through faster-whisper; Silero VAD cuts out what is
no speech first: on silence and noise the net itself invents words. The times of words come from the
decoder's cross-attention, aligned by dynamic time warping.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import soxr
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment, TranscriptionInfo
from faster_whisper.vad import get_vad_model

from models import settings, sources
from models.whisper_base import SPEC

RATE = 16_000  # Hz
LANGUAGES = ("auto", "en", "zh")
# Written before every window, so that Mandarin comes out in Simplified characters with punctuation.
SIMPLIFIED = "以下是普通话的句子。"
# What the net says of itself when it invents: loops compress well, guesses are improbable.
COMPRESSION_AT_MOST = 2.4
LOG_PROBABILITY_AT_LEAST = -1.0
NO_SPEECH_AT_MOST = 0.8
# Silero's probability of speech, mean of its clearest quarter second: at most 0.43 in half an hour of white, pink and
# telephone noise up to full scale; at least 0.55 in prompts with white noise 20 to 5 dB below the voice.
VOICE_AT_LEAST = 0.5
FRAME = 512  # samples that Silero looks at together
CLEAREST = 8  # frames, a quarter of a second


class WhisperBase:
    """Waveform -> text with times."""

    def __init__(self, model: WhisperModel) -> None:
        self._model = model

    def transcribe(self, wave: np.ndarray, rate: int, language: str = "auto") -> Iterator[dict[str, Any]]:
        """Float32 mono (N,), range (-1, 1), and its Hz -> segments in order, each as soon as it is written.

        A segment: text, start, end (seconds), words [(word, start, end, probability)], language (ISO 639-1) and
        language_probability, 1 where the language was given. Yields nothing where nobody speaks. The same sound
        gives the same text. language: auto, en or zh. Raises ValueError.
        """
        if language not in LANGUAGES:
            raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language}")
        sound = resample(wave, rate)
        if voice(sound) < VOICE_AT_LEAST:
            return
        segments, info = self._ask(sound, None if language == "auto" else language)
        if not info.duration_after_vad:
            return
        if language == "auto" and info.language == "zh":  # segments are written when asked for: none was yet
            segments, _ = self._ask(sound, "zh")
        for segment in segments:
            if trusted(segment):
                yield {
                    "text": segment.text.strip(),
                    "start": float(segment.start),
                    "end": float(segment.end),
                    "words": [
                        (one.word, float(one.start), float(one.end), float(one.probability))
                        for one in segment.words or ()
                    ],
                    "language": info.language,
                    "language_probability": float(info.language_probability),
                }

    def look(self, wave: np.ndarray, rate: int) -> np.ndarray:
        """Sound as for transcribe() -> what the encoder sees: log-mel, float32 (80, 100 a second), range (0, 1)."""
        mel = self._model.feature_extractor(resample(wave, rate))
        return np.clip((mel - mel.max()) / 2 + 1, 0, 1).astype(np.float32)  # 2 is 80 dB

    def to(self, device: str) -> None:
        """Leaves a GPU for host memory ("cpu") or comes back to it; on a CPU there is nothing to move."""
        runtime = self._model.model
        if runtime.device == "cuda":
            runtime.unload_model(to_cpu=True) if device == "cpu" else runtime.load_model()

    def _ask(self, sound: np.ndarray, language: str | None) -> tuple[Iterator[Segment], TranscriptionInfo]:
        segments, info = self._model.transcribe(
            sound,
            language=language,
            temperature=0,  # more would draw by chance
            condition_on_previous_text=False,  # one loop would infect all that follows
            hotwords=SIMPLIFIED if language == "zh" else None,
            word_timestamps=True,
            vad_filter=True,
        )
        return iter(segments), info


def voice(sound: np.ndarray) -> float:
    """Float32 mono (N,) at 16 kHz -> how surely somebody speaks in its clearest quarter second, 0..1."""
    length = max(len(sound), CLEAREST * FRAME)
    padded = np.pad(sound, (0, length + -length % FRAME - len(sound)))
    return float(np.convolve(get_vad_model()(padded).ravel(), np.full(CLEAREST, 1 / CLEAREST), "valid").max())


def trusted(segment: Segment) -> bool:
    """Whether a segment is speech, not a loop, a guess or the prompt said back."""
    text = segment.text.strip()
    return (
        text not in ("", SIMPLIFIED)
        and segment.compression_ratio <= COMPRESSION_AT_MOST
        and segment.avg_logprob >= LOG_PROBABILITY_AT_LEAST
        and segment.no_speech_prob <= NO_SPEECH_AT_MOST
    )


def resample(wave: np.ndarray, rate: int) -> np.ndarray:
    """Float32 mono of any Hz -> float32 mono at 16 kHz."""
    return (
        np.asarray(wave, np.float32) if rate == RATE else soxr.resample(wave, rate, RATE).astype(np.float32)
    )


def load(device: str) -> WhisperBase:
    """The published files, under the names that CTranslate2 looks for; int8 on a CPU, half floats on a GPU."""
    cuda = device == "cuda" and ctranslate2.get_cuda_device_count() > 0
    with tempfile.TemporaryDirectory() as folder:
        for weight in SPEC.weights:
            (Path(folder) / weight.name).symlink_to(sources.fetch(weight))
        model = WhisperModel(
            folder,
            device="cuda" if cuda else "cpu",
            compute_type="float16" if cuda else "int8",
            cpu_threads=settings.threads(),
            local_files_only=True,
        )
    return WhisperBase(model)
