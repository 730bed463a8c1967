"""What PostgreSQL has to show before a schema that was ever live is dropped. Asked by `schemas.drop`, for every caller.

The floor does not know closures; the model that CLOSURE_MODEL names does, and is read anew in the dropping transaction.
"""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Q

from controlplane.tenancy.binding import public, schema_name


class NoProof(RuntimeError):
    """The schema was live, and retention, a verified dump and two approvals are not all in the database."""


def demand(uuid: UUID) -> None:
    """Return when the schema may be dropped, its rows locked until the transaction ends; raise NoProof otherwise."""
    if not connection.in_atomic_block:
        raise RuntimeError("Proof and drop belong in one transaction.")
    with public():
        may = _was_never_live(uuid) or _closures().proves_drop_of(uuid)
    if not may:
        raise NoProof(f"{schema_name(uuid)} was live: retention, a verified dump and two approvals must come first.")


def _was_never_live(uuid: UUID) -> bool:
    from controlplane.associations.models import Association

    row = Association.objects.filter(pk=uuid)
    if not list(row.select_for_update()):  # a schema nobody answers for: what has no account in it had no life
        return not _has_accounts(uuid)
    return not row.filter(Q(live_at__isnull=False) | Q(closed_at__isnull=False) | Q(domains__isnull=False)).exists()


def _has_accounts(uuid: UUID) -> bool:
    table = f'"{schema_name(uuid)}".accounts_user'
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 - the name is made of hex digits
        return bool(cursor.fetchone()[0])


def _closures() -> Any:
    return apps.get_model(settings.CLOSURE_MODEL)._default_manager
