"""Writing a post, changing it, withdrawing it. What was typed and what was sent along survives every error."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tenants.feed.models import Attachment, Post
from tenants.members.models import Household
from web.access import member_required
from web.tenant.feed.forms import PostForm, written
from web.tenant.page import SiteRequest, number, refusals, show

Sent = list[Attachment]


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: SiteRequest) -> HttpResponse:
    homes = Household.objects.by_channel()
    if request.method != "POST":
        form = PostForm(member=request.member, homes=sum(homes.values()), initial=_beginning(request))
        return _page(request, form, [], homes)
    form = PostForm(request.POST, request.FILES, member=request.member, homes=sum(homes.values()))
    sent = _receive(request, form)
    if "stay" in request.POST or form.errors:
        return _page(request, form, sent, homes)
    with refusals(form):
        post = Post.write(by=request.member, attachments=sent, **form.fields_of_post())
        return _written(request, post)
    return _page(request, form, sent, homes)


def _beginning(request: SiteRequest) -> dict[str, Any]:
    """A form as it is opened: signed with one's seat, and for the community one comes from."""
    seat = request.member.seats().first() if request.member.is_leader else None
    room = request.GET.get("community", "")
    return {"as_seat": seat} | ({"audience": Post.Audience.COMMUNITY, "community": room} if number(room) else {})


def _receive(request: SiteRequest, form: PostForm, post: Post | None = None) -> Sent:
    """What was sent before and is still wanted, and what comes now. A refused file says why beside its field."""
    sent = list(_sent_before(request, post))
    form.is_valid()
    for name in ("photos", "document"):
        chosen = form.cleaned_data.get(name) or []
        for upload in chosen if isinstance(chosen, list) else [chosen]:
            try:
                sent.append(Attachment.objects.receive(upload, by=request.member))
            except ValidationError as error:
                form.add_error(name, [f"{upload.name}：{message}" for message in error.messages])
    if "stay" in request.POST:  # the rest is still being written
        for name in set(form.errors) - {"photos", "document"}:
            del form.errors[name]
    return sent


def _sent_before(request: SiteRequest, post: Post | None) -> Any:
    wanted = {number(pk) for pk in request.POST.getlist("kept")}
    wanted -= {number(pk) for pk in request.POST.getlist("drop")}
    own = Q(post=None, owner=request.member) | (Q(post=post) if post else Q())
    return Attachment.objects.filter(own, pk__in=wanted).order_by("pk")


def _page(
    request: SiteRequest, form: PostForm, sent: Sent, homes: dict[str, int], post: Post | None = None
) -> HttpResponse:
    paper, none = homes.get(Household.Channel.PAPER, 0), homes.get(Household.Channel.NONE, 0)
    total = sum(homes.values())
    reach = {"total": total, "screen": total - paper - none, "paper": paper, "none": none}
    layout = "layouts/site_desk.html" if request.member.is_leader else "layouts/site_page.html"
    context = {"form": form, "sent": sent, "reach": reach, "post": post, "layout": layout}
    return show(request, "tenant/feed/compose.html", status=422 if form.errors else 200, **context)


def _written(request: SiteRequest, post: Post) -> HttpResponse:
    if post.is_scheduled:
        messages.success(request, _("予定に入れました。時間になったら届きます。"))
        return redirect("scheduled")
    messages.success(request, _("届けました。"))
    return redirect("post", pk=post.pk)


@member_required
@require_safe
def scheduled(request: SiteRequest) -> HttpResponse:
    """Written, not yet published."""
    posts = Post.objects.changeable_by(request.member).scheduled().select_related("as_seat", "author")
    return show(request, "tenant/feed/scheduled.html", posts=posts)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.changeable_by(request.member), pk=pk)
    homes = Household.objects.by_channel()
    known: dict[str, Any] = {"member": request.member, "post": post, "homes": sum(homes.values())}
    if request.method != "POST":
        sent = list(post.attachments.order_by("pk"))
        return _page(request, PostForm(initial=written(post), **known), sent, homes, post)
    form = PostForm(request.POST, request.FILES, **known)
    sent = _receive(request, form, post)
    if "stay" in request.POST or form.errors:
        return _page(request, form, sent, homes, post)
    with refusals(form):
        post.edit(by=request.member, attachments=sent, **form.fields_of_post())
        messages.success(request, _("なおしました。"))
        return redirect("scheduled") if post.is_scheduled else redirect("post", pk=pk)
    return _page(request, form, sent, homes, post)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then withdraws it: nobody sees it, nothing is lost."""
    post = get_object_or_404(Post.objects.changeable_by(request.member), pk=pk)
    if request.method == "POST":
        with refusals():
            post.remove(by=request.member)
        messages.success(request, _("「%(title)s」を取り下げました。") % {"title": post.title})
        return redirect("home")
    return show(request, "tenant/feed/post_remove.html", post=post)
