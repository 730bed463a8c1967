"""Letting search know what was there before it: association by association, after a rollout.

Not a data migration: those hold a rollout up, and a table in one transaction. Here nobody waits; until an association's
turn is over, search finds its newest things only.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from provisioning.models import SchemaRelease
from tenants.search import filling

AT_ONCE = 20  # associations the workers are given by one beat
OUTLIVED = timedelta(days=2)  # for how long processes of the former release may go on after a rollout
ASKEW = timedelta(minutes=10)  # what the clocks of machines may differ by


def waiting(limit: int | None = AT_ONCE) -> list[UUID]:
    with public():
        return list(SchemaRelease.objects.unindexed().values_list("association_id", flat=True)[:limit])


def index(uuid: UUID, progress: Callable[[int], None] = lambda made: None) -> int:
    """Make what is missing in one association's index; returns how many entries. Twice, or both at once, is once."""
    with public():
        association = Association.objects.open_for_work(uuid)
    if association is None:
        return 0
    made = filling.fill(lambda: bound(association), progress)
    with public():
        SchemaRelease.objects.filter(association=uuid, indexed_at=None).update(indexed_at=timezone.now())
    return made


def lately_indexed() -> list[UUID]:
    with public():
        rows = SchemaRelease.objects.lately_indexed(timezone.now() - OUTLIVED)
        return list(rows.values_list("association_id", flat=True))


def catch_up(uuid: UUID) -> int:
    """Take up what processes of the former release, which know no search, wrote after their association's turn."""
    with public():
        row = SchemaRelease.objects.filter(association=uuid).first()
        association = Association.objects.open_for_work(uuid)
    if row is None or association is None:
        return 0
    return filling.catch_up(lambda: bound(association), row.changed_at - ASKEW)
