"""Forecast: a bundled series or one's own CSV goes on with an interval; the last seasons say how far to trust it."""

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._backtest import folds_of, table
from demos._chart import chart
from demos._curve import curves
from demos._run import both
from demos._series import (
    MOST_LETTERS,
    MOST_SEASON,
    OWN,
    SERIES,
    Series,
    find_season,
    open_series,
    value_columns,
)
from demos._table import as_csv, read_text
from demos._text import within
from demos._ui import ROOT, Demo, InvalidInput, how_it_works, run_button, seed_box, t

LIMIT = 20  # seconds of fine-tuning
SHOP = (ROOT / "assets" / "samples" / "forecast" / "shop.csv").read_text()  # made up
EXAMPLES = {
    ("二氧化碳", "CO2"): ["co2", "", "", 0, 0],
    ("气温，每小时", "Temperature, hourly"): ["temperature", "", "", 0, 0],
    ("厄尔尼诺", "El Niño"): ["elnino", "", "", 0, 0],
    ("自己的表：分号、逗号、缺口", "Your own: semicolons, commas, gaps"): [
        OWN, SHOP, "Umsatz (€)", 0, 0],
    ("会失败：圣诞节的航班", "Fails: flights at Christmas"): ["flights", "", "", 0, 0],
}  # fmt: skip


def forecast(
    series: str, text: str, column: str, season: float, horizon: float
) -> Iterator[tuple[Any, str, str, str]]:
    """Forecasts a series and measures itself on its last seasons -> chart, what was found, back-test (HTML), CSV.

    series: a bundled one or own; text: for own, a table with a header, dates and numbers; column: which numbers, may
    be empty where there is one; season: steps, 0 to find it; horizon: steps ahead, 0 for one season.
    """
    known, season, horizon, found = asked(series, text, column, season, horizon)
    folds = folds_of(known, season)
    ways: list[dict] = []
    with models.use("lstm_forecast") as net:
        quantiles = net.forecast(known.values, season, horizon)
        saved = _csv(known, quantiles)
        yield chart(known, quantiles, season, ways), found, table(ways, season, folds), saved
        for way in net.backtest(known.values, season, folds) if folds else ():
            ways.append(way)
            yield chart(known, quantiles, season, ways), found, table(ways, season, folds), saved
    yield chart(known, quantiles, season, ways), found, table(ways, season, folds, done=True), saved


def tune(
    series: str, text: str, column: str, season: float, horizon: float, seed: int
) -> Iterator[tuple[Any, str, str, str, str]]:
    """Trains a copy of the net on the series for some seconds -> as forecast(), and the loss so far (HTML)."""
    known, season, horizon, found = asked(series, text, column, season, horizon)
    seed = int(within(seed, 0, 2**31 - 1, "种子", "Seed"))
    folds = folds_of(known, season)
    if not folds or len(known.values) < (folds + 4) * max(season, 4):
        raise InvalidInput(
            f"太短，不能微调：至少要 {(max(folds, 1) + 4) * max(season, 4)} 个数",
            f"Too short to fine-tune: it takes at least {(max(folds, 1) + 4) * max(season, 4)} numbers",
        )
    losses: list[dict[str, float]] = []
    with models.use("lstm_forecast") as net:
        plain = net.forecast(known.values, season, horizon)
        ways = [next(net.backtest(known.values, season, folds))]
        before = chart(known, plain, season, ways)
        yield before, found, table(ways, season, folds), _csv(known, plain), ""
        for state in net.tune(known.values, season, horizon, folds, seed, LIMIT):
            losses.append({name: state[name] for name in ("loss", "held_loss")})
            if "way" not in state:
                yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), _losses(losses, state)
        ways.append(state["way"])
        quantiles = state["quantiles"]
        shown = found, _csv(known, quantiles), _losses(losses, state)
        for way in (way for way in net.backtest(known.values, season, folds) if way["name"] != "lstm"):
            ways.append(way)
            yield _tuned(known, quantiles, season, folds, ways, False, shown)
    yield _tuned(known, quantiles, season, folds, ways, True, shown)


def _tuned(
    known: Series, quantiles: np.ndarray, season: int, folds: int, ways: list[dict], done: bool, shown: tuple
) -> tuple:
    found, saved, losses = shown
    picture = chart(known, quantiles, season, ways, tuned=True)
    return picture, found, table(ways, season, folds, done), saved, losses


def asked(
    name: str, text: str | None, column: str | None, season: float, horizon: float
) -> tuple[Series, int, int, str]:
    """-> the series, steps of a season, steps ahead, and what was found, as HTML. Raises InvalidInput."""
    known = open_series(name, text, column)
    season = int(within(season, 0, MOST_SEASON, "季节", "The season"))
    found, alike = find_season(known)
    season = season or found
    most = max(8, 2 * season)
    horizon = int(within(horizon, 0, most, "步数", "Steps ahead")) or max(season, 8)
    fewest = max(2 * season, 8)
    if len(known.values) < fewest:
        raise InvalidInput(
            f"季节为 {season} 步时至少要有两个季节，即 {fewest} 个数，这里有 {len(known.values)} 个",
            f"With a season of {season} steps it takes two of them, {fewest} numbers; here are {len(known.values)}",
        )
    return known, season, horizon, _found(known, season, season == found, alike)


def _found(series: Series, season: int, by_itself: bool, alike: float) -> str:
    """Name, length, frequency, season and what was mended."""
    gaps = int(np.isnan(series.values).sum())
    often = series.steps.told()
    last = series.steps.label(len(series.values) - 1)
    facts = [
        f"<b dir='auto'>{html.escape(series.name)}</b>",
        both(f"{len(series.values):,} 步，{often[0]}", f"{len(series.values):,} steps, {often[1]}"),
        f"{html.escape(series.steps.label(0))} – {html.escape(last)}",
    ]
    if season == 1:
        facts.append(both("没有发现季节", "no season found"))
    elif by_itself:
        weak = ("，很弱", ", which is weak") if alike < 0.3 else ("", "")
        facts.append(both(
            f"季节 {season} 步，前后两季的相关 {alike:.2f}{weak[0]}",
            f"season {season} steps, two of them correlate by {alike:.2f}{weak[1]}"))  # fmt: skip
    else:
        facts.append(both(f"季节 {season} 步，由您指定", f"season {season} steps, as you said"))
    facts += [both(f"{gaps} 个缺口，已按季节补上", f"{gaps} gaps, filled by the season")] if gaps else []
    return "<p>" + " · ".join([*facts, *(both(*note) for note in series.notes)]) + "</p>"


def _losses(losses: list[dict[str, float]], state: dict) -> str:
    """Both losses so far, and how far training is."""
    told = both(
        f"第 {state['step']} / {state['steps']} 步，最多 {LIMIT} 秒；loss 是训练的，held_loss 是藏起的季节上的",
        f"step {state['step']} of {state['steps']}, at most {LIMIT} s; held_loss is on the hidden seasons",
    )
    return f"<p>{told}</p>" + curves(losses, "lstm_forecast")


def _csv(series: Series, quantiles: np.ndarray) -> str:
    """The forecast as a table for spreadsheets."""
    count = len(series.values)
    rows = [
        (series.steps.label(count + step), *(f"{value:.6g}" for value in row))
        for step, row in enumerate(quantiles)
    ]
    return as_csv(("date", "10%", "25%", "50%", "75%", "90%"), rows)


def columns(series: str, text: str, column: str | None) -> tuple[gr.Dropdown, gr.Column]:
    """Shows the box of one's own table, and asks for the column where several hold numbers."""
    names = value_columns(text) if series == OWN else []
    chosen = column if column in names else None
    box = gr.Dropdown(names, value=chosen if len(names) > 1 else "", visible=len(names) > 1)
    return box, gr.Column(visible=series == OWN)


def build() -> None:
    with gr.Row():
        with gr.Column(scale=2, min_width=300) as left:
            series = gr.Dropdown([(t(*names), name) for name, names in SERIES.items()], value="co2",
                                 label=t("序列", "Series"))  # fmt: skip
            text, column = _own_table(series)
            with gr.Row():
                season = gr.Number(0, precision=0, minimum=0, maximum=MOST_SEASON, min_width=120,
                                   label=t("季节，步（0：自动找）", "Season, steps (0: find it)"))  # fmt: skip
                horizon = gr.Number(0, precision=0, minimum=0, maximum=2 * MOST_SEASON, min_width=120,
                                    label=t("预测几步（0：一季）", "Steps ahead (0: a season)"))  # fmt: skip
        with gr.Column(scale=5, min_width=320):
            plot = gr.Plot(
                label=t(
                    "预测（拖动放大，双击还原，点图例开关）",
                    "Forecast (drag to zoom, double-click to go back, click the legend)",
                )
            )
            found = gr.HTML(label=t("找到了什么", "What was found"))
            tested = gr.HTML(min_height=120, label=t("回测", "Back-test"))
            saved = gr.Textbox(visible="hidden", label="CSV")
            save = gr.Button(t("下载预测 CSV", "Download the forecast as CSV"), size="sm")
    inputs = [series, text, column, season, horizon]
    with left:
        run_button(forecast, inputs=inputs, outputs=[plot, found, tested, saved], examples=EXAMPLES,
                   label=t("预测", "Forecast"))  # fmt: skip
        with gr.Accordion(t("当场微调", "Fine-tune on the spot"), open=False):
            seed, losses = seed_box(), gr.HTML(min_height=60, label=t("损失", "Loss"))
            run_button(tune, inputs=[*inputs, seed], outputs=[plot, found, tested, saved, losses], examples={},
                       api="forecast_tune", trains=True,
                       label=t("微调，至多 20 秒", "Fine-tune, at most 20 s"))  # fmt: skip
    save.click(None, saved, None, js="(text) => text && hub.download('forecast.csv', text)",
               api_visibility="private")  # fmt: skip
    _explained()


def _own_table(series: gr.Dropdown) -> tuple[gr.Textbox, gr.Dropdown]:
    """The box of one's own table and the choice among its columns, seen where they are needed."""
    with gr.Column(visible=False) as own:
        text = gr.Textbox(
            lines=6, max_lines=10, placeholder="date,sales\n2024-01,120\n2024-02,131",
            label=t("表格：一列日期，一列或几列数", "Table: dates and one or more columns of numbers"))  # fmt: skip
        upload = gr.UploadButton(
            t("上传 CSV", "Upload a CSV"), file_types=[".csv", ".tsv", ".txt"], size="sm"
        )
    column = gr.Dropdown(
        [""], value="", visible=False, allow_custom_value=True,
        label=t("有几列数：预测哪一列？", "Several columns of numbers: which one?"))  # fmt: skip
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    asks = [series, text, column]
    gr.on([series.change, text.blur], columns, asks, [column, own], **quiet)
    read = upload.upload(lambda path: read_text(path, MOST_LETTERS), upload, text, **quiet)
    shown = read.then(columns, asks, [column, own], **quiet)
    # of several columns the run says to choose one
    shown.then(None, None, None, js="() => hub.run('forecast')", api_visibility="private")
    return text, column


def _explained() -> None:
    how_it_works(
        t(
            "先从序列里减去它的季节形状，再用一个季节里的平均变化作单位，所以同一个网络看得懂气温、航班和失业率。"
            "一个 LSTM 读过去，把记住的交给第二个 LSTM；它一步步走过未来，每一步给出五个分位数，区间就是这样来的；"
            "再朝序列自己的线性自回归移三成，两者错得不一样，平均起来更准。"
            "微调是在你的序列上再训练一份网络的副本，回测的季节始终藏着；表里谁的 MASE 最小就标谁，不管是不是我们的。",
            "The seasonal pattern is taken off a series and the rest told in units of its mean change over a season, "
            "so one net understands temperatures, flights and unemployment. One LSTM reads the past and hands what it "
            "remembers to a second, which walks through the future and gives five quantiles at each step; they are "
            "moved by three tenths towards a linear autoregression of the series itself, which errs otherwise. "
            "Fine-tuning trains a copy of the net on your series, the seasons of the back-test stay hidden; the table "
            "marks the lowest MASE, whoever has it.",
        ),
        code="models/lstm_forecast/net.py:ForecastLSTM.forward",
        rooms=["lstm_forecast"],
    )


DEMO = Demo(
    name="forecast",
    title=t("时间序列预测", "Forecast"),
    about=t(
        "选一个序列或上传 CSV，立刻得到带区间的预测，并和季节性朴素、ETS、ARIMA 在最后几个季节上比一比；"
        "还可以当场微调。上传的数据不保存。",
        "Choose a series or bring a CSV: a forecast with its interval at once, measured on the last seasons beside "
        "seasonal naive, ETS and ARIMA; fine-tune it on the spot. Uploads are not kept.",
    ),
    models=("lstm_forecast",),
    questions=(11,),
    build=build,
)
