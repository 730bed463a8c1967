"""The course of adoption over time, by ward and for a whole city; hidden counts never enter a sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from controlplane.cities.figures import Figure
from controlplane.cities.models import WardDayQuerySet

EVERY_DAY_UP_TO = 31


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


def points_by_ward(rows: WardDayQuerySet, ward: str) -> dict[str | None, list[TrendPoint]]:
    """Of this ward its points, oldest first; of no ward the points of each, and under None those of the whole city."""
    counted = rows.counted()
    days = chosen_days(list(counted.of(ward).order_by("day").values_list("day", flat=True)))
    wanted = counted.of(ward) if ward else counted
    columns = ("ward", "day", "members", "members_hidden", "counted_households")
    points: dict[str | None, list[TrendPoint]] = {}
    for name, *point in wanted.filter(day__in=days).order_by("day").values_list(*columns):
        points.setdefault(name, []).append(TrendPoint(*point))
    return points


def chosen_days(days: Sequence[date]) -> list[date]:
    """Every day of a month or less; of a longer time the last day of each month."""
    if len(days) <= EVERY_DAY_UP_TO:
        return list(days)
    return list({(day.year, day.month): day for day in days}.values())


def shares(points: Sequence[TrendPoint]) -> list[float]:
    """In percent, without the days on which the share is hidden."""
    return [100 * point.share for point in points if point.share is not None]
