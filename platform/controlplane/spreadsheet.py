"""A table as CSV text for spreadsheets: with a byte order mark, and without a cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence

MARK = "\ufeff"  # Excel reads UTF-8 only behind it
RUNS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return the rows, the first of which is the heading, as the text of a .csv file."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return MARK + text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(RUNS):
        return f"'{value}"
    return "" if value is None else value
