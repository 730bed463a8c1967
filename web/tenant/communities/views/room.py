"""One community from inside, by its tabs: talk, events, files, records, people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from tenants.calendar.models import Event
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import Attachment, Moderation, Post
from tenants.members.models import Act
from web.access import member_required
from web.listing import asked, turn
from web.tenant.calendar.views.month import entries_for
from web.tenant.feed.views.home import page_of
from web.tenant.page import SiteRequest, fragment, number, show

COMING = timedelta(days=180)
LISTED = 50  # of its events
FILES = 30


def room_of(request: SiteRequest, pk: int) -> Community:
    """A community the member knows of."""
    member = request.member
    return get_object_or_404(Community.objects.visible_to(member).with_standing(member), pk=pk)


def inside_of(request: SiteRequest, pk: int) -> Community:
    """One the member may read."""
    found = room_of(request, pk)
    if not Community.objects.readable_by(request.member).filter(pk=pk).exists():
        raise Http404
    return found


@contextmanager
def told(request: SiteRequest) -> Iterator[None]:
    """What a verb refuses is said on the next page; what is forbidden looks like a missing page."""
    try:
        yield
    except PermissionError as error:
        raise Http404 from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


def show_room(request: SiteRequest, found: Community, tab: str, *, status: Any = 200, **context: Any) -> HttpResponse:
    leads = request.member.may(Act.LEAD_COMMUNITY, found)
    frame = {"community": found, "place": tab, "leads": leads, **context}
    return show(request, f"tenant/communities/{tab}.html", tab="communities", status=status, **frame)


@member_required
@require_safe
def community(request: SiteRequest, pk: int) -> HttpResponse:
    """What is said in it; from outside, what it is and the way in."""
    found = room_of(request, pk)
    reads = Community.objects.readable_by(request.member).filter(pk=pk).exists()
    posts = Post.objects.visible_to(request.member).filter(community=found)
    page = page_of(posts, request.member, request.GET.get("after", "")) if reads else {}
    if request.htmx and reads:
        return fragment(request, "tenant/feed/_posts.html", **page)
    leads = request.member.may(Act.LEAD_COMMUNITY, found)
    told = Moderation.objects.judged_by(request.member).to_look_at().filter(post__community=found)
    page |= {"waiting": found.requests().count() if leads else 0, "told": told.count() if leads else 0}
    return show_room(request, found, "community", reads=reads, **page)


@member_required
@require_safe
def events(request: SiteRequest, pk: int) -> HttpResponse:
    """Its calendar: what is coming within half a year."""
    found, now = inside_of(request, pk), timezone.now()
    coming = Event.objects.visible_to(request.member).filter(community=found).between(now, now + COMING, LISTED)
    entries = entries_for(request.member, coming)
    planned = Event(audience=Event.Audience.COMMUNITY, community=found)
    may_plan = request.member.may(Act.PLAN_EVENT, planned)
    return show_room(request, found, "events", entries=entries, cut=coming.cut, may_plan=may_plan)


@member_required
@require_safe
def files(request: SiteRequest, pk: int) -> HttpResponse:
    """What hangs on its posts, the latest first."""
    found = inside_of(request, pk)
    posts = Post.objects.visible_to(request.member).filter(community=found)
    hanging = Attachment.objects.filter(post__in=posts.values("pk")).select_related("post__author", "post__as_seat")
    turning = turn(request, hanging.order_by("-created_at", "-pk"), FILES)
    return show_room(request, found, "files", turning=turning)


@member_required
@require_safe
def records(request: SiteRequest, pk: int) -> HttpResponse:
    """What it hands on, a fiscal year at a time; a search goes over all years."""
    found, words = inside_of(request, pk), asked(request, "q")
    own = HandoverRecord.objects.visible_to(request.member).filter(community=found)
    years = own.years()
    year = number(request.GET.get("year", "")) or years[0]
    shown = own.search(words) if words else own.filter(fiscal_year=year)
    context = {"years": years, "year": year, "words": words, "turning": turn(request, shown.for_reading(), FILES)}
    may_write = request.member.may(Act.WRITE_RECORD, found)
    return show_room(request, found, "records", may_write=may_write, **context)
