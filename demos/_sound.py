"""Sounds that visitors give: any common format, checked while it is decoded, then one channel of floats."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np

from demos._run import InvalidInput
from demos._ui import Text

if TYPE_CHECKING:
    from av.container import InputContainer

MAX_BYTES = 50_000_000
MAX_SECONDS = 300
RATE = 16_000  # Hz, of what is handed over
MIN_RATE = 4_000  # Hz, of the file
SILENCE = 1e-4  # root mean square, 80 dB below full scale
# Files only, and none of the playlists and session descriptions that make FFmpeg open other files or hosts.
OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "wav,w64,mp3,ogg,flac,aac,aiff,caf,au,amr,mov,mp4,m4a,3gp,matroska,webm",
}


def sound_box(label: Text) -> gr.Audio:
    """gr.Audio that hands over the path of the file, unopened, so that open_sound sees it first."""
    box = gr.Audio(type="filepath", sources=["microphone", "upload"], label=label, buttons=["download"])
    box.preprocess = lambda payload: payload.path if payload else None  # type: ignore[method-assign]
    return box


def open_sound(path: str | None) -> np.ndarray:
    """File of a visitor -> float32 mono (N,) at 16 kHz, range about (-1, 1).

    Raises InvalidInput for a missing, too large, too long, broken, empty or silent file.
    """
    if not path or not isinstance(path, str):
        raise InvalidInput("请先录一段声音或选一个声音文件", "Record something or choose a sound file first")
    wave = _decode(path)
    if not wave.size:
        raise InvalidInput("这个文件里没有声音，请重新录制", "This file holds no sound; record it again")
    if not np.isfinite(wave).all():
        raise InvalidInput(
            "声音里有无效数值（NaN 或无穷大），请重新导出", "The sound holds NaN or infinity; export it again"
        )
    if math.sqrt(float(np.mean(np.square(wave, dtype=np.float64)))) < SILENCE:
        raise InvalidInput(
            "这段声音是静音，请检查麦克风再录一次", "This sound is silent; check the microphone"
        )
    return wave


def _decode(path: str) -> np.ndarray:
    import av

    try:
        if Path(path).stat().st_size > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise InvalidInput(f"文件太大，请用 {limit} MB 以内的声音", f"Use a sound file below {limit} MB")
        with av.open(path, options=OPTIONS) as box:
            _check(box)
            blocks = list(_blocks(box))
    # A stream without a codec lacks attributes.
    except (av.FFmpegError, OSError, ValueError, IndexError, AttributeError) as cause:
        raise InvalidInput(
            "读不了这个文件，请换一个完整的 WAV、MP3、OGG、FLAC 或 M4A 声音文件",
            "This file cannot be read; choose a complete WAV, MP3, OGG, FLAC or M4A file",
        ) from cause
    return np.concatenate([np.zeros(0, np.float32), *blocks])


def _check(box: "InputContainer") -> None:
    """Raises InvalidInput for a sound whose header says too long, ValueError for too few samples a second."""
    stream = box.streams.audio[0]
    seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    if seconds > MAX_SECONDS:
        raise _too_long()
    if stream.rate < MIN_RATE:
        raise ValueError(f"{stream.rate} Hz")


def _blocks(box: "InputContainer") -> Iterator[np.ndarray]:
    """Decoded and mixed to one channel; stops as soon as it is too long, whatever the header says."""
    from av import AudioResampler

    mono, left = AudioResampler(format="flt", layout="mono", rate=RATE), (MAX_SECONDS + 1) * RATE
    for frame in box.decode(audio=0):
        for piece in mono.resample(frame):
            block = piece.to_ndarray()[0]
            left -= block.size
            if left < 0:
                raise _too_long()
            yield block
    yield from (piece.to_ndarray()[0] for piece in mono.resample(None))


def _too_long() -> InvalidInput:
    minutes = MAX_SECONDS // 60
    return InvalidInput(
        f"声音太长，请剪到 {minutes} 分钟以内", f"The sound is too long; cut it to {minutes} minutes or less"
    )
