"""Trains the forecaster on the bundled series and made-up ones: `python -m models train lstm_forecast`."""

from dataclasses import dataclass

import numpy as np
import torch

from models.lstm_forecast import data
from models.lstm_forecast.net import MIDDLE, ForecastLSTM, pinball
from models.lstm_forecast.synthetic import made
from models.lstm_forecast.window import fill, prepare, reach
from models.train import Run

SEASONS = (
    1,
    4,
    5,
    6,
    7,
    11,
    12,
    24,
    52,
)  # half of the made-up series have one of these, half any up to LONGEST
LONGEST = 60
FEWEST, MOST = 2, 6  # seasons of the past that a window shows
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)  # of the autoregression


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    epochs: int = 12  # points of the curve
    steps: int = 700  # of each
    batch: int = 96
    units: int = 96
    lr: float = 3e-3
    real: float = 0.35  # share of windows from the bundled series
    worst_ratio_to_seasonal_naive_at_most: float = 0.9
    coverage_at_least: float = 0.73
    coverage_at_most: float = 0.87

    @classmethod
    def quick(cls) -> "Recipe":
        return cls(epochs=1, steps=30)


def train(recipe: Recipe, run: Run) -> ForecastLSTM:
    series = data.bundled()
    net = ForecastLSTM(recipe.units)
    chance = torch.Generator().manual_seed(recipe.seed)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.lr, weight_decay=0.01)
    total = recipe.steps * recipe.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.lr, total_steps=total, pct_start=0.1)
    for epoch in run.epochs(recipe.epochs, net=net, optimiser=optimiser, schedule=schedule, chance=chance):
        net.train()
        mean = 0.0
        for _ in range(recipe.steps):
            draw = np.random.default_rng(int(torch.randint(2**31, (1,), generator=chance)))
            mean += _step(net, optimiser, _batch(series, recipe, draw)) / recipe.steps
            schedule.step()
        net.eval()
        ratios = [_ratio(net, one, one.validation, one.held_out) for one in series]
        run.log(epoch=epoch, loss=mean, validation_ratio=float(np.mean(ratios)), worst=max(ratios))
    net.share.fill_(_best_share(net, series))
    _widen(net, series)
    return net


def evaluate(net: ForecastLSTM, frozen: bool) -> dict[str, float]:
    """One season ahead from many places in each held-out end: MASE, its ratio to seasonal naive, and how often the
    truth lies in the 80 % interval. Not frozen: ETS and ARIMA beside it.
    """
    result: dict[str, float] = {}
    ratios, covered = [], []
    for one in data.bundled():
        histories, targets = _rolled(one, one.held_out, len(one.values))
        known = one.values[: one.held_out]
        unit = np.nanmean(
            np.abs(known[one.season :] - known[: -one.season])
        )  # MASE: Hyndman and Koehler, 2006
        quantiles = net.forecast(histories, one.season, one.season)
        naive = fill(histories, one.season)[:, -one.season :]
        own, beside = (
            np.nanmean(np.abs(targets - guess)) / unit for guess in (quantiles[..., MIDDLE], naive)
        )
        inside = _inside(quantiles, targets)
        ratios.append(own / beside)
        covered.append(inside)
        result |= {f"{one.name}_mase": own, f"{one.name}_seasonal_naive_mase": beside}
        if not frozen:
            result |= _rivals(one, unit)
        result[f"{one.name}_coverage"] = inside
    return {
        "worst_ratio_to_seasonal_naive": max(ratios),
        "mean_ratio_to_seasonal_naive": float(np.mean(ratios)),
        "coverage": float(np.mean(covered)),
    } | {key: float(value) for key, value in result.items()}


def _rivals(series: data.Series, unit: float) -> dict[str, float]:
    """MASE of ETS and ARIMA at the same places; fitted on what is before the held-out end."""
    from models.lstm_forecast import rivals

    season = series.season
    result = {}
    for name in ("ets", "arima"):
        forecast = rivals.RIVALS[name](series.values[: series.held_out], season)
        errors = [
            np.abs(series.values[place : place + season] - forecast(series.values[:place], season)[:, 1])
            for place in _places(series, series.held_out, len(series.values))
        ]
        result[f"{series.name}_{name}_mase"] = np.nanmean(errors) / unit
    return result


def _places(series: data.Series, start: int, end: int) -> range:
    """Where forecasts begin: four times a season."""
    return range(start, end - series.season + 1, max(1, series.season // 4))


def _rolled(series: data.Series, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Histories (B, n) and the season after each (B, season), from start to end."""
    season = series.season
    length = min(start, reach(season))
    places = _places(series, start, end)
    histories = np.stack([series.values[place - length : place] for place in places])
    return histories, np.stack([series.values[place : place + season] for place in places])


def _inside(quantiles: np.ndarray, targets: np.ndarray) -> float:
    known = ~np.isnan(targets)
    return float(((quantiles[..., 0] <= targets) & (targets <= quantiles[..., -1]))[known].mean())


def _ratio(net: ForecastLSTM, series: data.Series, start: int, end: int) -> float:
    histories, targets = _rolled(series, start, end)
    own = net.forecast(histories, series.season, series.season)[..., MIDDLE]
    naive = fill(histories, series.season)[:, -series.season :]
    return float(np.nanmean(np.abs(targets - own)) / np.nanmean(np.abs(targets - naive)))


def _step(net: ForecastLSTM, optimiser: torch.optim.Optimizer, batch: tuple[np.ndarray, int, int]) -> float:
    values, season, horizon = batch
    windows = prepare(values[:, :-horizon], season, horizon)
    loss = pinball(net.answer(windows), windows, values[:, -horizon:])
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def _batch(
    series: list[data.Series], recipe: Recipe, chance: np.random.Generator
) -> tuple[np.ndarray, int, int]:
    """Windows of one season and length, some from the bundled series -> values (batch, steps), season, horizon."""
    real = chance.random() < 2 * recipe.real
    season = int(chance.choice(SEASONS if chance.random() < 0.5 else np.arange(2, LONGEST)))
    if real:
        season = series[chance.integers(len(series))].season
    horizon = max(8, 2 * season) if season <= 12 and chance.random() < 0.5 else max(4, season)
    steps = max(12, round(season * chance.uniform(FEWEST, MOST)))
    values = made(recipe.batch, steps + horizon, season, chance)
    if real:
        alike = [one for one in series if one.season == season and one.validation >= values.shape[1]]
        for row in range(recipe.batch // 2):
            values[row] = _cut(alike[chance.integers(len(alike))], values[row], chance)
    gaps = (chance.random(values.shape) < 0.08) & (chance.random((len(values), 1)) < 0.15)
    gaps[:, -horizon:] = False
    values[gaps] = np.nan
    return values, season, horizon


def _cut(series: data.Series, other: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """A window of a bundled series before its validation end; some upside down or mixed with a made-up one."""
    start = chance.integers(0, series.validation - len(other) + 1)
    window = series.values[start : start + len(other)]
    spread = np.nanstd(window) + 1e-9
    window = (window - np.nanmean(window)) / spread
    if chance.random() < 0.15:
        window = -window
    if chance.random() < 0.5:
        window = window + chance.uniform(0, 0.5) * other / (other.std() + 1e-9)
    return window


def _best_share(net: ForecastLSTM, series: list[data.Series]) -> float:
    """The share of the autoregression with which the worst ratio to seasonal naive on the validation ends is least."""

    def worst(share: float) -> float:
        net.share.fill_(share)
        return max(_ratio(net, one, one.validation, one.held_out) for one in series)

    return min(SHARES, key=worst)


def _widen(net: ForecastLSTM, series: list[data.Series]) -> None:
    """Sets how wide the intervals are so that on the validation ends a tenth lies below and a tenth above."""
    below, above = [], []
    for one in series:
        histories, targets = _rolled(one, one.validation, one.held_out)
        answer = net.combined(histories, one.season, one.season)
        known, middle = ~np.isnan(targets), answer[..., MIDDLE]
        below.append(((middle - targets) / (middle - answer[..., 0]))[known])
        above.append(((targets - middle) / (answer[..., -1] - middle))[known])
    net.width.copy_(torch.tensor([_nine_tenths(below), _nine_tenths(above)]))


def _nine_tenths(scores: list[np.ndarray]) -> float:
    """The 0.9 quantile of scores when each series counts the same."""
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in scores])
    pooled = np.concatenate(scores)
    order = pooled.argsort()
    return float(pooled[order][np.searchsorted(weights[order].cumsum(), 0.9 * len(scores))])
