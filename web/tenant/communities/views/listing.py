"""The list of communities, starting one, going in and out, answering an invitation."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.communities.models import Community, Membership
from tenants.feed.models import Post
from tenants.members.models import Act, Member
from web.access import allowed_to, member_required, neighbour_required
from web.listing import asked
from web.tenant.communities.forms import CommunityForm
from web.tenant.communities.views.room import room_of, told
from web.tenant.page import SiteRequest, refusals, show

State = Membership.State
AT_A_GLANCE = 6  # with more than these a search helps


@member_required
@require_safe
def communities(request: SiteRequest) -> HttpResponse:
    """Those one is in, the others, those that ended; and who waits at the doors one keeps."""
    words, member = asked(request, "q"), request.member
    found = list(Community.objects.visible_to(member).search(words).with_standing(member))
    unread = Post.objects.visible_to(member).unread_by(member).by_community()
    living = [each for each in found if each.closed_at is None]
    context = {
        "words": words,
        "searchable": words or len(found) > AT_A_GLANCE,
        "invited": [each for each in living if each.standing == State.INVITED],
        "mine": [(each, unread.get(each.pk, 0)) for each in living if each.standing == State.ACTIVE],
        "others": [each for each in living if each.standing not in (State.ACTIVE, State.INVITED)],
        "ended": [each for each in found if each.closed_at],
        "waiting": Membership.objects.requested().filter(community__in=_led(member, living)).by_community(),
    }
    return show(request, "tenant/communities/list.html", tab="communities", **context)


def _led(member: Member, living: list[Community]) -> list[Community]:
    """Whose doors the member keeps."""
    return [each for each in living if member.is_own_officer or each.role == Membership.Role.MODERATOR]


@allowed_to(Act.START_COMMUNITY)
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


@neighbour_required
@require_POST
def join(request: SiteRequest, pk: int) -> HttpResponse:
    found = room_of(request, pk)
    with told(request):
        membership = found.join(request.member)
        if membership.state == State.ACTIVE:
            messages.success(request, _("「%(name)s」に入りました。") % {"name": found})
        else:
            words = _("「%(name)s」に申し込みました。世話役がたしかめるまで、お待ちください。")
            messages.success(request, words % {"name": found})
            return redirect("communities")
    return redirect("community", pk=pk)


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more; a request one made can be taken back here too."""
    found = room_of(request, pk)
    if found.standing not in (State.ACTIVE, State.REQUESTED):
        raise Http404
    if request.method == "POST":
        with told(request):
            found.leave(request.member)
            was_asking = found.standing == State.REQUESTED
            left = _("「%(name)s」への申し込みをやめました。") if was_asking else _("「%(name)s」から出ました。")
            messages.success(request, left % {"name": found})
            return redirect("communities")
        return redirect("community", pk=pk)
    return show(request, "tenant/communities/leave.html", tab="communities", community=found)


@neighbour_required
@require_POST
def reply(request: SiteRequest, pk: int) -> HttpResponse:
    """入る／入らない, after being invited."""
    found, yes = room_of(request, pk), request.POST.get("answer") == "yes"
    with told(request):
        found.answer(request.member, yes=yes)
        words = _("「%(name)s」に入りました。") if yes else _("「%(name)s」には入らないと、伝えました。")
        messages.success(request, words % {"name": found})
    return redirect("community", pk=pk) if yes else redirect("communities")
