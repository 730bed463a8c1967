"""Adoption in one city, for its staff. Every count of people leaves here as a Figure: no face can forget to hide it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from statistics import median
from uuid import UUID

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import Association
from controlplane.cities.figures import Figure
from controlplane.cities.models import Adoption, AdoptionQuerySet, City
from controlplane.cities.trend import TrendPoint, city_trend, points_by_ward, shares_by_ward
from controlplane.spreadsheet import as_csv

STUCK = timedelta(days=60)
YEAR = timedelta(days=365)


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
        """How many people have read a post, on average."""
        return readers_of([self])


@dataclass(frozen=True, slots=True)
class Total:
    """A ward, or the whole selection, in one line."""

    ward: str
    associations: int
    active: int
    households: int
    registered: Figure
    members: Figure
    readers: Figure | None
    year: Sequence[float] = ()  # the share of each point of the trend, in percent

    @property
    def dormant(self) -> int:
        return self.associations - self.active

    @property
    def share(self) -> float | None:
        return self.members.share_of(self.households)


@dataclass(frozen=True, slots=True)
class Tiles:
    total: Total
    days_to_first_post: int | None


class AdoptionReport:
    """How Kairan spreads in one city: the newest numbers of a period, by ward and association, and their course."""

    def __init__(self, city: City, ward: str = "", since: date | None = None, until: date | None = None) -> None:
        self.city, self.ward, self.since, self.until = city, ward, since, until

    @cached_property
    def tiles(self) -> Tiles:
        return Tiles(total=total_of("", self.associations), days_to_first_post=self._days_to_first_post())

    @cached_property
    def wards(self) -> list[Total]:
        """Every ward of the city that has an office or an association, by name of the offices' order."""
        shares = shares_by_ward(self._points)
        rows: dict[str, list[AssociationRow]] = {name: [] for name in self.ward_names}
        for row in self.associations:
            rows.setdefault(row.ward, []).append(row)
        return [total_of(name, members, shares.get(name, ())) for name, members in rows.items()]

    @cached_property
    def associations(self) -> list[AssociationRow]:
        """Every live association with its newest numbers of the period."""
        return [_row(each, self._latest.get(each.pk)) for each in self._live]

    @cached_property
    def trend(self) -> list[TrendPoint]:
        """The whole selection over the period: the last day of each month, or every day of a month or less."""
        return city_trend(self._points)

    @cached_property
    def ward_names(self) -> list[str]:
        if self.ward:
            return [self.ward]
        names = self.city.offices.exclude(ward="").values_list("ward", flat=True)
        return list(dict.fromkeys(names))

    @cached_property
    def as_of(self) -> date | None:
        return max((row.on for row in self._latest.values()), default=None)

    @cached_property
    def quiet(self) -> list[AssociationRow]:
        """Without a new post for sixty days."""
        if self.as_of is None:
            return []
        before = {row.association_id: row.posts for row in self._rows(until=self.as_of - STUCK).latest()}
        unchanged = {pk for pk, row in self._latest.items() if before.get(pk) == row.posts}
        return [self._row_of[each.pk] for each in self._live if each.pk in unchanged]

    @cached_property
    def without_posts(self) -> list[AssociationRow]:
        """Live, and nothing written yet."""
        return [row for row in self.associations if row.on and not row.posts]

    def csv(self) -> str:
        """The associations and their total, as the text of a .csv file; what is hidden on the page is hidden here."""
        head = [
            _("区"), _("団体"), _("公開日"), _("加入世帯"), _("登録した世帯"), _("登録した人"), _("登録率（％）"),
            _("30日で動いた人"), _("お知らせ"), _("お知らせ1件を読んだ人"), _("数の日付"),
        ]  # fmt: skip
        total = self.tiles.total
        sums = [total.households, total.registered, total.members, percent(total.share)]
        foot = ["", _("合計"), "", *sums, "", "", total.readers, ""]
        return as_csv([head, *[_csv_row(row) for row in self.associations], foot])

    @cached_property
    def _live(self) -> list[Association]:
        found = Association.objects.live().filter(city=self.city)
        if self.ward:
            found = found.filter(ward=self.ward)
        return list(found.filter(live_at__date__lte=self.until) if self.until else found)

    @cached_property
    def _latest(self) -> dict[UUID, Adoption]:
        return {row.association_id: row for row in self._rows(since=self.since, until=self.until).latest()}

    @cached_property
    def _row_of(self) -> dict[UUID, AssociationRow]:
        return {each.pk: row for each, row in zip(self._live, self.associations, strict=True)}

    @cached_property
    def _points(self) -> dict[str, list[TrendPoint]]:
        until = self.until or timezone.localdate()
        return points_by_ward(self._rows(since=self.since or until - YEAR, until=until))

    def _rows(self, *, since: date | None = None, until: date | None = None) -> AdoptionQuerySet:
        rows = Adoption.objects.of_city(self.city, ward=self.ward, since=since, until=until)
        return rows.filter(association__in=[each.pk for each in self._live])

    def _days_to_first_post(self) -> int | None:
        """The middle of the associations that have posted."""
        firsts = self._rows(until=self.until).filter(posts__gt=0).values_list("association_id").annotate(Min("on"))
        live_on = {each.pk: each.live_at for each in self._live}
        days = [(first - timezone.localdate(live_on[pk])).days for pk, first in firsts]
        return round(median(max(0, each) for each in days)) if days else None


def total_of(ward: str, rows: Sequence[AssociationRow], year: Sequence[float] = ()) -> Total:
    return Total(
        ward=ward,
        associations=len(rows),
        active=sum(row.is_active for row in rows),
        households=sum(row.households for row in rows),
        registered=Figure.total(row.registered for row in rows),
        members=Figure.total(row.members for row in rows),
        readers=readers_of(rows),
        year=year,
    )


def readers_of(rows: Iterable[AssociationRow]) -> Figure | None:
    """Reads ÷ posts of these associations; None without posts. Those whose reads are hidden count as nothing read."""
    counted = [(row.reads.value or 0, row.posts) for row in rows]
    posts = sum(posts for _reads, posts in counted)
    return Figure.of(round(sum(reads for reads, _posts in counted) / posts)) if posts else None


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


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


def _csv_row(row: AssociationRow) -> Sequence[object]:
    numbers = [row.registered, row.members, percent(row.share), row.active_members, row.posts, row.readers]
    return [row.ward, row.name, row.live_on, row.households, *numbers, row.on]
