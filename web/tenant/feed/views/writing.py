"""Writing a post, keeping it as a draft, changing it. What was typed and what was sent along survives every error."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.calendar.models import Event
from tenants.feed.models import Post, Room
from tenants.members.models import Household, Member
from web.access import member_required
from web.templatetags.kairan import date_ja
from web.tenant.feed.forms import PostForm
from web.tenant.feed.sent import Sent, before, only_without_files, receive
from web.tenant.page import SiteRequest, frame, number, refusals, show, status_of

AHEAD, NEAREST = timedelta(days=120), 100  # events a post may carry


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: SiteRequest) -> HttpResponse:
    homes = Household.objects.by_channel()
    known = _known(request, homes)
    if request.method != "POST":
        return _page(request, PostForm(initial=_beginning(request), **known), before(request, request.typed), homes)
    form = PostForm(request.POST, request.FILES, **known)
    sent = receive(request, form)
    without = only_without_files(form)
    if "stay" in request.POST or (form.errors and not without):
        return _page(request, form, sent, homes)
    with refusals(form):
        post = Post.write(by=request.member, attachments=sent, **form.fields_of_post())
        if without:
            messages.warning(request, without)
        return _written(request, post)
    return _page(request, form, sent, homes)


def _known(request: SiteRequest, homes: dict[str, int], post: Post | None = None) -> dict[str, Any]:
    """What a form must know of who writes, and about what."""
    return {
        "member": request.member,
        "homes": sum(homes.values()),
        "events": events_for(request.member, _chosen(request, post)),
        "drafting": "draft" in request.POST and (post is None or post.is_draft),
    }


def events_for(member: Member, chosen: int | None = None) -> list[tuple[str, str]]:
    """The nearest events to come that this member sees, and the one already chosen, as choices."""
    now = timezone.now()
    seen = Event.objects.visible_to(member)
    coming = seen.timetable(now, now + AHEAD).next_of_each(now, now + AHEAD, NEAREST)
    names = {str(each.event.pk): f"{date_ja(each.starts_at)} {each.event.title}" for each in coming}
    if chosen and str(chosen) not in names:
        names |= {str(event.pk): event.title for event in seen.filter(pk=chosen)}
    return list(names.items())


def _chosen(request: SiteRequest, post: Post | None) -> int | None:
    """The event that is asked for, or that the post has: offered however many others are nearer."""
    return number(request.POST.get("event") or request.GET.get("event", "")) or (post.event if post else None)


def _beginning(request: SiteRequest) -> dict[str, Any]:
    """A form as it is opened: signed with one's seat, and for the community or event one comes from."""
    seat = request.member.seats().first() if request.member.is_leader else None
    room, event = request.GET.get("community", ""), request.GET.get("event", "")
    begun: dict[str, Any] = {"as_seat": seat} | ({"event": event} if number(event) else {})
    return begun | ({"audience": Post.Audience.COMMUNITY, "community": room} if number(room) else {})


def _page(
    request: SiteRequest, form: PostForm, sent: Sent, homes: dict[str, int], post: Post | None = None
) -> HttpResponse:
    paper, none = homes.get(Household.Channel.PAPER, 0), homes.get(Household.Channel.NONE, 0)
    total = sum(homes.values())
    reach = {"total": total, "screen": total - paper - none, "paper": paper, "none": none}
    context = {"form": form, "sent": sent, "reach": reach, "post": post, "layout": frame(request)}
    context["room"] = Room.now() if request.member.is_officer else None
    return show(request, "tenant/feed/compose.html", status=status_of(form), **context)


def _written(request: SiteRequest, post: Post) -> HttpResponse:
    if post.is_draft:
        messages.success(request, _("下書きに残しました。まだ、だれにも届いていません。"))
        return redirect("drafts")
    if post.is_scheduled:
        messages.success(request, _("予定に入れました。時間になったら届きます。"))
        return redirect("scheduled")
    messages.success(request, _("届けました。"))
    return redirect("post", pk=post.pk)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.changeable_by(request.member), pk=pk)
    homes = Household.objects.by_channel()
    known = _known(request, homes, post) | {"of": post}
    if request.method != "POST":
        there = post.attachments.order_by("position", "pk")
        sent = before(request, request.typed, post) if request.typed else list(there)
        return _page(request, PostForm(**known), sent, homes, post)
    form = PostForm(request.POST, request.FILES, **known)
    sent = receive(request, form, post)
    if "stay" in request.POST or form.errors:
        return _page(request, form, sent, homes, post)
    return _saved(request, form, sent, homes, post)


def _saved(request: SiteRequest, form: PostForm, sent: Sent, homes: dict[str, int], post: Post) -> HttpResponse:
    was_draft = post.is_draft
    with refusals(form):
        post.edit(by=request.member, attachments=sent, **form.fields_of_post())
        if was_draft:
            return _written(request, post)
        messages.success(request, _("なおしました。"))
        return redirect("scheduled") if post.is_scheduled else redirect("post", pk=post.pk)
    return _page(request, form, sent, homes, post)
