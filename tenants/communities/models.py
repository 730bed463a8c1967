"""Communities: small groups with their own feed. Schema: every association's own."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.audit.models import record
from tenants.members.models import Member, Reader, part_of_erasing


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, member: Member) -> "CommunityQuerySet":
        """Open ones and those by approval to everyone admitted; hidden ones to officers and those inside."""
        if not member.is_admitted:
            return self.none()
        if member.is_own_officer:
            return self
        inside = Membership.objects.active().filter(community=OuterRef("pk"), member=member)
        return self.filter(~Q(access=Community.Access.HIDDEN) | Exists(inside))

    def readable_by(self, who: Member | Reader) -> "CommunityQuerySet":
        """Those whose feed the member may read: inside it, or an officer's hidden community."""
        reader = Reader.of(who)
        inside = Exists(Membership.objects.active().filter(community=OuterRef("pk"), member=reader.member))
        return self.filter(inside | Q(reader.own_officer, access=Community.Access.HIDDEN), reader.admitted)

    def with_standing(self, member: Member) -> "CommunityQuerySet":
        """With `member_count` and `standing`: None, 'requested' or 'active' for this member."""
        own = Membership.objects.filter(community=OuterRef("pk"), member=member).values("state")[:1]
        active = Q(memberships__state=Membership.State.ACTIVE)
        extra = {"member_count": Count("memberships", filter=active), "standing": Subquery(own)}
        return self.annotate(**extra)


class Community(models.Model):
    """A committee, a children's group, the leaders' room."""

    class Access(models.TextChoices):
        OPEN = "open", "だれでも入れます"
        APPROVAL = "approval", "役員がたしかめます"
        HIDDEN = "hidden", "役員だけに見えます"

    name = models.CharField(max_length=40, unique=True)
    description = models.CharField(max_length=300, blank=True)
    access = models.CharField(max_length=10, choices=Access, default=Access.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(default=timezone.now)

    objects = CommunityQuerySet.as_manager()

    # Set by with_standing().
    member_count: int
    standing: str | None

    class Meta:
        ordering: ClassVar = ["-last_activity_at"]
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def start(cls, *, by: Member, name: str, description: str = "", access: str = Access.OPEN) -> "Community":
        """Officers start communities; whoever starts one is inside. Raises ValidationError for a name in use."""
        if not by.is_officer:
            raise PermissionError("Only officers start communities.")
        if cls.objects.filter(name=name.strip()).exists():
            raise ValidationError({"name": _("同じ名前のコミュニティがあります。")})
        community = cls.objects.create(name=name.strip(), description=description.strip(), access=access)
        community.memberships.create(member=by, state=Membership.State.ACTIVE)
        record("community.start", community, by=by)
        return community

    @transaction.atomic
    def join(self, member: Member) -> "Membership":
        """Enter an open community at once; ask at the door of one by approval; officers enter hidden ones."""
        if self.access == self.Access.HIDDEN and not member.is_officer:
            raise PermissionError("A hidden community is not joined from outside.")
        at_once = self.access == self.Access.OPEN or member.is_officer
        state = Membership.State.ACTIVE if at_once else Membership.State.REQUESTED
        membership, _created = self.memberships.get_or_create(member=member, defaults={"state": state})
        return membership

    def leave(self, member: Member) -> None:
        self.memberships.filter(member=member).delete()

    @transaction.atomic
    def let_in(self, member: Member, *, by: Member) -> None:
        """Officers answer a request to join."""
        if not by.is_officer:
            raise PermissionError("Only officers let people in.")
        if self.memberships.filter(member=member).update(state=Membership.State.ACTIVE):
            record("community.let_in", self, by=by, member=member.pk)

    @transaction.atomic
    def turn_away(self, member: Member, *, by: Member) -> None:
        """Officers decline a request to join; the person may ask again."""
        if not by.is_officer:
            raise PermissionError("Only officers answer requests.")
        asked = self.memberships.filter(member=member, state=Membership.State.REQUESTED)
        if asked.delete()[0]:
            record("community.turn_away", self, by=by, member=member.pk)

    def requests(self) -> "MembershipQuerySet":
        return self.memberships.requested().select_related("member__household__group")

    def noticed(self) -> None:
        """Something was posted: move the community up the list."""
        Community.objects.filter(pk=self.pk).update(last_activity_at=timezone.now())


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(state=Membership.State.ACTIVE)

    def requested(self) -> "MembershipQuerySet":
        """Those who wait at the door, first come first."""
        return self.filter(state=Membership.State.REQUESTED).order_by("pk")

    def by_community(self) -> list[tuple[int, str, int]]:
        """How many, for each community: (pk, name, count)."""
        named = self.order_by("community__name").values_list("community", "community__name")
        return list(named.annotate(n=Count("pk")))


class Membership(models.Model):
    class State(models.TextChoices):
        REQUESTED = "requested", "申し込み中"
        ACTIVE = "active", "入っています"

    # Not indexed by itself: membership_once begins with it.
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    state = models.CharField(max_length=10, choices=State)
    since = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["community", "member"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.member} in {self.community}"


@part_of_erasing
def leave_all(member: Member, by: object) -> None:
    """Who is erased is in no community, and was in none."""
    Membership.objects.filter(member=member).delete()
