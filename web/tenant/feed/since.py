"""What is new since somebody was here: two moments in a cookie; each phone has its own, and no row is written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tenants.feed.models import Post

COOKIE = "here"
PAUSE = timedelta(minutes=30)  # as long as somebody looks around, "last time" stays what it was
A_YEAR = 365 * 24 * 60 * 60


def last_time(request: HttpRequest) -> datetime | None:
    """When the visit before this one was."""
    before, last = _moments(request)
    return last if last and timezone.now() - last > PAUSE else before


def note(request: HttpRequest, response: HttpResponse) -> None:
    """Remember that somebody is here now."""
    before, now = last_time(request), timezone.now()
    value = f"{int(before.timestamp()) if before else 0}.{int(now.timestamp())}"
    response.set_cookie(COOKIE, value, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")


def _moments(request: HttpRequest) -> tuple[datetime | None, datetime | None]:
    """Nonsense in the cookie means somebody who was never here."""
    try:
        before, last = (int(part) for part in request.COOKIES.get(COOKIE, "").split("."))
        zone = timezone.get_current_timezone()
        return (datetime.fromtimestamp(before, zone) if before else None), datetime.fromtimestamp(last, zone)
    except (ValueError, OverflowError, OSError):
        return None, None


def line_at(posts: Sequence[Post], since: datetime | None, came_from: datetime | None = None) -> int | None:
    """The post above which the line stands: the first old one under a new one. What is pinned is out of order."""
    newer = came_from
    for post in posts:
        if since is None or post.publish_at is None or post.pinned:
            continue
        if post.publish_at <= since:
            return post.pk if newer and newer > since else None
        newer = post.publish_at
    return None
