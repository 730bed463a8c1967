"""Telling people of new posts: urgent ones everybody at once, others as each wishes. One message a post and member.

How far it came stands in rows (`Post.tell_at`, `Post.told_to`, `Receiving.digested_at`), so that tasks delivered twice
or lost change nothing: a beat visits the associations whose moment has come, where `dispatch.Wakeup` says so.
"""

from datetime import datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import current_uuid
from tenants.feed import letters
from tenants.feed.models.posts import Post
from tenants.feed.models.receiving import Receiving
from tenants.members.models import Member
from tenants.members.models.roster import MemberQuerySet

NEWS = "news"  # the purpose of our wakeups
QUIET_FROM, QUIET_TO = time(21), time(7)
DIGEST = time(18)
DIGEST_UNTIL = timedelta(hours=3)  # after that it is night
A_DAY = timedelta(days=1)
TOO_LATE = timedelta(days=1)  # nobody is told of what is older
A_BATCH = 100
LOOK_AGAIN = timedelta(minutes=5)


def plan(post: Post) -> None:
    """Note when this post's readers are to be told, in the transaction that publishes it."""
    from tenants.feed import tasks

    if post.publish_at is None or post.publish_at < timezone.now() - TOO_LATE:
        return
    urgent = post.kind == Post.Kind.URGENT
    due = max(post.publish_at, timezone.now()) if urgent else after_quiet(max(post.publish_at, timezone.now()))
    Post.objects.filter(pk=post.pk).update(tell_at=due, told_to=0)
    Wakeup.objects.note(current_uuid(), NEWS, due, *(() if urgent else (next_digest(post.publish_at),)))
    if due <= timezone.now():
        tasks.tell.on_commit(post.pk)


def after_quiet(moment: datetime) -> datetime:
    """The moment itself, or seven in the morning when it falls into the night."""
    local = timezone.localtime(moment)
    if QUIET_TO <= local.time() < QUIET_FROM:
        return moment
    day = local.date() if local.time() < QUIET_TO else local.date() + A_DAY
    return timezone.make_aware(datetime.combine(day, QUIET_TO))


def last_digest(moment: datetime) -> datetime:
    """The newest six in the evening that has passed."""
    local = timezone.localtime(moment)
    day = local.date() if local.time() >= DIGEST else local.date() - A_DAY
    return timezone.make_aware(datetime.combine(day, DIGEST))


def next_digest(moment: datetime) -> datetime:
    return last_digest(moment) + A_DAY


@transaction.atomic
def tell_of(post_id: int) -> bool:
    """Write to the next hundred of those who want to hear of this post now. Says whether some are left."""
    post = _due(post_id)
    if post is None:
        return False
    people = list(_to_be_told(post)[:A_BATCH])
    for member in people:
        if Post.objects.filter(pk=post.pk).visible_to(member).exists():
            letters.tell(member, post)
    done = len(people) < A_BATCH
    Post.objects.filter(pk=post.pk).update(
        tell_at=None if done else post.tell_at, told_to=people[-1].pk if people else post.told_to
    )
    return not done


def _due(post_id: int) -> Post | None:
    """The post, locked, so that a second delivery of the task waits and then goes on where the first one ended."""
    due = Post.objects.published().filter(pk=post_id, tell_at__lte=timezone.now())
    return due.select_for_update(of=("self",)).select_related("as_seat", "author", "group", "community").first()


def _to_be_told(post: Post) -> "models.QuerySet[Member]":
    people = Member.objects.filter(pk__in=post.audience_members().values("pk"), pk__gt=post.told_to).with_seats()
    people = people.exclude(pk=post.author_id or 0).order_by("pk")
    if post.kind != Post.Kind.URGENT:
        people = people.filter(receiving__choice=Receiving.Choice.NOW, user__email__isnull=False)
    return people


@transaction.atomic
def digest_from(after: int) -> int | None:
    """Send the day's mail to the next hundred members. Answers where to go on, None at the end."""
    slot = last_digest(timezone.now())
    people = list(_daily().filter(pk__gt=after).order_by("pk").with_seats()[:A_BATCH])
    Receiving.objects.bulk_create([Receiving(member=member) for member in people], ignore_conflicts=True)
    locked = Receiving.objects.select_for_update().filter(member__in=people).order_by("member_id")
    rows = {row.member_id: row for row in locked}
    for member in people:
        row = rows[member.pk]
        if row.digested_at is None or row.digested_at < slot:
            _digest(member, row, slot)
    return people[-1].pk if len(people) == A_BATCH else None


def _digest(member: Member, row: Receiving, slot: datetime) -> None:
    since = max(filter(None, (row.digested_at, slot - A_DAY)))
    posts = Post.objects.visible_to(member).unread_by(member).exclude(author=member)
    fresh = posts.filter(publish_at__gt=since, publish_at__lte=slot).exclude(kind=Post.Kind.URGENT)
    if found := list(fresh.select_related("as_seat", "author").order_by("publish_at", "pk")[:30]):
        letters.digest(member, found)
    Receiving.objects.filter(pk=row.pk).update(digested_at=slot)


def _daily() -> "MemberQuerySet":
    daily = Q(receiving=None) | Q(receiving__choice=Receiving.Choice.DAILY)
    return Member.objects.admitted().filter(daily, user__email__isnull=False)


def look() -> datetime | None:
    """Whatever is due here; answers when to look again. Nothing to do: two queries."""
    from tenants.feed import tasks

    now = timezone.now()
    again: list[datetime] = []
    for post in Post.objects.published_or_coming().filter(tell_at__isnull=False).only("pk", "tell_at"):
        if post.tell_at and post.tell_at <= now:
            tasks.tell.on_commit(post.pk)
        again.append(max(post.tell_at or now, now + LOOK_AGAIN))
    if _digest_is_due(now):
        tasks.digest.on_commit(0)
        again.append(now + LOOK_AGAIN)
    return min(again, default=None)


def _digest_is_due(now: datetime) -> bool:
    slot = last_digest(now)
    if now > slot + DIGEST_UNTIL:
        return False
    fresh = Post.objects.published().filter(publish_at__gt=slot - A_DAY, publish_at__lte=slot)
    if not fresh.exclude(kind=Post.Kind.URGENT).exists():
        return False
    not_yet = Q(receiving=None) | Q(receiving__digested_at=None) | Q(receiving__digested_at__lt=slot)
    return _daily().filter(not_yet).exists()
