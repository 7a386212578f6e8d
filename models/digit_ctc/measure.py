"""Counts what is read right in speech that the net never trained on, and what is read where nothing of ours is said.

`python -m models.digit_ctc.measure` writes frozen/: digits by all held-out voices, commands by three, FLAC at 8 kHz.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

import models
from models.digit_ctc import data, recorded
from models.digit_ctc.augment import noise
from models.digit_ctc.net import DigitCTC, known
from models.digit_ctc.sound import RATE
from models.digit_ctc.words import COMMANDS, DIGITS, UNKNOWN, WORDS
from models.edit_distance import distance

FROZEN = Path(__file__).parent / "frozen"
COMMANDERS = ("kokoro-am_puck", "kokoro-bf_emma", "festival-cmu_us_slt_arctic_hts")
NOISES = 60  # clips of two seconds in which nobody speaks
# What sounds alike counts as right for Whisper, which does not know that a digit or command is to come.
ALIKE = {
    "to": "two",
    "too": "two",
    "for": "four",
    "won": "one",
    "ate": "eight",
    "know": "no",
    "write": "right",
}
Clip = tuple[list[str], np.ndarray]  # words that are said, float32 (N,) at RATE


def frozen(net: DigitCTC) -> dict[str, float]:
    """The sample of held-out voices that is kept in the repo."""
    clips = kept()
    return {
        "voices_digits": right(net, (clip for clip in clips if clip[0][0] in DIGITS)),
        "voices_commands": right(net, (clip for clip in clips if clip[0][0] in COMMANDS)),
    }


def whole(net: DigitCTC) -> dict[str, float]:
    """digits: of recordings and held-out voices together; invented: clips in which it reads words nobody said."""
    spoken = [clip for speaker in data.held_out_speakers() for clip in data.clips(speaker)]
    alone = [clip for clip in spoken if len(clip[0]) == 1]
    recordings: list[Clip] = [([word], wave) for word, wave in recorded.digits().items()]
    digits = [clip for clip in alone if clip[0][0] in DIGITS]
    commands = [clip for clip in alone if clip[0][0] in COMMANDS]
    others = [clip for clip in alone if clip[0] == [UNKNOWN]]
    chance = np.random.default_rng(0)
    noises = [noise(2 * RATE, chance) * 10 ** chance.uniform(-3, -0.5) for _ in range(NOISES)]
    return {
        "digits": right(net, recordings + digits),
        "recorded_digits": right(net, recordings),
        "voices_digits": right(net, digits),
        "voices_commands": right(net, commands),
        "voices_phrases_word_error": word_error(net, [clip for clip in spoken if len(clip[0]) > 1]),
        "invented_voices": invented(net, (wave for _, wave in others)),
        "invented_recordings": invented(net, recorded.others().values()),
        "invented_noise": invented(net, noises),
        **beside(recordings, digits, commands),
    }


def beside(recordings: list[Clip], digits: list[Clip], commands: list[Clip]) -> dict[str, float]:
    """Whisper base on the same clips."""
    parts = [whisper(clips) for clips in (recordings, digits, commands)]
    return {
        "whisper_digits": float(np.mean(parts[0] + parts[1])),
        "whisper_recorded_digits": float(np.mean(parts[0])),
        "whisper_voices_digits": float(np.mean(parts[1])),
        "whisper_voices_commands": float(np.mean(parts[2])),
    }


def right(net: DigitCTC, clips: Iterable[Clip]) -> float:
    """Share of clips read word for word."""
    return float(np.mean([net.read(wave, RATE)["words"] == words for words, wave in clips]))


def invented(net: DigitCTC, waves: Iterable[np.ndarray]) -> float:
    """Share of sounds without any of our words in which one is read."""
    return float(np.mean([bool(known(net.read(wave, RATE)["words"])) for wave in waves]))


def word_error(net: DigitCTC, clips: list[Clip]) -> float:
    """Words to put, drop or change, of those that are said; signs for other words count as words."""
    wrong = sum(distance(words, net.read(wave, RATE)["words"]) for words, wave in clips)
    return wrong / sum(len(words) for words, _ in clips)


def whisper(clips: list[Clip]) -> list[bool]:
    """Of each clip of one word, whether Whisper base writes it, numbers as figures or words."""
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

    normalise, found = EnglishTextNormalizer({}), []
    with models.use("whisper_base") as net:
        for (word,), wave in clips:
            text = " ".join(segment["text"] for segment in net.transcribe(wave, RATE, "en"))
            heard = text.strip(" .,!?").lower()
            found.append(normalise(ALIKE.get(heard, heard)) == normalise(word))
    return found


def kept() -> list[Clip]:
    """The clips in frozen/."""
    clips: list[Clip] = []
    for file, ends in json.loads((FROZEN / "ends.json").read_text()).items():
        wave, _ = soundfile.read(FROZEN / file, dtype="float32")
        clips += zip(([word] for word in WORDS), np.split(wave, ends), strict=False)
    return clips


def keep() -> None:
    FROZEN.mkdir(exist_ok=True)
    told = {}
    for speaker in data.held_out_speakers():
        count = len(WORDS) if speaker.name in COMMANDERS else len(DIGITS)
        waves = [wave for _, wave in data.clips(speaker)[:count]]
        soundfile.write(FROZEN / f"{speaker.name}.flac", np.concatenate(waves), RATE, subtype="PCM_16")
        told[f"{speaker.name}.flac"] = np.cumsum([len(wave) for wave in waves]).tolist()[:-1]
    (FROZEN / "ends.json").write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    keep()
