"""How much may be planned: a calendar's pages, reminders and files cost what stands on it, and have to be paid for.

Counted in times a year, so that one daily event weighs as much as 365 single ones. Five thousand are fourteen for every
day; what communities plan may fill half of that, and one of them a fifth, so that nobody's club keeps the officers from
planning. Series are counted besides, since each is looked at for every month that is shown.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.calendar import rules

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event

HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True)
class Limit:
    times: int  # a year
    series: int


ALL, COMMUNITIES, A_COMMUNITY = Limit(5000, 500), Limit(2500, 250), Limit(1000, 100)


@dataclass
class Load:
    """What is planned, by community; None is the association itself."""

    times: Counter[int | None]
    series: Counter[int | None]

    def fits(self, limit: Limit, *rooms: int | None) -> bool:
        times, series = (sum(counted[room] for room in rooms) for counted in (self.times, self.series))
        return times <= limit.times and series <= limit.series


def check_room(event: "Event", before: "Event | None" = None) -> None:
    """Raise ValidationError when the calendar would hold more than it may. What weighs no more than before is taken."""
    weight = rules.a_year(event.rrule, event.starts_at)
    if before and _is_counted_alike(event, before) and weight <= rules.a_year(before.rrule, before.starts_at):
        return
    load = _load_beside(event)
    load.times[event.community_id] += weight
    load.series[event.community_id] += bool(event.rrule)
    _check(load, event.community_id)


def check_another(half: "Event") -> None:
    """As `check_room`, for the later half of a series: one series more, and nothing that takes place besides."""
    load = _load_beside(half)
    load.times.clear()
    load.series[half.community_id] += 1
    _check(load, half.community_id)


def _is_counted_alike(event: "Event", before: "Event") -> bool:
    """In the same place, and among what takes place now: a series that had ended counts anew when it goes on."""
    if event.community_id != before.community_id or bool(event.rrule) != bool(before.rrule):
        return False
    if event.rrule:
        return not rules.has_ended(before.rrule, before.starts_at, timezone.localdate())
    return event.starts_at.year == before.starts_at.year


def _check(load: Load, room: int | None) -> None:
    rooms = {*load.times, *load.series} - {None}
    if room and not load.fits(A_COMMUNITY, room):
        raise _full(_("このコミュニティの行事が多すぎます。"), A_COMMUNITY)
    if room and not load.fits(COMMUNITIES, *rooms):
        raise _full(_("コミュニティの行事が、あわせて多すぎます。"), COMMUNITIES)
    if not load.fits(ALL, None, *rooms):
        raise _full(_("カレンダーの行事が多すぎます。"), ALL)


def _full(problem: str, limit: Limit) -> ValidationError:
    asked = _("1年に%(times)s回、くり返しは%(series)s件までです。いらなくなった行事の、くり返しを終わらせてください。")
    return ValidationError(problem + asked % {"times": f"{limit.times:,}", "series": limit.series})


def _load_beside(event: "Event") -> Load:
    """Of the others: every series that still goes on, and what takes place once in the year around this one."""
    others = type(event).objects.exclude(pk=event.pk)
    load = Load(Counter(), Counter())
    today = timezone.localdate()
    for room, rule, starts_at in others.going_on().values_list("community", "rrule", "starts_at"):
        if not rules.has_ended(rule, starts_at, today):
            load.series[room] += 1
            load.times[room] += rules.a_year(rule, starts_at)
    load.times.update(_once(event.starts_at, others))
    return load


def _once(near: datetime, others: "QuerySet[Event]") -> dict[int | None, int]:
    around = others.filter(rrule="", starts_at__gt=near - HALF_A_YEAR, starts_at__lt=near + HALF_A_YEAR)
    return dict(around.order_by().values_list("community").annotate(Count("pk")))
