"""The audit trail, in every schema: who did what to what, when. Written by verbs, changed only to erase somebody."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, thing: models.Model) -> "EntryQuerySet":
        return self.filter(object_type=thing._meta.label_lower, object_id=str(thing.pk))

    def search(self, words: str) -> "EntryQuerySet":
        """Those whose actor or verb holds every word."""
        found = self
        for word in words.split()[:5]:
            found = found.filter(models.Q(actor__says=word) | models.Q(verb__icontains=word))
        return found

    def about_any(self, things: Iterable[models.Model]) -> "EntryQuerySet":
        """About one of these; about nothing when there are none."""
        pairs = [models.Q(object_type=each._meta.label_lower, object_id=str(each.pk)) for each in things]
        return self.filter(reduce(or_, pairs)) if pairs else self.none()

    def between(self, since: date | None, until: date | None) -> "EntryQuerySet":
        """Of these days, both included."""
        found = self.filter(at__gte=_moment(since, time.min)) if since else self
        return found.filter(at__lte=_moment(until, time.max)) if until else found

    def forget(self, names: Collection[str], *, instead: str) -> None:
        """Take the names of somebody who is erased out of the trail: the acts stay, and who it was does not."""
        self.filter(actor__in=names).update(actor=instead)
        for entry in self.annotate(text=Cast("data", models.TextField())).filter(_holds_one_of("text", names)):
            entry.data = {name: instead if value in names else value for name, value in entry.data.items()}
            entry.save(update_fields=["data"])


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def _holds_one_of(field: str, names: Collection[str]) -> models.Q:
    return reduce(or_, (models.Q(**{f"{field}__contains": name}) for name in names))


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
