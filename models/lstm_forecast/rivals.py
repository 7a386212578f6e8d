"""The ways that the net is measured against: seasonal naive, ETS and ARIMA, each with an 80 % interval.

Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, 2021, https://otexts.com/fpp3.
Each is fitted once; at later places in the series only its state is brought forward.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from models.lstm_forecast.window import fill

Forecast = Callable[
    [np.ndarray, int], np.ndarray
]  # history (n,), steps ahead -> (steps, 3): low, middle, high
MOST = 400  # steps of the past that ETS and ARIMA are fitted on, or four seasons
SHORT = 12  # a season of up to so many steps is differenced, a longer one is told by waves
WAVES = 3
LOW, HIGH = 0.1, 0.9


def seasonal_naive(known: np.ndarray, season: int) -> Forecast:
    """The last season again; as wide as its errors were."""
    whole = fill(known[None], season)[0]
    low, high = np.quantile(whole[season:] - whole[:-season], [LOW, HIGH])

    def forecast(history: np.ndarray, steps: int) -> np.ndarray:
        ahead = np.arange(steps)
        middle = fill(history[None], season)[0, -season:][ahead % season]
        wider = np.sqrt(1 + ahead // season)
        return np.stack([middle + low * wider, middle, middle + high * wider], 1)

    return forecast


def ets(known: np.ndarray, season: int) -> Forecast:
    """Exponential smoothing with a damped trend and, from two steps on, an additive season."""
    seasonal = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    options = {
        "trend": "add",
        "damped_trend": True,
        "initialization_method": "heuristic",
    } | seasonal

    def model(history: np.ndarray) -> ETSModel:
        return ETSModel(pandas.Series(_recent(history, season)), **options)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how well it converged shows in its errors
        parameters = model(known).fit(disp=False).params

    def forecast(history: np.ndarray, steps: int) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model(history).smooth(parameters)
            told = fitted.get_prediction(fitted.nobs, fitted.nobs + steps - 1).summary_frame(alpha=0.2)
        return told[["pi_lower", "mean", "pi_upper"]].to_numpy()

    return forecast


def arima(known: np.ndarray, season: int) -> Forecast:
    """The better of two models, by their errors in the last season known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        past, last = known[:-season], known[-season:]
        errors = [
            np.nanmean(np.abs(_arima(past, season, kind)(past, season)[:, 1] - last)) for kind in (0, 1)
        ]
        return _arima(known, season, int(np.argmin(errors)))


def _arima(known: np.ndarray, season: int, kind: int) -> Forecast:
    """kind 0: differenced, once and over a season; 1: around a mean. Long seasons are told by waves."""
    differenced = 1 < season <= SHORT and kind == 0
    waves = min(WAVES, season // 2) if season > 1 and not differenced else 0
    options: dict[str, Any] = {"order": (1, 1, 1) if kind == 0 else (3, 0, 1)}
    if differenced:
        options["seasonal_order"] = (0, 1, 1, season)

    def regressors(first: int, steps: int) -> np.ndarray | None:
        angle = 2 * np.pi * np.arange(first, first + steps)[:, None] * np.arange(1, waves + 1) / season
        return np.concatenate([np.sin(angle), np.cos(angle)], 1)[:, : season - 1] if waves else None

    recent = _recent(known, season)
    fitted = ARIMA(recent, exog=regressors(0, len(recent)), **options).fit(
        method_kwargs={"maxiter": 40, "disp": 0}, low_memory=True
    )

    def forecast(history: np.ndarray, steps: int) -> np.ndarray:
        seen = _recent(history, season)
        shift = (len(history) - len(seen)) - (len(known) - len(recent))  # the waves go on where they were
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            here = fitted.apply(seen, exog=regressors(shift, len(seen)))
            told = here.get_forecast(steps, exog=regressors(shift + len(seen), steps)).summary_frame(
                alpha=0.2
            )
        return told[["mean_ci_lower", "mean", "mean_ci_upper"]].to_numpy()

    return forecast


def _recent(history: np.ndarray, season: int) -> np.ndarray:
    return fill(history[None], season)[0, -max(MOST, 4 * season) :]


RIVALS = {"seasonal_naive": seasonal_naive, "ets": ets, "arima": arima}
