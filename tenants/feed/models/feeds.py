"""Which posts somebody sees, and in what order: one definition for pages, API, search, PDF and mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery, Value, prefetch_related_objects
from django.db.models.functions import Now
from django.utils import timezone

from tenants.communities.models import Community
from tenants.members.models import Member, Reader
from tenants.search.models import Entry, Kind
from tenants.search.question import Question

if TYPE_CHECKING:
    from tenants.feed.models.posts import Post

URGENT_FOR = timedelta(days=7)


class PostQuerySet(models.QuerySet["Post"]):
    def published(self) -> "PostQuerySet":
        fresh = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(fresh, publish_at__lte=Now(), withdrawn_at=None)

    def visible_to(self, who: Member | Reader) -> "PostQuerySet":
        """The one definition of who sees a post: by page, API, search, PDF and mail alike."""
        reader, to = Reader.of(who), self.model.Audience
        communities = Community.objects.readable_by(reader).values("pk")
        return self.published().filter(
            Q(audience=to.EVERYONE)
            | Q(audience=to.COMMUNITY, community__in=communities)
            | Q(audience=to.GROUP, group=reader.group)
            | Q(reader.leader, audience=to.SEATS)
            | Q(reader.officer, audience__in=[to.OFFICERS, to.GROUP]),
            reader.admitted,
        )

    def judged_by(self, member: Member) -> "PostQuerySet":
        """What somebody may take out of sight: officers what they see or were told of, moderators what was reported."""
        from tenants.feed.models.moderation import Moderation

        if member.visiting:
            return self.none()
        told = Moderation.objects.judged_by(member).to_look_at().order_by().filter(post=OuterRef("pk"))
        seen = self.model.objects.visible_to(member) if member.is_own_officer else self.none()
        return self.published().filter(Q(pk__in=seen.values("pk")) | Exists(told))

    def home(self) -> "PostQuerySet":
        """What stands in the home feed: everything but communities' own talk."""
        return self.exclude(audience=self.model.Audience.COMMUNITY)

    def urgent_now(self) -> "PostQuerySet":
        """Urgent news of the last seven days, newest first: what stands above everything else."""
        since = timezone.now() - URGENT_FOR
        return self.filter(kind=self.model.Kind.URGENT, publish_at__gte=since).order_by("-publish_at", "-pk")

    def changeable_by(self, member: Member) -> "PostQuerySet":
        """Those whose words the member may change: their own, and for officers what a seat signed."""
        kept = self.looked_after_by(member)
        return kept.filter(Q(author=member.pk) | Q(as_seat__isnull=False)) if member.is_officer else kept

    def looked_after_by(self, member: Member) -> "PostQuerySet":
        """Those the member may withdraw, and reads before and after others do."""
        return self.in_hands_of(member).filter(withdrawn_at=None)

    def in_hands_of(self, member: Member) -> "PostQuerySet":
        """Those the member may withdraw or bring back.

        One's own; and for officers what an office said, where they read. What somebody says in a community without a
        seat is theirs: officers hide it, with a reason. A draft is its writer's alone; a bulletin its sender's.
        """
        if not member.is_admitted:
            return self.none()
        ours = self.filter(Q(publish_at__isnull=False) | Q(author=member.pk), source="")
        if not member.is_officer:
            return ours.written_by(member)
        inside = Q(community__in=Community.objects.readable_by(member).values("pk"), as_seat__isnull=False)
        own = Q(author=member.pk, as_seat=None)
        return ours.filter(~Q(audience=self.model.Audience.COMMUNITY) | inside | own)

    def written_by(self, member: Member) -> "PostQuerySet":
        """The member's own; what an office said, by its signature or to whom only it speaks, while they hold it."""
        to, groups = self.model.Audience, member.led_groups().values("pk")
        still = Q(audience=to.COMMUNITY) | Q(audience=to.GROUP, group__in=groups)
        if member.is_leader:
            still |= Q(audience=to.SEATS)
        signed = Q(as_seat=None) | Q(as_seat__in=member.seats())
        return self.filter(Q(publish_at=None) | Q(signed, still), author=member.pk)

    def published_or_coming(self) -> "PostQuerySet":
        """Published, or to be: neither drafts nor what was withdrawn."""
        return self.filter(publish_at__isnull=False, withdrawn_at=None)

    def scheduled(self) -> "PostQuerySet":
        """Written, not yet published; the next one first."""
        return self.filter(publish_at__gt=timezone.now(), withdrawn_at=None).order_by("publish_at", "pk")

    def drafts_of(self, member: Member) -> "PostQuerySet":
        """Kept without having been published, by this member and for nobody else's eyes; the newest first."""
        return self.filter(author=member.pk, publish_at=None, withdrawn_at=None).order_by("-pk")

    def withdrawn_for(self, member: Member) -> "PostQuerySet":
        """Withdrawn lately, for those who may bring them back; the newest first."""
        from tenants.feed.models.posts import UNDO_FOR

        if not member.is_admitted or member.visiting:
            return self.none()
        gone = self.filter(withdrawn_at__gte=timezone.now() - UNDO_FOR, source="").order_by("-withdrawn_at", "-pk")
        return gone.in_hands_of(member)

    def unread_by(self, member: Member) -> "PostQuerySet":
        from tenants.feed.models.responses import ReadReceipt

        return self.exclude(Exists(ReadReceipt.objects.filter(post=OuterRef("pk"), member=member)))

    def by_community(self) -> dict[int, int]:
        """How many of these posts stand in which community."""
        inside = self.filter(community__isnull=False).order_by()
        return dict(inside.values_list("community").annotate(n=Count("pk")))

    def by_seat(self) -> dict[int, int]:
        """How many of these posts which seat has signed."""
        signed = self.filter(as_seat__isnull=False).order_by()
        return dict(signed.values_list("as_seat").annotate(n=Count("pk")))

    def search(self, words: str) -> "PostQuerySet":
        """Posts holding every one of the words, in title or body."""
        question = Question.asking(words)
        return self if question.is_empty else self.filter(Entry.objects.told_of(Kind.POST, question))

    def for_reading(self, member: Member) -> "PostQuerySet":
        """With author, attachments, and this member's own: `my_reaction`, `opened`, and `read_at` of the household."""
        joined = self.select_related("author", "as_seat", "group", "community").prefetch_related(_files())
        return joined.with_own(member)

    def with_own(self, who: Member | Reader) -> "PostQuerySet":
        """With this reader's `my_reaction`, `opened`, and `read_at` of the household."""
        from tenants.feed.models.responses import Reaction, ReadReceipt

        reader = Reader.of(who)
        reaction = Reaction.objects.filter(post=OuterRef("pk"), member=reader.member).values("kind")[:1]
        receipts = ReadReceipt.objects.filter(post=OuterRef("pk"))
        read = receipts.filter(household=reader.household).order_by("at").values("at")[:1]
        opened = receipts.filter(member=reader.member)
        own = {"my_reaction": Subquery(reaction), "read_at": Subquery(read), "opened": Exists(opened)}
        return self.annotate(**own)

    def pinned_first(self) -> "PostQuerySet":
        return self.order_by("-pinned", "-publish_at", "-pk")

    def after(self, pinned: bool, publish_at: datetime, pk: int) -> "PostQuerySet":
        """Those that come after this place in the order of `pinned_first`."""
        older = Q(publish_at__lt=publish_at) | Q(publish_at=publish_at, pk__lt=pk)
        return self.filter(Q(pinned=False) | older) if pinned else self.filter(older, pinned=False)

    def with_unread_total(self, unread: "PostQuerySet") -> "PostQuerySet":
        """Each row also says how many `unread` ones there are: the badge costs no statement of its own."""
        count = unread.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n")
        total = {"unread_total": Subquery(count)}
        return self.annotate(**total)


def with_files(posts: Sequence["Post"]) -> None:
    """Give these posts their attachments, in one statement for all."""
    prefetch_related_objects(posts, _files())


def _files() -> Prefetch:  # type: ignore[type-arg]
    from tenants.feed.models.attachments import Attachment

    return Prefetch("attachments", Attachment.objects.defer("text").order_by("position", "pk"))
