"""Forecast: a bundled series or one's own CSV goes on with an interval; the last seasons say how far to trust it."""

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

import models
from demos._chart import WAYS, chart
from demos._run import both
from demos._series import MOST_SEASON, OWN, SERIES, Series, find_season, open_series, read_file, value_columns
from demos._table import as_csv
from demos._text import within
from demos._ui import Demo, InvalidInput, how_it_works, run_button, seed_box, t

MOST_FOLDS, LIMIT = 3, 20  # seasons of the back-test; seconds of fine-tuning
SHOPS = """Datum;Umsatz (€);Kunden
01.01.2023;12.480,50;1.204
01.02.2023;11.950,00;1.180
01.03.2023;13.720,25;1.311
01.04.2023;14.105,00;1.342
01.05.2023;15.320,75;1.420
01.06.2023;16.980,00;1.533
01.07.2023;17.450,10;1.560
01.08.2023;;1.498
01.09.2023;14.890,00;1.401
01.10.2023;14.010,40;1.350
01.11.2023;15.760,00;1.466
01.12.2023;21.330,90;1.905
01.01.2024;13.120,00;1.251
01.02.2024;12.640,30;1.226
01.03.2024;14.480,00;1.370
01.04.2024;14.990,60;1.399
01.05.2024;16.210,00;1.482
01.06.2024;17.890,20;1.601
01.07.2024;n/a;n/a
01.08.2024;17.020,00;1.549
01.09.2024;15.640,80;1.455
01.10.2024;14.820,00;1.402
01.11.2024;16.700,00;1.530
01.12.2024;22.480,00;1.990
01.01.2025;13.900,00;1.300
01.02.2025;13.310,70;1.272
01.03.2025;15.260,00;1.425
01.04.2025;15.770,00;1.451
01.05.2025;17.080,00;1.540
01.06.2025;18.760,50;1.659
01.07.2025;19.200,00;1.688
01.08.2025;17.930,00;1.606
01.09.2025;16.430,00;1.510
01.10.2025;15.600,00;1.457
01.11.2025;17.550,00;1.590
01.12.2025;23.610,00;2.071
"""
EXAMPLES = {
    ("二氧化碳", "CO2"): ["co2", "", "", 0, 0],
    ("气温，每小时", "Temperature, hourly"): ["temperature", "", "", 0, 0],
    ("厄尔尼诺", "El Niño"): ["elnino", "", "", 0, 0],
    ("自己的表：分号、逗号、缺口", "Your own: semicolons, commas, gaps"): [
        OWN, SHOPS, "Umsatz (€)", 0, 0],
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
        yield chart(known, quantiles, season, ways), found, _table(ways, season, folds), saved
        for way in net.backtest(known.values, season, folds) if folds else ():
            ways.append(way)
            yield chart(known, quantiles, season, ways), found, _table(ways, season, folds), saved
    yield chart(known, quantiles, season, ways), found, _table(ways, season, folds, done=True), saved


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
    losses: list[tuple[float, float]] = []
    with models.use("lstm_forecast") as net:
        plain = net.forecast(known.values, season, horizon)
        ways = [next(net.backtest(known.values, season, folds))]
        before = chart(known, plain, season, ways)
        yield before, found, _table(ways, season, folds), _csv(known, plain), ""
        for state in net.tune(known.values, season, horizon, folds, seed, LIMIT):
            losses.append((state["loss"], state["held_loss"]))
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
    return picture, found, _table(ways, season, folds, done), saved, losses


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


def folds_of(series: Series, season: int) -> int:
    """How many of the last seasons can be hidden and still leave enough; 0 for none."""
    ahead, enough = max(season, 4), max(2 * season, 12) + max(season, 4)
    return int(min(MOST_FOLDS, max(0, (len(series.values) - enough + max(season, 4)) // ahead)))


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


def _table(ways: list[dict], season: int, folds: int, done: bool = False) -> str:
    """MASE and coverage of each way so far; the lowest MASE of all is marked once all are there."""
    if not folds:
        return f"<p>{both('序列太短，做不了回测', 'Too short for a back-test')}</p>"
    measured = [way["mase"] for way in ways if np.isfinite(way.get("mase", np.nan))]
    best = min(measured) if done and measured else None
    heads = (("方法", "way"), ("MASE", "MASE"), ("80 % 区间命中", "inside its 80 %"))
    head = "".join(f'<th scope="col">{both(*one)}</th>' for one in heads)
    rows = "".join(_row(way, best) for way in sorted(ways, key=lambda way: way.get("mase", np.inf)))
    told = both(
        f"藏起最后 {folds} 段（每段 {max(season, 4)} 步），各用之前的数据预测；"
        "MASE 是误差除以一个季节的平均变化，越小越好",
        f"The last {folds} x {max(season, 4)} steps are hidden, each part is forecast from what was before; MASE is "
        "the error in units of the mean change over a season, the lower the better",
    )
    table = f'<table class="answers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f"{table}<p>{told}</p>"


def _row(way: dict, best: float | None) -> str:
    name, colour = WAYS[way["name"]]
    dot = f'<span style="color:{colour} !important">●</span> {name}'
    if not np.isfinite(way.get("mase", np.nan)):
        told = both("在这个序列上算不出", "does not work on this series")
        return f"<tr><td>{dot}</td><td colspan='2'>{told}</td></tr>"
    first = way["mase"] == best
    mark = f" ★ {both('这里最好', 'best here')}" if first else ""
    mase = f"<b>{way['mase']:.3f}</b>{mark}" if first else f"{way['mase']:.3f}"
    return f"<tr><td>{dot}</td><td>{mase}</td><td>{way['coverage']:.0%}</td></tr>"


def _losses(losses: list[tuple[float, float]], state: dict) -> str:
    """Both losses as lines, and how far training is."""
    width, height = 320, 110
    top = max(max(pair) for pair in losses)
    low = min(min(pair) for pair in losses)
    lines = ""
    for place, colour in ((0, "#7c879888"), (1, WAYS["tuned"][1])):
        points = " ".join(
            f"{width * i / state['steps']:.1f},{height - height * (pair[place] - low) / max(top - low, 1e-9):.1f}"
            for i, pair in enumerate(losses)
        )
        lines += f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
    told = both(
        f"第 {state['step']} / {state['steps']} 步 · 训练损失 {losses[-1][0]:.3f}（灰）· 藏起的季节 "
        f"{losses[0][1]:.3f} → {losses[-1][1]:.3f} · 最多 {LIMIT} 秒",
        f"step {state['step']} of {state['steps']} · loss {losses[-1][0]:.3f} (grey) · on the hidden seasons "
        f"{losses[0][1]:.3f} → {losses[-1][1]:.3f} · at most {LIMIT} s",
    )
    picture = (
        f'<svg viewBox="-2 -4 {width + 4} {height + 8}" style="max-width:480px" role="img" aria-label="loss">'
    )
    return f"<div>{picture}{lines}</svg><p>{told}</p></div>"


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
            with gr.Column(visible=False) as own:
                text = gr.Textbox(
                    lines=6,
                    max_lines=10,
                    label=t(
                        "表格：一列日期，一列或几列数", "Table: dates and one or more columns of numbers"
                    ),
                    placeholder="date,sales\n2024-01,120\n2024-02,131",
                )
                upload = gr.UploadButton(
                    t("上传 CSV", "Upload a CSV"), file_types=[".csv", ".tsv", ".txt"], size="sm"
                )
            column = gr.Dropdown(
                [""], value="", visible=False, allow_custom_value=True,
                label=t("有几列数：预测哪一列？", "Several columns of numbers: which one?"))  # fmt: skip
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
            table = gr.HTML(min_height=120, label=t("回测", "Back-test"))
            saved = gr.Textbox(visible="hidden", label="CSV")
            save = gr.Button(t("下载预测 CSV", "Download the forecast as CSV"), size="sm")
    inputs = [series, text, column, season, horizon]
    with left:
        run_button(forecast, inputs=inputs, outputs=[plot, found, table, saved], examples=EXAMPLES,
                   label=t("预测", "Forecast"))  # fmt: skip
        with gr.Accordion(t("当场微调", "Fine-tune on the spot"), open=False):
            seed, losses = seed_box(), gr.HTML(min_height=60, label=t("损失", "Loss"))
            run_button(tune, inputs=[*inputs, seed], outputs=[plot, found, table, saved, losses], examples={},
                       api="forecast_tune", label=t("微调，至多 20 秒", "Fine-tune, at most 20 s"))  # fmt: skip
    quiet = {"queue": False, "api_visibility": "private", "show_progress": "hidden"}
    asks = [series, text, column]
    gr.on([series.change, text.blur], columns, asks, [column, own], **quiet)
    read = upload.upload(read_file, upload, text, **quiet)
    read.then(columns, asks, [column, own], **quiet)
    save.click(None, saved, None, js="(text) => text && hub.download('forecast.csv', text)",
               api_visibility="private")  # fmt: skip
    how_it_works(
        t(
            "先从序列里减去它的季节形状，再用一个季节里的平均变化作单位，所以同一个网络看得懂气温、航班和失业率。"
            "一个 LSTM 读过去，把记住的交给第二个 LSTM；它一步步走过未来，每一步给出五个分位数，区间就是这样来的。"
            "微调是在你的序列上再训练一份网络的副本，回测的季节始终藏着；表里谁的 MASE 最小就标谁，不管是不是我们的。",
            "The seasonal pattern is taken off a series and the rest told in units of its mean change over a season, "
            "so one net understands temperatures, flights and unemployment. One LSTM reads the past and hands what it "
            "remembers to a second, which walks through the future and gives five quantiles at each step. "
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
