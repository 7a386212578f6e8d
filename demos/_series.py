"""Series of numbers over time: bundled ones, and tables that visitors paste or upload, as people have them."""

import csv
import functools
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from demos._dates import COUNTED, MOST_GAPS, Steps, even, read_dates
from demos._run import InvalidInput
from demos._text import choice, open_text
from demos._ui import ROOT

OWN = "own"
SERIES = {
    "co2": ("夏威夷的二氧化碳，ppm", "CO2 on Hawaii, ppm"),
    "sunspots": ("太阳黑子", "Sunspots"),
    "elnino": ("厄尔尼诺海面温度，°C", "El Niño sea surface, °C"),
    "electrical": ("欧元区电气设备营业额", "Electrical equipment, euro area"),
    "gdp": ("美国实际国内生产总值", "Real GDP of the USA"),
    "unemployment": ("美国失业率，%", "Unemployment in the USA, %"),
    "construction": ("美国建筑业失业人数，千", "Unemployed in US construction, 1000"),
    "flights": ("纽约每天起飞的航班", "Flights that leave New York"),
    "temperature": ("纽约机场气温，°C", "Temperature at JFK airport, °C"),
    OWN: ("自己的数据", "Your own"),
}
MOST_LETTERS, MOST_ROWS, FEWEST = 1_500_000, 20_000, 12
MOST_SEASON = 168
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "--", "–", "—", ".", "..", "?", "缺失", "#n/a"}
TIMES = {"k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9, "万": 1e4, "亿": 1e8}  # 10k is ten thousand
MONEY = re.compile(r"[$€£¥￥₹元]|\b(?:usd|eur|gbp|cny|rmb)\b|%")


@dataclass(frozen=True)
class Series:
    """values: float64, evenly spaced, NaN in gaps; notes: what was done to them, in both languages."""

    name: str
    values: np.ndarray
    steps: Steps
    notes: list[tuple[str, str]] = field(default_factory=list)


def open_series(name: str, text: str | None, column: str | None) -> Series:
    """The series of a choice. Raises InvalidInput: no such series, or the visitor's own cannot be read."""
    choice(name, tuple(SERIES), "请选一个序列", "Choose a series")
    return read_series(text, column) if name == OWN else bundled(name)


@functools.cache
def bundled(name: str) -> Series:
    """A series that the model room brings."""
    return read_series((ROOT / "models" / "lstm_forecast" / "series" / f"{name}.csv").read_text(), None)


def read_series(text: str | None, column: str | None) -> Series:
    """A table as text, any delimiter -> one column of it on even steps.

    Raises InvalidInput: which column is meant, too long, too short, constant, irregular, or no numbers.
    """
    table = read_table(text)
    names = list(table.numbers)
    wanted = " ".join((column or "").split()) if isinstance(column or "", str) else "?"
    if not wanted and len(names) > 1:
        raise InvalidInput(
            f"有几列数，请选一列：{'、'.join(names[:12])}",
            f"Several columns hold numbers; choose one: {', '.join(names[:12])}",
        )
    name = choice(
        wanted or names[0],
        names,
        f"请选一列：{'、'.join(names[:12])}",
        f"Choose one of: {', '.join(names[:12])}",
    )
    values, notes = table.numbers[name], []
    if table.dates is None:
        steps = Steps("")
    else:
        read = table.dates.notna().to_numpy()
        if not read.all():
            count = int((~read).sum())
            notes.append(
                (f"{count} 行的日期读不出，已略去", f"{count} rows without a readable date were left out")
            )
        steps, values, doubled = even(table.dates[read], values[read])
        if doubled:
            notes.append((f"{doubled} 个重复的日期取了平均", f"{doubled} repeated dates were averaged"))
    begin = int(np.argmin(np.isnan(values)))  # gaps at the beginning are cut off
    return Series(name, _checked(values), steps.later(begin), notes)


def _checked(values: np.ndarray) -> np.ndarray:
    """Without gaps at either end. Raises InvalidInput: too few, too many gaps, constant, or too large to add up."""
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < FEWEST:
        raise InvalidInput(
            f"太短了：至少要 {FEWEST} 个数，这里有 {len(known)} 个",
            f"Too short: it takes at least {FEWEST} numbers, here are {len(known)}",
        )
    values = values[known[0] : known[-1] + 1]
    if np.isnan(values).mean() > MOST_GAPS:
        raise InvalidInput("超过四成是缺口，填不了", "More than 40 % are gaps, which is too much to fill")
    spread = np.nanmax(values) - np.nanmin(values)
    if spread == 0:
        same = f"{values[0]:g}"
        raise InvalidInput(
            f"所有的数都是 {same}，没有可预测的变化",
            f"All numbers are {same}; there is no change to forecast",
        )
    if not spread < 1e15 or np.nanmax(np.abs(values)) > 1e9 * spread:
        raise InvalidInput("数太大，或相差太小", "The numbers are too large, or differ too little")
    return values


@dataclass(frozen=True)
class Table:
    """numbers: name of each column that holds numbers -> float64, NaN for missing; dates: of the rows, or None."""

    numbers: dict[str, np.ndarray]
    dates: pd.Series | None


def read_table(text: str | None) -> Table:
    """Text as people have it: any of , ; tab | ^ ~ : or spaces between cells, a header or none. Raises InvalidInput."""
    rows = _rows(open_text(text, MOST_LETTERS))
    header = _header(rows)
    body = rows[1:] if header else rows
    if len(body) > MOST_ROWS:
        raise InvalidInput(f"最多 {MOST_ROWS:,} 行", f"At most {MOST_ROWS:,} rows")
    columns = [[row[place] if place < len(row) else "" for row in body] for place in range(len(rows[0]))]
    names = _names(header, len(columns))
    dates, used = _dates(names, columns)
    rest = [place for place in range(len(columns)) if place not in used]
    comma = any(_decimal_mark([_stripped(cell) for cell in columns[place]]) == "," for place in rest)
    numbers = {}
    for name, cells in ((names[place], columns[place]) for place in rest):
        read = read_numbers(cells, comma)
        if read is not None:
            numbers[name] = read
    if not numbers:
        raise InvalidInput(
            "没有找到数：请给一列日期和一列数", "No numbers found: give a column of dates and one of numbers"
        )
    return Table(numbers, dates)


def _rows(text: str) -> list[list[str]]:
    """Lines as cells, all equally many; comments and titles above the table are left out."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith("#")]
    best, most = [[line.strip()] for line in lines], 1
    for mark in ("\t", ";", "|", "^", "~", ",", " ", ":"):  # a colon last: times have it too
        try:
            cut = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark, skipinitialspace=True))
        except csv.Error:  # a quote that never ends, or a huge cell
            continue
        width, times = Counter(map(len, cut)).most_common(1)[0]
        if width > most and times >= 0.8 * len(cut):
            best, most = cut, width
            break
    kept = [[cell.strip() for cell in row[:most]] for row in best if len(row) >= min(most, 2)]
    if len(kept) == 1 and len(kept[0]) >= FEWEST:  # one line of numbers
        return [[cell] for cell in kept[0]]
    if not kept:
        raise InvalidInput("读不了这个表格", "This table cannot be read")
    return kept


def _header(rows: list[list[str]]) -> list[str] | None:
    """The first row where it holds a word, and the rows below numbers."""
    first = rows[0]
    words = [cell for cell in first if cell.lower() not in MISSING and _number(cell, ".") is None]
    dates = [cell for cell in words if read_dates([cell, cell]) is not None]
    return first if len(words) > len(dates) else None


def _names(header: list[str] | None, count: int) -> list[str]:
    names: list[str] = []
    for place in range(count):
        name = " ".join(header[place].split())[:60] if header and place < len(header) else ""
        name = name or str(place + 1)
        names.append(f"{name} ({place + 1})" if name in names else name)
    return names


def _dates(names: list[str], columns: list[list[str]]) -> tuple[pd.Series | None, set[int]]:
    """-> dates of the rows and which columns told them: year and month (or quarter, day), or one column."""
    known = {name.lower(): place for place, name in enumerate(names)}
    parts = [known[name] for pair in (("year", "年", "年份"), ("month", "月", "月份", "quarter"), ("day", "日"))
             for name in pair if name in known]  # fmt: skip
    told = set(parts)
    if "month" in known and "quarter" in known:
        parts.remove(known["quarter"])
    if len(parts) > 1:
        quarters = "q" if "quarter" in known and known["quarter"] in parts else ""
        joined = ["-".join([row[0], quarters + row[1].lower().lstrip("q"), *row[2:]])
                  for row in zip(*(columns[place] for place in parts))]  # fmt: skip
        dates = read_dates([re.sub(r"\.0\b", "", one) for one in joined])
        if dates is not None:
            return dates, told
    for place, cells in enumerate(columns):
        plain = [cell for cell in cells if cell.lower() not in MISSING]
        is_number = read_numbers(cells) is not None
        if is_number and (len(columns) == 1 or not _like_dates(plain, names[place], place)):
            continue
        dates = read_dates(["" if cell.lower() in MISSING else cell for cell in cells])
        if dates is not None:
            return dates, {place}
    return None, set()


def _like_dates(cells: list[str], name: str, place: int) -> bool:
    """Whether plain numbers are years, months as 202405 or days as 20240517: rising, in a column to the left.

    Counted seconds or days are dates only in a column whose name says so.
    """
    named = re.search(r"date|time|year|month|day|日期|时间|年|月", name.lower()) is not None
    written = r"\d{4}|\d{6}|\d{8}|\d{1,2}\.\d{4}"
    forms = "|".join([written, *COUNTED]) if named else written
    if not (named or place == 0) or not all(re.fullmatch(forms, one) for one in cells):
        return False
    values = [float(one) for one in cells]
    return len(set(values)) == len(values) and (values == sorted(values) or values == sorted(values)[::-1])


def read_numbers(cells: list[str], comma: bool = False) -> np.ndarray | None:
    """Cells -> numbers, NaN for missing ones; None where most are no numbers.

    Thousands may be parted by , . ' or spaces; whether a comma is a decimal one, the column as a whole tells.
    comma: another column has decimal commas, so 1.204 is a thousand and more.
    """
    plain = [_stripped(cell) for cell in cells]
    there = [cell for cell in plain if cell not in MISSING]
    if not there:
        return None
    mark = _decimal_mark(there)
    if comma and all(re.fullmatch(r"[-+]?(0|[1-9]\d{0,2}(\.\d{3})*)", cell) for cell in there):
        mark = ","
    read = [None if cell in MISSING else _number(cell, mark) for cell in plain]
    if sum(value is not None for value in read) < 0.8 * len(there):
        return None
    return np.array([np.nan if value is None else value for value in read])


def _stripped(cell: str) -> str:
    cell = unicodedata.normalize("NFKC", cell).strip().lower().replace("\u2212", "-")
    cell = MONEY.sub("", cell)
    if re.fullmatch(r"\(.*\)", cell):  # how accountants write what is below zero
        cell = "-" + cell[1:-1]
    return re.sub(r"(?<=\d)[\s'’_](?=\d{3})", "", cell.strip())


def _decimal_mark(cells: list[str]) -> str:
    both = [cell for cell in cells if "," in cell and "." in cell]
    if both:
        return "," if both[0].rfind(",") > both[0].rfind(".") else "."
    if any(cell.count(".") > 1 for cell in cells):
        return ","
    commas = [cell for cell in cells if "," in cell]
    thousands = all(re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", cell) for cell in commas)
    return "," if commas and not thousands else "."


def _number(cell: str, mark: str) -> float | None:
    cell, comma = _stripped(cell), "." if mark == "," else ","
    whole = cell.split(mark)[0]
    if comma in cell and not re.fullmatch(rf"[-+]?\d{{1,3}}(\{comma}\d{{2,3}})*\{comma}\d{{3}}", whole):
        return None  # 01.02.2024 is a date; 1,00,000 is a number in India
    plain = cell.replace(comma, "").replace(mark, ".")
    found = re.fullmatch(rf"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{{1,2}})?) ?({'|'.join(TIMES)})?", plain)
    return float(found[1]) * TIMES.get(found[2], 1) if found else None


def find_season(series: Series) -> tuple[int, float]:
    """-> steps of one season, 1 for none, and how much alike two seasons are, range (-1, 1).

    The calendar tells it (a week of days, a year of months); else it is where the series is most like itself.
    """
    values, count = series.values, len(series.values)
    usual = {"quarter": 4, "month": 12, "week": 52, "weekday": 5, "day": 7, "hour": 24}.get(
        series.steps.kind, 0
    )
    seconds = series.steps.seconds
    if not usual and seconds and series.steps.kind == "":
        usual = next((unit // seconds for unit in (86_400, 3600) if 2 <= unit / seconds <= MOST_SEASON), 0)
    if usual and count >= 2 * usual + 4:
        alike = likeness(values, usual)
        week = 7 * usual
        if series.steps.kind == "hour" and count >= 4 * week and likeness(values, week) > alike + 0.1:
            return week, likeness(values, week)
        return usual, alike
    lags = range(2, min(60, count // 2 - 2) + 1)
    found = [likeness(values, lag) for lag in lags]
    peaks = [(alike, lag) for before, alike, after, lag in zip([-1.0, *found], found, [*found[1:], -1.0], lags)
             if alike > 0.4 and alike >= before and alike > after]  # fmt: skip
    if not peaks:
        return 1, 0.0
    highest = max(peaks)[0]
    alike, lag = next(peak for peak in peaks if peak[0] > highest - 0.1)  # not its double
    return lag, alike


def likeness(values: np.ndarray, lag: int) -> float:
    """Correlation of a series without its slow changes with itself so many steps before; gaps left out."""
    smooth = pd.Series(values).rolling(2 * lag + 1, center=True, min_periods=lag).mean().to_numpy()
    free = values - smooth
    both = ~np.isnan(free[lag:]) & ~np.isnan(free[:-lag])
    now, then = free[lag:][both], free[:-lag][both]
    if len(now) < 4 or now.std() < 1e-12 or then.std() < 1e-12:
        return 0.0
    return float(np.corrcoef(now, then)[0, 1])


def value_columns(text: str | None) -> list[str]:
    """The columns of a table that hold numbers; [] where it cannot be read."""
    try:
        return list(read_table(text).numbers)
    except InvalidInput:
        return []
