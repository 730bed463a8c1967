"""Last year's events for the next one: each on its weekday, the second Sunday staying the second Sunday."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.calendar import rules
from tenants.calendar.models import Event
from tenants.members.models import Act, Member, only

APRIL, MOST = 4, 200
SAME = "title description place all_day capacity waiting_list answers_by questions remind".split()
SAME += ["audience", "community", "shared"]


@dataclass(frozen=True)
class Copy:
    """An event of one fiscal year and the day its like would have in the next."""

    event: Event
    day: date
    exists: bool

    @property
    def source(self) -> str:
        return source_of(self.event)


def fiscal_year(day: date) -> int:
    return day.year if day.month >= APRIL else day.year - 1


def source_of(event: Event) -> str:
    return f"copy:{event.pk}:{fiscal_year(timezone.localdate(event.starts_at)) + 1}"


class Proposals(list[Copy]):
    """Those of a year; `cut` says that others come up once these are copied."""

    cut = False


def proposals(by: Member, year: int) -> Proposals:
    """What took place in this fiscal year, with days for the year after; a series without an end goes on by itself."""
    only(by, Act.FILL_CALENDAR)
    begin, end = (timezone.make_aware(datetime(each, APRIL, 1)) for each in (year, year + 1))
    ends = Q(rrule="") | Q(rrule__contains="COUNT=") | Q(rrule__contains="UNTIL=")
    found = Event.objects.visible_to(by).filter(ends, starts_at__gte=begin, starts_at__lt=end).order_by("starts_at")
    briefly = list(found.only("starts_at"))  # of those that are copied already nothing else is said
    made = set(Event.objects.filter(source__in=map(source_of, briefly)).values_list("source", flat=True))
    left = [event.pk for event in briefly if source_of(event) not in made]
    whole = found.filter(pk__in=left[:MOST]).select_related("community").in_bulk()
    proposed = Proposals(
        Copy(whole.get(event.pk, event), next_year(timezone.localdate(event.starts_at)), source_of(event) in made)
        for event in briefly
        if event.pk in whole or source_of(event) in made
    )
    proposed.cut = len(left) > MOST
    return proposed


@transaction.atomic
def take(copies: list[Copy], days: Mapping[int, date], *, by: Member) -> list[Event]:
    """Plan those that are chosen (event -> day); whatever was copied already, by whomever, is passed over."""
    only(by, Act.FILL_CALENDAR)
    taken = []
    for copy in copies:
        day = days.get(copy.event.pk)
        if day and not copy.exists:
            try:
                with transaction.atomic():
                    taken.append(_plan(copy, day, by))
            except IntegrityError:  # somebody copies the same year
                continue
    return taken


def next_year(day: date) -> date:
    """The same weekday of the same month a year later: 第2日曜 stays 第2日曜; a fifth that is missing is the last."""
    nth = (day.day - 1) // 7
    first = date(day.year + 1, day.month, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7 + 7 * nth)
    return found if found.month == day.month else found - timedelta(days=7)


def _plan(copy: Copy, day: date, by: Member) -> Event:
    event = copy.event
    fields: dict[str, Any] = {name: getattr(event, name) for name in SAME}
    starts = event.by_rule(day)
    if event.rrule:
        rule = _rule(event)
        starts = rules.first_on(rule, starts)
        fields["rrule"] = rule
    fields |= {"starts_at": starts, "ends_at": starts + (event.ends_at - event.starts_at), "source": copy.source}
    try:
        planned = Event.plan(by=by, **fields)
    except ValidationError as error:
        words = {"title": event.title, "why": " ".join(error.messages)}
        raise ValidationError(_("「%(title)s」は、このままでは入れられません。%(why)s") % words) from error
    record("event.copy", planned, by=by, of=event.pk)
    return planned


def _rule(event: Event) -> str:
    """The rule, ending a year later."""
    last = rules.last_day(event.rrule)
    if last is None:
        return event.rrule
    return rules.until(rules.endless(event.rrule), next_year(last), all_day=event.all_day)
