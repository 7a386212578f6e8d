"""How far composed music is from composers' music: statistics of each piece, and how their distributions differ.

After Yang and Lerch, "On the evaluation of generative models in music", 2018, https://doi.org/10.1007/s00521-018-3849-7:
a histogram for each piece, then the distance between two sets of pieces. Pieces are MIDI numbers (N, voices, steps) and
whether a note is struck there, bool (N, voices, steps); a changed pitch counts as struck.
"""

import itertools

import numpy as np

LONGEST = 16  # steps; longer notes are counted as this
MAJOR = (0, 2, 4, 5, 7, 9, 11)  # semitones above the tonic
MINOR = (0, 2, 3, 5, 7, 8, 10, 11)  # with both sevenths
DISSONANT = (1, 2, 6, 10, 11)  # semitones, of 12, between two voices
FIFTH = 7


def onsets(midi: np.ndarray, struck: np.ndarray) -> np.ndarray:
    """Where notes begin, bool, shaped as midi."""
    begun = struck | (np.diff(midi, axis=2, prepend=midi[:, :, :1]) != 0)
    begun[:, :, 0] = True
    return begun


def pitch_classes(midi: np.ndarray, struck: np.ndarray) -> np.ndarray:
    """-> (N, 12): the share of each pitch class among a piece's notes."""
    begun = onsets(midi, struck)
    counts = np.stack([((midi % 12 == one) & begun).sum((1, 2)) for one in range(12)], 1)
    return counts / counts.sum(1, keepdims=True)


def note_lengths(midi: np.ndarray, struck: np.ndarray) -> np.ndarray:
    """-> (N, LONGEST): the share of each length, in steps, among a piece's notes."""
    found = np.zeros((len(midi), LONGEST))
    for row, piece in zip(found, onsets(midi, struck), strict=True):
        for voice in piece:
            lengths = np.diff(np.flatnonzero(voice), append=len(voice))
            np.add.at(row, np.minimum(lengths, LONGEST) - 1, 1)
    return found / found.sum(1, keepdims=True)


def in_scale(midi: np.ndarray, struck: np.ndarray, minor: np.ndarray) -> np.ndarray:
    """-> (N,): the share of a piece's notes that stand in its scale; major pieces are in C, minor ones in A."""
    classes = pitch_classes(midi, struck)
    shares = [
        classes[:, [(tonic + one) % 12 for one in scale]].sum(1) for tonic, scale in ((0, MAJOR), (9, MINOR))
    ]
    return np.where(minor, shares[1], shares[0])


def parallels(midi: np.ndarray, interval: int = FIFTH, counted: bool = False) -> np.ndarray:
    """-> (N,): of the moments when two voices move together, the share where both keep this interval, of 12.

    The fault that students of counterpoint look for: 7 for parallel fifths, 0 for unisons and octaves. counted: how
    many such moments, not their share.
    """
    faults, moments = np.zeros(len(midi)), np.zeros(len(midi))
    step = np.diff(midi, axis=2)
    for above, below in itertools.combinations(range(midi.shape[1]), 2):
        kept = (midi[:, above] - midi[:, below]) % 12 == interval
        same_way = step[:, above] * step[:, below] > 0
        faults += (same_way & kept[:, :-1] & kept[:, 1:]).sum(1)
        moments += ((step[:, above] != 0) & (step[:, below] != 0)).sum(1)
    return faults if counted else faults / np.maximum(moments, 1)


def dissonances(midi: np.ndarray, every: int = 2) -> np.ndarray:
    """-> (N,): the share of pairs of voices that are dissonant, looked at on each beat of `every` steps."""
    beats = midi[:, :, ::every]
    pairs = list(itertools.combinations(range(midi.shape[1]), 2))
    return np.mean([np.isin((beats[:, a] - beats[:, b]) % 12, DISSONANT) for a, b in pairs], (0, 2))


def energy_distance(some: np.ndarray, others: np.ndarray) -> float:
    """Between two sets of histograms (N, D) and (M, D): 0 where they are alike (Szekely and Rizzo, 2013)."""
    from scipy.spatial.distance import cdist

    apart = cdist(some, others).mean()
    return float(2 * apart - cdist(some, some).mean() - cdist(others, others).mean())


def pooled_distance(some: np.ndarray, others: np.ndarray) -> float:
    """Total variation between the means of two sets of histograms, range (0, 1)."""
    return float(np.abs(some.mean(0) - others.mean(0)).sum() / 2)


Pieces = tuple[np.ndarray, np.ndarray, np.ndarray]  # MIDI numbers, struck, minor (N,)


def compared(composed: Pieces, held_out: Pieces) -> dict[str, float]:
    """Distances between composed and held-out pieces, by name, and what is counted in the composed ones.

    pitch_class, note_length: energy distances between the pieces' histograms; in_scale: Wasserstein's distance between
    their shares; pooled_: total variation between all notes together.
    """
    from scipy.stats import wasserstein_distance

    sides = composed, held_out
    classes = [pitch_classes(midi, struck) for midi, struck, _ in sides]
    lengths = [note_lengths(midi, struck) for midi, struck, _ in sides]
    scales = [in_scale(*side) for side in sides]
    return {
        "pitch_class_distance": energy_distance(*classes),
        "note_length_distance": energy_distance(*lengths),
        "in_scale_distance": float(wasserstein_distance(*scales)),
        "pooled_pitch_class_distance": pooled_distance(*classes),
        "pooled_note_length_distance": pooled_distance(*lengths),
        "in_scale": float(scales[0].mean()),
        "parallel_fifths": float(parallels(composed[0]).mean()),
        "parallel_octaves": float(parallels(composed[0], 0).mean()),
        "dissonant": float(dissonances(composed[0]).mean()),
    }
