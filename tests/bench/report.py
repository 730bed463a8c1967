"""The table, with ratios, and the file of figures."""

import argparse
import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

Results = dict[str, dict[str, float]]


class Row(NamedTuple):
    key: str
    label: str
    unit: str
    more_is_better: bool = False


ROWS = (
    Row("create_small", "create an association, few there", "ms"),
    Row("create_large", "create an association, FLEET there", "ms"),
    Row("spare", "… with a spare ready", "ms"),
    Row("migrate", "fleet migration: one column, one index", "s"),
    Row("rollout", "… apart from the command's start", "s"),
    Row("nothing", "fleet migration with nothing to do", "s"),
    Row("feed", "feed of 20 posts as JSON", "requests/s", True),
    Row("feed_statements", "… statements", ""),
    Row("page", "the home page, signed in, as HTML", "requests/s", True),
    Row("page_p95", "… 95 of 100 within", "ms"),
    Row("page_statements", "… statements, with the two of the session and who it is", ""),
    Row("tenancy", "a page without a query", "requests/s", True),
    Row("export", "export, with 200 posts and their receipts, FLEET there", "ms"),
    Row("export_new", "export of a new association, FLEET there", "ms"),
    Row("search", "search of 100,000 posts, in the database, the worst of 15 questions", "ms"),
    Row("search_one_letter", "… for a single letter", "ms"),
    Row("dashboard", "city dashboard, in the database", "ms"),
    Row("dashboard_statements", "… statements", ""),
)
HEAD = ("", "unit", "Kairan", "stock", "floor", "vs stock", "vs floor")


def show(results: Results, options: argparse.Namespace) -> None:
    lines = [HEAD, *_lines(results, options)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    print()
    for line in lines:
        print(line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)))
    print(f"\n{machine()}; {options.fleet} associations.")


def write(results: Results, options: argparse.Namespace) -> None:
    target = Path(options.json)
    target.parent.mkdir(parents=True, exist_ok=True)
    figures = {"at": datetime.now(UTC).isoformat(), "machine": machine(), "options": vars(options), "results": results}
    target.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"Written to {target}.")
    if options.markdown:
        Path(options.markdown).write_text(_markdown(results, options))


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}"


def _lines(results: Results, options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    for row in ROWS:
        ours, stock, floor = (results[name].get(row.key) for name in ("kairan", "stock", "floor"))
        label = row.label.replace("FLEET", f"{options.fleet:,}")
        figures = [_figure(each) for each in (ours, stock, floor)]
        yield label, row.unit, *figures, _against(ours, stock, row.more_is_better), _against(ours, floor, True)


def _against(ours: float | None, other: float | None, more_is_better: bool) -> str:
    """How many times better than the peer; of the floor simply the share or the multiple."""
    if not ours or not other:
        return "-"
    return f"{ours / other if more_is_better else other / ours:,.2f}×"


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return (
        f"{value:,.2f}"
        if value < 10 and value % 1
        else f"{value:,.1f}"
        if value < 100 and value % 1
        else f"{value:,.0f}"
    )


def _markdown(results: Results, options: argparse.Namespace) -> str:
    table = [HEAD, ("---",) * len(HEAD), *_lines(results, options)]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in table)
    peer = f"The peer migrates {min(options.sample, options.fleet):,} associations and is extrapolated."
    command = f"make bench FLEET={options.fleet}"
    return f"# Figures\n\n`{command}` on {machine()}. {peer} Read the ratios.\n\n{rows}\n"
