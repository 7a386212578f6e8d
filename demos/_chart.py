"""A series, its forecast with intervals and its back-test as an interactive Plotly chart, told as plain JSON.

Gradio's page brings Plotly's JavaScript; the Python package plotly is not needed to write what it reads.
"""

import json

import numpy as np
from gradio.components.plot import PlotData

from demos._series import Series

SEEN = 6  # seasons before the forecast that are in view at first; the whole series is there to zoom out to
FEWEST_SEEN = 60  # steps
WAYS = {
    "lstm": ("LSTM", "#0d9488"),
    "tuned": ("LSTM, fine-tuned 微调后", "#c026d3"),
    "seasonal_naive": ("seasonal naive 季节性朴素", "#d97706"),
    "ets": ("ETS", "#2563eb"),
    "arima": ("ARIMA", "#7c3aed"),
}
GREY = "#7c8798"  # readable on white and on dark


def chart(
    series: Series, quantiles: np.ndarray, season: int, ways: list[dict], tuned: bool = False
) -> PlotData:
    """quantiles: (steps, 5) after the series; ways: back-tests of the same last steps, see models' backtest()."""
    values, count, ahead = series.values, len(series.values), len(quantiles)
    when = [series.steps.label(step) for step in range(count + ahead)]
    if series.steps.first is None:
        when = [int(one) for one in when]
    name, colour = WAYS["tuned" if tuned else "lstm"]
    future = when[count - 1 :]
    joined = np.concatenate([np.full((1, quantiles.shape[1]), values[-1]), quantiles])
    traces = [
        *_band(future, joined[:, 0], joined[:, 4], "80 %", colour, "2e"),
        *_band(future, joined[:, 1], joined[:, 3], "50 %", colour, "4d"),
        _line(when[:count], values, "data 数据", {"color": GREY, "width": 1.6}),
        _line(future, joined[:, 2], f"{name}: forecast 预测", {"color": colour, "width": 2.6}),
    ]
    for way in (one for one in ways if "quantiles" in one):
        middle = way["quantiles"][:, 1]
        label, own = WAYS[way["name"]]
        line = _line(
            when[count - len(middle) : count],
            middle,
            f"{label}: back-test 回测",
            {"color": own, "dash": "dot"},
        )
        shown = way["name"] in ("lstm", "tuned", "seasonal_naive")
        traces.append(line | {"visible": True if shown else "legendonly"})
    tested = max((len(way["quantiles"]) for way in ways if "quantiles" in way), default=0)
    first = max(0, count - max(SEEN * season, FEWEST_SEEN, 2 * tested))
    layout = _layout(when[first], when[-1]) | {"yaxis": _axis() | {"range": _reach(values[first:], joined)}}
    return PlotData(type="plotly", plot=json.dumps({"data": traces, "layout": layout}))


def _reach(values: np.ndarray, quantiles: np.ndarray) -> list[float]:
    low = min(np.nanmin(values), quantiles.min())
    high = max(np.nanmax(values), quantiles.max())
    room = 0.06 * (high - low)
    return [float(low - room), float(high + room)]


def _numbers(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(f"{value:.6g}") for value in values]


def _line(x: list, y: np.ndarray, name: str, line: dict) -> dict:
    return {"type": "scatter", "mode": "lines", "x": x, "y": _numbers(y), "name": name, "line": line}


def _band(x: list, low: np.ndarray, high: np.ndarray, name: str, colour: str, depth: str) -> list[dict]:
    edge = {"width": 0, "color": colour}
    below = _line(x, low, f"{name} ↓", edge) | {"showlegend": False, "hoverinfo": "skip"}
    return [
        below,
        _line(x, high, f"{name} interval 区间", edge)
        | {"fill": "tonexty", "fillcolor": colour + depth, "hoverinfo": "skip"},
    ]


def _axis() -> dict:
    return {"gridcolor": "rgba(124,135,152,.22)", "zeroline": False, "automargin": True}


def _layout(first: object, last: object) -> dict:
    return {
        "height": 430,
        "margin": {"l": 44, "r": 12, "t": 12, "b": 30},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY},
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "#1f2937", "font": {"color": "#f8fafc"}},
        "legend": {"orientation": "h", "y": -0.18, "x": 0, "traceorder": "normal"},
        "xaxis": _axis() | {"range": [first, last]},
        "dragmode": "zoom",
    }
