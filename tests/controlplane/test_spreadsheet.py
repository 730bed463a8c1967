"""No cell runs in a spreadsheet, whatever kind of value it was written from."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.utils.functional import lazystr
from hypothesis import given
from hypothesis import strategies as st

from controlplane.spreadsheet import MARK, as_csv


@dataclass
class Named:
    """As a group or a community is: a thing whose words are somebody's."""

    name: str

    def __str__(self) -> str:
        return self.name


def written(value: object) -> str:
    return next(csv.reader(io.StringIO(as_csv([[value]]).removeprefix(MARK))), [""])[0]


@pytest.mark.parametrize("wrap", [str, Named, lazystr], ids=["text", "model", "lazy text"])
@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "\u3000＝1+1", "＠SUM(A1)", "-1-cmd|x"],
)
def test_a_formula_is_text_whatever_it_was_written_from(wrap, formula):
    assert written(wrap(formula)) == f"'{formula}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-3, "-3"),
        (-0.5, "-0.5"),
        (Decimal("-2.50"), "-2.50"),
        (date(2026, 4, 1), "2026-04-01"),
        ("1組", "1組"),
    ],
)
def test_numbers_days_and_words_stay_as_they_are(value, text):
    assert written(value) == text


@given(st.text(st.sampled_from(" \t\r\n\u3000=+-@＝＋－＠a1'\""), max_size=8))
def test_nothing_that_comes_out_begins_like_a_formula(text):
    cell = written(Named(text))
    assert not cell.strip()[:1] or cell.strip()[0] not in "=+@＝＋－＠"
    assert not cell.strip().startswith("-") or float(cell)
