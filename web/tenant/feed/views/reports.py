"""Telling those who judge that a post or comment should be looked at, and their answer: hide it, or leave it.

Officers answer; in a community its moderators too, on a page there (`web.tenant.communities.views.leading`).
"""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.feed.models import Comment, Moderation, Post
from tenants.members.models import Act
from web.access import allowed_to, member_required, neighbour_required
from web.tenant.feed.forms import ReasonForm
from web.tenant.page import SiteRequest, refusals, show

SHOWN = 50
FOR_OFFICERS = gettext_lazy("役員だけが読みます。書いた人に、あなたの名前は伝わりません。")
FOR_MODERATORS = gettext_lazy("役員と、この集まりの世話役が読みます。あなたの名前が分かるのは、役員だけです。")
FOR_AUTHOR = gettext_lazy("書いた人にも、このわけが届きます。やさしいことばでお願いします。")


def _post(among: QuerySet[Post], pk: int) -> Post:
    return get_object_or_404(among, pk=pk)


def _comment(among: QuerySet[Post], pk: int) -> Comment:
    return get_object_or_404(Comment.objects.shown().filter(post__in=among).select_related("post"), pk=pk)


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_post(request: SiteRequest, pk: int) -> HttpResponse:
    return _report(request, _post(Post.objects.visible_to(request.member), pk))


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: SiteRequest, pk: int) -> HttpResponse:
    return _report(request, _comment(Post.objects.visible_to(request.member), pk))


def _report(request: SiteRequest, thing: Post | Comment) -> HttpResponse:
    inside = (thing.post if isinstance(thing, Comment) else thing).community_id
    hint = FOR_MODERATORS if inside else FOR_OFFICERS
    form = ReasonForm(request.POST if request.method == "POST" else None, hint=hint)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            Moderation.report(thing, by=request.member, reason=form.cleaned_data["reason"])
            messages.success(request, _("役員に伝えました。知らせてくれて、ありがとうございます。"))
            return redirect(_place(thing))
    return _page(request, "tenant/feed/report.html", thing, form)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def hide_post(request: SiteRequest, pk: int) -> HttpResponse:
    return _hide(request, _post(Post.objects.judged_by(request.member), pk))


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def hide_comment(request: SiteRequest, pk: int) -> HttpResponse:
    return _hide(request, _comment(Post.objects.judged_by(request.member), pk))


def _hide(request: SiteRequest, thing: Post | Comment) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None, hint=FOR_AUTHOR)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            hidden = Moderation.hide(thing, by=request.member, reason=form.cleaned_data["reason"])
            messages.success(request, _("見えないようにしました。消えてはいません。"))
            return redirect(_desk(request, hidden))
    return _page(request, "tenant/feed/hide.html", thing, form)


def _desk(request: SiteRequest, about: Moderation) -> str:
    """Where this person judges: the officers' page, or the one of the community."""
    if request.member.may(Act.SEE_REPORTS):
        return reverse("reports")
    return reverse("community_reports", args=[about.post.community_id])


def _page(request: SiteRequest, template: str, thing: Post | Comment, form: ReasonForm) -> HttpResponse:
    comment = thing if isinstance(thing, Comment) else None
    context = {"form": form, "comment": comment, "post": comment.post if comment else thing, "back": _place(thing)}
    return show(request, template, status=422 if form.errors else 200, **context)


def _place(thing: Post | Comment) -> str:
    if isinstance(thing, Comment):
        return f"{reverse('post', args=[thing.post_id])}#comment-{thing.pk}"
    return reverse("post", args=[thing.pk])


@allowed_to(Act.SEE_REPORTS)
@require_safe
def reports(request: SiteRequest) -> HttpResponse:
    """What members told, and what is hidden. Of a community they are not in, officers see what was reported alone."""
    told, hidden = list(Moderation.objects.to_look_at()[:SHOWN]), Moderation.objects.hidden()[:SHOWN]
    seen = Post.objects.visible_to(request.member).filter(pk__in=[row.post_id for row in told])
    readable = set(seen.values_list("pk", flat=True))
    return show(request, "tenant/feed/reports.html", told=told, hidden=hidden, readable=readable)


@member_required
@require_POST
def settle(request: SiteRequest, pk: int) -> HttpResponse:
    """Leave what was reported as it is, or show again what was hidden."""
    found = get_object_or_404(Moderation.objects.standing().judged_by(request.member).with_things(), pk=pk)
    with refusals():
        found.take_back(by=request.member)
    back = found.kind == Moderation.Kind.HIDING
    messages.success(request, _("また見えるようにしました。") if back else _("そのままにしました。"))
    return redirect(_desk(request, found))
