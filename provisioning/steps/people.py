"""Seats and the first officer: enough for the representative to walk in and begin."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy

from controlplane.accounts.contacts import Channel, Contact
from controlplane.accounts.models import User
from controlplane.tenancy import bound, public
from tenants.communities.models import Community, Membership
from tenants.members.models import Household, Member, Seat, SeatTerm

if TYPE_CHECKING:
    from provisioning.models.applications import Application
    from provisioning.models.runs import Run

SEATS = (
    ("会長", Seat.Kind.REPRESENTATIVE),
    ("副会長", Seat.Kind.OFFICER),
    ("会計", Seat.Kind.OFFICER),
)
ROOM = "役員のへや"


class Seed:
    name = "seed"
    label = gettext_lazy("役職と役員のへやを作る")

    def done(self, run: "Run") -> bool:
        with bound(run.association):
            seats = Seat.objects.filter(title__in=[title for title, _kind in SEATS]).count()
            return seats == len(SEATS) and Community.objects.filter(name=ROOM).exists()

    def do(self, run: "Run") -> None:
        with bound(run.association):
            for position, (title, kind) in enumerate(SEATS):
                Seat.objects.get_or_create(title=title, defaults={"kind": kind, "position": position})
            Community.objects.get_or_create(
                name=ROOM,
                defaults={"access": Community.Access.HIDDEN, "description": "役員だけで相談し、記録を残すところです。"},
            )


class FirstOfficer:
    name = "first_officer"
    label = gettext_lazy("代表者を登録する")

    def done(self, run: "Run") -> bool:
        with bound(run.association):
            return SeatTerm.objects.current().filter(seat__kind=Seat.Kind.REPRESENTATIVE).exists()

    def do(self, run: "Run") -> None:
        with public():
            application = run.association.application
        with bound(run.association):
            member = _representative(application)
            Seat.objects.get(kind=Seat.Kind.REPRESENTATIVE).hand_over(member, by="運営事務局")
            Membership.objects.get_or_create(
                community=Community.objects.get(name=ROOM),
                member=member,
                defaults={"state": Membership.State.ACTIVE, "role": Membership.Role.MODERATOR},
            )


def _representative(application: "Application") -> Member:
    user = User.objects.proven(Contact(Channel.MAIL, application.representative_email))
    existing = Member.objects.filter(user=user).first()
    if existing:
        return existing
    home = Household.objects.create(name=application.representative_name.split()[0], channel=Household.Channel.APP)
    return Member.objects.create(
        user=user, household=home, name=application.representative_name, admitted_at=timezone.now()
    )
