"""P12: what would break the release before, which still serves, is refused; what only adds passes. On planted apps."""

import sys
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from infra.dev import lint_migrations

INITIAL = """
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Thing",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("word", models.CharField(max_length=20)),
                ("place", models.CharField(max_length=20)),
                ("mood", models.IntegerField(null=True)),
            ],
            options={"constraints": [
                models.UniqueConstraint(fields=["word", "place"], name="once"),
                models.UniqueConstraint(fields=["word", "mood"], name="once_a_mood"),
            ]},
        ),
    ]
"""
LATER = """
from django.db import migrations, models

def fill(apps, schema_editor):
    pass

class Migration(migrations.Migration):
    dependencies = [("{label}", "0001_initial")]
    operations = [{operation}]
    {more}
"""
NO_MORE = 'migrations.RemoveConstraint("thing", "once"), migrations.RemoveConstraint("thing", "once_a_mood")'
SIZE = 'migrations.AddField("thing", "size", models.IntegerField(null=True))'
KEY = 'migrations.AddField("thing", "key", models.CharField(max_length=20, db_default=""))'
NO_KEY = "models.Q(key='')"


def unique(*fields: str, nulls_distinct: bool | None = None, condition: str = "None") -> str:
    more = f"nulls_distinct={nulls_distinct}, condition={condition}"
    return f'migrations.AddConstraint("thing", models.UniqueConstraint(fields={list(fields)}, name="u", {more}))'


BREAKS = {
    "drops a column": 'migrations.RemoveField("thing", "word")',
    "drops a table": 'migrations.DeleteModel("Thing")',
    "renames a column": 'migrations.RenameField("thing", "word", "name")',
    "renames a table": 'migrations.RenameModel("Thing", "Object")',
    "requires a column": 'migrations.AddField("thing", "size", models.IntegerField(default=1))',
    "requires what was optional": 'migrations.AddField("thing", "size", models.IntegerField(null=False, default=0))',
    "changes a type": 'migrations.AlterField("thing", "word", models.IntegerField())',
    "wants values to be unique": 'migrations.AddConstraint("thing", models.UniqueConstraint("word", name="u"))',
    "wants fewer columns to differ": f"{NO_MORE}, {unique('word')}",
    "wants what is not known to differ": f"{NO_MORE}, {SIZE}, {unique('word', 'mood', 'size', nulls_distinct=False)}",
    "wants more to differ without taking anything away": f"{SIZE}, {unique('word', 'size', nulls_distinct=False)}",
    "wants a new column to differ that nobody fills": f"{KEY}, {unique('key')}",
    "wants a new column to differ where nobody fills it": f"{KEY}, {unique('key', condition=NO_KEY)}",
    "cannot go back": "migrations.RunPython(fill)",
    "cannot go back in SQL": 'migrations.RunSQL("SELECT 1")',
}
PASSES = {
    "adds an optional column": 'migrations.AddField("thing", "size", models.IntegerField(null=True))',
    "adds a column that fills itself": 'migrations.AddField("thing", "size", models.IntegerField(db_default=1))',
    "adds a table": 'migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])',
    "wants more columns to differ": f"{NO_MORE}, {SIZE}, {unique('word', 'place', 'size', nulls_distinct=False)}",
    "wants more to differ, nothing known or not": f"{NO_MORE}, {SIZE}, {unique('word', 'mood', 'size')}",
    "wants a new column to differ where it is filled": f"{KEY}, {unique('key', condition=f'~{NO_KEY}')}",
    "wants a new column to differ where it is known": f"{SIZE}, {unique('size')}",
    "adds an index": 'migrations.AddIndex("thing", models.Index(fields=["word"], name="planted_word"))',
    "goes back": "migrations.RunPython(fill, fill)",
    "says there is no way back": "migrations.RunPython(fill, migrations.RunPython.noop)",
}
numbers = count()


@pytest.fixture(params=["SHARED_APPS", "TENANT_APPS"])
def plant(request, tmp_path, db, monkeypatch):
    """`plant(operation)` makes an app with a second migration on one side, and says whether the linter refuses it."""
    monkeypatch.syspath_prepend(tmp_path)

    def refused(operation: str, more: str = "") -> bool:
        label = f"planted_{next(numbers)}"
        _write(tmp_path / label, LATER.format(label=label, operation=operation, more=more))
        side = {request.param: [*getattr(settings, request.param), label]}
        with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, label], **side):
            linter = lint_migrations.lint([label])
        assert linter.nb_total - linter.nb_ignored == (0 if more else 1)  # the second is looked at, unless it says why
        return bool(linter.has_errors)

    yield refused
    for name in [name for name in sys.modules if name.startswith("planted_")]:
        del sys.modules[name]


def _write(folder: Path, later: str) -> None:
    (folder / "migrations").mkdir(parents=True)
    for name, text in {"__init__": "", "models": "", "migrations/__init__": ""}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "migrations/0001_initial.py").write_text(INITIAL)
    (folder / "migrations/0002_later.py").write_text(later)


@pytest.mark.parametrize("case", BREAKS)
def test_what_breaks_the_release_before_is_refused(plant, case):
    assert plant(BREAKS[case])


@pytest.mark.parametrize("case", PASSES)
def test_what_only_adds_passes(plant, case):
    assert not plant(PASSES[case])


def test_a_contraction_passes_when_it_says_why(plant):
    assert not plant(BREAKS["drops a column"], 'contract = "The release before no longer reads it."')


def test_kairan_s_own_migrations_pass(db):
    linter = lint_migrations.lint()
    assert linter.nb_total > 10
    assert not linter.has_errors
