"""A voice that is heard while it is still being made: its words, the sounds of each, and what they look like.

Gradio streams sound through ffmpeg, which is not on every machine, and joins pieces with gaps. Here each piece is a
small WAV file, and the page plays them one after the other, sample by sample.
"""

import io
import secrets
import wave as wav
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from demos._photo import heat, inline
from demos._run import both
from demos._ui import ROOT, Text

QUIETEST, LOUDEST = 1e-3, 3.0  # of the mel bands, black and bright in the picture
QUIET = 0.1  # a sentence below this is not drawn as tall as the picture
TEMPLATE = """<div class="voice"><div class="voice-row"><button type="button" class="voice-play">%s</button>
<span class="voice-told" role="status"></span></div><div class="voice-text" role="list"></div>
<div class="voice-scroll" tabindex="0" role="group" aria-label="${name}"><div class="voice-sheet"><canvas
class="voice-wave"></canvas><img class="voice-mel" alt="mel 梅尔频谱"><div class="voice-sounds"></div>
<div class="voice-head"></div></div></div></div>"""


def voice_box(name: Text) -> gr.HTML:
    """Plays what a Voice told, as it comes; click a word to hear from there on."""
    box = gr.HTML(
        html_template=TEMPLATE % both("播放", "Play"),
        js_on_load=(ROOT / "assets" / "voice.js").read_text(),
        name=f"{name.zh} {name.en}",
        label=name,
        elem_classes="voice-box",
        min_height=240,
    )
    plain = box.postprocess

    def postprocess(value: Any) -> Any:
        """Tells Gradio which files are its to delete, when their hour is over."""
        for sentence in (value or {}).get("sentences", ()):
            box.temp_files.update(piece["file"] for piece in sentence["pieces"])
        return plain(value)

    box.postprocess = postprocess  # type: ignore[method-assign]
    return box


class Voice:
    """A speech as a voice_box plays it, growing; told() is a copy that stays as it is."""

    def __init__(self, notes: tuple[str, str] = ("", "")) -> None:
        self._id, self._notes = secrets.token_hex(8), notes
        self._sentences: list[dict[str, Any]] = []
        self._seconds = 0.0

    def begin(self, words: list[dict[str, Any]], phonemes: list[tuple]) -> None:
        """A sentence: words {"text", "word", "source"}, phonemes as the room's speak() tells them."""
        self._sentences.append(
            {
                "start": self._seconds,
                "words": [[one["text"], one["word"], one.get("source", "")] for one in words],
                "phonemes": [
                    [place, sound, signs, round(start, 3), round(end, 3)]
                    for place, sound, signs, start, end in phonemes
                ],
                "pieces": [],
                "seconds": phonemes[-1][-1],
                "mel": "",
                "wave": [],
            }
        )

    def add(self, wave: np.ndarray, rate: int) -> None:
        """The next piece of the last sentence."""
        self._sentences[-1]["pieces"].append(
            {"file": _kept(wave, rate), "start": self._seconds, "seconds": wave.size / rate}
        )
        self._seconds += wave.size / rate

    def end(self, wave: np.ndarray, mel: np.ndarray) -> None:
        """The last sentence is whole: float32 (N,), and its mel magnitudes (80, frames)."""
        shown = np.log(np.clip(mel, QUIETEST, LOUDEST) / QUIETEST) / np.log(LOUDEST / QUIETEST)
        blocks = wave[: wave.size // 256 * 256].reshape(-1, 256)
        self._sentences[-1] |= {
            "seconds": self._seconds - self._sentences[-1]["start"],
            "mel": inline(heat(shown[::-1])),
            "wave": np.round(np.abs(blocks).max(1) / max(QUIET, float(np.abs(wave).max())), 2).tolist(),
        }

    def told(self, done: bool = False) -> dict[str, Any]:
        """What the page needs, plain."""
        sentences = [one | {"pieces": list(one["pieces"])} for one in self._sentences]
        return {"id": self._id, "notes": list(self._notes), "sentences": sentences, "done": done}


def as_sound(wave: np.ndarray, rate: int) -> tuple[int, np.ndarray]:
    """Float32 (N,), range (-1, 1) -> Hz and int16 samples, as gr.Audio wants it."""
    return rate, np.int16(np.clip(wave, -1, 1) * 32767)


def _kept(wave: np.ndarray, rate: int) -> str:
    """Writes a WAV file where Gradio serves files, under a name that nobody can guess; -> its path."""
    file = io.BytesIO()
    with wav.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(as_sound(wave, rate)[1].tobytes())
    folder = Path(get_upload_folder()) / "voice"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.wav"
    path.write_bytes(file.getvalue())
    return str(path)
