"""Communities: small groups with their own feed, led by moderators (世話役) and, beside them, by the officers."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.audit.models import record
from controlplane.versioned import Versioned
from tenants.communities import letters
from tenants.communities.indexing import index
from tenants.communities.models.memberships import PERSON, Membership
from tenants.members.models import Act, Group, Member, Reader, Seat, only

if TYPE_CHECKING:
    from tenants.communities.models.memberships import MembershipQuerySet

State, Role = Membership.State, Membership.Role


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, member: Member) -> "CommunityQuerySet":
        """Open ones and those by approval to everyone admitted; hidden ones to officers, those inside and invited."""
        if not member.is_admitted:
            return self.none()
        if member.is_own_officer:
            return self
        known = Membership.objects.filter(state__in=[State.ACTIVE, State.INVITED]).of(member)
        return self.filter(~Q(access=Community.Access.HIDDEN) | Q(pk__in=known.values("community")))

    def readable_by(self, who: Member | Reader) -> "CommunityQuerySet":
        """Those whose feed the member may read: inside it, or an officer's hidden community."""
        reader, rows = Reader.of(who), Membership.objects.active()
        inside = Q(pk__in=rows.own(who).values("community"))
        by_seat = Q(reader.leader, pk__in=rows.by_seat(who).values("community"))
        hidden = Q(reader.own_officer, access=Community.Access.HIDDEN)
        return self.filter(inside | by_seat | hidden, reader.admitted)

    def writable_by(self, who: Member | Reader) -> "CommunityQuerySet":
        """Those the member may write and plan in: what is readable and has not ended."""
        return self.readable_by(who).filter(closed_at=None)

    def moderated_by(self, member: Member) -> "CommunityQuerySet":
        """Those that last and that the member leads as one of their own moderators."""
        if not member.is_admitted or member.visiting:
            return self.none()
        return self.filter(pk__in=Membership.objects.moderators().of(member).values("community"), closed_at=None)

    def search(self, words: str) -> "CommunityQuerySet":
        """Those whose name holds every one of the words."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(name__says=word)
        return found

    def with_standing(self, member: Member) -> "CommunityQuerySet":
        """With `member_count`, and this member's `standing` (None, or a State) and `role` (None when not inside)."""
        here = Membership.objects.filter(community=OuterRef("pk"))
        people = here.active().taken().order_by().values(one=Value(1)).annotate(n=Count(PERSON, distinct=True))
        own = here.exclude(state=State.REMOVED).of(member)  # by letters: active before invited before requested
        extra = {
            "member_count": Coalesce(Subquery(people.values("n"), output_field=IntegerField()), 0),
            "standing": Subquery(own.order_by("state").values("state")[:1]),
            "role": Subquery(own.active().order_by("-role").values("role")[:1]),
        }
        return self.annotate(**extra)


class Community(Versioned):
    """A committee, a children's group, the leaders' room."""

    class Access(models.TextChoices):
        OPEN = "open", gettext_lazy("だれでも入れます")
        APPROVAL = "approval", gettext_lazy("世話役がたしかめます")
        HIDDEN = "hidden", gettext_lazy("役員だけに見えます")

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
    role: str | None

    class Meta:
        ordering: ClassVar = ["-last_activity_at"]
        verbose_name_plural = "communities"

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def start(cls, *, by: Member, name: str, description: str = "", access: str = Access.OPEN) -> "Community":
        """Officers start communities; whoever starts one is its moderator. ValidationError for a name in use."""
        only(by, Act.START_COMMUNITY)
        community = cls(name=name.strip(), description=description.strip(), access=access)
        community._save_named(partial(community.save, force_insert=True))
        community.memberships.create(member=by, state=State.ACTIVE, role=Role.MODERATOR)
        record("community.start", community, by=by)
        return community

    @transaction.atomic
    def change(self, *, by: Member, version: int | None = None, **fields: str) -> None:
        """Correct name, description or access. When it opens, those at the door are inside.

        Raises EditedMeanwhile when `version` is not the newest.
        """
        row = self.held_for(by, version)
        before = {name: getattr(row, name) for name in fields}
        for name, value in fields.items():
            setattr(row, name, value.strip())
        if row.access == self.Access.HIDDEN != before.get("access", row.access) and not by.may(Act.START_COMMUNITY):
            raise ValidationError({"access": _("「役員だけに見えます」を選べるのは、役員だけです。")})
        row._save_named(partial(row.put, *fields))
        if row.access == self.Access.OPEN:
            row.memberships.requested().update(state=State.ACTIVE)
        record("community.change", row, by=by, before=before)
        self.refresh_from_db()

    def moderated_by(self, member: Member) -> bool:
        """Its moderators, and the officers beside them."""
        return member.is_own_officer or (member.is_admitted and self.memberships.moderators().of(member).exists())

    def held_for(self, by: Member, version: int | None = None) -> "Community":
        """The row, locked against others who change who is in it; only for those who lead it, while it lasts."""
        row = self.locked()
        only(by, Act.LEAD_COMMUNITY, row)
        row.must_be_open()
        row.must_be(version)
        return row

    def must_be_open(self) -> None:
        if self.closed_at:
            raise ValidationError(_("この集まりは終わりました。読むことだけできます。"))

    def must_keep_a_moderator(self, *, without: int) -> None:
        """Raise ValidationError when this membership is its last moderator's."""
        moderators = self.memberships.moderators()
        if moderators.filter(pk=without).exists() and not moderators.exclude(pk=without).taken().exists():
            raise ValidationError(_("世話役は1人は必要です。先に、ほかの方に世話役をお願いしてください。"))

    def people(self) -> models.QuerySet[Member]:
        """Everyone inside, as themselves or by a seat."""
        return Member.objects.admitted().filter(pk__in=self.memberships.active().persons())

    @transaction.atomic
    def join(self, member: Member) -> Membership:
        """Enter an open community at once, or one one was invited to; ask at the door of one by approval.

        Officers enter any. Who was once removed asks first, wherever.
        """
        row = self.locked()
        only(member, Act.ENTER_COMMUNITY, row)
        row.must_be_open()
        there = row.memberships.of(member).order_by("state").first()
        if there and there.state == State.INVITED:
            row.answer(member, yes=True)
            there.refresh_from_db()
        if there and there.state != State.REMOVED:
            return there
        at_once = member.is_officer or (row.access == self.Access.OPEN and not there)
        values = {"state": State.ACTIVE if at_once else State.REQUESTED, "since": timezone.now(), "note": ""}
        return row.memberships.update_or_create(member=member, defaults=values)[0]

    @transaction.atomic
    def leave(self, member: Member) -> None:
        """Go out again, or take a request back. The last moderator asks somebody else first."""
        only(member, Act.ENTER_COMMUNITY, self)
        row = self.locked()
        own = row.memberships.exclude(state=State.REMOVED).filter(member=member).first()
        if own is None and row.memberships.active().by_seat(member).exists():
            raise ValidationError(_("役職で入っている集まりです。役職を引き継ぐと、次の方に替わります。"))
        if own and row.closed_at is None:
            row.must_keep_a_moderator(without=own.pk)
        if own:
            own.delete()

    @transaction.atomic
    def invite(
        self,
        *,
        by: Member,
        members: Iterable[Member] = (),
        group: Group | None = None,
        seat: Seat | None = None,
        site_name: str = "",
        url: str = "",
    ) -> int:
        """Ask people, everybody of a group, or a seat to come in; who is there or was asked already is left alone.

        Returns how many were asked. A seat that accepts keeps its place when it is handed over.
        """
        row = self.held_for(by)
        asked = [row.memberships.get_or_create(seat=seat, defaults={"state": State.INVITED})] if seat else []
        people = Member.objects.admitted().filter(pk__in=[each.pk for each in members])
        if group:
            people = people | Member.objects.admitted().filter(household__group=group)
        for person in people.exclude(pk__in=row.people().values("pk")).select_related("user"):
            asked.append(row._ask(person))
        new = [membership for membership, is_new in asked if is_new]
        for membership in new:
            person_now = membership.holder
            if person_now and person_now.contact:
                words = {"name": person_now.name, "community": row.name, "by": by.called}
                letters.invited(person_now, person_now.contact, site_name=site_name, url=url, **words)
        if new:
            record("community.invite", row, by=by, people=len(new))
        return len(new)

    def _ask(self, person: Member) -> tuple[Membership, bool]:
        """The membership of somebody not inside, and whether they are asked by this."""
        asked = {"state": State.INVITED, "note": ""}
        membership, new = self.memberships.get_or_create(member=person, defaults=asked)
        again = not new and self.memberships.filter(pk=membership.pk, state=State.REMOVED).update(**asked) == 1
        return membership, new or again

    @transaction.atomic
    def answer(self, member: Member, *, yes: bool) -> None:
        """Come in, or not, after being invited. Raises ValidationError when nobody asks any more."""
        only(member, Act.ENTER_COMMUNITY, self)
        row = self.locked()
        row.must_be_open()
        asked = row.memberships.invited().of(member)
        found = list(asked.values_list("pk", flat=True))
        if not found:
            raise ValidationError(_("この声かけは、もう終わっています。"))
        rows = Membership.objects.filter(pk__in=found)
        if yes:
            rows.update(state=State.ACTIVE, since=timezone.now())
        else:
            rows.delete()
        record("community.answer", row, by=member, yes=yes)

    @transaction.atomic
    def let_in(self, member: Member, *, by: Member) -> None:
        """Answer a request to join. Of two who answer at once, the first one's answer holds."""
        row = self.held_for(by)
        if row.memberships.requested().filter(member=member).update(state=State.ACTIVE, since=timezone.now()):
            record("community.let_in", row, by=by, member=member.pk)

    @transaction.atomic
    def turn_away(self, member: Member, *, by: Member) -> None:
        """Decline a request to join; the person may ask again."""
        row = self.held_for(by)
        if row.memberships.filter(member=member, state=State.REQUESTED).delete()[0]:
            record("community.turn_away", row, by=by, member=member.pk)

    @transaction.atomic
    def close(self, *, by: Member) -> None:
        """End it: everything stays to be read by those inside, nobody writes or enters any more."""
        row = self.held_for(by)
        row.closed_at = timezone.now()
        row.put("closed_at")
        row.memberships.filter(state__in=[State.REQUESTED, State.INVITED]).delete()
        record("community.close", row, by=by)
        self.refresh_from_db()

    @transaction.atomic
    def reopen(self, *, by: Member) -> None:
        """Officers let it go on. Twice is once."""
        only(by, Act.REOPEN_COMMUNITY, self)
        if Community.objects.filter(pk=self.pk, closed_at__isnull=False).update(closed_at=None):
            record("community.reopen", self, by=by)
        self.refresh_from_db()

    def requests(self) -> "MembershipQuerySet":
        return self.memberships.requested().select_related("member__household__group")

    def moderators(self) -> models.QuerySet[Member]:
        """Who leads it today, apart from the officers."""
        return Member.objects.admitted().filter(pk__in=self.memberships.moderators().persons())

    def noticed(self) -> None:
        """Something was posted: move the community up the list."""
        Community.objects.filter(pk=self.pk).update(last_activity_at=timezone.now())

    def _save_named(self, save: Callable[[], None]) -> None:
        """Save, or raise ValidationError for a name that is empty or somebody else's."""
        if not self.name:
            raise ValidationError({"name": _("集まりの名前が、まだ入っていません。")})
        try:
            with transaction.atomic():
                save()
                index(self)
        except IntegrityError as error:
            raise ValidationError({"name": _("同じ名前のコミュニティがあります。")}) from error
