"""Erasing a person: every app above adds its own part here, so that `member.erase()` is the whole of it.

Parts run while the person still has their name and account, each in the transaction of the verb.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils import timezone

from controlplane.audit.models import Entry, record
from controlplane.outbox.models import Message
from controlplane.sending.models import forget as forget_sent

if TYPE_CHECKING:
    from tenants.members.models.members import Member

ERASED = "退会した会員"  # what stands where the name stood, in every language: it is data
Part = Callable[["Member", object], None]
_parts: list[Part] = []


def part_of_erasing(part: Part) -> Part:
    """Have this done as well whenever somebody is erased."""
    _parts.append(part)
    return part


def forget(member: "Member", by: object) -> None:
    """Run every part, then let go of the person themselves; the row stays, so that counts and authorship hold."""
    for part in _parts:
        part(member, by)
    _forget_trail(member)
    _forget_person(member)
    record("member.erase", member, by=ERASED if by == member else by)


def _forget_trail(member: "Member") -> None:
    """The name in the trail, on invitations and in letters to others."""
    from tenants.members.models.invitations import Invitation

    if member.name == ERASED:
        return
    seats = member.terms.values_list("seat__title", flat=True)
    names = {member.name, *(f"{title} {member.name}" for title in seats)}
    Entry.objects.forget(names, instead=ERASED)
    Invitation.objects.forget(names, instead=ERASED)
    Message.objects.filter(body__contains=f"{member.name}さん").discard()


def _forget_person(member: "Member") -> None:
    today, user = timezone.localdate(), member.user
    member.terms.filter(starts_on__gt=today).delete()
    member.terms.current(today).update(ends_on=today)
    member.name, member.kana, member.user = ERASED, "", None
    member.left_at = member.left_at or timezone.now()
    member.calendar_revision += 1
    member.save(update_fields=["name", "kana", "user", "left_at", "calendar_revision"])
    if user:
        forget_sent(user)
        user.erase()
    if member.is_last_at_home:
        member.household.forget()
