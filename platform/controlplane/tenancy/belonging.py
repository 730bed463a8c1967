"""Each object remembers under which binding it was read or written, and answers under no other.

Primary keys are equal in all associations: an object of one, saved while another is bound, would overwrite a stranger's
row without a sound. Django asks its database routers wherever an object meets the database (saving, deleting, reading
anew, a deferred field, what it is related to), and keeps their answer with the object (`_state.db`). Ours is the name
of the one database there is, with the binding of the moment written on it.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from controlplane.tenancy.binding import Binding, current_or_none


class Misplaced(RuntimeError):
    """An object of one association, or of `public`, was used where another is bound."""


class Place(str):
    """The database's name; `binding` says where in it."""

    binding: Binding


class BelongingRouter:
    """The first in DATABASE_ROUTERS. Where nothing is bound it has no answer: PostgreSQL refuses there by itself."""

    def db_for_read(self, _model: type[Model], instance: Model | None = None, **_hints: Any) -> str | None:
        binding = current_or_none()
        if binding is None:
            return None
        if instance is not None:
            _must_belong(instance, binding)
        place = Place(DEFAULT_DB_ALIAS)
        place.binding = binding
        return place

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **_hints: Any) -> bool | None:
        """Asked before an object is put on another, or among another's."""
        where, there = one._state.db, other._state.db
        if isinstance(where, Place) and isinstance(there, Place) and where.binding != there.binding:
            raise Misplaced(f"{_named(one)} and {_named(other)} belong to two bindings.")
        return None


def _must_belong(instance: Model, binding: Binding) -> None:
    home = instance._state.db
    if isinstance(home, Place) and home.binding != binding:
        raise Misplaced(f"{_named(instance)} belongs to {home.binding.schema}, and {binding.schema} is bound.")


def _named(instance: Model) -> str:
    """Without its words, which are somebody's, and without asking for any."""
    return f"{instance._meta.label} {instance.__dict__.get(instance._meta.pk.attname)}"
