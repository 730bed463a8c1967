"""The course of adoption over time, by ward and for a whole city; hidden counts never enter a sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, Sum

from controlplane.cities.figures import Figure
from controlplane.cities.models import SUPPRESS_BELOW, AdoptionQuerySet

EVERY_DAY_UP_TO = 31
HIDDEN = Q(members__gt=0, members__lt=SUPPRESS_BELOW)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One day: people in associations of five and more, how many associations have fewer, households of all."""

    on: date
    shown: int
    hidden: int
    households: int

    @property
    def members(self) -> Figure:
        return Figure.sum_of(self.shown, hidden=self.hidden)

    @property
    def share(self) -> float | None:
        """Registered people ÷ households."""
        return self.members.share_of(self.households)


def points_by_ward(rows: AdoptionQuerySet) -> dict[str, list[TrendPoint]]:
    """For each ward its points, oldest first."""
    days = chosen_days(sorted(set(rows.order_by().values_list("on", flat=True).distinct())))
    sums = (
        rows.order_by()
        .filter(on__in=days)
        .values(ward=F("association__ward"), day=F("on"))
        .annotate(
            all_households=Sum("households"), shown=Sum("members", filter=~HIDDEN), hidden=Count("pk", filter=HIDDEN)
        )
        .order_by("day")
    )
    points: dict[str, list[TrendPoint]] = {}
    for row in sums:
        point = TrendPoint(row["day"], row["shown"] or 0, row["hidden"], row["all_households"])
        points.setdefault(row["ward"], []).append(point)
    return points


def chosen_days(days: Sequence[date]) -> list[date]:
    """Every day of a month or less; of a longer time the last day of each month."""
    if len(days) <= EVERY_DAY_UP_TO:
        return list(days)
    return list({(day.year, day.month): day for day in days}.values())


def city_trend(wards: dict[str, list[TrendPoint]]) -> list[TrendPoint]:
    """The wards' points of a day as one."""
    days: dict[date, list[TrendPoint]] = {}
    for points in wards.values():
        for point in points:
            days.setdefault(point.on, []).append(point)
    return [
        TrendPoint(day, sum(p.shown for p in of), sum(p.hidden for p in of), sum(p.households for p in of))
        for day, of in sorted(days.items())
    ]


def shares_by_ward(wards: dict[str, list[TrendPoint]]) -> dict[str, list[float]]:
    """In percent, without the days on which the share is hidden."""
    shares = {ward: [point.share for point in points] for ward, points in wards.items()}
    return {ward: [100 * share for share in of if share is not None] for ward, of in shares.items()}
