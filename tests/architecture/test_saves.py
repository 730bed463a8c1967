"""Saving says what it does: a new row (`force_insert=True`), or these fields of one that is there (`update_fields`).

A bare `save()` writes every column as it was when the row was fetched, and undoes what somebody else did meanwhile.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("platform", "tenants", "billing", "provisioning", "api", "web")
SAYS = {"update_fields", "force_insert"}


def test_every_save_says_whether_it_makes_or_changes_a_row():
    files = (path for place in CODE for path in (ROOT / place).rglob("*.py"))
    assert [f"{path.relative_to(ROOT)}:{line}" for path in files for line in bare_saves(path.read_text())] == []


def test_the_measure_finds_a_bare_save():
    assert list(bare_saves("self.save()\nrow.save(using='x')\nsuper().save(**told)")) == [1, 2, 3]
    assert list(bare_saves("row.save(update_fields=['name'])\nrow.save(force_insert=True)")) == []
    assert list(bare_saves("storage.save(name, content)")) == []  # no model's: it is told what to save


def bare_saves(code: str) -> Iterator[int]:
    """The lines on which something is saved whole."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in {"save", "asave"} and not node.args and not SAYS & {word.arg for word in node.keywords}:
            yield node.lineno
