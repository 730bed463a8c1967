"""What is otherwise than planned, as an event's own verbs: one time moved or put back, one or all called off."""

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.calendar import sharing
from tenants.calendar.models import checks, series
from tenants.calendar.models.occurrences import Occurrence, OccurrenceChange
from tenants.calendar.models.telling import Tell, Telling, forget_nothing_off
from tenants.members.models import Act, Member, only

if TYPE_CHECKING:
    from tenants.calendar.models.events import Event


class CalledOff(models.Model):
    """The part of an event that says what does not take place as planned."""

    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract: ClassVar = True

    @transaction.atomic
    def move(
        self,
        on: date,
        *,
        by: Member,
        starts_at: datetime,
        ends_at: datetime,
        place: str = "",
        note: str = "",
        tell_answered: bool = False,
        version: int | None = None,
    ) -> Occurrence:
        """Have one time of a series take place at another hour or place; its answers stay with it.

        Raises EditedMeanwhile when `version` is not that of the occurrence as it stands.
        """
        event = cast("Event", self)
        occurrence = event.locked()._changed_at(on, by)
        checks.check_times(starts_at, ends_at)
        told = {"starts_at": starts_at, "ends_at": ends_at, "place": place.strip()[:120], "note": note.strip()[:200]}
        OccurrenceChange.write(occurrence, by=by, version=version, **told)
        event.rsvps.filter(occurs_on=on).update(reminded=0)
        record("event.move", self, by=by, on=on.isoformat())
        series.note_reminder(event)
        sharing.reflect(event)
        moved = self._fresh(on)
        if tell_answered:
            Telling.plan(Telling.About.MOVED, moved, to=Tell.ANSWERED)
        return moved

    @transaction.atomic
    def put_back(self, on: date, *, by: Member) -> None:
        """Have one time of a series take place as its rule says again."""
        event = cast("Event", self)
        only(by, Act.CHANGE_EVENT, event)
        if event.changes.filter(occurs_on=on, cancelled_at=None).delete()[0]:
            event.rsvps.filter(occurs_on=on).update(reminded=0)
            event.tellings.filter(occurs_on=on, about=Telling.About.MOVED).delete()
            sharing.reflect(event)
            record("event.put_back", self, by=by, on=on.isoformat())

    @transaction.atomic
    def cancel(
        self, *, by: Member, reason: str = "", on: date | None = None, to: str = Tell.ANSWERED, urgent: bool = False
    ) -> None:
        """Call all of it off, or one time of a series, and have those who meant to come written to, or everybody.

        It stays on the calendar, marked, so that nobody comes in vain. Twice is once, and told once.
        """
        event = cast("Event", self)
        only(by, Act.CHANGE_EVENT, event)
        event.follow(event.locked())
        one = on if event.rrule else None
        occurrence = self._changed_at(one, by) if one else event.next_occurrence()
        if event.cancelled_at or (one and occurrence.cancelled_at):
            return
        reason = reason.strip()[:200]
        if one:
            series.call_off(occurrence, by, reason)
        else:
            event.cancelled_at, event.cancel_reason = timezone.now(), reason
            event.put("cancelled_at", "cancel_reason")
        forget_nothing_off()
        sharing.reflect(event)
        about = {"on": one.isoformat()} if one else {}
        record("event.cancel", self, by=by, reason=reason, **about)
        Telling.plan(Telling.About.CANCELLED, occurrence, to=to, urgent=urgent, whole=not one)

    def _changed_at(self, on: date, by: Member) -> Occurrence:
        """The time that is changed; only a series has times that differ."""
        event = cast("Event", self)
        only(by, Act.CHANGE_EVENT, event)
        occurrence = event.occurrence_on(on) if event.rrule else None
        if occurrence is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})
        return occurrence

    def _fresh(self, on: date) -> Occurrence:
        """The occurrence as it stands now, whatever was fetched before."""
        occurrence = type(cast("Event", self)).objects.get(pk=self.pk).occurrence_on(on)
        if occurrence is None:
            raise ValidationError({"on": _("この日には、行事がありません。")})
        return occurrence
