"""Communities: small groups with a feed of their own."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.communities.models import Community, Membership
from tenants.feed.models import Post
from tenants.members.models import Member
from web.access import member_required, officer_required
from web.tenant.communities.forms import CommunityForm
from web.tenant.feed.views.home import page_of
from web.tenant.page import SiteRequest, fragment, number, refusals, show


@member_required
@require_safe
def communities(request: SiteRequest) -> HttpResponse:
    """Those one is in, the others, and for officers who waits at which door."""
    found = list(Community.objects.visible_to(request.member).filter(closed_at=None).with_standing(request.member))
    unread = Post.objects.visible_to(request.member).unread_by(request.member).by_community()
    context = {
        "mine": [(each, unread.get(each.pk, 0)) for each in found if each.standing == Membership.State.ACTIVE],
        "others": [each for each in found if each.standing != Membership.State.ACTIVE],
        "waiting": Membership.objects.requested().by_community() if request.member.is_officer else (),
    }
    return show(request, "tenant/communities/list.html", tab="communities", **context)


@member_required
@require_safe
def community(request: SiteRequest, pk: int) -> HttpResponse:
    found = _visible(request.member, pk)
    reads = Community.objects.readable_by(request.member).filter(pk=pk).exists()
    posts = Post.objects.visible_to(request.member).filter(community=found)
    page = page_of(posts, request.member, request.GET.get("after", "")) if reads else {}
    if request.htmx and reads:
        return fragment(request, "tenant/feed/_posts.html", **page)
    requests = found.requests() if request.member.is_officer else ()
    context = {"community": found, "reads": reads, "requests": requests, **page}
    return show(request, "tenant/communities/community.html", tab="communities", **context)


def _visible(member: Member, pk: int) -> Community:
    return get_object_or_404(Community.objects.visible_to(member).with_standing(member), pk=pk)


@officer_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SiteRequest) -> HttpResponse:
    form = CommunityForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals(form):
            started = Community.start(by=request.member, **form.cleaned_data)
            messages.success(request, _("「%(name)s」を作りました。") % {"name": started})
            return redirect("community", pk=started.pk)
    status = 422 if form.errors else 200
    return show(request, "tenant/communities/new.html", tab="communities", status=status, form=form)


@member_required
@require_POST
def join(request: SiteRequest, pk: int) -> HttpResponse:
    found = _visible(request.member, pk)
    with refusals():
        membership = found.join(request.member)
    if membership.state == Membership.State.ACTIVE:
        messages.success(request, _("「%(name)s」に入りました。") % {"name": found})
        return redirect("community", pk=pk)
    messages.success(
        request, _("「%(name)s」に申し込みました。役員がたしかめるまで、お待ちください。") % {"name": found}
    )
    return redirect("communities")


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more; a request one made can be taken back here too."""
    found = _visible(request.member, pk)
    if found.standing is None:
        raise Http404
    if request.method == "POST":
        found.leave(request.member)
        asked = found.standing == Membership.State.REQUESTED
        left = _("「%(name)s」への申し込みをやめました。") if asked else _("「%(name)s」から出ました。")
        messages.success(request, left % {"name": found})
        return redirect("communities")
    return show(request, "tenant/communities/leave.html", tab="communities", community=found)


@officer_required
@require_POST
def answer(request: SiteRequest, pk: int) -> HttpResponse:
    """Let somebody in, or not."""
    found = _visible(request.member, pk)
    asking = get_object_or_404(found.requests(), member=number(request.POST.get("member", "")))
    name = asking.member.name
    if request.POST.get("answer") == "yes":
        found.let_in(asking.member, by=request.member)
        messages.success(request, _("%(name)sさんが入りました。") % {"name": name})
    else:
        found.turn_away(asking.member, by=request.member)
        messages.success(request, _("%(name)sさんの申し込みを、見送りました。") % {"name": name})
    return redirect("community", pk=pk)
