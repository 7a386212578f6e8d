"""The back-test of one series beside its rivals, and the steps of live fine-tuning."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models.lstm_forecast.rivals import RIVALS
from models.lstm_forecast.synthetic import made
from models.lstm_forecast.window import ends, prepare, seen, span

if TYPE_CHECKING:
    from models.lstm_forecast.net import ForecastLSTM

BATCH, RATE, STEPS = 16, 1.5e-4, 120  # of fine-tuning; windows of the series, and as many made up
LOOK = 10  # steps between two looks at the seasons that are hidden


def scored(name: str, quantiles: np.ndarray, values: np.ndarray, season: int) -> dict[str, Any]:
    """quantiles: (steps, 3) of the last steps; -> what is told of a way, see ForecastLSTM.backtest.

    MASE: Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006.
    """
    hidden, known = values[-len(quantiles) :], values[: -len(quantiles)]
    there = ~np.isnan(hidden)
    unit = np.nanmean(np.abs(known[season:] - known[:-season]))
    error = np.abs(hidden - quantiles[:, 1])[there].mean()
    inside = (quantiles[:, 0] <= hidden) & (hidden <= quantiles[:, 2])
    mase = float(error / unit) if unit > 0 else float("nan")
    return {"name": name, "mase": mase, "coverage": float(inside[there].mean()), "quantiles": quantiles}


def rivals_scored(values: np.ndarray, season: int, folds: int) -> Iterator[dict[str, Any]]:
    """Seasonal naive, ETS and ARIMA, fitted on what is before the first hidden season."""
    places = ends(len(values), season, folds)
    for name, fit in RIVALS.items():
        try:
            forecast = fit(values[: places[0]], season)
            quantiles = np.concatenate([forecast(values[:end], span(season)) for end in places])
        except (ValueError, np.linalg.LinAlgError):  # too short or too regular for that model
            yield {"name": name}
            continue
        yield scored(name, quantiles, values, season)


def tuning(
    net: "ForecastLSTM", values: np.ndarray, season: int, folds: int, seed: int, seconds: float
) -> Iterator[dict[str, Any]]:
    """Adapts a net to one series by quantile loss on windows of it, see ForecastLSTM.tune."""
    from models.lstm_forecast.net import pinball

    chance = np.random.default_rng(seed)
    known = values[: ends(len(values), season, folds)[0]]
    optimiser = torch.optim.Adam(net.parameters(), RATE)
    started, held = time.monotonic(), _held(net, values, season, folds)
    for step in range(1, STEPS + 1):
        windows, targets = _drawn(known, season, chance)
        loss = pinball(net.answer(windows), windows, targets)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        held = _held(net, values, season, folds) if step % LOOK == 0 else held
        yield {"step": step, "steps": STEPS, "loss": loss.item(), "held_loss": held}
        if time.monotonic() - started > seconds:
            return


def _drawn(known: np.ndarray, season: int, chance: np.random.Generator) -> tuple:
    """Windows of the known part and, lest the net forgets the rest, as many made-up ones; the season after each."""
    ahead, shortest = span(season), max(2 * season, 8)
    longest = min(seen(season), len(known) - ahead - 1)
    length = int(chance.integers(shortest, max(longest, shortest) + 1))
    starts = chance.integers(0, len(known) - length - ahead + 1, BATCH)
    rows = np.stack([known[start : start + length + ahead] for start in starts])
    rows = np.concatenate([rows, made(BATCH, length + ahead, season, chance)])
    return prepare(rows[:, :length], season, ahead), rows[:, length:]


def _held(net: "ForecastLSTM", values: np.ndarray, season: int, folds: int) -> float:
    """Loss on the hidden seasons; only looked at."""
    from models.lstm_forecast.net import pinball

    ahead, places = span(season), ends(len(values), season, folds)
    length = min(places[0], seen(season))
    windows = prepare(np.stack([values[end - length : end] for end in places]), season, ahead)
    hidden = np.stack([values[end : end + ahead] for end in places])
    with torch.no_grad():
        return pinball(net.answer(windows), windows, hidden).item()
