"""A moderator's work: who is inside, letting in, inviting, the community's own words, its end."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants.communities.models import Community, Membership
from tenants.feed.models import Moderation
from tenants.members.models import Act, Member
from web.access import member_required
from web.listing import asked, turn
from web.tenant.communities.forms import CommunityForm, InviteForm, RemovalForm
from web.tenant.communities.views.room import inside_of, room_of, show_room, told
from web.tenant.page import SiteRequest, number, refusals

FOUND = 20
AT_THE_DOOR = 30  # who came first; each that is answered makes room for the next


def led_by(request: SiteRequest, pk: int) -> Community:
    """A community the member leads, else there is nothing here."""
    found = room_of(request, pk)
    if not request.member.may_look_at(Act.LEAD_COMMUNITY, found):
        raise Http404
    return found


@member_required
@require_safe
def people(request: SiteRequest, pk: int) -> HttpResponse:
    """Who is inside, by name and group alone; who waits and who was asked, for those who lead."""
    found = room_of(request, pk)
    leads = request.member.may(Act.LEAD_COMMUNITY, found)
    if not leads:
        inside_of(request, pk)
    rows = found.memberships.select_related("member__household__group", "seat").prefetch_related("seat__terms__member")
    context = {
        "turning": turn(request, rows.active().order_by("-role", "member__kana", "member__name", "pk")),
        "requests": found.requests()[:AT_THE_DOOR] if leads else (),
        "asked": turn(request, rows.invited() if leads else rows.none(), parameter="asked", part="#asked"),
    }
    return show_room(request, found, "people", **context)


@member_required
@require_POST
def answer(request: SiteRequest, pk: int) -> HttpResponse:
    """Let somebody in, or not."""
    found = led_by(request, pk)
    asking = Member.objects.filter(memberships__in=found.memberships.requested().order_by())
    person = get_object_or_404(asking, pk=number(request.POST.get("member", "")))
    with told(request):
        if request.POST.get("answer") == "yes":
            found.let_in(person, by=request.member)
            messages.success(request, _("%(name)sさんが入りました。") % {"name": person.name})
        else:
            found.turn_away(person, by=request.member)
            messages.success(request, _("%(name)sさんの申し込みを、見送りました。") % {"name": person.name})
    return redirect("community_people", pk=pk)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SiteRequest, pk: int, n: int) -> HttpResponse:
    """One of those inside: ask them to be a moderator, hand one's own work over, or take them out with a reason."""
    found = led_by(request, pk)
    row = get_object_or_404(found.memberships.exclude(state__in=["removed", "requested"]), pk=n)
    own = found.memberships.moderators().filter(member=request.member).exclude(pk=row.pk).first()
    form = RemovalForm(request.POST if request.POST.get("act") == "remove" else None)
    if request.method == "POST" and (form.is_valid() or not form.is_bound):
        with told(request):
            _act(request, row, own, form)
            messages.success(request, _("変えました。"))
        return redirect("community_people", pk=pk)
    status = 422 if form.errors else 200
    return show_room(request, found, "person", status=status, row=row, own=own, form=form)


def _act(request: SiteRequest, row: Membership, own: Membership | None, form: RemovalForm) -> None:
    acts = {"appoint": row.appoint, "relieve": row.relieve}
    wanted = request.POST.get("act", "")
    if wanted in acts:
        acts[wanted](by=request.member)
    elif wanted == "hand_over" and own:
        own.hand_over(row, by=request.member)
    elif wanted == "remove":
        row.remove(by=request.member, **form.cleaned_data, **_letter(request, row.community_id))
    else:
        raise Http404


def _letter(request: SiteRequest, pk: int) -> dict[str, str]:
    return {"site_name": request.site.name, "url": request.site.url(reverse("community", args=[pk]))}


@member_required
@require_safe
def reports(request: SiteRequest, pk: int) -> HttpResponse:
    """What people told of the talk here, and what is hidden. Who told is known to the officers alone."""
    found = led_by(request, pk)
    here = Moderation.objects.judged_by(request.member).filter(post__community=found)
    hidden = [(row, request.member.may(Act.SETTLE, row)) for row in here.hidden()[:FOUND]]
    return show_room(request, found, "reports", told=here.to_look_at()[:FOUND], hidden=hidden)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: SiteRequest, pk: int) -> HttpResponse:
    """Ask a group, a seat, or somebody found by name."""
    found = led_by(request, pk)
    chosen = "member" in request.POST
    form = InviteForm(request.POST if request.method == "POST" and not chosen else None)
    if chosen:
        member = get_object_or_404(Member.objects.admitted(), pk=number(request.POST["member"]))
        with told(request):
            return _asked(request, found, members=[member])
    elif form.is_valid():
        with refusals(form):
            return _asked(request, found, **form.cleaned_data)
    words = asked(request, "q")
    named = Member.objects.admitted().named(words)
    near = named.exclude(pk__in=found.people().values("pk")).select_related("household__group")[:FOUND] if words else ()
    status = 422 if form.errors else 200
    return show_room(request, found, "invite", status=status, form=form, words=words, near=near)


def _asked(request: SiteRequest, found: Community, **whom: object) -> HttpResponseRedirect:
    count = found.invite(by=request.member, **whom, **_letter(request, found.pk))  # type: ignore[arg-type]  # by form
    if count:
        messages.success(request, _("%(count)s人に声をかけました。返事をお待ちください。") % {"count": count})
    else:
        messages.info(request, _("もう入っている方か、声をかけた方でした。"))
    return redirect("community_people", pk=found.pk)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SiteRequest, pk: int) -> HttpResponse:
    """Name, description, how one comes in."""
    found = led_by(request, pk)
    form = CommunityForm(request.POST if request.method == "POST" else None, of=found)
    if form.is_valid():
        with refusals(form):
            found.change(by=request.member, **form.cleaned_data)
            messages.success(request, _("なおしました。"))
            return redirect("community", pk=pk)
    return show_room(request, found, "change", status=form.status, form=form)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then ends it: everything stays to be read."""
    found = led_by(request, pk)
    if request.method == "POST":
        with told(request):
            found.close(by=request.member)
            messages.success(request, _("「%(name)s」を終わりにしました。読むことはできます。") % {"name": found})
        return redirect("community", pk=pk)
    return show_room(request, found, "close")


@member_required
@require_POST
def reopen(request: SiteRequest, pk: int) -> HttpResponse:
    found = room_of(request, pk)
    with told(request):
        found.reopen(by=request.member)
        messages.success(request, _("「%(name)s」を、また始めました。") % {"name": found})
    return redirect("community", pk=pk)
