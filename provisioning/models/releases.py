"""Which release each association's schema stands at. Schema: public only.

Kept here and not asked of the schemas, so that nothing to do is one query at any size.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.audit.models import record
from controlplane.tenancy import template
from provisioning.models.rollouts import RolloutRecord


class SchemaReleaseQuerySet(models.QuerySet["SchemaRelease"]):
    def behind(self) -> "SchemaReleaseQuerySet":
        return self.exclude(fingerprint=template.release_fingerprint())

    def waiting(self) -> "SchemaReleaseQuerySet":
        """Behind, and not left aside after a failure."""
        return self.behind().filter(failed_at=None)

    def failed(self) -> "SchemaReleaseQuerySet":
        return self.behind().filter(failed_at__isnull=False)

    def unindexed(self) -> "SchemaReleaseQuerySet":
        """At this release, with things that search does not know yet; the oldest associations first."""
        return self._at_work().filter(indexed_at=None).order_by("pk")

    def lately_indexed(self, since: datetime) -> "SchemaReleaseQuerySet":
        """Brought to this release since then: processes of the former one may still have written there."""
        return self._at_work().filter(indexed_at__isnull=False, changed_at__gte=since).order_by("pk")

    def _at_work(self) -> "SchemaReleaseQuerySet":
        """At this release and open: who is suspended has it done afterwards, and who is closed stays as they are."""
        open_ones = Association.objects.not_closed().not_suspended()
        return self.filter(fingerprint=template.release_fingerprint(), association__in=open_ones)

    @transaction.atomic
    def take_up(self, *, by: object) -> int:
        """Have those left aside tried again: they wait once more, and a rollout starts after the commit."""
        again = list(self.failed().select_for_update().select_related("association"))
        for row in again:
            record("fleet.retry", row.association, by=by, error=row.error[:300])
        self.filter(pk__in=[row.pk for row in again]).update(failed_at=None)
        RolloutRecord.ask_for(by=by)
        return len(again)


class SchemaRelease(models.Model):
    """The release an association's schema was last brought to, and what went wrong since."""

    association = models.OneToOneField(Association, on_delete=models.CASCADE, related_name="schema_release")
    fingerprint = models.CharField(max_length=64, db_index=True)
    changed_at = models.DateTimeField(auto_now=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    # Since when search knows everything; a new association begins with nothing to know.
    indexed_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    objects = SchemaReleaseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.association_id} at {self.fingerprint[:12]}"

    @classmethod
    def note_sql(cls, uuid: UUID) -> str:
        """What `note` does, as a statement for a transaction that looks at the association's schema alone."""
        now = f"('{uuid}', '{template.release_fingerprint()}', NULL, '', now(), 0, now())"
        return f"""INSERT INTO public.{cls._meta.db_table}
                          (association_id, fingerprint, failed_at, error, changed_at, attempts, indexed_at) VALUES {now}
            ON CONFLICT (association_id) DO UPDATE SET (fingerprint, failed_at, error, changed_at)
                      = (excluded.fingerprint, excluded.failed_at, excluded.error, excluded.changed_at)"""  # noqa: S608

    @classmethod
    def note(cls, uuid: UUID) -> None:
        """Write down that the schema stands at this release. Call under `public`."""
        with connection.cursor() as cursor:
            cursor.execute(cls.note_sql(uuid))
