"""Which closures there are, and which of them may go on: dumped, dropped, forgotten. Schema: public only."""

from datetime import timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from controlplane.tenancy.waiting import waits_on_purpose

if TYPE_CHECKING:
    from provisioning.models.closures import Closure  # noqa: F401  read by mypy in the class line

APPROVALS = 2


class ClosureQuerySet(models.QuerySet["Closure"]):
    def standing(self) -> "ClosureQuerySet":
        """Not undone: the site is shut."""
        return self.filter(undone_at=None)

    def to_tend(self) -> "ClosureQuerySet":
        """Those that are not at their end, whichever of the two it will be."""
        return self.filter(settled_at=None)

    def outlived(self) -> "ClosureQuerySet":
        """Dropped so long ago that the dump goes, too."""
        last = Now() - timedelta(days=settings.CLOSURE_DUMP_DAYS)
        return self.filter(dropped_at__lte=last).exclude(dump_key="")

    def proven(self) -> "ClosureQuerySet":
        """The schema may be dropped: retention over by the database's clock, dump verified, two have approved it."""
        for_this_dump = Q(approvals__dump_sha256=F("dump_sha256"))
        return (
            self.standing()
            .annotate(approved=Count("approvals__operator", filter=for_this_dump, distinct=True))
            .filter(retained_until__lte=Now(), dump_verified_at__isnull=False, approved__gte=APPROVALS)
        )

    def proves_drop_of(self, uuid: UUID) -> bool:
        """What `tenancy.proof` asks, inside the dropping transaction: the rows are locked until that ends.

        The dump itself is read once more, to its last byte; DamagedDump when it is no longer what was verified.
        """
        from provisioning.closing import dump

        list(self.select_for_update().filter(association=uuid))
        closure = self.proven().filter(association=uuid).first()
        if closure is None:
            return False
        with TemporaryFile() as copy, waits_on_purpose("the site is shut, and what is dropped must be what was read"):
            dump.fetch(closure.dump_key, closure.dump_sha256, copy)
        return True
