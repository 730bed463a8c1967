"""One post, opened: the household's seal is pressed by reading. Photos and documents."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from controlplane.associations.features import Feature
from tenants.calendar.models import Event
from tenants.feed.models import Attachment, FeedRules, Post, Reaction
from tenants.members.models import Act, Member, Seat
from web.access import member_required
from web.tenant.calendar.views.month import entries_for
from web.tenant.feed.forms import CommentForm
from web.tenant.page import SiteRequest, show

SEATS_NAMED = 6  # as examples of whom to call
LINK_SECONDS = 240  # a presigned link lives for 300


@member_required
@require_safe
def post(request: SiteRequest, pk: int) -> HttpResponse:
    found = visible_post(request.member, pk)
    found.read_by(request.member)
    found.refresh_from_db(fields=["read_households"])
    return post_page(request, found, CommentForm())


def visible_post(member: Member, pk: int) -> Post:
    found: Post = get_object_or_404(Post.objects.visible_to(member).for_reading(member), pk=pk)
    return found


def post_page(request: SiteRequest, post: Post, form: CommentForm, status: int = 200) -> HttpResponse:
    member = request.member
    context: dict[str, Any] = {
        "post": post,
        "form": form,
        "read_at": post.read_at or timezone.now(),
        "homes": post.audience_households().count(),
        "may_edit": member.may(Act.EDIT_POST, post),
        "may_withdraw": member.may(Act.WITHDRAW_POST, post),
        "delivery": post.delivery() if member.is_leader and request.site.has(Feature.DELIVERY_LEDGER) else None,
        "link": request.site.url(reverse("post", args=[post.pk])),
        "entry": _event(post, member),
        **_seal(post, member),
        **talk_of(post, member),
    }
    return show(request, "tenant/feed/post.html", status=status, **context)


def _event(post: Post, member: Member) -> Any:
    """The event this post is about, with the household's answer, if the reader sees it."""
    found = Event.objects.visible_to(member).select_related("community").filter(pk=post.event or 0).first()
    return entries_for(member, [found.next_occurrence()])[0] if found else None


def _seal(post: Post, member: Member) -> dict[str, Any]:
    """How a circular goes round, and this household's own seal."""
    if post.kind != Post.Kind.CIRCULAR:
        return {"round": None}
    asked = post.audience_households().filter(pk=member.household_id).exists()
    confirmed = post.round().of_home(member.household) if asked else None
    return {"round": post.round(), "confirmed": confirmed, "asked": asked}


@member_required
@require_safe
def album(request: SiteRequest, pk: int) -> HttpResponse:
    """All photos of a post, large, one under the other."""
    found = visible_post(request.member, pk)
    if not found.photos:
        raise Http404
    return show(request, "tenant/feed/album.html", post=found)


def talk_of(post: Post, member: Member) -> dict[str, Any]:
    """Reactions with this member's own, and the comments."""
    counts, mine = post.reaction_counts, post.my_reaction
    reactions = [
        {"value": kind.value, "label": kind.label, "count": counts.get(kind.value, 0), "mine": kind == mine}
        for kind in Reaction.Kind
    ]
    rules = FeedRules.now()
    return {
        "reactions": reactions if post.reactions_open and rules.reactions else [],
        "comments": list(post.comments.shown()),
        "may_comment": post.comments_open and rules.comments,
        "seats": Seat.objects.values_list("title", flat=True)[:SEATS_NAMED],
    }


@member_required
@require_safe
def attachment(request: SiteRequest, pk: int) -> HttpResponse:
    """Look first, then lead to the object store by a link that lives for minutes."""
    found = get_object_or_404(Attachment, pk=pk)
    if not found.may_see(request.member):
        raise Http404
    response = HttpResponseRedirect(found.link(preview="preview" in request.GET))
    response["Cache-Control"] = f"private, max-age={LINK_SECONDS}"
    return response
