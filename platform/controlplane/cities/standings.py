"""The associations of a city one by one: narrowed, sorted, a page at a time, each figure hidden as it must be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, FloatField, OrderBy, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Cast, NullIf
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from controlplane.associations.models import Association, AssociationQuerySet
from controlplane.cities.figures import SUPPRESS_BELOW, Figure
from controlplane.cities.models import Adoption, City


@dataclass(frozen=True, slots=True)
class AssociationRow:
    """One live association; `on` is the day of its numbers, None before the first night."""

    slug: str
    name: str
    ward: str
    live_on: date
    households: int
    on: date | None
    registered: Figure
    members: Figure
    active_members: Figure
    reads: Figure
    posts: int
    is_active: bool

    @property
    def share(self) -> float | None:
        """Registered people ÷ households."""
        return self.members.share_of(self.households)

    @property
    def readers(self) -> Figure | None:
        """How many people have read a post, on average; what is hidden counts as nothing read."""
        return readers(self.reads.value or 0, self.posts)


@dataclass(frozen=True, slots=True)
class Standings:
    """Who takes part in a period, each with the newest numbers of it.

    The newest of all are known beforehand (Standing): a page is read from an index, however many days there are. Those
    of a period that has ended are looked up for each association, which only sorting by them makes dear.
    """

    city: City
    ward: str = ""
    since: date | None = None
    until: date | None = None

    def find(self, words: str = "", *, sort: str = "name", down: bool = False) -> AssociationQuerySet:
        """Those whose name holds the words, sorted: name, ward, households, members, share, active, posts, on."""
        found = Association.objects.live().filter(standing__city=self.city).search(words)
        if self.ward:
            found = found.filter(standing__ward=self.ward)
        if self.until:
            found = found.filter(standing__since__lte=self.until)
        return found.annotate(numbers=self._figure("pk")).order_by(*self._order(sort, down))

    def read(self, associations: Iterable[Association]) -> list[AssociationRow]:
        """These associations, out of `find`, with their figures."""
        page = list(associations)
        ids = [each.__dict__["numbers"] for each in page]
        numbers = Adoption.objects.in_bulk([pk for pk in ids if pk])
        return [_row(each, self._of_period(numbers.get(pk))) for each, pk in zip(page, ids, strict=True)]

    def _order(self, sort: str, down: bool) -> Sequence[OrderBy | str]:
        """What is hidden comes last of all, in no order that could tell one from the other."""
        if sort not in FIGURES:
            key = {"name": "standing__reading", "ward": "standing__ward"}.get(sort, sort)
            return (f"-{key}", "-standing__pk") if down else (key, "standing__pk")
        key = FIGURES[sort](self)
        if down:
            return (OrderBy(key, descending=True, nulls_last=True), F("standing__pk").asc())
        return (OrderBy(key, nulls_first=True), F("standing__pk").desc())

    def _share(self) -> Any:
        if self._is_now:
            return F("standing__share")
        return self._people("members") / NullIf(Cast("households", FloatField()), 0.0)

    def _people(self, column: str) -> Any:
        """The figure, or nothing where it is hidden."""
        figure = self._figure(column)
        return Case(When(GreaterThan(figure, 0) & LessThan(figure, SUPPRESS_BELOW), then=None), default=figure)

    def _figure(self, column: str) -> Any:
        if self._is_now:
            return F(f"standing__newest__{column}")
        return Subquery(self._older().values(column)[:1])

    def _older(self) -> QuerySet[Adoption]:
        rows = Adoption.objects.filter(association=OuterRef("pk"), on__lte=self.until)
        return (rows.filter(on__gte=self.since) if self.since else rows).order_by("-on")

    def _of_period(self, numbers: Adoption | None) -> Adoption | None:
        return numbers if numbers and (not self.since or numbers.on >= self.since) else None

    @property
    def _is_now(self) -> bool:
        return self.until is None or self.until >= timezone.localdate()


FIGURES: dict[str, Callable[[Standings], Any]] = {
    "share": lambda standings: standings._share(),
    "members": lambda standings: standings._people("members"),
    "active": lambda standings: standings._people("active_members"),
    "posts": lambda standings: standings._figure("posts"),
    "on": lambda standings: standings._figure("on"),
}


def readers(reads: int, posts: int) -> Figure | None:
    """Reads ÷ posts; None without posts."""
    return Figure.of(round(reads / posts)) if posts else None


def _row(association: Association, numbers: Adoption | None) -> AssociationRow:
    return AssociationRow(
        slug=association.slug,
        name=association.name,
        ward=association.ward,
        live_on=timezone.localdate(association.live_at),  # the caller asked for live ones
        households=association.households,
        on=numbers.on if numbers else None,
        registered=Figure.of(numbers.registered_households if numbers else 0),
        members=Figure.of(numbers.members if numbers else 0),
        active_members=Figure.of(numbers.active_members if numbers else 0),
        reads=Figure.of(numbers.reads if numbers else 0),
        posts=numbers.posts if numbers else 0,
        is_active=bool(numbers and numbers.active_members),
    )
