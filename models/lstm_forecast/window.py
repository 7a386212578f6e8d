"""What the net sees of a series: its past without the seasonal pattern, in units of its own scale. NumPy only.

All shapes are (B, steps): windows of one length and one season are prepared together.
"""

import warnings
from dataclasses import dataclass

import numpy as np

SEEN = (36, 160)  # the net reads four seasons, but at least and at most so many steps
MOST_SEASONS = 6  # of the past that the seasonal pattern is taken from
FAR = 8.0  # features beyond this many units are cut
PAST, FUTURE = 6, 9  # features of one step


@dataclass(frozen=True)
class Windows:
    """past: float32 (B, L, PAST); future: float32 (B, H, FUTURE); base: (B, H), level plus pattern; scale: (B, 1).

    A forecast is base + scale * what the net answers.
    """

    past: np.ndarray
    future: np.ndarray
    base: np.ndarray
    scale: np.ndarray


def reach(season: int) -> int:
    """How many steps of the past count; what is older is not looked at."""
    return max(MOST_SEASONS * season, SEEN[1])


def seen(season: int) -> int:
    """How many of them the net is told of."""
    return max(MOST_SEASONS * season, SEEN[0])


def span(season: int) -> int:
    """How many steps a back-test forecasts at once: a season, at least four."""
    return max(season, 4)


def ends(steps: int, season: int, folds: int) -> list[int]:
    """Where each forecast of a back-test over the last spans begins."""
    return [steps - span(season) * left for left in range(folds, 0, -1)]


def prepare(values: np.ndarray, season: int, horizon: int) -> Windows:
    """values: float64 (B, n), NaN for gaps, n at least two seasons -> what the net is given for the next steps."""
    values = values[:, -seen(season) :]
    missing = np.isnan(values)
    filled = fill(values, season)
    scale = _scale(filled, season)
    phases, strength = pattern(filled, season)
    steps = np.arange(values.shape[1] + horizon)
    seasonal = phases[:, steps % season]  # (B, n + H)
    rest = filled - seasonal[:, : values.shape[1]]
    level = rest[:, -max(1, -(-season // 4)) :].mean(1, keepdims=True)
    rest = (rest - level) / scale
    phase = 2 * np.pi * steps / season
    waves = np.stack([np.sin(phase), np.cos(phase)], -1) * (season > 1)
    waves = np.broadcast_to(waves, (len(values), *waves.shape))
    size = np.arcsinh(seasonal / scale)
    past = _past(filled, rest, size, scale, missing, season)
    read = min(max(4 * season, SEEN[0]), SEEN[1], values.shape[1])
    past = np.concatenate([past, waves[:, : values.shape[1]]], -1)[:, -read:]
    ahead = np.concatenate(
        [
            _ahead(rest, season, horizon),
            size[:, -horizon:, None],
            waves[:, -horizon:],
            _still(strength, season, values.shape[1], horizon),
        ],
        -1,
    )
    past, ahead = (part.clip(-FAR, FAR).astype(np.float32) for part in (past, ahead))
    return Windows(past, ahead, level + seasonal[:, -horizon:], scale)


def _past(
    filled: np.ndarray,
    rest: np.ndarray,
    size: np.ndarray,
    scale: np.ndarray,
    missing: np.ndarray,
    season: int,
) -> np.ndarray:
    """What is left without the pattern, its change over a season, the pattern, and whether it was missing."""
    change = np.zeros_like(rest)
    change[:, season:] = (filled[:, season:] - filled[:, :-season]) / scale
    return np.stack([rest, change, size[:, : rest.shape[1]], missing], -1)


def _ahead(rest: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """For each future step: what was left one and two seasons before, and a line through the seasons' means."""
    h = np.arange(horizon)
    places = rest.shape[1] - season + h % season
    before = np.maximum(places - season, 0)
    last, prior = rest[:, -season:].mean(1), rest[:, -2 * season : -season].mean(1)
    line = ((last - prior) / season)[:, None] * (h + 1 + max(0, (season - 1) / 8))
    return np.stack([rest[:, places], rest[:, before], line], -1)


def _still(strength: np.ndarray, season: int, steps: int, horizon: int) -> np.ndarray:
    """How far ahead, and what stays the same: length of a season, seasons known, strength of the pattern."""
    ahead = (np.arange(horizon) + 1) / max(season, 4)
    told = np.array([np.log(season) / 4, steps / season / MOST_SEASONS if season > 1 else 1.0])
    ahead, told = (
        np.broadcast_to(ahead, (len(strength), horizon)),
        np.broadcast_to(told, (len(strength), horizon, 2)),
    )
    return np.concatenate(
        [ahead[..., None], told[..., 1:], np.broadcast_to(strength[:, None], (*ahead.shape, 1))], -1
    )


def fill(values: np.ndarray, season: int) -> np.ndarray:
    """Gaps get the mean of that phase plus what the neighbours differ from theirs, straight between them."""
    if not np.isnan(values).any():
        return values
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a phase that was never measured, or nothing was
        phases = [np.nanmean(values[:, start::season], 1) for start in range(season)]
        overall = np.nan_to_num(np.nanmean(values, 1))
    usual = np.stack([np.where(np.isnan(phase), overall, phase) for phase in phases], 1)
    usual = usual[:, np.arange(values.shape[1]) % season]
    filled = values.copy()
    for row, known, normal in zip(filled, ~np.isnan(values), usual, strict=True):
        beside = np.flatnonzero(known) if known.any() else [0]
        apart = (row - normal)[known] if known.any() else [0.0]
        row[~known] = normal[~known] + np.interp(np.flatnonzero(~known), beside, apart)
    return filled


def _scale(filled: np.ndarray, season: int) -> np.ndarray:
    """Mean change over one season; of what repeats exactly, a twentieth of its spread."""
    change = np.abs(filled[:, season:] - filled[:, :-season]).mean(1, keepdims=True)
    spread = filled.std(1, keepdims=True)
    return np.maximum(np.maximum(change, 0.05 * spread), 1e-9 * (1 + np.abs(filled).max(1, keepdims=True)))


def pattern(filled: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """-> the mean of each phase without the trend (B, season), shrunk by its own doubt; and by how much (B, 1)."""
    count, steps = filled.shape
    if season == 1:
        return np.zeros((count, 1)), np.zeros((count, 1))
    trend = _trend(filled, season)
    free = filled - trend
    rounds = steps // season
    start = steps - rounds * season
    blocks = free[:, start:].reshape(count, rounds, season)
    weights = 0.8 ** np.arange(rounds)[::-1]  # the latest seasons count most
    weights = weights / weights.sum()
    mean = (blocks * weights[:, None]).sum(1)
    mean = mean - mean.mean(1, keepdims=True)
    noise = ((blocks - blocks.mean(1, keepdims=True)) ** 2).sum((1, 2)) / max(1, (rounds - 1) * (season - 1))
    doubt = noise * (weights**2).sum()
    power = (mean**2).sum(1) / (season - 1)
    strength = np.clip(1 - doubt / np.maximum(power, 1e-12), 0, 1)[:, None]
    return np.roll(mean * strength, start, 1), strength


def _trend(filled: np.ndarray, season: int) -> np.ndarray:
    """The mean over one season around each step; at both ends it goes on as steeply as in the season beside."""
    steps = filled.shape[1]
    half = season // 2
    kernel = np.ones(season) if season % 2 else np.r_[0.5, np.ones(season - 1), 0.5]
    sums = np.cumsum(np.pad(filled, ((0, 0), (1, 0))), 1)
    inside = sums[:, season:] - sums[:, :-season]  # (B, n - season + 1)
    if season % 2 == 0:
        inside = (inside[:, 1:] + inside[:, :-1]) / 2
    inside = inside / kernel.sum()
    across = min(season, inside.shape[1] - 1)
    rise = [
        (inside[:, across] - inside[:, 0]) / max(across, 1),
        (inside[:, -1] - inside[:, -1 - across]) / max(across, 1),
    ]
    before = inside[:, :1] + rise[0][:, None] * np.arange(-half, 0)
    after = inside[:, -1:] + rise[1][:, None] * np.arange(1, steps - half - inside.shape[1] + 1)
    return np.concatenate([before, inside, after], 1)
