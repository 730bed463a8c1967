"""One post, opened: the household's seal is pressed by reading. Photos and documents."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from controlplane.associations.features import Feature
from tenants.feed.models import Attachment, Post, Reaction
from tenants.members.models import Member
from web.access import member_required
from web.tenant.feed.forms import CommentForm
from web.tenant.page import SiteRequest, show

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
        "may_change": post.may_change(member),
        "delivery": post.delivery() if member.is_leader and request.site.has(Feature.DELIVERY_LEDGER) else None,
        **talk_of(post, member),
    }
    return show(request, "tenant/feed/post.html", status=status, **context)


def talk_of(post: Post, member: Member) -> dict[str, Any]:
    """Reactions with this member's own, and the comments."""
    counts, mine = post.reaction_counts, post.my_reaction
    reactions = [
        {"value": kind.value, "label": kind.label, "count": counts.get(kind.value, 0), "mine": kind == mine}
        for kind in Reaction.Kind
    ]
    return {"reactions": reactions, "comments": list(post.comments.shown())}


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
