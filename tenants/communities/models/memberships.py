"""Who is in a community: a person, or whoever holds a seat; as a moderator (世話役) or one of the others."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce, Now, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from tenants.communities import letters
from tenants.members.models import Member, Reader, Seat, SeatTerm
from tenants.members.models.seats import held

PERSON = Coalesce("member_id", "seat__terms__member_id")  # of what is taken()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(state=Membership.State.ACTIVE)

    def requested(self) -> "MembershipQuerySet":
        """Those who wait at the door, first come first."""
        return self.filter(state=Membership.State.REQUESTED).order_by("pk")

    def invited(self) -> "MembershipQuerySet":
        """Those who were asked and have not answered."""
        return self.filter(state=Membership.State.INVITED).order_by("pk")

    def moderators(self) -> "MembershipQuerySet":
        return self.active().filter(role=Membership.Role.MODERATOR)

    def own(self, who: Member | Reader) -> "MembershipQuerySet":
        """Of somebody as a person."""
        return self.filter(member=Reader.of(who).member)

    def by_seat(self, who: Member | Reader) -> "MembershipQuerySet":
        """Of the seats somebody holds today."""
        return self.filter(seat__in=_seats_of(who))

    def of(self, who: Member | Reader) -> "MembershipQuerySet":
        """As a person, or by a seat held today."""
        return self.filter(Q(member=Reader.of(who).member) | Q(seat__in=_seats_of(who)))

    def taken(self) -> "MembershipQuerySet":
        """Without seats that nobody holds today."""
        return self.filter(Q(seat=None) | held(through="seat__terms__"))

    def persons(self) -> "models.QuerySet[Membership, Any]":
        """The people these are today, as rows of `person`."""
        return self.taken().values(person=PERSON)

    def by_community(self) -> list[tuple[int, str, int]]:
        """How many, for each community: (pk, name, count)."""
        named = self.order_by("community__name").values_list("community", "community__name")
        return list(named.annotate(n=Count("pk")))


def _seats_of(who: Member | Reader) -> "models.QuerySet[SeatTerm, Any]":
    day = TruncDate(Now()) if isinstance(who, Reader) else None  # a bare token's reader is said in SQL alone
    return SeatTerm.objects.filter(held(day), member=Reader.of(who).member).values("seat")


class Membership(models.Model):
    """A place in a community, or on the way there. Of a seat it passes on with the seat, on the day."""

    class State(models.TextChoices):
        REQUESTED = "requested", gettext_lazy("申し込み中")
        ACTIVE = "active", gettext_lazy("入っています")
        INVITED = "invited", gettext_lazy("声をかけています")
        REMOVED = "removed", gettext_lazy("外れました")

    class Role(models.TextChoices):
        MEMBER = "member", gettext_lazy("会員")
        MODERATOR = "moderator", gettext_lazy("世話役")

    # Not indexed by itself: membership_once begins with it.
    community = models.ForeignKey("Community", on_delete=models.CASCADE, related_name="memberships", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships", null=True, blank=True)
    # Not indexed by itself: membership_seat begins with it.
    seat = models.ForeignKey(
        Seat, on_delete=models.CASCADE, related_name="memberships", null=True, blank=True, db_index=False
    )
    state = models.CharField(max_length=10, choices=State)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER, db_default=Role.MEMBER)
    note = models.CharField(max_length=200, blank=True, default="", db_default="")  # why somebody was removed
    since = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "member"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(member__isnull=False, seat=None) | Q(member=None, seat__isnull=False),
                name="membership_person_or_seat",
            ),
        ]
        # A seat is there once as well: whoever asks it in holds the community's row (Community.invite).
        indexes: ClassVar = [
            models.Index(fields=["seat", "community"], name="membership_seat", condition=Q(seat__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.who} in {self.community}"

    @property
    def who(self) -> str:
        return str(self.seat or self.member)

    @property
    def holder(self) -> Member | None:
        """The person it is today."""
        return self.seat.holder if self.seat else self.member

    @property
    def is_moderator(self) -> bool:
        return self.state == self.State.ACTIVE and self.role == self.Role.MODERATOR

    @transaction.atomic
    def appoint(self, *, by: Member) -> None:
        """Make this one a moderator too. Twice is once."""
        community = self.community.held_for(by)
        inside = community.memberships.active().filter(pk=self.pk)
        if inside.exclude(role=self.Role.MODERATOR).update(role=self.Role.MODERATOR):
            record("community.appoint", community, by=by, **self._named())
        self.refresh_from_db()

    @transaction.atomic
    def relieve(self, *, by: Member) -> None:
        """Let a moderator be one of the others again; one moderator has to stay."""
        community = self.community.held_for(by)
        community.must_keep_a_moderator(without=self.pk)
        if community.memberships.moderators().filter(pk=self.pk).update(role=self.Role.MEMBER):
            record("community.relieve", community, by=by, **self._named())
        self.refresh_from_db()

    @transaction.atomic
    def hand_over(self, to: "Membership", *, by: Member) -> None:
        """Give the moderator's work to somebody else inside."""
        if to.community_id != self.community_id or to.state != self.State.ACTIVE:
            raise ValidationError(_("世話役をゆずる相手は、この集まりの中から選んでください。"))
        to.appoint(by=by)
        self.relieve(by=by)

    @transaction.atomic
    def remove(self, *, by: Member, reason: str, site_name: str = "", url: str = "") -> None:
        """Take somebody out, and tell them why, kindly. They may ask to come back; then a moderator answers."""
        reason = reason.strip()
        if not reason:
            raise ValidationError({"reason": _("外れてもらうわけを、ひとこと書いてください。ご本人に伝わります。")})
        if len(reason) > 200:
            raise ValidationError({"reason": _("わけは200文字までです。")})
        community = self.community.held_for(by)
        if self.member_id == by.pk:
            raise ValidationError(_("ご自分のときは、「このコミュニティから出る」を使ってください。"))
        community.must_keep_a_moderator(without=self.pk)
        rows = community.memberships.filter(pk=self.pk, state__in=[self.State.ACTIVE, self.State.INVITED])
        person, was_inside = self.holder, rows.active().exists()
        gone = rows.delete()[0] if self.seat_id else rows.update(state=self.State.REMOVED, role="member", note=reason)
        if gone:
            record("community.remove", community, by=by, reason=reason, **self._named())
        if gone and was_inside and person and person.contact:
            names = {"name": person.name, "community": community.name, "site_name": site_name, "url": url}
            letters.removed(person, person.contact, reason=reason, **names)

    def _named(self) -> dict[str, int | None]:
        return {"seat": self.seat_id} if self.seat_id else {"member": self.member_id}
