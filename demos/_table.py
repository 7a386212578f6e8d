"""Tables that visitors upload: CSV or TSV of any common encoding, read within limits, and one column of texts."""

import csv
import io
import re
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from demos._run import InvalidInput

MAX_BYTES = 5_000_000
SAMPLE = 100_000  # bytes that an encoding is told by
QUOTED = re.compile(r'(?m)(?:^|[,;\t|])"[^"\n]')  # a cell, not a word within a sentence
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


def read_table(path: str | None) -> list[list[str]]:
    """File of a visitor -> rows of cells, a header first. A list of sentences is one column.

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
    plain = file.suffix.lower() == ".txt"
    try:
        rows = _cells(text, "\t" if plain else ",;\t|") or _lines(text, plain)
    except csv.Error as cause:
        raise unreadable() from cause
    if not any(map(any, rows)):
        raise InvalidInput("这个文件是空的", "This file is empty")
    return rows


def _cells(text: str, separators: str) -> list[list[str]]:
    """The rows of a table; [] for a list of sentences, whose commas separate nothing and differ from line to line."""
    try:
        dialect = csv.Sniffer().sniff(text[:20_000], separators)
    except csv.Error:
        return []
    rows = _rows(text, dialect=dialect)
    return rows if QUOTED.search(text) or len(set(map(len, rows))) == 1 else []


def _lines(text: str, plain: bool) -> list[list[str]]:
    """Rows of one cell: the lines below a header, which is empty unless the first line is a word.

    plain: a mark of quotation is one, else a cell within two of them may hold several lines.
    """
    # decoded() leaves no NUL that could separate cells
    rows = _rows(text, delimiter="\0", quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL)
    return rows if rows and re.fullmatch(r"\w+", rows[0][0].strip()) else [[""], *rows]


def _rows(text: str, **form: Any) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), **form) if any(map(str.strip, row))]


def decoded(raw: bytes) -> str:
    """Bytes -> text. Raises InvalidInput for what is no text."""
    sample = raw[:SAMPLE]
    likely = from_bytes(
        sample[: sample.rfind(b"\n") + 1] or sample, cp_isolation=["gb18030", "cp1252"]
    ).best()
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", likely.encoding if likely else "ascii"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise unreadable()


def read_text(path: str, most: int) -> str:
    """An uploaded table or list as text; what is beyond so many characters is cut, which the run then tells."""
    try:
        return decoded(Path(path).read_bytes())[: most + 1]
    except InvalidInput:
        return "\ufffd"  # neither a table nor a list, which the run then tells too


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
