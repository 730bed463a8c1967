"""The home feed."""

from datetime import datetime
from typing import Any, cast

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.calendar.banner import called_off
from tenants.feed.models import Post
from tenants.feed.models.feeds import URGENT_FOR, PostQuerySet, with_files
from tenants.members.models import Member
from web.access import member_required
from web.tenant.feed.since import last_time, line_at, note
from web.tenant.page import SiteRequest, fragment, show

PAGE = 20


@member_required
@require_safe
def home(request: SiteRequest) -> HttpResponse:
    """Pinned first, then newest; `?show=unread` narrows, `?after=` goes on where a page ended."""
    seen = Post.objects.visible_to(request.member).home()
    only_unread = request.GET.get("show") == "unread"
    unread = seen.unread_by(request.member)
    after, since = request.GET.get("after", ""), last_time(request)
    page = page_of(unread if only_unread else seen, request.member, after, unread, files=False)
    place = _place(after)
    line = None if only_unread else line_at(page["posts"], since, place[1] if place and not place[0] else None)
    context: dict[str, Any] = {**page, "only_unread": only_unread, "line": line, "since": since}
    if request.htmx:
        with_files(page["posts"])
        return fragment(request, "tenant/feed/_posts.html", **context)
    total = page["posts"][0].unread_total if page["posts"] else None
    urgent = None if "after" in request.GET else _urgent(seen, page, only_unread)
    with_files([*page["posts"], *([urgent] if urgent else [])])
    if urgent and not only_unread:
        context["posts"] = [post for post in page["posts"] if post != urgent]  # the banner says it already
    context["called_off"] = [] if "after" in request.GET else called_off(request.member)
    response = show(request, "tenant/feed/home.html", unread=total or 0, urgent=urgent, **context)
    note(request, response)
    return response


def page_of(
    posts: PostQuerySet, member: Member, after: str, unread: PostQuerySet | None = None, *, files: bool = True
) -> dict[str, Any]:
    """One page of a feed and the place where the next begins: {"posts", "next"}; `files` are asked for with it."""
    ready = posts.for_reading(member).prefetch_related(None).pinned_first()
    if unread is not None:
        ready = ready.with_unread_total(unread)
    place = _place(after)
    rows = list((ready.after(*place) if place else ready)[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    if files:
        with_files(rows[:PAGE])
    return {"posts": rows[:PAGE], "next": _cursor(last) if last else ""}


def _cursor(post: Post) -> str:
    return f"{int(post.pinned)}_{round(_when(post).timestamp() * 1_000_000)}_{post.pk}"


def _place(cursor: str) -> tuple[bool, datetime, int] | None:
    """Where a cursor points; nonsense in it means the beginning."""
    try:
        pinned, microseconds, pk = (int(part) for part in cursor.split("_"))
        at = datetime.fromtimestamp(microseconds // 1_000_000, timezone.get_current_timezone())
        return bool(pinned), at.replace(microsecond=microseconds % 1_000_000), pk
    except (ValueError, OverflowError, OSError):
        return None


def _urgent(seen: PostQuerySet, page: dict[str, Any], only_unread: bool) -> Post | None:
    """The banner. A first page that reaches back far enough holds it already, else it is asked for."""
    posts: list[Post] = page["posts"]
    since = timezone.now() - URGENT_FOR
    reaches = not page["next"] or (_when(posts[-1]) < since and not posts[-1].pinned)
    if only_unread or not reaches:
        return seen.urgent_now().first()
    urgent = [post for post in posts if post.kind == Post.Kind.URGENT and _when(post) >= since]
    return max(urgent, key=_when, default=None)


def _when(post: Post) -> datetime:
    return cast(datetime, post.publish_at)  # what stands in a feed is published
