"""What is served is what was written: making stylesheets small changes no selector."""

import re

import pytest
from django.contrib.staticfiles import finders

from web.static_files import BUNDLES, parts, small

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INSIDE = re.compile(r"[\w)\]] +:(?:is|where|not|has)\(|[\w)\]] \*:(?:is|where|not|has)\(")


def test_what_is_inside_something_stays_inside_it():
    assert small("a { & main :is(p, li) { color: red; } }") == "a{& main *:is(p,li){color:red}}"
    assert small("a { &:is(.b) :where(p) { margin: 0; } }") == "a{&:is(.b) *:where(p){margin:0}}"


@pytest.mark.parametrize("bundle", BUNDLES)
def test_no_gap_between_selectors_is_lost(bundle):
    written = ""
    for name in parts(bundle):
        with open(str(finders.find(name)), encoding="utf-8") as file:
            written += file.read()
    gaps = INSIDE.findall(COMMENT.sub("", written))
    assert gaps
    assert len(INSIDE.findall(small(written))) == len(gaps)
