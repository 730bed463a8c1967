"""The feed's work outside a request: telling of posts, looking at linked pages, clearing unused uploads away."""

from collections.abc import Callable, Iterator
from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from controlplane.dispatch.models import Wakeup
from controlplane.tenancy import At, bound, current_uuid, public
from controlplane.tenancy.tasks import AssociationTask, PublicTask, SteppingTask
from tenants.feed import bulletins, linked, news
from tenants.feed.models.posts import Post
from tenants.feed.models.uploads import SWEEPING, clear_uploads

log = structlog.get_logger()

TOGETHER = 25  # associations a task of bulletins visits one after the other


@shared_task(base=AssociationTask)
def tell(post_id: int) -> None:
    if news.tell_of(post_id):
        tell.on_commit(post_id)


@shared_task(base=AssociationTask)
def digest(after: int) -> None:
    following = news.digest_from(after)
    if following is not None:
        digest.on_commit(following)


@shared_task(base=SteppingTask)
def tell_everywhere() -> None:
    """Nobody's moment has come: one query."""
    with public():
        due = Wakeup.objects.due(news.NEWS)
    for uuid, rows in due.items():
        try:
            _visit(uuid, rows)
        except Exception:  # what is wrong at one place stops no other
            log.exception("news_failed", association=str(uuid))


def _visit(uuid: UUID, rows: list[int]) -> None:
    """The rows that led here go in the transaction that looks; what is to be looked at again has one of its own."""
    with bound(At(uuid)):
        again = news.look()
        with public():
            Wakeup.objects.filter(pk__in=rows).delete()
        if again:
            Wakeup.objects.note(uuid, news.NEWS, again)


@shared_task(base=PublicTask)
def visit_everybody() -> None:
    """Every association is looked at once before the evening's mail, whatever was noted."""
    Wakeup.objects.note_everywhere(news.NEWS, news.next_digest(timezone.now()))


@shared_task(base=SteppingTask, soft_time_limit=30)
def look_at_link(association_uuid: str, post_id: int) -> None:
    """The network is waited for outside any transaction."""
    place = At(UUID(association_uuid))
    with bound(place):
        post = Post.objects.filter(pk=post_id).first()
        url = post.first_link if post else ""
    seen = linked.look(url) if url else None
    with bound(place):
        Post.objects.filter(pk=post_id, body=post.body if post else "").update(preview=seen)


@shared_task(base=SteppingTask)
def clear_uploads_everywhere() -> None:
    """Visit those that sent something in yesterday. Nobody did: one query, and the object store is not asked."""
    with public():
        due = Wakeup.objects.due(SWEEPING)
    for uuid, rows in due.items():
        try:
            with bound(At(uuid)):
                clear_uploads()
            with public():
                Wakeup.objects.filter(pk__in=rows).delete()
        except Exception:  # what is wrong at one place stops no other
            log.exception("clearing_uploads_failed", uuid=str(uuid))


@shared_task(base=PublicTask)
def clear_uploads_of_everybody() -> None:
    """The net below: what came in by other ways is looked for once a week."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)  # noted twice is once
    Wakeup.objects.note_everywhere(SWEEPING, today)


def place() -> tuple[str]:
    """The association at hand, as an argument of a task."""
    return (str(current_uuid()),)


@shared_task(base=SteppingTask)
def hand_out_bulletins() -> None:
    """Tasks for the associations that something waits for, some in each: they go on side by side."""
    for some in _some(bulletins.waiting()):
        receive_bulletins_at.delay(some)


@shared_task(base=SteppingTask)
def receive_bulletins_at(uuids: list[str]) -> None:
    _each(uuids, bulletins.receive)


@shared_task(base=SteppingTask)
def receive_bulletins(association_uuid: str) -> None:
    """As the release before this one asks for it."""
    bulletins.receive(UUID(association_uuid))


@shared_task(base=SteppingTask)
def count_bulletins_everywhere() -> None:
    for some in _some(bulletins.to_count()):
        count_bulletins_at.delay(some)


@shared_task(base=SteppingTask)
def count_bulletins_at(uuids: list[str]) -> None:
    _each(uuids, bulletins.count)


@shared_task(base=SteppingTask)
def count_bulletins(association_uuid: str) -> None:
    """As the release before this one asks for it."""
    bulletins.count(UUID(association_uuid))


def _some(uuids: list[UUID]) -> Iterator[list[str]]:
    for start in range(0, len(uuids), TOGETHER):
        yield [str(uuid) for uuid in uuids[start : start + TOGETHER]]


def _each(uuids: list[str], visit: Callable[[UUID], None]) -> None:
    """One after the other; what is wrong at one keeps no other back. Delivered twice there is nothing left to do."""
    for uuid in uuids:
        try:
            visit(UUID(uuid))
        except Exception:
            log.exception("bulletins_failed", association=uuid)
