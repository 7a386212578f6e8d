"""The GAN of chorales: in its scale, consonant, the same each time; given voices stay; no tune is on two sides."""

import itertools

import numpy as np
import pytest
import torch

import models
from models import music_statistics as statistics
from models.chorale_gan import markov, passages
from models.chorale_gan.layers import Tally, as_roll, energy_distance
from models.chorale_gan.train import compared, novelty

MODES = np.tile([False, True], 60)
SOPRANO, BASS = 0, 3


def tune(soprano: np.ndarray) -> set[tuple[int, ...]]:
    """Twenty notes in a row, repeated ones counted once."""
    notes = [int(pitch) for pitch, _ in itertools.groupby(soprano)]
    return {tuple(notes[at : at + 20]) for at in range(len(notes) - 19)}


def test_passages_are_bachs_and_stand_on_one_side_only() -> None:
    sides = passages.training(), passages.validation(), passages.test()
    assert [len(one.minor) > 100 for one in sides] == [True] * 3
    assert len(passages.works()) == len(sides[0].minor)
    for one in sides:
        assert statistics.in_scale(one.midi, one.struck, one.minor).mean() > 0.93
        assert 0.02 < statistics.dissonances(one.midi).mean() < 0.12
        assert (np.diff(one.midi.mean((0, 2))) < 0).all()  # the voices stand in their order
    for some, others in itertools.combinations(sides, 2):
        tunes = [set().union(*(tune(one[SOPRANO]) for one in side.pitches)) for side in (some, others)]
        assert not tunes[0] & tunes[1]


def test_what_is_trained_for_is_what_is_measured() -> None:
    pitches, struck, minor = (torch.from_numpy(part) for part in passages.test())
    some = passages.test()
    shares, in_scale = Tally()(as_roll(pitches, struck), minor)
    assert np.allclose(shares, statistics.pitch_classes(some.midi, some.struck), atol=1e-6)
    assert np.allclose(in_scale[:, 0], statistics.in_scale(some.midi, some.struck, some.minor), atol=1e-6)
    assert energy_distance(shares[:90], shares[90:]) < energy_distance(shares[:90], shares[90:].flip(1))


def test_samples_sound_more_like_bach_than_the_markov_model_does() -> None:
    held_out = passages.test()
    with models.use("chorale_gan") as net:
        composed = net.sample(MODES, 3)
    rival = markov.voices(passages.training(), MODES, 3)
    mine, other = compared(composed, held_out), compared(rival, held_out)
    assert mine["note_length_distance"] < other["note_length_distance"]
    assert mine["dissonant"] < 0.5 * other["dissonant"]
    assert mine["pitch_class_distance"] < other["pitch_class_distance"]
    assert mine["in_scale"] > 0.85
    assert novelty(composed, held_out, passages.training()) > 0.7


@pytest.mark.parametrize("keep", [(0,), (3,), (0, 3), (1, 2), (0, 1, 2)])
def test_kept_voices_stay_note_for_note_and_the_others_change(keep: tuple[int, ...]) -> None:
    with models.use("chorale_gan") as net:
        first = net.compose(False, 1)
        again = net.compose(False, 2, 1.0, first, keep)
    for voice in range(4):
        same = np.array_equal(first["midi"][voice], again["midi"][voice])
        assert same == (voice in keep)
        assert voice not in keep or np.array_equal(first["struck"][voice], again["struck"][voice])


def test_a_bass_below_a_given_soprano_fits_it_better_than_one_below_another() -> None:
    """Voices are composed to each other: exchanged among passages, they clash."""
    held_out = passages.test()
    with models.use("chorale_gan") as net:
        made = net.sample(held_out.minor, 0, held_out, (SOPRANO,)).midi
    exchanged = made.copy()
    exchanged[:, SOPRANO] = np.roll(made[:, SOPRANO], 1, axis=0)
    assert statistics.dissonances(made).mean() < 0.7 * statistics.dissonances(exchanged).mean()


def test_the_same_seed_composes_the_same_and_another_does_not() -> None:
    with models.use("chorale_gan") as net:
        first, again, other = (net.compose(True, seed) for seed in (4, 4, 5))
        walked = net.walk(True, 4, 5, 1.0, 5)
    assert np.array_equal(first["midi"], again["midi"])
    assert first["opinion"] == again["opinion"]
    assert (first["midi"] != other["midi"]).mean() > 0.2
    assert (walked[0]["midi"] == first["midi"]).mean() > 0.99


def test_a_walk_goes_in_steps_that_are_smaller_than_the_whole_way() -> None:
    with models.use("chorale_gan") as net:
        walks = [[one["midi"] for one in net.walk(False, seed, seed + 1, 1.0, 5)] for seed in range(8)]
    steps = np.mean([(a != b).mean() for one in walks for a, b in itertools.pairwise(one)])
    whole = np.mean([(one[0] != one[-1]).mean() for one in walks])
    assert steps < 0.75 * whole


def test_the_nearest_training_passage_of_one_is_itself() -> None:
    known = passages.training()
    with models.use("chorale_gan") as net:
        found = net.nearest(known.midi[7])
        bach = net.soprano(True, 10**6)
        composed = net.nearest(net.compose(False, 0)["midi"])
    assert found["same"] == 1
    assert found["work"].startswith("BWV ")
    assert np.array_equal(found["midi"], known.midi[7])
    assert any(np.array_equal(bach["midi"], one) for one in passages.test().midi)
    assert composed["same"] < 0.9


def test_a_chain_of_chords_only_says_what_it_has_read() -> None:
    known = passages.training()
    chain = markov.chords(known, MODES[:10], 0)
    said = {tuple(column) for one in chain.pitches for column in one.T}
    assert said <= {tuple(column) for one in known.pitches for column in one.T}


def test_chorales_with_one_tune_are_one_family_and_a_passage_ends_at_the_fermata() -> None:
    pytest.importorskip("music21")
    from models.chorale_gan import data

    tune = np.repeat([60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 60, 62, 64, 62, 60, 60], 2)
    midi = np.stack([tune, tune - 5, tune - 12, tune - 20])
    struck = np.tile([True, False], (4, 20))
    first, second = (data.Chorale(f"BWV {number}", midi, struck, [16, 40], False, 2) for number in (1, 2))
    other = data.Chorale("BWV 3", np.roll(midi, 7, 1) + np.arange(40) % 3, struck, [40], True, 0)
    assert sorted(len(family) for family in data._families([first, other, second])) == [1, 2]
    ((work, pitches, begun, minor, upbeat),) = data.passages(first)
    assert (work, minor, upbeat) == ("BWV 1", False, 2)
    assert np.array_equal(pitches + np.array(passages.LOWEST)[:, None], midi[:, 8:])
    assert begun[:, 0].all()
