"""The forecaster: better than repeating the last season, honest intervals, and the same whatever the unit is."""

import json
from pathlib import Path

import numpy as np
import pytest

import models
from models.lstm_forecast import data
from models.lstm_forecast.autoregression import continued
from models.lstm_forecast.backtest import STEPS
from models.lstm_forecast.synthetic import made
from models.lstm_forecast.train import Recipe, _batch
from models.lstm_forecast.window import fill, prepare, reach, seen


def wave(steps: int = 120, slope: float = 0.1, season: int = 12) -> np.ndarray:
    t = np.arange(steps)
    noise = np.random.default_rng(0).standard_normal(steps)
    return 50 + slope * t + 10 * np.sin(2 * np.pi * t / season) + 0.5 * noise


def test_a_rising_season_goes_on_rising() -> None:
    known, ahead = np.split(wave(132, slope=0.3), [120])
    with models.use("lstm_forecast") as net:
        quantiles = net.forecast(known, 12, 12)
    assert quantiles.shape == (12, 5)
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert np.abs(quantiles[:, 2] - ahead).mean() < 0.4 * np.abs(known[-12:] - ahead).mean()


def test_the_unit_makes_no_difference() -> None:
    with models.use("lstm_forecast") as net:
        plain = net.forecast(wave(), 12, 12)
        scaled = net.forecast(1000 * wave() - 7e4, 12, 12)
    assert np.allclose(scaled, 1000 * plain - 7e4, rtol=1e-3, atol=5)


def test_what_was_never_below_zero_is_not_forecast_below_it() -> None:
    sparse = np.abs(np.random.default_rng(1).standard_normal(80)) * (np.arange(80) % 7 > 4)
    with models.use("lstm_forecast") as net:
        assert net.forecast(sparse, 7, 14).min() >= 0


def test_gaps_are_filled_by_the_season() -> None:
    whole = wave(slope=0.0)
    holes = whole.copy()
    holes[60:66] = np.nan
    assert np.abs(fill(holes[None], 12)[0] - whole).max() < 3
    assert np.isfinite(fill(np.full((1, 30), np.nan), 7)).all()


@pytest.mark.parametrize("season", [1, 2, 5, 12, 52])
def test_the_pattern_is_found_and_nothing_is_infinite(season: int) -> None:
    values = made(8, 3 * season + 20, season, np.random.default_rng(0))
    windows = prepare(values, season, max(4, season))
    parts = (windows.past, windows.future, windows.base, windows.scale)
    assert all(np.isfinite(part).all() for part in parts)
    exact = np.tile(np.arange(season, dtype=float), 30 // season + 6)[None]
    if season > 2:
        assert np.allclose(prepare(exact, season, season).base, exact[:, :season], atol=0.2 * season)


def test_a_cycle_whose_length_is_no_season_goes_on() -> None:
    t = np.arange(200.0)
    values = 20 + 5 * np.sin(2 * np.pi * t / 12.5) + 0.1 * np.random.default_rng(0).standard_normal(200)
    known, ahead = values[:180], values[180:190]
    wrong = np.abs(known[-10:] - ahead).mean()
    assert np.abs(continued(known[None], 10, 10)[0] - ahead).mean() < 0.3 * wrong


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_autoregression_stays_finite_whatever_it_is_given(scale: float) -> None:
    grown = scale * np.exp(np.arange(60) / 3)[None]
    assert np.abs(continued(grown, 4, 50)).max() < 10 * grown.max()
    assert np.allclose(continued(np.full((2, 30), scale), 7, 5), scale)
    assert np.isfinite(continued(np.where(np.arange(40) % 3, scale, np.nan)[None], 7, 5)).all()


def test_training_never_sees_the_held_out_or_the_validation_end() -> None:
    ends = [data.Series(one.name, one.season, one.values.copy()) for one in data.bundled()]
    for one in ends:
        one.values[one.validation :] = np.inf
    draws = [_batch(ends, Recipe(batch=16), np.random.default_rng(seed)) for seed in range(60)]
    assert not any(np.isinf(values).any() for values, _, _ in draws)


def test_the_back_test_hides_what_it_forecasts() -> None:
    one = next(one for one in data.bundled() if one.name == "elnino")
    with models.use("lstm_forecast") as net:
        ways = {way["name"]: way for way in net.backtest(one.values, 12, 2)}
        changed = one.values.copy()
        changed[-12:] += 100
        other = next(net.backtest(changed, 12, 2))
    assert list(ways) == ["lstm", "seasonal_naive", "ets", "arima"]
    assert np.array_equal(ways["lstm"]["quantiles"], other["quantiles"])
    assert other["mase"] > 20 * ways["lstm"]["mase"]
    naive = ways["seasonal_naive"]["quantiles"][:12, 1]
    assert np.array_equal(naive, one.values[-36:-24])
    assert all(0 <= way["coverage"] <= 1 for way in ways.values())


def test_fine_tuning_adapts_a_copy_and_repeats_itself() -> None:
    series = wave(160, season=8)
    with models.use("lstm_forecast") as net:
        before = net.forecast(series, 8, 8)
        first = list(net.tune(series, 8, 8, 2, seed=3, seconds=60))
        again = list(net.tune(series, 8, 8, 2, seed=3, seconds=60))
        after = net.forecast(series, 8, 8)
    assert len(first) == STEPS + 1
    assert np.array_equal(before, after)
    assert np.array_equal(first[-1]["quantiles"], again[-1]["quantiles"])
    assert np.mean([state["loss"] for state in first[-20:-1]]) < np.mean(
        [state["loss"] for state in first[:20]]
    )


def test_fine_tuning_keeps_its_time_limit() -> None:
    with models.use("lstm_forecast") as net:
        states = list(net.tune(wave(), 12, 12, 1, seed=0, seconds=0.0))
    assert len(states) == 2


def test_the_card_tells_whether_the_floor_was_reached() -> None:
    folder = Path(models.__file__).parent / "lstm_forecast"
    metrics = json.loads((folder / "results.json").read_text())["metrics"]
    missed = [one.name for one in data.bundled()
              if metrics[f"{one.name}_mase"] > 0.9 * metrics[f"{one.name}_seasonal_naive_mase"]]  # fmt: skip
    assert ("FAILED" in (folder / "README.md").read_text()) == bool(missed)
    assert 0.73 <= metrics["coverage"] <= 0.87
    assert (seen(12), reach(12)) == (72, 160)
