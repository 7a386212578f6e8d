"""Notes, their sound, MIDI files and piano rolls."""

import time
from pathlib import Path

import mido
import numpy as np
import pytest

from demos import _midi
from demos._midi import midi_bytes, midi_file, open_midi
from demos._music import RATE, TIMBRES, Note, name_of, sound
from demos._roll import roll
from demos._run import InvalidInput

SCALE = [Note(pitch, number, 1) for number, pitch in enumerate((60, 62, 64, 65, 67))]


def loudest_hertz(wave: np.ndarray) -> float:
    return float(np.fft.rfftfreq(len(wave), 1 / RATE)[np.abs(np.fft.rfft(wave)).argmax()])


@pytest.mark.parametrize("timbre", TIMBRES)
def test_a_note_has_its_pitch_and_its_length(timbre: str) -> None:
    wave = sound([Note(69, 0, 2), Note(81, 2, 2)], 60, timbre)
    assert loudest_hertz(wave[: 2 * RATE]) == pytest.approx(440, abs=3)
    assert loudest_hertz(wave[int(2.1 * RATE) : 4 * RATE]) == pytest.approx(880, abs=5)
    assert 0.8 < np.abs(wave).max() < 1
    assert np.abs(wave[-RATE // 10 :]).max() < 0.05  # it dies away


def test_ten_seconds_sound_fast_and_the_same_each_time() -> None:
    tune = [Note(60 + number % 12, number / 2, 0.5) for number in range(40)]
    first = sound(tune, 120, "fiddle")
    started = time.process_time()
    again = sound(tune, 120, "fiddle")
    assert time.process_time() - started < 1  # measured: 0.04 s
    assert np.array_equal(first, again)
    assert len(first) > 10 * RATE


def test_no_notes_are_silence() -> None:
    assert not sound([], 120).any()


def test_what_is_written_as_midi_is_read_again() -> None:
    notes = sorted([*SCALE, Note(48, 0, 4, 1)], key=lambda note: (note.start, note.pitch))
    file = midi_file(midi_bytes(notes, 90, metre=(3, 4), programs=(73, 40)), "a.mid")
    score = open_midi(file)
    assert [(note.pitch, note.start, note.beats) for note in score.notes] == [note[:3] for note in notes]
    assert mido.MidiFile(file).tracks[0][0].tempo == mido.bpm2tempo(90)
    assert score.metre == (3, 4)
    assert len({note.voice for note in score.notes}) == 2


EIGHT_SHARPS = (
    b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0"
    b"MTrk\x00\x00\x00\x0a\x00\xff\x59\x02\x08\x00\x00\xff\x2f\x00"
)


def drums() -> bytes:
    notes = midi_bytes(SCALE, 120)
    return notes.replace(b"\x90", b"\x99").replace(b"\x80", b"\x89")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "cannot be read"),
        (b"no midi at all", "cannot be read"),
        (b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\xe7\x28", "cannot be read"),  # in frames of a film
        (midi_bytes(SCALE, 120)[:60], "cannot be read"),
        (EIGHT_SHARPS, "cannot be read"),
        (midi_bytes([], 120), "no notes"),
        (drums(), "drums only"),
        (bytes(_midi.MAX_BYTES + 1), "below"),
    ],
)
def test_files_that_hold_no_tune_get_a_sentence(data: bytes, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        open_midi(midi_file(data, "a.mid"))


@pytest.mark.parametrize("path", [None, "", 3, {}, "/nowhere.mid", "/tmp"])
def test_what_is_no_file_gets_a_sentence(path: object) -> None:
    with pytest.raises(InvalidInput):
        open_midi(path)  # type: ignore[arg-type]


def test_broken_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    whole, chance = midi_bytes(SCALE, 120), np.random.default_rng(0)
    path = tmp_path / "a.mid"
    for _ in range(200):
        data = bytearray(whole)
        for place in chance.integers(len(data), size=4):
            data[place] = chance.integers(256)
        path.write_bytes(data)
        try:
            open_midi(str(path))
        except InvalidInput:
            continue


def test_a_held_note_without_an_end_is_left_out(tmp_path: Path) -> None:
    track = mido.MidiTrack(
        [mido.Message("note_on", note=60, time=0), mido.Message("note_on", note=60, time=480)]
    )
    mido.MidiFile(tracks=[track]).save(tmp_path / "a.mid")
    assert [(note.pitch, note.beats) for note in open_midi(str(tmp_path / "a.mid")).notes] == [(60, 1)]


def test_a_roll_draws_every_note_and_says_what_it_shows() -> None:
    page = roll(SCALE, voices=[("旋律", "Tune")], tips=['<b>"'] * 5)
    assert page.count("<rect") == 5
    assert "5 notes from C4 to G4, 1.25 bars" in page
    assert "&lt;b&gt;&quot;" in page
    assert "<b>" not in page
    assert roll([]) == ""


def test_pitches_have_names() -> None:
    assert [name_of(pitch) for pitch in (60, 69, 58)] == ["C4", "A4", "B♭3"]
