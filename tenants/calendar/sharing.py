"""A federation's events on its members' calendars: its own code hands up what it shows, whenever that changes."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from controlplane.associations.models.federation_dates import MOST, FederationCalendar, FederationDate
from controlplane.tenancy import current_uuid, public

if TYPE_CHECKING:
    from tenants.calendar.models import Event, Occurrence

PAST, AHEAD = timedelta(days=62), timedelta(days=400)


def reflect(*events: "Event") -> None:
    """In the transaction that changes these: when one is shown to members, or was, hand up anew all that is."""
    if any(event.shared for event in events):
        share()


def share() -> None:
    """Hand up what is shown, under the current binding. Called again it writes the same."""
    from tenants.calendar.models import Event

    here = current_uuid()
    with public():
        calendar = FederationCalendar.objects.hold(here)
    if calendar is None:
        return
    now = timezone.now()
    shown = Event.objects.filter(shared=True, audience=Event.Audience.EVERYONE)
    dates = [_date(each) for each in shown.between(now - PAST, now + AHEAD, MOST)]
    with public():
        calendar.show(dates)


def _date(occurrence: "Occurrence") -> FederationDate:
    return FederationDate(
        uid=f"{current_uuid().hex}-{occurrence.event.pk}-{occurrence.on:%Y%m%d}",
        federation="",
        title=occurrence.event.title,
        place=occurrence.place,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        all_day=occurrence.event.all_day,
        called_off=occurrence.cancelled_at is not None,
    )
