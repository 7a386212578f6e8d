"""The forecast tab: tables as people have them, clear about those it cannot use, honest about who is best."""

import datetime
import json
import re

import numpy as np
import pytest

from demos._backtest import table as table_of
from demos._chart import chart
from demos._run import InvalidInput
from demos._series import SERIES, bundled, find_season, read_series, value_columns
from demos.forecast import EXAMPLES, OWN, SHOP, asked, folds_of, forecast, tune

MONTHS = [(2022 + step // 12, step % 12 + 1) for step in range(30)]
DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(step) for step in range(40)]

WRITTEN = [  # months as they are written in other languages
    ("3. {} {}", "2022-01-01",
     "Jänner Februar März April Mai Juni Juli August September Oktober November Dezember"),
    ("1 {} {}", "2022-01-01",
     "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    ("15 de {} de {}", "2022-01-01",
     "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    ("{} {}", "2022-01-01", "January February March April May June July August September October November December"),
    ("{} {}", "2022-01-01", "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec"),
]  # fmt: skip


def table(head: str, rows: list[str]) -> str:
    return "\n".join([head, *rows])


def last(run: object) -> tuple:
    *_, end = run  # type: ignore[misc]
    return end


@pytest.mark.parametrize(
    ("text", "often", "first", "count"),
    [
        (table("date,v", [f"{y}-{m:02},{m}" for y, m in MONTHS]), "monthly", "2022-01-01", 30),
        (table("date,v", [f'{m}/1/{y},"{m * 1000:,}.50"' for y, m in MONTHS]), "monthly", "2022-01-01", 30),
        (table("date;v", [f"1.{m}.{y};{m},5" for y, m in MONTHS]), "monthly", "2022-01-01", 30),
        (table("日期,值", [f"{y}年{m}月,{m}" for y, m in MONTHS]), "monthly", "2022-01-01", 30),
        (table("d\tv", [f"{d:%b} {d.day}, {d:%Y}\t{d.day}" for d in DAYS]), "daily", "2024-01-01", 40),
        (table("d,v", [f"{d:%d/%m/%Y},{d.day}" for d in DAYS]), "daily", "2024-01-01", 40),
        (table("d,v", [f"{d:%m/%d/%Y},{d.day}" for d in DAYS]), "daily", "2024-01-01", 40),
        (table("d|v", [f"{d:%Y%m%d}|{d.day}" for d in DAYS if d.weekday() < 5]), "on weekdays", "2024-01-01", 30),
        (table("q,v", [f"Q{i % 4 + 1} {2000 + i // 4},{i % 5}" for i in range(24)]), "quarterly", "2000-01-01", 24),
        (table("year,v", [f"{1980 + i},{i % 11}" for i in range(44)]), "yearly", "1980-01-01", 44),
        (table("year,month,v", [f"{y},{m},{m}" for y, m in MONTHS]), "monthly", "2022-01-01", 30),
        (table("week,v", [f"2023-W{i + 1:02},{i % 4}" for i in range(50)]), "weekly", "2023-01-04", 50),
        (table("t,v", [f"2024-01-01T{i // 6:02}:{i % 6 * 10:02}Z,{i % 6}" for i in range(60)]),
         "every 10 minutes", "2024-01-01 00:00", 60),
        ("\n".join(str(m) for _, m in MONTHS), "no dates", "1", 30),
        (table("timestamp,v", [f"{1_700_000_000 + 3600 * i},{i % 24}" for i in range(60)]),
         "hourly", "2023-11-14 22:13", 60),
        (table("time~v", [f"{1_700_006_400_000 + 86_400_000 * i}~{i % 7}" for i in range(60)]),
         "daily", "2023-11-15", 60),
        ("\n".join(f"{y}-{m:02}:{m}k" for y, m in MONTHS), "monthly", "2022-01-01", 30),
        *(
            (table("d;v", [f"{one.format(names.split()[m - 1], y)};{m},5" for y, m in MONTHS]), "monthly", first, 30)
            for one, first, names in WRITTEN
        ),
        (table("month,v", [f"{y}-{m:02},{m if (y, m) > (2022, 5) else ''}" for y, m in MONTHS]),
         "monthly", "2022-06-01", 25),
        (table("year,v", [f"{1610 + i},{i % 11}" for i in range(400)]), "yearly", "1610-01-01", 400),
        (table("year,v", [f"{1700 + 10 * i},{i % 7}" for i in range(32)]), "every 3652 days", "1700-01-01", 32),
        ("\n".join(str(1700 + 13 * i + i % 3) for i in range(30)), "no dates", "1", 30),
        (table("year,quarter,month,v", [f"{y},{(m + 2) // 3},{m},{m}" for y, m in MONTHS]),
         "monthly", "2022-01-01", 30),
        (table("Date^v", [f"{45_000 + i}^{i % 7}" for i in range(40)]), "daily", "2023-03-15", 40),
    ],
)  # fmt: skip
def test_a_table_is_read_as_it_is(text: str, often: str, first: str, count: int) -> None:
    series = read_series(text, None)
    assert series.steps.told()[1] == often
    assert series.steps.label(0) == first
    assert len(series.values) == count


def test_gaps_commas_and_thousands_are_understood() -> None:
    series = read_series(SHOP, "Umsatz (€)")
    assert series.values[0] == 12480.5
    assert np.flatnonzero(np.isnan(series.values)).tolist() == [7, 18]
    assert find_season(series)[0] == 12


def test_dates_that_are_not_there_are_gaps() -> None:
    rows = [f"{day},{day.day % 7}" for day in DAYS if day.day != 8]
    series = read_series(table("d,v", rows), None)
    assert len(series.values) == 40
    assert np.isnan(series.values).sum() == 2


def test_of_several_columns_one_is_asked_for() -> None:
    assert value_columns(SHOP) == ["Umsatz (€)", "Kunden"]
    with pytest.raises(InvalidInput, match=r"choose one: Umsatz \(€\), Kunden"):
        read_series(SHOP, "")
    assert read_series(SHOP, "Kunden").values[0] == 1204


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1\n2\n3", "at least 12"),
        ("5\n" * 30, "All numbers are 5"),
        (table("d,v", [f"{day},nan" for day in DAYS]), "No numbers"),
        ("hello world", "No numbers"),
        ("a,b\nx,y", "No numbers"),
        (table("d,v", ["2024-01-01,3"] * 20), "one date only"),
        (table("d,v", [f"20{i:02}-0{1 + i % 9}-{1 + i * 7 % 28:02},{i}" for i in range(20)]), "even steps"),
        (table("d,v", [f"{day},{i}" for i, day in enumerate(DAYS + DAYS)]), "more than once"),
        (table("v", ["1e90", "2"] * 20), "too large"),
        (table("d,v", [f"{day},{i if i % 3 == 0 else ''}" for i, day in enumerate(DAYS)]), "gaps"),
        ("7\n8\n" * 11_000, "At most 20,000 rows"),
        ('"' * 99, "numbers"),
    ],
)
def test_what_cannot_be_forecast_gets_its_own_sentence(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as cause:
        read_series(text, None)
    assert re.search("[\u4e00-\u9fff]", cause.value.zh)


@pytest.mark.parametrize(
    ("season", "horizon"), [(-1, 0), (500, 0), (12, 999), (float("nan"), 0), (None, 0), (150, 0)]
)
def test_seasons_and_steps_out_of_reach_are_refused(season: float, horizon: float) -> None:
    with pytest.raises(InvalidInput):
        asked("construction", "", "", season, horizon)


def test_bundled_series_show_their_season() -> None:
    found = {name: find_season(bundled(name))[0] for name in SERIES if name != OWN}
    assert found["co2"] == 52
    assert found["temperature"] == 24
    assert found["flights"] == 7
    assert found["sunspots"] in (10, 11)


def test_the_forecast_comes_first_and_the_back_test_grows() -> None:
    steps = list(forecast("electrical", "", "", 0, 0))
    assert 'class="number"' not in steps[0][2]
    assert [step[2].count("<tr>") for step in steps] == [1, 2, 3, 4, 5, 5]
    assert steps[-1][2].count("★") == 1
    mases = [float(one) for one in re.findall(r"<td>(?:<b>)?(\d+\.\d{3})", steps[-1][2])]
    assert mases == sorted(mases)
    rows = steps[0][3].strip().splitlines()
    assert rows[0] == "\ufeffdate,10%,25%,50%,75%,90%"
    assert rows[1].startswith("2016-06-01,")
    assert len(rows) == 13


def test_christmas_fails_as_said() -> None:
    values = next(values for (_, english), values in EXAMPLES.items() if english.startswith("Fails"))
    cells = re.findall(r"●</span> (.*?)</td><td>(?:<b>)?([\d.]+)", last(forecast(*values))[2])
    assert cells[0][0] != "LSTM"


def test_a_short_series_is_forecast_without_a_back_test() -> None:
    series, season, _, _ = asked(OWN, "1 2 3 1 2 3 1 2 3 1 2 4", "", 6, 6)
    assert folds_of(series, season) == 0
    assert "Too short" in last(forecast(OWN, "1 2 3 1 2 3 1 2 3 1 2 4", "", 6, 6))[2]
    with pytest.raises(InvalidInput, match="Too short to fine-tune"):
        last(tune(OWN, "1 2 3 1 2 3 1 2 3 1 2 4", "", 6, 6, 0))


def test_a_series_that_repeats_exactly_is_told_so() -> None:
    ways = [{"name": "lstm", "mase": float("nan"), "quantiles": np.zeros((7, 3))}, {"name": "ets"}]
    told = table_of(ways, 7, 1, done=True)
    assert told.count("MASE has no unit") == 1
    assert told.count("does not work") == 1


def test_fine_tuning_shows_its_loss_and_repeats_itself() -> None:
    first, again = (last(tune(OWN, SHOP * 1, "Kunden", 4, 0, 7)) for _ in range(2))
    assert "LSTM, fine-tuned" in first[2]
    assert "<polyline" in first[4]
    assert first[3] == again[3]


def test_what_a_visitor_writes_is_shown_as_text() -> None:
    rows = [f"{y}-{m:02},{m}" for y, m in MONTHS]
    end = last(forecast(OWN, table("date,<script>alert(1)</script>", rows), "", 0, 0))
    assert "<script" not in "".join(end[1:])
    assert "&lt;script&gt;" in end[1]


def test_the_chart_is_plain_json_that_begins_where_the_series_ends() -> None:
    series = bundled("gdp")
    told = json.loads(chart(series, np.tile(series.values[-1] + np.arange(5.0), (4, 1)), 4, []).plot)
    line = next(trace for trace in told["data"] if "forecast" in trace["name"])
    assert line["x"] == ["2009-07-01", "2009-10-01", "2010-01-01", "2010-04-01", "2010-07-01"]
    assert line["y"][0] == pytest.approx(12990.3)
