"""A table as CSV text for spreadsheets: with a byte order mark, and without a cell that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff"  # Excel reads UTF-8 only behind it
RUNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # Excel takes the full-width ones for the others
BREAKS = ("\t", "\r", "\n")
_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?")


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


def _cell(value: object) -> str:
    """Judged by the text that is written, whatever wrote it: a model's name is somebody's words as well."""
    text = "" if value is None else str(value)
    runs = text.startswith(BREAKS) or text.lstrip().startswith(RUNS)
    return f"'{text}" if runs and not _NUMBER.fullmatch(text) else text
