"""Dates as people write them, how far apart they are, and the even steps that they stand on."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from demos._run import InvalidInput

DAY = 86_400  # seconds
MOST_GAPS = 0.4  # share of steps without a value
MOST_ASTRAY = 0.12  # of a step that dates may be away from even steps in the mean
ENOUGH = 0.9  # share of cells that a way to write dates must read
DATES = (
    *("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%Y%m%d", "%Y-%m", "%m-%Y", "%Y%m", "%Y"),
    *("%b-%Y", "%b-%y", "%Y-%b", "%d-%b-%Y", "%d-%b-%y", "%b-%d-%Y"),
)
MONTHS = {  # in English, German, French and Spanish
    "jan": "january januar jänner janvier enero ene",
    "feb": "february februar février fevrier fév febrero",
    "mar": "march märz maerz mär mars marzo",
    "apr": "april avril avr abril abr",
    "may": "mai mayo",
    "jun": "june juni juin junio",
    "jul": "july juli juillet juil julio",
    "aug": "august août aout agosto ago",
    "sep": "september sept septembre septiembre",
    "oct": "october oktober okt octobre octubre",
    "nov": "november novembre noviembre",
    "dec": "december dezember dez décembre decembre déc diciembre dic",
}
WORDS = {name: month for month, names in MONTHS.items() for name in names.split()} | {"de": ""}
TIME = re.compile(r"(?:^|[ t])(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)? ?([ap]m)?(?:z|[+-]\d\d:?\d\d| ?utc)?$")
QUARTER = re.compile(r"(?:(\d{4})[-]?q([1-4])|q([1-4])[-]?(\d{4})|([1-4])q-?(\d{4}))$")
COUNTED = {
    r"1\d{9}": ("s", "1970-01-01"),
    r"1\d{12}": ("ms", "1970-01-01"),
    r"[2-6]\d{4}": ("D", "1899-12-30"),
}
WEEK = re.compile(r"(\d{4})-?w(\d\d?)$")
CALENDAR = {"year": 12, "quarter": 3, "month": 1}  # months of a step
NAMES = {
    "year": ("每年", "yearly"),
    "quarter": ("每季", "quarterly"),
    "month": ("每月", "monthly"),
    "week": ("每周", "weekly"),
    "weekday": ("每个工作日", "on weekdays"),
    "day": ("每天", "daily"),
    "hour": ("每小时", "hourly"),
}
SECONDS = {"week": 7 * DAY, "day": DAY, "hour": 3600}


@dataclass(frozen=True)
class Steps:
    """Even steps in time. kind: a key of NAMES; "" for so many seconds, or, where seconds is 0, plain numbers."""

    kind: str
    first: pd.Timestamp | None = None
    seconds: int = 0

    def told(self) -> tuple[str, str]:
        """How often, in both languages."""
        if self.kind:
            return NAMES[self.kind]
        if not self.seconds:
            return "没有日期", "no dates"
        if self.seconds % 60 or self.seconds < 60:
            return f"每 {self.seconds:,} 秒", f"every {self.seconds:,} s"
        minutes = self.seconds // 60
        if self.seconds % DAY == 0:
            return f"每 {self.seconds // DAY} 天", f"every {self.seconds // DAY} days"
        if minutes % 60 == 0:
            return f"每 {minutes // 60} 小时", f"every {minutes // 60} hours"
        return f"每 {minutes} 分钟", f"every {minutes} minutes"

    def label(self, step: int) -> str:
        """When a step is: a date as ISO writes it, or its number from 1."""
        if self.first is None:
            return str(step + 1)
        if self.kind in CALENDAR:
            months = self.first.year * 12 + self.first.month - 1 + step * CALENDAR[self.kind]
            return f"{months // 12:04}-{months % 12 + 1:02}-01"
        if self.kind == "weekday":
            return str(np.busday_offset(self.first.date(), step, roll="forward"))
        when = pd.Timestamp(
            self.first.to_datetime64().astype("datetime64[s]") + np.timedelta64(self.seconds * step, "s")
        )
        clock = "" if self.seconds % DAY == 0 else " %H:%M" if self.seconds % 60 == 0 else " %H:%M:%S"
        return when.strftime("%Y-%m-%d" + clock)

    def later(self, step: int) -> "Steps":
        """The same steps, beginning with that one."""
        return self if self.first is None else replace(self, first=pd.Timestamp(self.label(step)))


def read_dates(cells: list[str]) -> pd.Series | None:
    """Cells -> timestamps, NaT for what cannot be read; None where they are no dates.

    Where day and month could change places, the reading with the more even steps is taken.
    """
    plain = pd.Series([_plain(cell) for cell in cells], dtype="str")
    written = int((plain != "").sum())
    if written < 2:
        return None
    times = plain.map(_time).astype("timedelta64[us]")  # in nanoseconds the year 1677 would be the first
    days = plain.map(lambda cell: TIME.sub("", cell).strip(" -"))
    best: tuple[float, pd.Series] | None = None
    for read in (_named, *[_counted(form) for form in COUNTED], *[_reader(form) for form in DATES]):
        found = read(days) + times
        if found.notna().sum() < ENOUGH * written:
            continue
        even = _evenness(found)
        if best is None or even > best[0] + 0.02:
            best = (even, found)
    return best[1] if best else None


def _plain(cell: str) -> str:
    """2024年5月3日, 3. 5. 2024, 3. Mai 2024 or May 3, 2024 -> parts with one dash between."""
    cell = re.sub(r"(\d)\s*[年月]\s*(?=\d)", r"\1-", cell.strip().lower())
    cell = re.sub(r"[年月日号]", " ", cell).strip()
    time = TIME.search(cell)
    day = cell[: time.start()] if time else cell
    day = re.sub(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*[ ,.]+", "", day)
    day = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", day)
    day = re.sub(r"[^\W\d_]+", lambda word: WORDS.get(word[0], word[0]), day)
    day = re.sub(r"[\s/.,-]+", "-", day.strip()).strip("-")
    return f"{day} {cell[time.start() :].strip(' t')}" if time else day


def _time(cell: str) -> pd.Timedelta:
    found = TIME.search(cell)
    if not found:
        return pd.Timedelta(0)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    if found[4]:
        hours = hours % 12 + 12 * (found[4] == "pm")
    return pd.Timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _reader(form: str):
    digits = {"%Y%m%d": r"\d{8}", "%Y%m": r"\d{6}", "%Y": r"(1[5-9]|20|21)\d\d"}.get(form)

    def read(days: pd.Series) -> pd.Series:
        fit = days.where(days.str.fullmatch(digits)) if digits else days
        return pd.to_datetime(fit, format=form, errors="coerce").astype("datetime64[us]")

    return read


def _counted(digits: str):
    """Seconds or milliseconds since 1970, as computers count, or days since 1900, as spreadsheets do."""
    unit, start = COUNTED[digits]

    def read(days: pd.Series) -> pd.Series:
        fit = pd.to_numeric(days.where(days.str.fullmatch(digits)))
        return pd.to_datetime(fit, unit=unit, origin=start).astype("datetime64[us]")

    return read


def _named(days: pd.Series) -> pd.Series:
    """Quarters and ISO weeks."""

    def one(cell: str) -> pd.Timestamp:
        quarter, week = QUARTER.match(cell), WEEK.match(cell)
        if quarter:
            year, number = quarter[1] or quarter[4] or quarter[6], quarter[2] or quarter[3] or quarter[5]
            return pd.Timestamp(int(year), 3 * int(number) - 2, 1)
        if week and 1 <= int(week[2]) <= 53:
            return pd.Timestamp(int(week[1]), 1, 4) + pd.Timedelta(weeks=int(week[2]) - 1)
        return pd.NaT

    return pd.Series([one(cell) for cell in days], dtype="datetime64[us]")


def _evenness(dates: pd.Series) -> float:
    """Share of steps that are as long as the usual one, within a fifth."""
    apart = np.diff(np.sort(dates.dropna().to_numpy().astype("datetime64[s]").astype(np.int64)))
    apart = apart[apart > 0]
    return float((np.abs(apart / np.median(apart) - 1) < 0.2).mean()) if len(apart) else 0.0


def even(dates: pd.Series, values: np.ndarray) -> tuple[Steps, np.ndarray, int]:
    """Dates (no NaT) and values (NaN: missing) -> steps, a value for each, NaN in gaps, and how many were averaged.

    Raises InvalidInput: one date only, many values for one date, or no even steps.
    """
    order = np.argsort(dates.to_numpy(), kind="stable")
    dates, values = dates.iloc[order].reset_index(drop=True), values[order]
    steps = _steps(dates)
    places, astray = _places(dates, steps)
    count = int(places[-1]) + 1
    doubled = len(places) - len(np.unique(places))
    if doubled > 0.2 * len(places):
        raise InvalidInput(
            "很多日期出现了不止一次，请只留一个序列",
            "Many dates occur more than once; keep one series only",
        )
    if count > len(places) / (1 - MOST_GAPS) or astray > MOST_ASTRAY:
        raise InvalidInput(
            "日期之间的间隔太不规则，或缺口超过四成；请先整理成每小时、每天、每周、每月或每年",
            "The dates are too far from even steps, or more than 40 % are missing; bring them to hours, days, weeks, "
            "months or years first",
        )
    known = ~np.isnan(values)
    sums = np.bincount(places[known], values[known], count)
    number = np.bincount(places[known], minlength=count)
    return steps, np.where(number > 0, sums / np.maximum(number, 1), np.nan), doubled


def _steps(dates: pd.Series) -> Steps:
    apart = np.diff(dates.to_numpy().astype("datetime64[s]").astype(np.int64))
    apart = apart[apart > 0]
    if not len(apart):
        raise InvalidInput("只有一个日期", "There is one date only")
    usual, first = float(np.median(apart)), dates.iloc[0]
    for kind, low, high in (("year", 350, 380), ("quarter", 85, 95), ("month", 27, 32)):
        if low * DAY <= usual <= high * DAY:
            return Steps(kind, first)
    if usual == DAY and len(dates) >= 10 and (dates.dt.day_of_week < 5).all():
        return Steps("weekday", first)
    kind = next((kind for kind, seconds in SECONDS.items() if seconds == usual), "")
    return Steps(kind, first, max(1, round(usual)))


def _places(dates: pd.Series, steps: Steps) -> tuple[np.ndarray, float]:
    """-> the step of each date, and how far dates are from their steps in the mean, 0..0.5 of a step."""
    if steps.kind in CALENDAR:
        months = dates.dt.year * 12 + dates.dt.month
        return ((months - months.iloc[0]) // CALENDAR[steps.kind]).to_numpy(), 0.0
    if steps.kind == "weekday":
        days = dates.to_numpy().astype("datetime64[D]")
        return np.busday_count(days[0], days), 0.0
    apart = (dates - dates.iloc[0]).dt.total_seconds() / steps.seconds
    apart = apart.to_numpy()
    return np.round(apart).astype(int), float(np.abs(apart - np.round(apart)).mean())
