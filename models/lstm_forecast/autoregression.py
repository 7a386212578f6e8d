"""A linear recurrence of each series' own, fitted anew at each forecast: what the net's middle is averaged with.

Forecasts of unlike kind err unlike, and their mean errs less than either: Bates and Granger, "The Combination of
Forecasts", 1969. Cycles whose length wanders, such as sunspots, are not seasonal, but a recurrence over a whole cycle
follows them: Yule, "On a Method of Investigating Periodicities in Disturbed Series", 1927.
"""

import numpy as np

from models.lstm_forecast.window import fill, pattern, reach, seen

LAGS, RIDGE = 12, 1.0  # steps that a value is made of; the penalty in units of the series' variance
FAR = 3.0  # times the largest deviation of the past: a recurrence that grows without end is cut there


def continued(values: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """values: float64 (B, n), NaN for gaps, n at least two seasons -> the next steps, (B, horizon)."""
    filled = fill(values[:, -reach(season) :], season)
    recent = filled[:, -seen(season) :]
    steps = np.arange(-filled.shape[1], horizon)
    seasonal = pattern(recent, season)[0][:, (steps + recent.shape[1]) % season]
    rest = filled - seasonal[:, :-horizon]
    return seasonal[:, -horizon:] + _recurred(rest, horizon)


def _recurred(rest: np.ndarray, horizon: int) -> np.ndarray:
    """(B, n) -> (B, horizon)."""
    mean = rest.mean(1, keepdims=True)
    free = rest - mean
    lags = max(1, min(LAGS, rest.shape[1] // 3))
    windows = np.lib.stride_tricks.sliding_window_view(free, lags, 1)  # (B, n - lags + 1, lags)
    before, after = windows[:, :-1], free[:, lags:]
    penalty = RIDGE * (free**2).mean(1)[:, None, None] + np.finfo(float).tiny
    gram = np.einsum("bij,bik->bjk", before, before) + penalty * np.eye(lags)
    weights = np.linalg.solve(gram, np.einsum("bij,bi->bj", before, after)[..., None])[..., 0]
    last, most = windows[:, -1], FAR * np.abs(free).max(1)
    ahead = np.empty((len(rest), horizon))
    for step in range(horizon):
        ahead[:, step] = np.clip((last * weights).sum(1), -most, most)
        last = np.concatenate([last[:, 1:], ahead[:, step : step + 1]], 1)
    return mean + ahead
