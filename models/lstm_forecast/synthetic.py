"""Made-up series for training: trend, season, cycles and noise of many kinds, mixed by chance."""

import numpy as np


def made(count: int, steps: int, season: int, chance: np.random.Generator) -> np.ndarray:
    """-> float64 (count, steps): series with a season of so many steps, each a mixture of its own."""
    t = np.arange(steps)

    def some(share: float) -> np.ndarray:
        return (chance.random((count, 1)) < share).astype(float)

    def size(low: float, high: float) -> np.ndarray:
        return np.exp(chance.uniform(np.log(low), np.log(high), (count, 1)))

    noise = _noise(count, steps, chance)
    wander = chance.standard_normal((count, steps)).cumsum(1) * size(0.02, 1) * some(0.6)
    drift = np.cumsum(chance.standard_normal((count, steps)) * size(0.003, 0.1), 1)
    slope = chance.standard_normal((count, 1)) * size(0.1, 6) / max(season, 4)
    trend = slope * t * some(0.6) + drift.cumsum(1) / max(season, 4) * some(0.3)
    places = chance.integers(0, steps, (count, 1))
    shift = (t >= places) * chance.standard_normal((count, 1)) * size(0.5, 6) * some(0.15)
    level = wander + trend + shift
    wave = _season(count, steps, season, chance) * size(0.3, 10) * some(0.85) if season > 1 else 0.0
    grows = 1 + some(0.3) * chance.uniform(-0.6, 1.5, (count, 1)) * t / steps
    series = level + wave * grows + noise * size(0.05, 1.5) * (1 + some(0.2) * (grows - 1))
    cycles = _cycles(count, steps, max(season, 5), chance)
    return np.where(some(0.25) > 0, cycles * size(1, 10) + noise * size(0.05, 1) + wander * 0.2, series)


def _noise(count: int, steps: int, chance: np.random.Generator) -> np.ndarray:
    """White or sluggish noise, now and then with a shock."""
    white = chance.standard_normal((count, steps))
    heavy = chance.standard_t(3, (count, steps)) / 1.7
    white = np.where(chance.random((count, 1)) < 0.3, heavy, white)
    keep = chance.uniform(0, 0.97, count) * (chance.random(count) < 0.6)
    noise = np.empty_like(white)
    noise[:, 0] = white[:, 0]
    for step in range(1, steps):
        noise[:, step] = keep * noise[:, step - 1] + np.sqrt(1 - keep**2) * white[:, step]
    shocks = (chance.random((count, steps)) < 0.01) & (chance.random((count, 1)) < 0.3)
    return noise + shocks * chance.standard_normal((count, steps)) * 6


def _season(count: int, steps: int, season: int, chance: np.random.Generator) -> np.ndarray:
    """A pattern that repeats, smooth or jagged, and slowly turns into another one."""
    waves = np.arange(1, season // 2 + 1)
    fade = np.exp(-chance.uniform(0.05, 2, (2, count, 1)) * (waves - 1))
    parts = chance.standard_normal((2, 2, count, len(waves))) * fade[:, None]
    phase = 2 * np.pi * waves[:, None] * np.arange(season) / season
    patterns = parts[:, 0] @ np.sin(phase) + parts[:, 1] @ np.cos(phase)  # (2, count, season)
    jagged = chance.standard_normal((2, count, season))
    patterns = np.where(chance.random((1, count, 1)) < 0.3, jagged, patterns)
    patterns /= patterns.std(2, keepdims=True) + 1e-9
    turns = np.linspace(0, 1, steps) * chance.uniform(0, 0.5, (count, 1)) * (chance.random((count, 1)) < 0.5)
    first, second = patterns[:, :, np.arange(steps) % season]
    return (1 - turns) * first + turns * second


def _cycles(count: int, steps: int, season: int, chance: np.random.Generator) -> np.ndarray:
    """Waves that come about every season, never quite on time nor equally high, flat below where they are peaked."""
    pace = 2 * np.pi / season * chance.uniform(0.85, 1.2, (count, 1))
    unsteady = chance.uniform(0.03, 0.25, (count, 1)) * _smooth(count, steps, season, chance)
    phase = chance.uniform(0, 2 * np.pi, (count, 1)) + np.cumsum(pace * (1 + unsteady), 1)
    peaked = chance.uniform(1, 2.5, (count, 1))
    wave = ((1 + np.sin(phase + 0.4 * np.sin(phase))) / 2) ** peaked
    return wave * np.exp(0.5 * _smooth(count, steps, 3 * season, chance))


def _smooth(count: int, steps: int, width: int, chance: np.random.Generator) -> np.ndarray:
    """Unit noise that changes over about so many steps."""
    knots = np.arange(-1, steps // width + 3) * width
    values = chance.standard_normal((count, len(knots)))
    return np.stack([np.interp(np.arange(steps), knots, row) for row in values])
