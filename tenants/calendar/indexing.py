"""What of an event the search index holds."""

from typing import TYPE_CHECKING

from tenants.search.circles import circle
from tenants.search.models import Entry, Kind, put

if TYPE_CHECKING:
    from tenants.calendar.models import Event

EVENT = "event"


def index(*events: "Event") -> None:
    """Have search find these as they are now."""
    put(*map(entry, events))


def entry(event: "Event") -> Entry:
    text = f"{event.title}\n{event.place}\n{event.description}"
    to = circle(event.audience, event.community_id)
    return Entry.of(Kind.EVENT, event.pk, at=event.starts_at, text=text, tags=(EVENT, to))
