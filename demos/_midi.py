"""MIDI files: written from notes, and read from visitors, checked."""

import io
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from demos._music import Note
from demos._run import InvalidInput

if TYPE_CHECKING:
    import mido

MAX_BYTES = 300_000
MAX_NOTES = 20_000  # that a file may hold
TICKS = 480  # of a beat, in files that are written
DRUMS = 9  # the channel whose numbers are drums, no pitches
USUAL_METRE = (4, 4)
LEAST_TICKS = 24  # of a beat in a file that is read: below, it has no sixteenths


class Score(NamedTuple):
    """What a MIDI file says. notes: by start, then pitch; voice: the number of the track and channel it stood in."""

    notes: list[Note]
    metre: tuple[int, int]


def midi_bytes(
    notes: Sequence[Note],
    bpm: float,
    *,
    metre: tuple[int, int] = USUAL_METRE,
    programs: Sequence[int] = (73,),
) -> bytes:
    """A Standard MIDI File: one track for each voice. programs: General MIDI, 0 to 127, of voices 0, 1...

    The last program holds for all further voices.
    """
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8")
    head = mido.MidiTrack()
    head.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)))
    head.append(mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1]))
    file.tracks.append(head)
    voices = sorted({note.voice for note in notes})
    for voice in voices:
        channel = voice % 15 + (voice % 15 >= DRUMS)
        program = mido.Message(
            "program_change", channel=channel, program=programs[min(voice, len(programs) - 1)]
        )
        file.tracks.append(_track([note for note in notes if note.voice == voice], channel, program))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _track(notes: list[Note], channel: int, program: "mido.Message") -> "mido.MidiTrack":
    """One voice; where a note ends as the next begins, the end is told first."""
    import mido

    events = []
    for note in notes:
        on, off = round(note.start * TICKS), round((note.start + note.beats) * TICKS)
        velocity = max(1, min(127, round(127 * note.loud)))
        events += [(on, 1, note.pitch, velocity), (max(off, on + 1), 0, note.pitch, 0)]
    track, now = mido.MidiTrack([program]), 0
    for tick, kind, pitch, velocity in sorted(events):
        track.append(
            mido.Message(
                "note_on" if kind else "note_off",
                channel=channel,
                note=pitch,
                velocity=velocity,
                time=tick - now,
            )
        )
        now = tick
    return track


def midi_file(data: bytes, name: str) -> str:
    """Writes bytes where Gradio serves files, in a folder that nobody can guess; -> its path, ending in `name`."""
    from gradio.utils import get_upload_folder

    folder = Path(get_upload_folder()) / secrets.token_hex(20)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return str(path)


def open_midi(path: str | None) -> Score:
    """File of a visitor -> its notes without drums, the first metre it names.

    Raises InvalidInput: no file, too large, broken, no notes, drums only.
    """
    import mido
    from mido.midifiles.meta import KeySignatureError

    if not path or not isinstance(path, str):
        raise InvalidInput("请先选一个 MIDI 文件", "Choose a MIDI file first")
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            limit = MAX_BYTES // 1000
            raise InvalidInput(
                f"文件太大，请用 {limit} KB 以内的 MIDI 文件", f"Use a MIDI file below {limit} KB"
            )
        file = mido.MidiFile(path, clip=True)
        if file.type == 2 or not LEAST_TICKS <= file.ticks_per_beat < 0x8000:
            raise ValueError("tracks that do not run together, or times in frames of a film")
        return _score(file)
    # What is broken in a file shows as any of these; mido's own error, of a key that there is not, is like no other.
    except (
        OSError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        KeySignatureError,
    ) as cause:
        raise InvalidInput(
            "读不了这个文件，请换一个完整的 .mid 文件",
            "This file cannot be read; choose a complete .mid file",
        ) from cause


def _score(file: "mido.MidiFile") -> Score:
    notes: list[Note] = []
    metre, drums = (0, 0), False
    for number, track in enumerate(file.tracks):
        now, held = 0, {}  # (channel, pitch) -> tick, velocity
        for message in track:
            now += message.time
            if message.type == "time_signature" and not metre[0]:
                metre = (message.numerator, message.denominator)
            elif message.type in ("note_on", "note_off"):
                drums = drums or message.channel == DRUMS
                key = (message.channel, message.note)
                if key in held and message.channel != DRUMS:
                    notes.append(_note(*held.pop(key), now, key, number, file.ticks_per_beat))
                if message.type == "note_on" and message.velocity:
                    held[key] = (now, message.velocity)
        if len(notes) > MAX_NOTES:
            raise InvalidInput(f"音符太多，请用 {MAX_NOTES:,} 个以内的", f"Use at most {MAX_NOTES:,} notes")
    if not notes:
        raise _nothing(drums)
    return Score(sorted(notes, key=lambda note: (note.start, note.pitch)), _sane(metre))


def _note(on: int, velocity: int, off: int, key: tuple[int, int], track: int, ticks: int) -> Note:
    return Note(key[1], on / ticks, max(off - on, 1) / ticks, 16 * track + key[0], velocity / 127)


def _sane(metre: tuple[int, int]) -> tuple[int, int]:
    return metre if 1 <= metre[0] <= 16 and metre[1] in (2, 4, 8, 16) else USUAL_METRE


def _nothing(drums: bool) -> InvalidInput:
    if drums:
        return InvalidInput(
            "这个文件里只有鼓，没有旋律，请换一个", "This file holds drums only, no tune; choose another"
        )
    return InvalidInput("这个文件里没有音符，请换一个", "This file holds no notes; choose another")
