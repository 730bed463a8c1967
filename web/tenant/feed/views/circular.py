"""A circular's seals: one's own household's, and for their leader those of the houses that have not confirmed yet."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenants.feed.models import Post, Round
from tenants.members.models import Act, Household
from web.access import allowed_to, neighbour_required
from web.listing import turn
from web.once import each_time
from web.tenant.feed.views.post import visible_post
from web.tenant.members.forms import HomeFilter
from web.tenant.page import SiteRequest, number, refusals, show

HOMES = 30
PRESSED = 10


def circular(request: SiteRequest, pk: int) -> Round:
    post = visible_post(request.member, pk)
    if post.kind != Post.Kind.CIRCULAR:
        raise Http404
    return post.round()


@neighbour_required
@require_POST
@each_time
def confirm(request: SiteRequest, pk: int) -> HttpResponse:
    """「見ました」 for one's own home; `undo` takes it back."""
    post = circular(request, pk)
    if not post.post.audience_households().filter(pk=request.member.household_id).exists():
        raise Http404
    with refusals():
        if "undo" in request.POST:
            post.take_back(request.member.household, by=request.member)
        else:
            post.confirm(request.member.household, by=request.member)
    return redirect(f"{reverse('post', args=[pk])}#seal")


@allowed_to(Act.SEE_REACH)
@require_safe
def confirmations(request: SiteRequest, pk: int) -> HttpResponse:
    """Figures for all; houses by name for who may go and ask there."""
    post = circular(request, pk)
    form = HomeFilter(request.GET, viewer=request.member)
    context = {
        "post": post.post,
        "round": post,
        "form": form,
        "homes": turn(request, form.narrow(post.open_homes(request.member)), HOMES, part="#open"),
        "pressed": post.pressed(request.member)[:PRESSED],
    }
    return show(request, "tenant/feed/confirmations.html", **context)


@allowed_to(Act.CONFIRM_FOR)
@require_POST
@each_time
def confirm_for(request: SiteRequest, pk: int) -> HttpResponse:
    """The leader was told at the door; `undo` takes a seal back that the leader pressed."""
    post = circular(request, pk)
    known = Household.objects.known_to(request.member)
    homes = known.filter(pk__in=post.post.audience_households().values("pk"))
    home = get_object_or_404(homes, pk=number(request.POST.get("household", "")))
    with refusals():
        if "undo" in request.POST:
            post.take_back(home, by=request.member)
        else:
            post.confirm(home, by=request.member)
            messages.success(request, _("%(home)sのかわりに、はんこを押しました。") % {"home": home})
    return redirect(f"{reverse('confirmations', args=[pk])}?{request.GET.urlencode()}#open")
