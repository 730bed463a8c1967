"""Bringing in the events of an .ics file: read with suspicion, shown first, taken over once."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.calendar import ical, received
from tenants.calendar.drafting import Draft, draft_of, source_of
from tenants.calendar.models import Event, OccurrenceChange
from tenants.calendar.received import LARGEST as LARGEST
from tenants.calendar.received import LINES as LINES
from tenants.calendar.received import MOST, Entry
from tenants.members.models import Act, Member, only

TIMES = 2000  # a year, of all that is taken at once: five daily events, of the fourteen a calendar holds


class Drafts(list[Draft]):
    """The events of a file; `told` is what has to be said of the file itself."""

    def __init__(self, drafts: Iterable[Draft], told: list[str]) -> None:
        super().__init__(drafts)
        self.told = told


def read(content: bytes, *, by: Member, host: str) -> Drafts:
    """The events of a file, the earliest first. Raises ValidationError for what is no calendar, or too much of one."""
    entries, told = received.entries(content)
    found: list[Draft] = []
    for entry in entries:
        if entry.event is None:  # single times, of a series that is elsewhere
            found += [
                draft_of(Entry(f"{entry.uid} {received.time_of(each)}", each), by, entry.uid) for each in entry.times
            ]
        else:
            found.append(draft_of(entry, by))
    _recognise(found, host, told)
    never = timezone.now() + timedelta(days=100 * 365)
    return Drafts(sorted(found, key=lambda draft: (draft.fields.get("starts_at", never), draft.uid)), told)


@transaction.atomic
def take(drafts: Collection[Draft], uids: Collection[str], audience: str, *, by: Member) -> list[Event]:
    """Plan the chosen ones; what is known or has a problem is passed over, whoever else takes it at this moment.

    All of them or none: ValidationError when they are too many for one file, or for the calendar.
    """
    only(by, Act.FILL_CALENDAR)
    chosen = [draft for draft in drafts if draft.may_be_taken and draft.uid in uids]
    _check_times(chosen)
    taken = []
    for draft in chosen:
        try:
            with transaction.atomic():
                taken.append(_plan(draft, audience, by))
        except IntegrityError:  # somebody takes the same file over
            continue
    return taken


def a_year(drafts: Iterable[Draft]) -> int:
    return sum(draft.a_year for draft in drafts)


def _check_times(chosen: list[Draft]) -> None:
    times, events = a_year(chosen), sum(1 + len(draft.alone) for draft in chosen)
    if times > TIMES:
        words = {"times": f"{times:,}", "most": f"{TIMES:,}"}
        raise ValidationError(
            _("選んだ予定は、1年に%(times)s回になります。1度に取り込めるのは、1年に%(most)s回までです。") % words
        )
    if events > 2 * MOST:
        raise ValidationError(_("選んだ予定の日が多すぎます。しるしを外して、へらしてください。"))


def _plan(draft: Draft, audience: str, by: Member) -> Event:
    event = Event.plan(by=by, source=draft.source, audience=audience, **draft.fields)
    for change in draft.changes:
        OccurrenceChange.objects.update_or_create(
            event=event, occurs_on=change["occurs_on"], defaults=change | {"by": by}
        )
    for fields in draft.alone:
        source = source_of(f"{draft.uid}\n{fields['starts_at'].timestamp():.0f}")
        Event.plan(by=by, source=source, audience=audience, **fields)
    record("event.import", event, by=by)
    return event


def _recognise(drafts: list[Draft], host: str, told: list[str]) -> None:
    """Those that were taken before, our own that come back, and single times of a series that was."""
    named = {draft.uid for draft in drafts} | {draft.series for draft in drafts if draft.series}
    events = {event.source: event for event in Event.objects.filter(source__in=[source_of(uid) for uid in named])}
    own = {uid: ical.pk_of(uid, host) for uid in named}
    numbers = [pk for pk in own.values() if pk is not None and pk < 2**63]
    here = set(Event.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    known = {uid for uid in named if source_of(uid) in events or own[uid] in here}
    other = []
    for draft in drafts:
        draft.known = draft.uid in known
        event, starts_at = events.get(draft.source), draft.fields.get("starts_at")
        if event and starts_at and not event.rrule and not draft.alone and event.starts_at != starts_at:
            other.append(draft.fields["title"])
        if draft.series in known and not draft.known:
            draft.problem = _("もとのくり返しが、もうカレンダーにあります。その日だけを、カレンダーで直してください。")
    if other:
        words = _("もうカレンダーにある予定と、日時がちがいます：%(names)s。カレンダーのほうを直してください。")
        told.append(words % {"names": "、".join(other)})
