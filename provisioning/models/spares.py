"""Spares: schemas with tables and a role, made ahead, so that an association's own is one rename away."""

from typing import ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, models, transaction

from controlplane.tenancy import public, schemas, template
from provisioning.models.releases import SchemaRelease


class SpareQuerySet(models.QuerySet["Spare"]):
    def ready(self) -> "SpareQuerySet":
        """Those at this release; others wait for the fleet's rollout."""
        return self.filter(fingerprint=template.release_fingerprint())

    def behind(self) -> "SpareQuerySet":
        return self.exclude(fingerprint=template.release_fingerprint())

    def hand_out(self, uuid: UUID) -> bool:
        """Rename a ready spare into this association's schema, once; False when there is none, or nothing to do."""
        from provisioning.tasks import refill_spares

        with public():
            if not schemas.untouched(uuid) or (spare := self._take()) is None:
                return False
            schemas.hand_out(spare, uuid)
            SchemaRelease.note(uuid)
            refill_spares.on_commit()
        return True

    def _take(self) -> UUID | None:
        """Delete a ready spare's row that nobody else is taking, and return its uuid."""
        free = self.ready().select_for_update(skip_locked=True).order_by("pk").values("pk")[:1]
        text, params = free.query.sql_with_params()
        with connection.cursor() as cursor:
            table = self.model._meta.db_table
            cursor.execute(f"DELETE FROM {table} WHERE id = ({text}) RETURNING uuid", params)  # noqa: S608
            row = cursor.fetchone()
        return row[0] if row else None

    def renew(self) -> None:
        """Throw away spares of another release and make new ones."""
        with public():
            for spare in self.behind().select_for_update(skip_locked=True):
                spare.discard()
        self.refill()

    def refill(self) -> int:
        """Make spares until there are as many as settings ask for; returns how many. One process at a time."""
        made = 0
        while self._make_one():
            made += 1
        return made

    def _make_one(self) -> bool:
        with public(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('kairan.spares'))")
            if not cursor.fetchone()[0] or self.count() >= settings.SPARE_SCHEMAS:
                return False
            uuid = uuid4()
            schemas.make_spare(uuid)
            self.create(uuid=uuid, fingerprint=template.release_fingerprint())
        return True


class Spare(models.Model):
    """A schema nobody lives in yet; its row is written and deleted in the transaction that makes and hands it out."""

    uuid = models.UUIDField(unique=True)
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = SpareQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"spare {self.uuid}"

    @transaction.atomic
    def discard(self) -> None:
        schemas.drop_spare(self.uuid)
        self.delete()
