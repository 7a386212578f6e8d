"""The melody tab: openings in ABC and MIDI, what cannot be used, and continuations that can be heard."""

import inspect
import json
import re
import wave as wav
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from demos._midi import Score, midi_bytes, midi_file, open_midi
from demos._music import Note
from demos._opening import from_abc, from_midi, highest
from demos._run import InvalidInput
from demos.melody import EXAMPLES, go_on

JIG = next(iter(EXAMPLES.values()))


def asked(**changed: Any) -> Iterator[dict]:
    names = inspect.signature(go_on).parameters
    return go_on(**{**dict(zip(names, JIG, strict=True)), "bars": 8, "tunes": 1, **changed})


def last(**changed: Any) -> dict:
    *_, end = asked(**changed)
    return end


def heard(tune: dict) -> list[tuple[int, float]]:
    return [(note.pitch, round(note.start, 3)) for note in open_midi(tune["midi"]).notes]


def test_continuations_begin_with_the_opening_and_differ() -> None:
    tunes = last(tunes=3)["tunes"]
    assert len(tunes) == 3
    rows = [heard(tune) for tune in tunes]
    opening = [62, 66, 69, 74, 73, 74, 69, 66, 69, 71, 67, 64]
    assert all([pitch for pitch, _ in row[:12]] == opening for row in rows)
    assert rows[0] != rows[1] != rows[2]
    assert all(tune["roll"].count(" given") == 12 for tune in tunes)
    assert all(tune["roll"].count(" written") == len(row) - 12 for tune, row in zip(tunes, rows, strict=True))


def test_the_same_seed_is_the_same_tune_and_grows_while_it_is_written() -> None:
    pages = list(asked(seed=5))
    notes = [page["tunes"][0]["roll"].count("<rect") for page in pages]
    assert notes == sorted(notes)
    assert notes[0] < notes[-1]
    assert heard(pages[-1]["tunes"][0]) == heard(last(seed=5)["tunes"][0]) != heard(last(seed=6)["tunes"][0])


def test_the_sound_is_as_long_as_the_tune() -> None:
    tune = last(tempo=120)["tunes"][0]
    notes = open_midi(tune["midi"]).notes
    end = max(note.start + note.beats for note in notes)
    with wav.open(tune["wav"]) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert end <= 8 * 3 + 0.01  # eight bars of 6/8
    assert seconds == pytest.approx(end / 2 + 1.2, abs=0.1)


def test_a_note_looks_back_only_and_another_layer_elsewhere() -> None:
    first, second = (last(layer=layer)["tunes"][0] for layer in (1, 4))
    looks = json.loads(first["looks"])
    assert len(looks) == len(heard(first))
    assert not any(looks[:12])
    assert all(0 <= at < number and 0 < share <= 100 for number, row in enumerate(looks) for at, share in row)
    assert first["roll"] == second["roll"]
    assert looks != json.loads(second["looks"])


def test_a_tip_tells_what_else_could_have_come() -> None:
    tips = re.findall(r"<title>([^<]*)</title>", last()["tunes"][0]["roll"])
    assert tips[0] == "D4"
    assert re.match(r"[A-G].?\d \d/\d+: \d+%\n\n *\d+% ", tips[12])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"notes": "hello"}, "Write notes in ABC"),
        ({"notes": "<b>&"}, "Write notes in ABC"),
        ({"notes": "שלום"}, "Write notes in ABC"),
        ({"notes": "D"}, "two notes"),
        ({"notes": "z8"}, "two notes"),
        ({"notes": "M:4/4\nDE"}, "metre must be the dance's, 6/8"),
        ({"notes": "D/0 E"}, "cannot be read"),
        ({"notes": "DEF" * 20}, "At most 8 bars"),
        ({"notes": "D/4" * 255, "dance": "reel"}, "At most 254 notes"),
        ({"notes": "D" * 2001}, "Shorten"),
        ({"notes": "C,,,, c''''"}, "four octaves"),
        ({"notes": "D6 " * 4 + "E6 " * 4, "bars": 4}, "fills 4 bars"),
        ({"file": "/nowhere.mid"}, "cannot be read"),
        ({"file": ["a.mid"]}, "MIDI file"),
        ({"dance": "tango"}, "dances"),
        ({"dance": []}, "dances"),
        ({"bars": 64}, "Bars"),
        ({"bars": "8"}, "Bars"),
        ({"temperature": float("nan")}, "Temperature"),
        ({"top_p": 0}, "Top-p"),
        ({"tunes": 5}, "Continuations"),
        ({"tempo": 1000}, "Tempo"),
        ({"timbre": "kazoo"}, "sounds"),
        ({"layer": 9}, "layers"),
        ({"seed": 2**31 - 1}, "Seed"),
    ],
)
def test_what_cannot_be_used_is_told_before_the_net_is_asked(
    changed: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput, match=told):
        last(**changed)


def test_abc_is_read_with_its_key_its_upbeat_and_its_broken_rhythm() -> None:
    opening = from_abc("K:D\nA | d>ed fga | (3ABc d2 z", "jig")
    assert opening.upbeat == 12
    assert opening.events[:7] == [(69, 12), (74, 18), (76, 6), (74, 12), (78, 12), (79, 12), (81, 12)]
    assert opening.events[7:] == [(69, 8), (71, 8), (73, 8), (74, 24), (0, 12)]


def test_chords_in_a_midi_file_give_their_highest_notes_and_that_is_told() -> None:
    chords = [
        Note(pitch, start, 1, voice) for start in range(4) for voice, pitch in enumerate((48, 64 + start, 60))
    ]
    path = midi_file(midi_bytes(chords, 120), "a.mid")
    opening = from_midi(open_midi(path), "reel")
    assert [pitch for pitch, _ in opening.events] == [64, 65, 66, 67]
    assert "highest" in opening.told[0][1]


def test_a_low_note_under_a_sounding_high_one_is_left_out() -> None:
    notes = [Note(72, 0, 2), Note(60, 1, 1), Note(76, 2, 1), Note(79, 2.5, 1)]
    assert highest(notes) == [Note(72, 0, 2), Note(76, 2, 0.5), Note(79, 2.5, 1)]


def test_midi_played_by_hand_falls_on_sixteenths() -> None:
    played = [Note(60 + number, number / 2 + 0.02 * (-1) ** number, 0.4) for number in range(8)]
    opening = from_midi(Score(played, (4, 4)), "reel")
    assert opening.events == [(60 + number, 12) for number in range(8)]


def test_a_long_midi_file_is_cut_and_its_metre_told() -> None:
    notes = [Note(60 + number % 12, number, 1) for number in range(400)]
    opening = from_midi(Score(notes, (3, 4)), "reel")
    assert sum(ticks for _, ticks in opening.events) == 8 * 96
    told = " ".join(en for _, en in opening.told)
    assert "first 8 bars" in told
    assert "3/4" in told


def test_an_upbeat_is_found_in_a_midi_file_and_low_notes_move_up() -> None:
    opening = from_midi(Score([Note(30, 3, 1), *(Note(31, 4 + n, 1) for n in range(4))], (4, 4)), "reel")
    assert opening.upbeat == 24
    assert opening.events[0] == (54, 24)
    assert "octaves" in opening.told[-1][1]


def test_a_midi_file_takes_the_place_of_the_text() -> None:
    path = midi_file(midi_bytes([Note(67, 0, 0.5), Note(71, 0.5, 0.5), Note(74, 1, 0.5)], 120), "a.mid")
    assert [pitch for pitch, _ in heard(last(notes="nothing", file=path)["tunes"][0])[:3]] == [67, 71, 74]


def test_the_example_that_fails_is_a_chromatic_scale() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    assert set(np.diff([pitch for pitch, _ in from_abc(values[0], values[2]).events])) == {1}
