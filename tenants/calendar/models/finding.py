"""Who sees which events, and when they take place: each said once, for every page, the API and files."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from tenants.calendar.models.occurrences import Occurrence, OccurrenceChange
from tenants.communities.models import Community
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event  # noqa: F401

RAINY = timedelta(days=2)  # how long before its beginning a cancelled event stands on top of the pages


class Audience(models.TextChoices):
    EVERYONE = "everyone", gettext_lazy("全世帯")
    COMMUNITY = "community", gettext_lazy("コミュニティ")
    OFFICERS = "officers", gettext_lazy("役員だけ")


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, member: Member) -> "EventQuerySet":
        """The one definition of who sees an event: pages, API, print and iCalendar alike."""
        if not member.is_admitted:
            return self.none()
        communities = Community.objects.readable_by(member).values("pk")
        seen = Q(audience=Audience.EVERYONE) | Q(audience=Audience.COMMUNITY, community__in=communities)
        if member.is_officer:
            seen |= Q(audience=Audience.OFFICERS)
        return self.filter(seen)

    def between(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Every occurrence that touches [start, end), recurring ones expanded and moved ones moved, in order."""
        moved = OccurrenceChange.objects.filter(starts_at__lt=end, ends_at__gt=start).values("event")
        single = Q(rrule="", starts_at__lt=end, ends_at__gt=start)
        recurring = ~Q(rrule="") & (Q(starts_at__lt=end) | Q(pk__in=moved))
        found = self.filter(single | recurring).select_related("community").prefetch_related("changes")
        every = [each for event in found for each in event.occurrences(start, end)]
        return sorted(every, key=lambda occurrence: (occurrence.starts_at, occurrence.event.pk))

    def called_off(self) -> list[Occurrence]:
        """What would take place now or within two days, and does not: for the top of the pages."""
        now = timezone.now()
        changed = OccurrenceChange.objects.filter(
            cancelled_at__isnull=False, starts_at__lt=now + RAINY, ends_at__gt=now
        ).values("event")
        recently = Q(cancelled_at__gt=now - timedelta(days=30))
        soon = self.filter(recently | Q(pk__in=changed)).between(now, now + RAINY)
        return [occurrence for occurrence in soon if occurrence.cancelled_at]
