"""Forecasts of a series as quantiles: an LSTM reads the past, a second one walks through the future.

Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997; one net across series, each in its own scale, after
Smyl, "A hybrid method of exponential smoothing and recurrent neural networks", 2020; quantiles for every step
ahead: Wen et al., "A Multi-Horizon Quantile Recurrent Forecaster", 2017, https://arxiv.org/abs/1711.11053.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.nn import functional as F

from models.lstm_forecast.autoregression import continued
from models.lstm_forecast.window import FUTURE, PAST, Windows, ends, prepare, span

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MIDDLE = len(QUANTILES) // 2
MOST_SEASON = 168  # steps: a week of hours


class ForecastLSTM(nn.Module, PyTorchModelHubMixin):
    """past (B, L, PAST), future (B, H, FUTURE), see window.py -> quantiles (B, H, 5), rising, in units of the scale."""

    width: torch.Tensor
    share: torch.Tensor

    def __init__(self, units: int = 96) -> None:
        super().__init__()
        self.reader = nn.LSTM(PAST, units, batch_first=True)
        self.walker = nn.LSTM(FUTURE, units, batch_first=True)
        self.head = nn.Linear(units + FUTURE, len(QUANTILES))
        self.register_buffer(
            "width", torch.ones(2)
        )  # how much wider below and above, measured on validation ends
        self.register_buffer(
            "share", torch.zeros(())
        )  # of the autoregression in the middle, chosen there too

    def forward(self, past: torch.Tensor, future: torch.Tensor) -> torch.Tensor:
        _, state = self.reader(past)
        hidden, _ = self.walker(future, state)  # (B, H, units)
        raw = self.head(torch.cat([hidden, future], -1))
        middle = raw[..., MIDDLE : MIDDLE + 1]
        steps = F.softplus(raw)
        below = steps[..., :MIDDLE].flip(-1).cumsum(-1).flip(-1) * self.width[0]
        above = steps[..., MIDDLE + 1 :].cumsum(-1) * self.width[1]
        return torch.cat([middle - below, middle, middle + above], -1)

    def answer(self, windows: Windows) -> torch.Tensor:
        """Quantiles in units of the scale, (B, H, 5)."""
        device = self.head.weight.device
        return self(torch.from_numpy(windows.past).to(device), torch.from_numpy(windows.future).to(device))

    def forecast(self, values: np.ndarray, season: int, horizon: int) -> np.ndarray:
        """values: (n,) or (B, n), oldest first, NaN for gaps, n at least two seasons; -> quantiles (..., horizon, 5).

        What was never below zero is not forecast below it.
        """
        rows = np.atleast_2d(np.asarray(values, float))
        quantiles = self.combined(rows, season, horizon)
        never_below = np.nanmin(rows, 1) >= 0
        quantiles[never_below] = quantiles[never_below].clip(0)
        return quantiles if np.ndim(values) > 1 else quantiles[0]

    @torch.inference_mode()
    def combined(self, rows: np.ndarray, season: int, horizon: int) -> np.ndarray:
        """As forecast(), of (B, n) alone: the net's quantiles, moved by their share towards the autoregression."""
        windows = prepare(rows, season, horizon)
        quantiles = windows.base[..., None] + windows.scale[..., None] * self.answer(windows).cpu().numpy()
        apart = continued(rows, season, horizon) - quantiles[..., MIDDLE]
        return quantiles + self.share.item() * apart[..., None]

    def backtest(self, values: np.ndarray, season: int, folds: int) -> Iterator[dict[str, Any]]:
        """Hides the last seasons one after the other and forecasts each from what was before; -> one way at a time.

        values: (n,) with at least two seasons before the first that is hidden. A way: name (lstm, seasonal_naive,
        ets or arima), mase, coverage of the 80 % interval, range 0..1, and quantiles (folds * span, 3): low, middle,
        high; or only a name, where it could not be fitted.
        """
        from models.lstm_forecast import backtest

        yield backtest.scored("lstm", self._folds(values, season, folds), values, season)
        yield from backtest.rivals_scored(values, season, folds)

    def tune(
        self, values: np.ndarray, season: int, horizon: int, folds: int, seed: int, seconds: float
    ) -> Iterator[dict[str, Any]]:
        """Trains a copy of the net on one series, without the seasons of the back-test; yields after each step.

        A state: step, steps, loss, and held_loss, on the back-test's seasons, now and then; at the end way, as in
        backtest(), and quantiles (horizon, 5) after the whole series. Ends early after so many seconds.
        """
        from models.lstm_forecast import backtest

        own = copy.deepcopy(self).train()
        for state in backtest.tuning(own, values, season, folds, seed, seconds):
            yield state
        way = backtest.scored("tuned", own.eval()._folds(values, season, folds), values, season)
        yield state | {"way": way, "quantiles": own.forecast(values, season, horizon)}

    def _folds(self, values: np.ndarray, season: int, folds: int) -> np.ndarray:
        """Quantiles (folds * span, 3) of the last seasons, each from what was before it."""
        places = ends(len(values), season, folds)
        told = [self.forecast(values[:end], season, span(season)) for end in places]
        return np.concatenate(told)[:, [0, MIDDLE, -1]]


def pinball(answer: torch.Tensor, windows: Windows, targets: np.ndarray) -> torch.Tensor:
    """Mean quantile loss of answers (B, H, 5) for targets (B, H), NaN where there is none, in units of the scale."""
    wanted = torch.from_numpy((targets - windows.base) / windows.scale).float().clamp(-20, 20)
    wanted = wanted.to(answer.device)
    known = ~wanted.isnan()
    error = wanted.nan_to_num()[..., None] - answer
    levels = answer.new_tensor(QUANTILES)
    return (torch.maximum(levels * error, (levels - 1) * error) * known[..., None]).sum() / known.sum().clamp(
        1
    )


def load(device: str) -> ForecastLSTM:
    """The trained net beside this file, on a torch device."""
    return ForecastLSTM.from_pretrained(Path(__file__).parent).eval().to(device)
