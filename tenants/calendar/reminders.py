"""Reminding of what takes place tomorrow, or in two hours: whoever meant to come, once each."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from tenants.calendar import letters
from tenants.calendar.models import Event, Occurrence, series
from tenants.calendar.models.finding import goes_on
from tenants.calendar.models.telling import meant_to_come

AHEAD = timedelta(days=2)
MOST = 5000  # occurrences at once: as many as may be planned for a year


def remind(now: datetime | None = None) -> None:
    """Write what is due in the bound association, and note when it is to be woken next."""
    moment = now or timezone.now()
    events = Event.objects.filter(remind__gt=Event.Remind.NEVER, cancelled_at=None)
    for occurrence in events.between(moment, moment + AHEAD, MOST):
        if not occurrence.cancelled_at and occurrence.starts_at > moment:
            _remind_of(occurrence, moment)
    to_come = Q(rrule="", ends_at__gte=moment) | ~Q(rrule="") & goes_on(moment)
    for event in events.filter(to_come).prefetch_related("changes"):
        series.note_reminder(event)


def _remind_of(occurrence: Occurrence, now: datetime) -> None:
    due = [at for at in series.reminders_of(occurrence) if at <= now]
    if not due:
        return
    Event.objects.select_for_update().get(pk=occurrence.event.pk)  # one at a time: nobody is reminded twice
    answers = occurrence.event.rsvps.filter(occurs_on=occurrence.on, waiting_since=None)
    rows = meant_to_come(answers).filter(reminded__lt=len(due), at__lt=max(due))
    people = list(rows.notified())  # before they are marked
    rows.update(reminded=len(due))
    is_today = timezone.localdate(now) == occurrence.day
    letters.send("soon" if is_today else "tomorrow", occurrence, people)
