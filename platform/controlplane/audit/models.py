"""The audit trail, in every schema: who did what to what, when. Written by verbs, never changed."""

from typing import Any, ClassVar

from django.db import models


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, thing: models.Model) -> "EntryQuerySet":
        return self.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))

    def search(self, words: str) -> "EntryQuerySet":
        """Those whose actor or verb holds every word."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(models.Q(actor__icontains=word) | models.Q(verb__icontains=word))
        return found


class Entry(models.Model):
    """One act. `actor` is how the person was called then: a seat, a member, operations."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=200)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=64)
    data = models.JSONField(default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["object_type", "object_id"], name="audit_entry_object")]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.object_type} {self.object_id}"


def record(verb: str, thing: models.Model, *, by: object, **data: Any) -> Entry:
    """Write what was done; called inside the verb's own transaction, so both hold or neither does."""
    return Entry.objects.create(
        actor=str(by)[:200], verb=verb, object_type=thing._meta.label_lower, object_id=str(thing.pk), data=data
    )
