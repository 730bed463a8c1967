"""Seats and who holds them, handing over, and the groups: the association's own order."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tenants.members.models import Act, Group, Member, Seat
from web.access import allowed_to
from web.listing import asked, beside
from web.templatetags.kairan import date_ja
from web.tenant.members.forms import GroupForm, HandOverForm, SeatForm
from web.tenant.members.turning import lines, next_turn, turn_of
from web.tenant.page import SiteRequest, refusals, show

SEATS = 20
OFFERED = 60  # people to choose from; where there are more, one is looked for by name


@allowed_to(Act.SEE_SEATS)
def seats(request: SiteRequest) -> HttpResponse:
    form = SeatForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            made = Seat.objects.add(by=request.member, **form.cleaned_data)
            messages.success(
                request, _("「%(title)s」を足しました。次に、どなたがするかを決めます。") % {"title": made}
            )
            return redirect("seat", made.pk)
    day = next_turn()
    every = lines(request.member, day)
    turning = beside(request, Paginator(every, SEATS).get_page(request.GET.get("page")))
    context = {"form": form, "seats": turning.page, "turn": turn_of(every, day), "turning": turning}
    return show(request, "tenant/members/seats.html", tab="menu", status=422 if form.errors else 200, **context)


@allowed_to(Act.SEE_SEATS)
@require_safe
def on_paper(request: SiteRequest) -> HttpResponse:
    """Who has which seat, this fiscal year and the next: to check together, and to hand round."""
    day = next_turn()
    return show(request, "tenant/members/seats_print.html", tab="menu", seats=lines(request.member, day), day=day)


@allowed_to(Act.SEE_SEATS)
def seat(request: SiteRequest, pk: int) -> HttpResponse:
    """Who has held the seat, and handing it over."""
    office = get_object_or_404(Seat.objects.select_related("group"), pk=pk)
    allowed = request.member.may_look_at(Act.HAND_OVER, office)
    if request.method == "POST" and not allowed:
        raise Http404
    wanted, many = asked(request, "q"), Member.objects.admitted().count() > OFFERED
    offered = _offered(wanted) if wanted or not many else []
    form = HandOverForm(request.POST or None, initial={"on": _day_asked(request)}, offered=offered, of=office)
    if form.is_valid():
        with refusals(form):
            term = office.hand_over(by=request.member, **form.cleaned_data)
            words = {"seat": office, "name": term.member.name, "day": date_ja(term.starts_on)}
            messages.success(request, _("「%(seat)s」は、%(day)sから%(name)sさんです。") % words)
            return redirect("seats")
    terms = office.terms.select_related("member")
    choice = {"form": form, "allowed": allowed, "words": wanted, "many": many, "offered": offered}
    context: dict[str, Any] = {"seat": office, "terms": terms, **choice}
    return show(request, "tenant/members/seat.html", tab="menu", status=form.status, **context)


def _offered(words: str) -> list[Member]:
    people = Member.objects.admitted().select_related("household__group")
    return list((people.named(words) if words else people)[:OFFERED])


@allowed_to(Act.KEEP_GROUPS)
def groups(request: SiteRequest) -> HttpResponse:
    form = GroupForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            made = Group.objects.add(form.cleaned_data["name"], by=request.member)
            messages.success(request, _("%(name)sを足しました。") % {"name": made})
            return redirect("groups")
    context = {"form": form, "groups": Group.objects.with_counts()}
    return show(request, "tenant/members/groups.html", tab="menu", status=422 if form.errors else 200, **context)


@allowed_to(Act.KEEP_GROUPS)
def group(request: SiteRequest, pk: int) -> HttpResponse:
    """Rename a group, or move it up or down in the list."""
    place = get_object_or_404(Group, pk=pk)
    if request.POST.get("move") in {"up", "down"}:
        place.move(up=request.POST["move"] == "up", by=request.member)
        return redirect("groups")
    form = GroupForm(request.POST or None, of=place)
    if form.is_valid():
        with refusals(form):
            place.rename(by=request.member, **form.cleaned_data)
            messages.success(request, _("組の名前をなおしました。"))
            return redirect("groups")
    return show(request, "tenant/members/group.html", tab="menu", status=form.status, form=form)


def _day_asked(request: SiteRequest) -> date:
    """The day a link proposes for the handover; today without one, or where it is none."""
    try:
        return parse_date(request.GET.get("on", "")) or timezone.localdate()
    except ValueError:
        return timezone.localdate()
