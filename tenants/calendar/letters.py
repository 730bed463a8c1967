"""What the calendar writes to people: called off, moved, a place has come free, tomorrow. Short, for a lock screen."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.accounts.contacts import Channel, Contact
from controlplane.associations.models import Association
from controlplane.dates import day_said
from controlplane.languages import spoken
from controlplane.metering.models import Kind
from controlplane.outbox.models import Message
from controlplane.tenancy import current_uuid, public
from tenants.members.models import Member

if TYPE_CHECKING:
    from tenants.calendar.models.occurrences import Occurrence


def moved_up(occurrence: "Occurrence", people: Iterable[Member]) -> None:
    send("moved_up", occurrence, people)


def send(about: str, occurrence: "Occurrence", people: Iterable[Member], *, urgent: bool = False) -> None:
    """One letter to each contact, however many of the people share it."""
    readers = {contact: member.user for member in people for contact in contacts_of(member, urgent=urgent)}
    if not readers:
        return
    home = _home(occurrence)
    for contact, user in readers.items():
        with spoken(user.language if user else ""):
            _write(contact, about, occurrence, home, Kind.URGENT if urgent else Kind.NEWS)


def _write(contact: Contact, about: str, occurrence: "Occurrence", home: dict[str, str], kind: Kind) -> None:
    words = home | _words(occurrence)
    subject, text = _said(about, occurrence)
    short = contact.channel == Channel.SMS
    body = f"{text} %(url)s" if short else f"{text}\n\n%(when)s\n%(place)s\n\n%(url)s\n\n%(site)s"
    told = (body % words).replace("\n\n\n", "\n\n")
    Message.queue(contact.channel, contact.value, subject=subject % words, body=told, kind=kind)


def contacts_of(member: Member, *, urgent: bool) -> list[Contact]:
    """Where this person reads: the mail, else the phone; both when it must not be overlooked."""
    user, first = member.user, member.contact
    if user is None or first is None:
        return []
    if urgent and user.phone and first.channel == Channel.MAIL:
        return [first, Contact(Channel.SMS, user.phone)]
    return [first]


def _home(occurrence: "Occurrence") -> dict[str, str]:
    uuid = current_uuid()
    with public():
        home = Association.objects.get(pk=uuid)
        return {"site": home.name, "url": home.url(occurrence.path)}


def _words(occurrence: "Occurrence") -> dict[str, str]:
    return {
        "title": occurrence.event.title,
        "day": day_of(occurrence),
        "when": when_of(occurrence),
        "place": occurrence.place,
        "reason": occurrence.cancel_reason or (occurrence.change.note if occurrence.change else ""),
    }


def day_of(occurrence: "Occurrence") -> str:
    return day_said(occurrence.day)


def when_of(occurrence: "Occurrence") -> str:
    if occurrence.event.all_day:
        return day_of(occurrence)
    starts, ends = (timezone.localtime(at) for at in (occurrence.starts_at, occurrence.ends_at))
    return f"{day_of(occurrence)} {starts:%-H:%M}〜{ends:%-H:%M}"


def _said(about: str, occurrence: "Occurrence") -> tuple[str, str]:
    """Subject and text, with places for the words."""
    if about == "cancelled":
        text = _("%(day)sの「%(title)s」は、中止になりました。")
        reason = _("（%(reason)s）") if occurrence.cancel_reason else ""
        return _("中止：%(title)s %(day)s"), text + reason
    if about == "moved":
        return _("変わりました：%(title)s"), _("「%(title)s」は、%(when)sに変わりました。")
    if about == "moved_up":
        return _("参加できます：%(title)s"), _("席が空いたので、%(day)sの「%(title)s」に参加できます。")
    if about == "soon":
        return _("まもなく：%(title)s"), _("このあと、%(when)sに「%(title)s」があります。")
    return _("あした：%(title)s"), _("あした%(when)s、「%(title)s」があります。")
