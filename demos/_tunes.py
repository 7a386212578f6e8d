"""Tunes side by side: piano rolls that play, to be downloaded as MIDI and WAV."""

import io
import secrets
import wave as wav
from collections.abc import Sequence
from typing import Any

import gradio as gr

from demos._midi import midi_bytes, midi_file
from demos._music import RATE, Note, sound
from demos._roll import BEAT, LEFT
from demos._ui import ROOT, Text, packed
from demos._voice import as_sound

PROGRAMS = {"flute": 73, "fiddle": 40, "harp": 46, "organ": 19}  # General MIDI, of each timbre


def tunes_box(name: Text) -> gr.HTML:
    """Shows what Tunes.told() says; Play, a click on the roll plays from there, pointing shows the looks."""
    box = gr.HTML(
        html_template='<div class="tunes"></div>',
        js_on_load=(ROOT / "assets" / "tunes.js").read_text(),
        label=name,
        elem_classes="tunes-box",
        min_height=240,
    )
    plain = box.postprocess

    def postprocess(value: Any) -> Any:
        """Tells Gradio which files are its to delete, when their hour is over."""
        for tune in (value or {}).get("tunes", ()):
            box.temp_files.update(tune[kind] for kind in ("midi", "wav") if tune[kind])
        return plain(value)

    box.postprocess = postprocess  # type: ignore[method-assign]
    return box


class Tunes:
    """Tunes that grow, as a tunes_box shows them; told() is a copy that stays as it is."""

    def __init__(self, bpm: float) -> None:
        self._id, self._bpm = secrets.token_hex(8), bpm
        self._tunes: list[dict[str, Any]] = []

    def show(
        self, number: int, roll: str, told: tuple[str, str], looks: Sequence[Sequence[tuple[int, int]]] = ()
    ) -> None:
        """roll: see _roll.roll(); looks: for each note of it, which others it looked at, and how much, 0 to 100."""
        self._tunes[number:] = self._tunes[number:] or [{"midi": "", "wav": ""}]
        self._tunes[number] |= {
            "roll": roll,
            "told": list(told),
            "looks": packed(looks),
        }

    def play(
        self, number: int, notes: Sequence[Note], timbre: str, metre: tuple[int, int], name: str
    ) -> None:
        """Makes the sound and the files of a tune that is whole."""
        written = midi_bytes(notes, self._bpm, metre=metre, programs=[PROGRAMS[timbre]])
        self._tunes[number] |= {
            "midi": midi_file(written, f"{name}.mid"),
            "wav": midi_file(_wav(notes, self._bpm, timbre), f"{name}.wav"),
        }

    def told(self) -> dict[str, Any]:
        """What the page needs, plain."""
        return {
            "id": self._id,
            "bpm": self._bpm,
            "left": LEFT,
            "beat": BEAT,
            "tunes": [dict(one) for one in self._tunes],
        }


def _wav(notes: Sequence[Note], bpm: float, timbre: str) -> bytes:
    file = io.BytesIO()
    with wav.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(as_sound(sound(notes, bpm, timbre), RATE)[1].tobytes())
    return file.getvalue()
