"""Tables that visitors upload: CSV or TSV of any common encoding, read within limits, and one column of texts."""

import csv
import io
from pathlib import Path

from demos._run import InvalidInput

MAX_BYTES = 5_000_000
MAX_ROWS = 1000
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


def read_table(path: str | None) -> list[list[str]]:
    """File of a visitor -> rows of cells, the first MAX_ROWS and a header.

    Raises InvalidInput: no file, too large, not a text, or nothing in it.
    """
    if not path or not isinstance(path, str):
        raise InvalidInput("请先选一个 CSV 文件", "Choose a CSV file first")
    file = Path(path)
    if file.stat().st_size > MAX_BYTES:
        raise InvalidInput(
            f"文件太大，请用 {MAX_BYTES // 10**6} MB 以内的 CSV",
            f"Use a CSV file below {MAX_BYTES // 10**6} MB",
        )
    text = decoded(file.read_bytes())
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:20_000], ",;\t|")
    except csv.Error:  # one column, or sentences only
        dialect = csv.excel
    try:
        lines = csv.reader(io.StringIO(text, newline=""), dialect)
        rows = [
            row for row, _ in zip((row for row in lines if any(map(str.strip, row))), range(MAX_ROWS + 1))
        ]
    except csv.Error as cause:
        raise unreadable() from cause
    if not rows:
        raise InvalidInput("这个文件是空的", "This file is empty")
    return rows


def decoded(raw: bytes) -> str:
    """Bytes -> text. Raises InvalidInput for what is no text."""
    encodings = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030", "cp1252")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise unreadable()


def unreadable() -> InvalidInput:
    return InvalidInput(
        "读不了这个文件，请用 UTF-8 编码的 CSV", "This file cannot be read; use a CSV file in UTF-8"
    )


def columns_of(rows: list[list[str]]) -> list[str]:
    """The names of the columns, from the first row; nameless and repeated ones get their number."""
    names: list[str] = []
    for number, cell in enumerate(rows[0], 1):
        name = cell.strip()[:60] or str(number)
        names.append(f"{name} ({number})" if name in names else name)
    return names


def likeliest(rows: list[list[str]]) -> int:
    """The column with the longest cells: that is where people write."""
    width = len(rows[0])
    return max(range(width), key=lambda column: sum(map(len, texts_of(rows, column))))


def texts_of(rows: list[list[str]], column: int) -> list[str]:
    """The cells of a column below the header, each on one line; [] where there are only headers."""
    cells = [row[column] for row in rows[1:] if len(row) > column]
    return [text for cell in cells if (text := " ".join(cell.split()))]


def as_csv(header: tuple[str, ...], rows: list[tuple]) -> str:
    """Rows as CSV that spreadsheets open as UTF-8, and in which no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
