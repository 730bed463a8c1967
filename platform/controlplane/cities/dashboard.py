"""Adoption in one city, for its staff. Every count of people leaves here as a Figure: no face can forget to hide it.

Read from the sums that publishing keeps (WardDay): a handful of rows, whatever the number of associations and of days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import Association
from controlplane.cities.figures import Figure
from controlplane.cities.models import City, WardDay
from controlplane.cities.standings import AssociationRow, Standings, readers
from controlplane.cities.trend import TrendPoint, points_by_ward, shares
from controlplane.spreadsheet import as_csv

PER_PAGE = 50
YEAR = timedelta(days=365)


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
    quiet: int  # without a new post for sixty days
    without_posts: int  # nothing written yet
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
        rows = self._days[self.ward or None]
        return Tiles(total_of("", rows, self.since), rows[0].days_to_first_post if rows else None)

    @cached_property
    def wards(self) -> list[Total]:
        """Every ward of the city that has an office or an association, by name of the offices' order."""
        names = dict.fromkeys([*self.ward_names, *sorted(name for name in self._days if name is not None)])
        return [
            total_of(name, self._days.get(name, []), self.since, shares(self._points.get(name, []))) for name in names
        ]

    @cached_property
    def trend(self) -> list[TrendPoint]:
        """The whole selection over the period: the last day of each month, or every day of a month or less."""
        return self._points.get(self.ward or None, [])

    @cached_property
    def ward_names(self) -> list[str]:
        if self.ward:
            return [self.ward]
        names = self.city.offices.exclude(ward="").values_list("ward", flat=True)
        return list(dict.fromkeys(names))

    @cached_property
    def as_of(self) -> date | None:
        return max((row.on for row in with_numbers(self._days[self.ward or None], self.since) if row.on), default=None)

    @property
    def standings(self) -> Standings:
        """The associations one by one."""
        return Standings(self.city, self.ward, self.since, self.until)

    def page(self, words: str, number: int | str | None, *, sort: str = "", down: bool = False) -> Page[Association]:
        """One page of the associations; by share if not told otherwise, or by name in a period that has ended."""
        if not sort:
            sort, down = self.order
        paginator = Paginator(self.standings.find(words, sort=sort, down=down), PER_PAGE)
        if not words:
            paginator.__dict__["count"] = self.tiles.total.associations  # a cached property; the sums know it
        return paginator.get_page(number)

    @property
    def order(self) -> tuple[str, bool]:
        """What there is an index for: the share, from the greatest down; but the name in a period that has ended."""
        return ("name", False) if self.until else ("share", True)

    def csv(self) -> str:
        """The associations and their total, as the text of a .csv file; what is hidden on the page is hidden here."""
        head = [
            _("区"), _("団体"), _("公開日"), _("加入世帯"), _("登録した世帯"), _("登録した人"), _("登録率（％）"),
            _("30日以内に使った人"), _("お知らせ"), _("お知らせ1件を読んだ人"), _("数の日付"),
        ]  # fmt: skip
        total = self.tiles.total
        sums = [total.households, total.registered, total.members, percent(total.share)]
        foot = ["", _("合計"), "", *sums, "", "", total.readers, ""]
        rows = self.standings.read(self.standings.find())
        return as_csv([head, *[_csv_row(row) for row in rows], foot])

    @cached_property
    def _days(self) -> dict[str | None, list[WardDay]]:
        """The rows of the period's last day by ward; those of the whole city under None."""
        rows: dict[str | None, list[WardDay]] = {self.ward or None: []}
        found = self.city.ward_days.as_of(self.until)
        for row in found.of(self.ward) if self.ward else found:
            rows.setdefault(row.ward, []).append(row)
        return rows

    @cached_property
    def _points(self) -> dict[str | None, list[TrendPoint]]:
        until = self.until or timezone.localdate()
        since = self.since or max(until, date.min + YEAR) - YEAR
        return points_by_ward(self.city.ward_days.within(since, until), self.ward)


def total_of(ward: str, rows: Sequence[WardDay], since: date | None, year: Sequence[float] = ()) -> Total:
    """Everybody takes part; of numbers older than the period nothing is told."""
    counted = with_numbers(rows, since)
    return Total(
        ward=ward,
        associations=sum(row.associations for row in rows),
        active=sum(row.active for row in counted),
        households=sum(row.households for row in rows),
        registered=Figure.sum_of(
            sum(row.registered for row in counted), hidden=sum(row.registered_hidden for row in counted)
        ),
        members=Figure.sum_of(sum(row.members for row in counted), hidden=sum(row.members_hidden for row in counted)),
        readers=readers(sum(row.reads for row in counted), sum(row.posts for row in counted)),
        quiet=sum(row.quiet for row in counted),
        without_posts=sum(row.without_posts for row in counted),
        year=year,
    )


def with_numbers(rows: Sequence[WardDay], since: date | None) -> list[WardDay]:
    return [row for row in rows if row.on and (not since or row.on >= since)]


def percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _csv_row(row: AssociationRow) -> Sequence[object]:
    numbers = [row.registered, row.members, percent(row.share), row.active_members, row.posts, row.readers]
    return [row.ward, row.name, row.live_on, row.households, *numbers, row.on]
