"""The turn of the fiscal year on 1 April: who has each seat now and then, what it hands on, what is still open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.communities.models import HandoverRecord, fiscal_year
from tenants.feed.models import Post
from tenants.members.models import Act, Member, Seat

NAMED = 5  # of the seats nobody has; the table names them all


@dataclass(frozen=True)
class Line:
    """One seat across the turn."""

    seat: Seat
    holder: Member | None
    coming: Member | None
    posts: int
    records: int
    allowed: bool

    @property
    def passes_on(self) -> bool:
        return self.coming is not None and self.coming != self.holder

    @property
    def is_open(self) -> bool:
        return self.coming is None


def next_turn(today: date | None = None) -> date:
    return date(fiscal_year(today) + 1, 4, 1)


def lines(member: Member, day: date) -> list[Line]:
    """Every seat, in four statements whatever their number."""
    posts = Post.objects.published_or_coming().by_seat()
    records = HandoverRecord.objects.visible_to(member).by_seat()
    return [
        Line(
            seat,
            seat.holder,
            seat.holder_on(day),
            posts.get(seat.pk, 0),
            records.get(seat.pk, 0),
            member.may_look_at(Act.HAND_OVER, seat),
        )
        for seat in Seat.objects.with_terms()
    ]


def turn_of(seats: Iterable[Line], day: date) -> dict[str, Any]:
    """What the page says of the turn as a whole."""
    open_seats = [str(line.seat) for line in seats if line.is_open]
    decided = sum(line.passes_on for line in seats)
    return {
        "day": day,
        "today": timezone.localdate(),
        "left": (day - timezone.localdate()).days,
        "decided": decided,
        "open": len(open_seats),
        "open_names": _("、").join(open_seats[:NAMED]),
        "unnamed": max(0, len(open_seats) - NAMED),
        "steps": [_("役職を見なおす"), _("次の方を決める"), _("たしかめる"), _("4月1日に替わる")],
        "step": 3 if decided and not open_seats else 2,
    }
