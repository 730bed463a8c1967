"""The index of everything that can be searched, one row a thing. Schema: every association's own. Knows nobody.

An entry says which words occur, never who may read them: `tenants.search.shelves` asks each model for that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThanOrEqual, TupleLessThan

from controlplane.folding import folded
from tenants.search.grams import grams, tag_numbers
from tenants.search.question import Question

NEAR = 1000  # the newest entries, looked through word by word before the index is asked
FREQUENT = 40  # words that occur in so many of those
EVERY = 10**9  # as a limit: what PostgreSQL plans inside it, it plans by itself
INDEXED = 200  # the size of the first batch the index names
FIRST, GROWTH = 40, 8  # the size of a batch of matches, and how much larger the next one is


class Kind(models.IntegerChoices):
    POST = 1
    DOCUMENT = 2
    EVENT = 3
    COMMUNITY = 4
    RECORD = 5


@dataclass(frozen=True)
class Place:
    """Where an entry stands in the order, newest first."""

    at: datetime
    pk: int


@dataclass(frozen=True)
class Match:
    """An entry that answers, before anybody has asked who may see it."""

    kind: int
    object_id: int
    place: Place


class EntryQuerySet(models.QuerySet["Entry"]):
    def matches(self, question: Question, after: Place | None = None) -> Iterator[list[Match]]:
        """What answers, newest first, in batches, for as long as the caller wants more.

        Frequent words stand among the newest entries already, where the index would name half of everything; rare
        ones, and words that never meet, the index finds however long ago they were said. Neither reads everything.
        """
        asked = self.between(question)
        edge = asked.after(after).edge_of_near() if question.grams() else None
        near = asked.down_to(edge) if edge else asked
        yield from near.saying(question).newest_first().batches(after)
        if edge:
            named = asked.holding(question).sorted_first().batches(edge, size=INDEXED)
            yield from filter(None, (self.checked(question, batch) for batch in named))

    def told_of(self, kind: Kind, question: Question) -> "Q | Subquery":
        """A condition for a query of things of this kind, by words alone, to page through in an order of their own.

        Frequent words are looked for thing by thing, in that order, until a page is full; rare ones are known at once.
        """
        same, edge = self.filter(kind=kind), self.edge_of_near()
        near = same.down_to(edge).saying(question) if edge else self.none()
        if near[:FREQUENT].count() == FREQUENT:
            own = same.filter(object_id=OuterRef("pk")).saying(question)
            return Subquery(own.values(told=Value(True))[:1], output_field=models.BooleanField())
        return Q(pk__in=same.holding(question).saying(question).values("object_id")[:EVERY])

    def between(self, question: Question) -> "EntryQuerySet":
        since = {"at__gte": question.since} if question.since else {}
        until = {"at__lt": question.until} if question.until else {}
        return self.filter(**since, **until)

    def saying(self, question: Question) -> "EntryQuerySet":
        """Those whose text holds every word."""
        found = self
        for word in question.words:
            found = found.filter(text__contains=word)
        return found

    def holding(self, question: Question) -> "EntryQuerySet":
        """Those the index names: every pair of letters occurs, and every tag; one of the circles."""
        named = self.filter(grams__contains=question.grams())
        return named.filter(grams__overlap=question.circle_numbers()) if question.circles else named

    def newest_first(self) -> "EntryQuerySet":
        return self.order_by("-at", "-pk")

    def sorted_first(self) -> "EntryQuerySet":
        """The same order, but sorted after everything was found: never by walking down the index of times."""
        return self.order_by((F("at") + Value(timedelta())).desc(), "-pk")

    def after(self, place: Place | None) -> "EntryQuerySet":
        """Those further down."""
        return self.filter(TupleLessThan(_ORDER, (place.at, place.pk))) if place else self

    def down_to(self, place: Place) -> "EntryQuerySet":
        return self.filter(TupleGreaterThanOrEqual(_ORDER, (place.at, place.pk)))

    def edge_of_near(self) -> Place | None:
        """The last of the newest entries; None when there are no more than those."""
        last = self.newest_first().values_list("at", "pk")[NEAR - 1 : NEAR].first()
        return Place(*last) if last else None

    def checked(self, question: Question, batch: list[Match]) -> list[Match]:
        """Those of the batch whose text says what the index named them for: a few are read, however many it named."""
        said = set(
            self.filter(pk__in=[match.place.pk for match in batch]).saying(question).values_list("pk", flat=True)
        )
        return [match for match in batch if match.place.pk in said]

    def batches(self, after: Place | None, size: int = 0) -> Iterator[list[Match]]:
        size, last = size or FIRST, after
        while True:
            rows = self.after(last).values_list("kind", "object_id", "at", "pk")[:size]
            batch = [Match(kind, of, Place(at, pk)) for kind, of, at, pk in rows]
            if batch:
                yield batch
            if len(batch) < size:
                return
            last, size = batch[-1].place, size * GROWTH


class Entry(models.Model):
    """The words of one thing, folded; `at` is its moment. Only verbs write here: `put` and `remove`."""

    kind = models.SmallIntegerField(choices=Kind)
    object_id = models.BigIntegerField()
    at = models.DateTimeField()
    text = models.TextField()
    grams = ArrayField(models.IntegerField())

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "object_id"], name="entry_once")]
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], name="entry_at"),
            # Without a list of pending changes, which every search would have to read through.
            GinIndex(fields=["grams"], name="entry_grams", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.object_id}"

    @classmethod
    def of(cls, kind: Kind, object_id: int, *, at: datetime, text: str, tags: Iterable[str]) -> "Entry":
        plain = folded(text)
        return cls(kind=kind, object_id=object_id, at=at, text=plain, grams=sorted(grams(plain) | tag_numbers(tags)))


_ORDER = Tuple(F("at"), F("pk"))


def put(*entries: Entry) -> None:
    """Write these into the index, in the transaction of whoever changed what they are about."""
    Entry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["kind", "object_id"],
        update_fields=["at", "text", "grams"],
        batch_size=500,
    )


def remove(kind: Kind, *object_ids: int) -> None:
    """Take these out of the index."""
    Entry.objects.filter(kind=kind, object_id__in=object_ids).delete()
