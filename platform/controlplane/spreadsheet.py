"""A table as CSV text for spreadsheets: with a byte order mark, and without a cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"  # Excel reads UTF-8 only behind it
RUNS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return the rows, the first of which is the heading, as the text of a .csv file."""
    return MARK + "".join(lines(rows))


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The same without the mark, line by line: for what is too long to hold."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(RUNS):
        return f"'{value}"
    return "" if value is None else value
