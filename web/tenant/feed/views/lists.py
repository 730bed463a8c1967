"""A writer's own lists: drafts, what waits for its time, what was withdrawn; withdrawing and bringing back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.feed.models import Post
from tenants.feed.models.posts import REASON_LENGTH
from web.access import member_required
from web.tenant.feed.forms import ReasonForm
from web.tenant.page import SiteRequest, frame, refusals, show

SHOWN = 100
WHY = gettext_lazy("書かなくてもかまいません。役員と、書いた人だけに見えます。")


@member_required
@require_safe
def drafts(request: SiteRequest) -> HttpResponse:
    """One's own, seen by nobody else."""
    posts = Post.objects.drafts_of(request.member)[:SHOWN]
    return show(request, "tenant/feed/drafts.html", layout=frame(request), posts=posts)


@member_required
@require_safe
def scheduled(request: SiteRequest) -> HttpResponse:
    """Written, not yet published."""
    posts = Post.objects.looked_after_by(request.member).scheduled().select_related("as_seat", "author")
    return show(request, "tenant/feed/scheduled.html", layout=frame(request), posts=posts)


@member_required
@require_safe
def withdrawn(request: SiteRequest) -> HttpResponse:
    """Withdrawn in the last thirty days, each with the way back."""
    posts = Post.objects.withdrawn_for(request.member).select_related("as_seat", "author")[:SHOWN]
    return show(request, "tenant/feed/withdrawn.html", layout=frame(request), posts=posts)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then withdraws it: nobody sees it, nothing is lost."""
    post = get_object_or_404(Post.objects.looked_after_by(request.member), pk=pk)
    form = ReasonForm(
        request.POST if request.method == "POST" else None, hint=WHY, required=False, longest=REASON_LENGTH
    )
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            post.remove(by=request.member, reason=form.cleaned_data["reason"])
            done = _("「%(title)s」を取り下げました。30日のあいだは、もどせます。")
            messages.success(request, done % {"title": post})
            return redirect("withdrawn")
    status = 422 if form.errors else 200
    return show(request, "tenant/feed/post_remove.html", status=status, post=post, form=form)


@member_required
@require_POST
def restore(request: SiteRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.withdrawn_for(request.member), pk=pk)
    form = ReasonForm({})
    with refusals(form):
        post.restore(by=request.member)
        messages.success(request, _("もどしました。"))
        return redirect("post", pk=pk) if post.is_public else redirect("drafts" if post.is_draft else "scheduled")
    for problem in form.non_field_errors():
        messages.error(request, problem)
    return redirect("withdrawn")
