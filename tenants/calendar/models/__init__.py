"""The calendar: events, their occurrences, answers (出欠). Schema: every association's own."""

from tenants.calendar.models.answers import Guests, Rsvp, RsvpQuerySet, Turnout
from tenants.calendar.models.erasing import forget_answers
from tenants.calendar.models.events import Event
from tenants.calendar.models.finding import EventQuerySet, Timetable
from tenants.calendar.models.occurrences import Occurrence, OccurrenceChange, Occurrences
from tenants.calendar.models.telling import Telling

__all__ = [
    "Event",
    "EventQuerySet",
    "Guests",
    "Occurrence",
    "OccurrenceChange",
    "Occurrences",
    "Rsvp",
    "RsvpQuerySet",
    "Telling",
    "Timetable",
    "Turnout",
    "forget_answers",
]
