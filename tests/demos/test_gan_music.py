"""The GAN music tab: kept voices stay, the key is as asked, the file holds what is heard; rubbish is refused."""

import re
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

import models
from demos._chorale import KEYS, LAST, VOICES, lift, notes_of
from demos._midi import open_midi
from demos._run import InvalidInput
from demos.gan_music import EXAMPLES, STEPS, compose, walk

FIRST: list[Any] = next(iter(EXAMPLES.values()))
WALK: list[Any] = ["D minor", 1, 2, 1.0, "harp", 100]


def changed(values: list[Any], **others: Any) -> list[Any]:
    """The first example's values, some of them others."""
    names = ("key", "seed", "keep", "source", "other", "spread", "instrument", "tempo")
    return [others.get(name, value) for name, value in zip(names, values, strict=True)]


def voices(drawn: str) -> list[list[tuple[str, str, str]]]:
    """The notes of each voice as they are drawn: (x, y, width)."""
    found: list[list] = [[], [], [], []]
    for classes, x, y, width in re.findall(
        r'class="roll-note ([^"]*)" x="(\S+)" y="(\S+)" .*?width="(\S+)"', drawn
    ):
        found[int(re.search(r"\bv(\d)", classes)[1])].append((x, y, width))  # type: ignore[index]
    return found


def count(told: str, name: str) -> int:
    return int(re.search(rf"{name}: (\d+)", told)[1])  # type: ignore[index]


def test_every_example_is_drawn_heard_counted_and_written() -> None:
    for (_, english), values in EXAMPLES.items():
        drawn, (rate, wave), file, told = compose(*values)
        score = open_midi(file)
        assert [len(one) > 5 for one in voices(drawn)] == [True] * 4, english
        assert len(score.notes) == sum(map(len, voices(drawn)))
        assert mido.MidiFile(file).tracks[0][0].tempo == mido.bpm2tempo(values[-1])
        assert len(wave) / rate > (16 + LAST) * 60 / values[-1]
        assert np.abs(wave).max() > 10_000
        assert "BWV" in told


def test_the_example_that_fails_has_more_parallel_fifths() -> None:
    *good, failed = [count(compose(*values)[3], "Parallel fifths") for values in EXAMPLES.values()]
    assert failed > max(good[:2])


def test_voices_that_are_kept_stay_and_the_others_do_not() -> None:
    first = voices(compose(*FIRST)[0])
    again = compose(*changed(FIRST, keep=["soprano", "bass"], other=9))[0]
    kept = voices(again)
    assert [len(a) == len(b) and [n[0] for n in a] == [n[0] for n in b] for a, b in zip(first, kept)][
        ::3
    ] == [True] * 2
    assert first[1:3] != kept[1:3]
    assert again.count("given") == len(kept[0]) + len(kept[3])


def test_another_key_moves_all_notes_alike() -> None:
    here, there = (open_midi(compose(*changed(FIRST, key=key))[2]).notes for key in ("C major", "E♭ major"))
    assert {b.pitch - a.pitch for a, b in zip(here, there, strict=True)} == {3}


def test_every_key_is_near_to_where_voices_sing() -> None:
    assert len(KEYS) == 24
    assert {lift(tonic, minor) for tonic, minor in KEYS.values()} == set(range(-6, 6))


def test_a_walk_begins_with_one_chorale_and_ends_with_another() -> None:
    drawn, _, file = walk(*WALK)
    shares = [int(one) for one in re.findall(r"No\. \d: (\d+)% as the first", drawn)]
    assert len(shares) == STEPS
    assert shares[0] == 100
    assert min(shares) == shares[-1] < 90
    assert open_midi(file).notes[-1].start > 4 * 16
    first = compose("D minor", 1, [], "chorale", 0, 1.0, "harp", 100)[0]
    assert voices(drawn[: drawn.index("No. 2")]) == voices(first)


def test_the_last_chord_is_held_and_struck_notes_are_parted() -> None:
    piece = {"midi": np.array([[60, 60, 62, 62]]), "struck": np.array([[True, True, False, False]])}
    notes = notes_of(piece, 2)
    assert [(note.pitch, note.start, note.beats) for note in notes] == [
        (62, 0, 0.5),
        (62, 0.5, 0.5),
        (64, 1, 1 + LAST),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "H major"}, {"key": None}, {"key": ["C major"]}, {"seed": -1}, {"seed": None}, {"seed": float("nan")},
        {"seed": 2**31}, {"keep": None}, {"keep": "soprano"}, {"keep": ["descant"]}, {"keep": [["soprano"]]},
        {"keep": list(VOICES)}, {"source": "mozart"}, {"source": "bach"}, {"other": 1e300}, {"spread": 3.1},
        {"spread": "1"}, {"instrument": "kazoo"}, {"instrument": None}, {"tempo": 0}, {"tempo": float("inf")},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_used_is_refused_before_a_model_is_asked(
    wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        compose(*changed(FIRST, **wrong))


@pytest.mark.parametrize(("place", "wrong"), [(0, "😀"), (1, None), (2, 1), (3, -1), (4, ""), (5, 1e9)])
def test_a_walk_refuses_rubbish_and_standing_still(
    place: int, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "use", lambda room: pytest.fail("a model was asked"))
    with pytest.raises(InvalidInput):
        walk(*[wrong if number == place else value for number, value in enumerate(WALK)])


def test_the_file_is_named_and_lies_where_nobody_can_guess() -> None:
    paths = [Path(compose(*FIRST)[2]) for _ in range(2)]
    assert {path.name for path in paths} == {"chorale.mid"}
    assert paths[0].parent != paths[1].parent
