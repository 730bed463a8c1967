"""The roster: how members are found, counted and written in, in one definition each."""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from controlplane.tenancy import BadToken, Purpose, unsign
from tenants.members.models.groups import Group, Household
from tenants.members.models.invitations import Invitation
from tenants.members.models.seats import Seat, held

if TYPE_CHECKING:
    from tenants.members.models.members import Member

OFFICERS = frozenset({Seat.Kind.REPRESENTATIVE.value, Seat.Kind.OFFICER.value})


class AlreadyRegistered(Exception):
    """This account is a member already."""


class MemberQuerySet(models.QuerySet["Member"]):
    def present(self) -> "MemberQuerySet":
        """Not left, admitted or not."""
        return self.filter(left_at=None)

    def admitted(self) -> "MemberQuerySet":
        return self.present().filter(admitted_at__isnull=False)

    def waiting(self) -> "MemberQuerySet":
        """Registered, not yet admitted: the officers' to-do list."""
        return self.present().filter(admitted_at=None).order_by("registered_at")

    def named(self, words: str) -> "MemberQuerySet":
        """Those whose name, or its kana, holds these words."""
        return self.filter(Q(name__says=words) | Q(kana__says=words))

    def with_seats(self) -> "MemberQuerySet":
        """With the member's household and current seats, in one statement."""
        now = held(through="terms__")
        return self.select_related("household__group", "user").annotate(
            seat_kinds=ArrayAgg("terms__seat__kind", filter=now, default=[], distinct=True),
            seat_ids=ArrayAgg("terms__seat_id", filter=now, default=[], distinct=True),
        )

    def for_user(self, user: Any) -> "Member | None":
        return self.present().with_seats().filter(user=user).first()

    def of_calendar(self, token: str) -> "Member | None":
        """The admitted member whose calendar feed this token opens."""
        try:
            pk, revision = (int(part) for part in unsign(Purpose.CALENDAR, token))
        except (BadToken, TypeError, ValueError):
            return None
        return self.admitted().with_seats().filter(pk=pk, calendar_revision=revision).first()

    def officers(self) -> "MemberQuerySet":
        return self.admitted().filter(held(through="terms__"), terms__seat__kind__in=OFFICERS).distinct()

    def leaders(self) -> "MemberQuerySet":
        """Whoever holds any seat: officers and group leaders."""
        return self.admitted().filter(held(through="terms__")).distinct()

    @transaction.atomic
    def register(
        self,
        user: Any,
        *,
        name: str,
        kana: str = "",
        group: Group | None = None,
        address: str = "",
        postal_code: str = "",
        household: Household | None = None,
        invitation: Invitation | None = None,
    ) -> "Member":
        """Write a person who proved a contact into the roster; an invitation admits at once, else an officer does.

        Without a `household` a new one is made in `group`, or the invitation's. Raises AlreadyRegistered,
        ValidationError, BadInvitation.
        """
        if not name.strip():
            raise ValidationError({"name": _("お名前を入れてください。")})
        if self.present().filter(user=user).exists():
            raise AlreadyRegistered
        if household is None:
            group = group or (invitation.group if invitation else None)
            family = name.split()[0]
            household = Household.objects.create(
                name=family,
                group=group,
                address=address,
                postal_code=postal_code,
                channel=Household.Channel.APP,
            )
        try:
            with transaction.atomic():
                member = self.create(user=user, name=name.strip(), kana=kana.strip(), household=household)
        except IntegrityError as error:  # the same form sent twice at once
            raise AlreadyRegistered from error
        record("member.register", member, by=member)
        if invitation:
            member.accept(invitation)
        return member
