"""Which new unique constraints no row can break that the release before writes.

Those that ask for less than one that goes in the same migration; and those about rows in which a new column is filled,
which the release before leaves empty.
"""

from typing import TypeGuard

from django.core.exceptions import FieldError
from django.db.migrations import AddConstraint, AddField, Migration, RemoveConstraint
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field, UniqueConstraint

Fields = dict[str, "Field[object, object]"]


def harmless(migration: Migration, before: ProjectState) -> set[str]:
    """Names of the constraints; `before` is how things stand without the migration."""
    names = set()
    for step in migration.operations:
        if isinstance(step, AddConstraint) and _is_plain(new := step.constraint):
            model = before.models.get((migration.app_label, step.model_name_lower))
            if model and _is_harmless(new, model, migration):
                names.add(new.name)
    return names


def _is_plain(constraint: object) -> TypeGuard[UniqueConstraint]:
    return isinstance(constraint, UniqueConstraint) and not constraint.expressions and not constraint.deferrable


def _is_harmless(new: UniqueConstraint, model: ModelState, migration: Migration) -> bool:
    same = [step for step in migration.operations if getattr(step, "model_name_lower", "") == model.name_lower]
    gone = {step.name for step in same if isinstance(step, RemoveConstraint)}
    added: Fields = {step.name: step.field for step in same if isinstance(step, AddField)}
    kept = [each for each in model.options.get("constraints", ()) if each.name in gone and _is_plain(each)]
    return any(_asks_less(new, old, model.fields) for old in kept) or _is_about_filled(new, added)


def _asks_less(new: UniqueConstraint, old: UniqueConstraint, fields: Fields) -> bool:
    """Rows that differ in the old columns do so in the new ones: all are among them, and none was null and apart."""
    if old.condition is not None or not set(old.fields) <= set(new.fields):
        return False
    return new.nulls_distinct is not False or not any(fields[name].null for name in old.fields)


def _is_about_filled(new: UniqueConstraint, added: Fields) -> bool:
    """A column is new, and a row in which it is left as it is made does not count."""
    return any(_leaves_out(new, name, added[name]) for name in new.fields if name in added)


def _leaves_out(new: UniqueConstraint, name: str, field: "Field[object, object]") -> bool:
    empty = field.db_default if field.has_db_default() else None
    if empty is None and new.nulls_distinct is not False:
        return True
    try:
        return new.condition is not None and not new.condition.check({name: empty})
    except FieldError:  # it asks for other columns, too
        return False
