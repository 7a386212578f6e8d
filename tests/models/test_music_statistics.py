"""Statistics of music: on phrases that can be counted by hand."""

import numpy as np
import pytest

from models import music_statistics as statistics

C, D, E, F, G, A, B = 60, 62, 64, 65, 67, 69, 71


def pieces(*voices: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """One piece; a voice is a list of MIDI numbers, and nothing is struck twice."""
    midi = np.array([voices])
    return midi, np.zeros_like(midi, bool)


def test_notes_begin_where_they_are_struck_or_change() -> None:
    midi, struck = pieces([C, C, C, D])
    assert statistics.onsets(midi, struck)[0, 0].tolist() == [True, False, False, True]
    struck[0, 0, 1] = True
    assert statistics.onsets(midi, struck)[0, 0].tolist() == [True, True, False, True]


def test_lengths_and_pitch_classes_are_shares_of_notes_not_of_time() -> None:
    midi, struck = pieces([C, C, C, D], [G, G, A, A])
    lengths = statistics.note_lengths(midi, struck)[0]
    assert lengths[:3] == pytest.approx([1 / 4, 2 / 4, 1 / 4])
    classes = statistics.pitch_classes(midi, struck)[0]
    assert classes[[0, 2, 7, 9]] == pytest.approx([1 / 4] * 4)


def test_the_scale_depends_on_the_mode() -> None:
    midi, struck = pieces([A, G, G + 1, A])  # A minor with both sevenths
    assert statistics.in_scale(midi, struck, np.array([True]))[0] == 1
    assert statistics.in_scale(midi, struck, np.array([False]))[0] == 0.75


def test_parallel_fifths_are_found_and_contrary_motion_is_none() -> None:
    parallel, _ = pieces([G, A], [C, D])
    contrary, _ = pieces([G, A], [C, C - 10])  # a fifth, then a twelfth by opposite ways
    assert statistics.parallels(parallel)[0] == 1
    assert statistics.parallels(parallel, counted=True)[0] == 1
    assert statistics.parallels(contrary)[0] == 0
    assert statistics.parallels(pieces([C + 12, D + 12], [C, D])[0], 0)[0] == 1
    assert statistics.parallels(pieces([G, G], [C, C])[0])[0] == 0


def test_dissonances_are_counted_on_the_beat() -> None:
    midi, _ = pieces([C, C, E, E], [D, B, C, C])
    assert (
        statistics.dissonances(midi)[0] == 0.5
    )  # a second, then a third; the seventh lies between the beats


def test_like_sets_are_near_and_unlike_ones_far() -> None:
    chance = np.random.default_rng(0)
    some, like = chance.dirichlet(np.ones(12), (2, 300))
    other = chance.dirichlet(np.linspace(0.1, 3, 12), 300)
    assert statistics.energy_distance(some, some) == pytest.approx(0, abs=1e-9)
    assert statistics.energy_distance(some, like) < 0.1 * statistics.energy_distance(some, other)
    assert statistics.pooled_distance(some, like) < 0.3 * statistics.pooled_distance(some, other)


def test_compared_with_itself_music_is_at_no_distance() -> None:
    midi = np.random.default_rng(1).integers(48, 72, (5, 4, 16))
    piece = (midi, np.ones_like(midi, bool), np.array([False, True, False, True, False]))
    found = statistics.compared(piece, piece)
    assert all(abs(value) < 1e-9 for name, value in found.items() if "distance" in name)
