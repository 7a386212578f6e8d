"""Speech to train and measure on: who says what, made once by `python -m models.digit_ctc.data [ENGINE ...]`.

Each speaker is a voice, or a mixture of voices, with a speed and a pitch of its own; what it says lies in
<cache>/digit_ctc/<speaker>.npz. No speaker, and no voice that a mixture holds, is on two sides. Training has Kokoro
voices, vits_joe, espeak-ng and flite's awb; held back, to watch the training by, are three other Kokoro voices and
flite's rms; held out are four more Kokoro voices and all of festival, and recordings: see recorded.py.
"""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import settings
from models.digit_ctc.words import OTHERS, UNKNOWN, WORDS

BACK, OUT = ("af_nova", "am_echo", "bf_lily"), ("af_sarah", "am_puck", "bf_emma", "bm_daniel")
ENGLISH = """af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_river af_sky am_adam am_eric am_fenrir
    am_liam am_michael am_onyx am_santa bf_alice bf_isabella bm_fable bm_george bm_lewis""".split()  # noqa: SIM905
FOREIGN = """ef_dora em_alex ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola jf_alpha jf_gongitsune
    jf_nezumi jf_tebukuro jm_kumo pf_dora pm_alex zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi
    zm_yunxia zm_yunyang""".split()  # noqa: SIM905
ACCENTS = """en-us en-us en-us en-gb en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd en-029
    en-us-nyc""".split()  # noqa: SIM905
VARIANTS = """Alex Alicia Andrea Andy Annie Denis Diogo Gene Hugo Lee Marco Mario Michael Mike Nguyen Storm adam anika
    antonio aunty belinda benjamin boris caleb david ed edward f1 f2 f3 f4 f5 grandma grandpa iven iven2 john klatt
    klatt2 klatt3 klatt4 linda m1 m2 m3 m4 m5 m6 m7 m8 marcelo max michel miguel norbert pablo paul pedro quincy rob
    robert sandro shelby steph steph2 travis victor whisper zac""".split()  # noqa: SIM905
QUIET, PAUSE, MARGIN = 0.02, 880, 240  # of full scale; samples of it between two words, and left around one
FESTIVAL = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
GAPS = (", ", ", ", " ")


@dataclass(frozen=True)
class Speaker:
    """name: of its file; alone: whether it says each word by itself and again among others; one or the other if not."""

    name: str
    engine: str
    options: dict[str, Any]
    alone: bool = True


@dataclass(frozen=True)
class Piece:
    """A word or a few in a row, float32 (N,) at 8 kHz, without the silence around."""

    wave: np.ndarray
    words: list[str]  # UNKNOWN for what is not in WORDS


def train_speakers() -> list[Speaker]:
    return [*_espeak(120), *_flite(12), *_kokoro(30), *_joe(16)]


def _kokoro(count: int) -> Iterator[Speaker]:
    """Each English voice once, then mixtures."""
    chance = random.Random(0)
    for at in range(count):
        main = ENGLISH[at % len(ENGLISH)]
        mix = {main: 1.0} if at < len(ENGLISH) else _mixture(main, chance)
        options = {"mix": mix, "speed": round(chance.uniform(0.85, 1.4), 2)}
        yield Speaker(f"kokoro-{at:02}-{main}", "kokoro", options, alone=False)


def _joe(count: int) -> Iterator[Speaker]:
    for at in range(count):
        chance = random.Random(at)
        options = {"speed": chance.uniform(0.7, 1.3), "melody": chance.uniform(0.3, 1.2)}
        yield Speaker(f"joe-{at:02}", "joe", options | {"rhythm": chance.uniform(0.3, 1.2), "seed": at})


def _espeak(count: int) -> Iterator[Speaker]:
    for at in range(count):
        chance = random.Random(at)
        options: dict[str, Any] = {"voice": f"{chance.choice(ACCENTS)}+{VARIANTS[at % len(VARIANTS)]}"}
        options |= {"pitch": chance.randint(20, 80), "speed": chance.randint(110, 210)}
        yield Speaker(f"espeak-{at:03}", "espeak", options)


def _flite(count: int) -> Iterator[Speaker]:
    for at in range(count):
        chance = random.Random(at)
        options = {"voice": "awb", "stretch": chance.uniform(0.8, 1.4), "pitch": chance.uniform(90, 180)}
        yield Speaker(f"flite-{at:02}", "flite", options)


def held_back_speakers() -> list[Speaker]:
    found = [Speaker(f"kokoro-{name}", "kokoro", {"mix": {name: 1.0}, "speed": 1.0}) for name in BACK]
    return [*found, Speaker("flite-rms", "flite", {"voice": "rms", "stretch": 1.1, "pitch": 100})]


def held_out_speakers() -> list[Speaker]:
    found = [Speaker(f"kokoro-{name}", "kokoro", {"mix": {name: 1.0}, "speed": 1.0}) for name in OUT]
    return found + [
        Speaker(f"festival-{name}", "festival", {"voice": name, "stretch": 1.1}) for name in FESTIVAL
    ]


def _mixture(main: str, chance: random.Random) -> dict[str, float]:
    """An English voice and two others of any language."""
    others = chance.sample([one for one in ENGLISH + FOREIGN if one != main], 2)
    share, rest = chance.uniform(0.4, 0.7), chance.random()
    return {main: share, others[0]: (1 - share) * rest, others[1]: (1 - share) * (1 - rest)}


def phrases(speaker: Speaker) -> Iterator[tuple[list[str], str]]:
    """What a speaker says: words, and what stands between them. Some words alone, some in a row."""
    chance = random.Random(speaker.name)
    alone = list(WORDS) if speaker.alone else chance.sample(WORDS, 12)
    yield from (([word], " ") for word in (*alone, *chance.sample(OTHERS, 8 if speaker.alone else 2)))
    said = [word for word in WORDS if speaker.alone or word not in alone] + chance.sample(OTHERS, 6)
    chance.shuffle(said)
    while said:
        size = chance.randint(2, 5)
        yield said[:size], chance.choice(GAPS)
        said = said[size:]
    yield chance.sample(OTHERS, 3), " "


def folder() -> Path:
    return settings.cache_folder() / "digit_ctc"


def make(speaker: Speaker) -> None:
    """Writes what a speaker says, unless it is there."""
    from models.digit_ctc import voices

    file = folder() / f"{speaker.name}.npz"
    if file.exists():
        return
    say: Callable[..., np.ndarray] = getattr(voices, speaker.engine)
    texts, waves = list[str](), list[np.ndarray]()
    for words, gap in phrases(speaker):
        waves.append((32767 * say(words, gap, **speaker.options)).astype(np.int16))
        texts.append(" ".join(words))
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half.npz")
    np.savez(half, wave=np.concatenate(waves), ends=np.cumsum([len(one) for one in waves]), texts=texts)
    half.rename(file)


def clips(speaker: Speaker) -> list[tuple[list[str], np.ndarray]]:
    """All that a speaker says: words, UNKNOWN for a stretch of others, and their sound, float32 (N,) at 8 kHz.

    It is made where it is not there yet.
    """
    make(speaker)
    with np.load(folder() / f"{speaker.name}.npz") as file:
        waves = np.split(np.float32(file["wave"]) / 32768, file["ends"][:-1])
        return [(one_sign(str(text).split()), wave) for text, wave in zip(file["texts"], waves, strict=True)]


def one_sign(words: list[str]) -> list[str]:
    """Words of ours as they are, and UNKNOWN for any number of others in a row."""
    signs = [word if word in WORDS else UNKNOWN for word in words]
    return [sign for at, sign in enumerate(signs) if not at or sign != UNKNOWN or signs[at - 1] != UNKNOWN]


def pieces(speaker: Speaker) -> list[Piece]:
    """What a speaker says to learn from, cut at the pauses where as many pieces as words come out."""
    found = []
    for words, wave in clips(speaker):
        parts = _cut(wave)
        if len(parts) == len(words):
            found += [Piece(part, [word]) for part, word in zip(parts, words, strict=True)]
        elif parts:
            loud = np.flatnonzero(np.abs(wave) > QUIET)
            found.append(Piece(wave[max(0, loud[0] - MARGIN) : loud[-1] + MARGIN], words))
    return found


def _cut(wave: np.ndarray) -> list[np.ndarray]:
    """What stands between silences of at least PAUSE."""
    loud = np.flatnonzero(np.abs(wave) > QUIET)
    if not loud.size:
        return []
    gaps = np.flatnonzero(np.diff(loud) > PAUSE)
    starts, ends = loud[np.r_[0, gaps + 1]], loud[np.r_[gaps, -1]]
    return [wave[max(0, start - MARGIN) : end + MARGIN] for start, end in zip(starts, ends, strict=True)]


def main(engines: list[str]) -> None:
    speakers = [*held_back_speakers(), *train_speakers(), *held_out_speakers()]
    for speaker in speakers:
        if not engines or speaker.engine in engines:
            make(speaker)
            print(speaker.name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
