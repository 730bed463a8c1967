"""Letting search know what was there before it: association by association, after a rollout.

Not a data migration: those hold a rollout up, and a table in one transaction. Here nobody waits; until an association's
turn is over, search finds its newest things only.
"""

from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from provisioning.models import SchemaRelease
from tenants.search.filling import fill

AT_ONCE = 20  # associations the workers are given by one beat


def waiting(limit: int | None = AT_ONCE) -> list[UUID]:
    with public():
        return list(SchemaRelease.objects.unindexed().values_list("association_id", flat=True)[:limit])


def index(uuid: UUID, progress: Callable[[int], None] = lambda made: None) -> int:
    """Make what is missing in one association's index; returns how many entries. Twice, or both at once, is once."""
    with public():
        association = Association.objects.filter(pk=uuid).first()
    if association is None:
        return 0
    made = fill(lambda: bound(association), progress)
    with public():
        SchemaRelease.objects.filter(association=uuid, indexed_at=None).update(indexed_at=timezone.now())
    return made
