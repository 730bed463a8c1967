"""The roster by household, one home, one person. Officers see contact data, leaders their own groups without it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from tenants.members.models import Act, Household, Member, SeatTerm
from web.access import allowed_to
from web.listing import turn
from web.tenant.members.forms import HouseholdForm, RosterFilter
from web.tenant.page import SiteRequest, refusals, show

PAGE = 30
NAMED = 3  # of those who wait to be let in


@allowed_to(Act.SEE_ROSTER)
def members(request: SiteRequest) -> HttpResponse:
    viewer = request.member
    form = RosterFilter(request.GET, viewer=viewer)
    known = Household.objects.known_to(viewer)
    waiting = Member.objects.waiting().select_related("household__group") if viewer.is_officer else None
    context = {
        "form": form,
        "turning": turn(request, _with_people(form.narrow(known), viewer), PAGE),
        "household_count": known.count(),
        "group_count": viewer.led_groups().count(),
        "member_count": Member.objects.admitted().filter(household__in=known).count(),
        "waiting": waiting[:NAMED] if waiting is not None else (),
        "waiting_count": waiting.count() if waiting is not None else 0,
    }
    return show(request, "tenant/members/members.html", tab="menu", **context)


@allowed_to(Act.SEE_ROSTER)
def member(request: SiteRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(_visible_people(request.member), pk=pk)
    family = Member.objects.present().filter(household=person.household).exclude(pk=person.pk)
    context = {"person": person, "seats": person.seats(), "family": family}
    return show(request, "tenant/members/member.html", tab="menu", **context)


@allowed_to(Act.TAKE_OUT)
def leave(request: SiteRequest, pk: int) -> HttpResponse:
    """Ask once more, then note that somebody left."""
    person = get_object_or_404(Member.objects.admitted().with_seats(), pk=pk)
    problem = ""
    if request.method == "POST":
        try:
            person.leave(by=request.member)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            messages.success(request, _("%(name)sさんの退会を書きとめました。") % {"name": person.name})
            return redirect("household", person.household_id)
    context = {"person": person, "seats": person.seats(), "problem": problem}
    return show(request, "tenant/members/leave.html", tab="menu", status=422 if problem else 200, **context)


@allowed_to(Act.KEEP_HOME)
def household_add(request: SiteRequest) -> HttpResponse:
    """A home that is reached on paper: written down by an officer, without an account."""
    form, alert = _household_form(request)
    if form.is_valid():
        home = Household.objects.add(by=request.member, **form.cleaned_data)
        messages.success(request, _("%(home)sを足しました。") % {"home": home})
        return redirect("members")
    return _household_page(request, form, alert)


@allowed_to(Act.SEE_ROSTER)
def household(request: SiteRequest, pk: int) -> HttpResponse:
    """One home: officers correct it, leaders (and who visits) read it."""
    home = get_object_or_404(_with_people(Household.objects.known_to(request.member), request.member), pk=pk)
    if not request.member.may(Act.KEEP_HOME, home):
        if request.method == "POST":
            raise Http404
        return show(request, "tenant/members/household_read.html", tab="menu", home=home)
    form, alert = _household_form(request, home)
    if form.is_valid():
        with refusals(form):
            home.correct(by=request.member, **form.cleaned_data)
            messages.success(request, _("%(home)sをなおしました。") % {"home": home})
            return redirect("household", pk)
    return _household_page(request, form, alert, home=home)


def _with_people(homes: Any, viewer: Member) -> Any:
    """With who lives there (who waits: for officers) and what they hold, in three statements whatever the homes."""
    held = Prefetch("terms", queryset=SeatTerm.objects.current().select_related("seat"), to_attr="held")
    known = Member.objects.present() if viewer.may_look_at(Act.ADMIT) else Member.objects.admitted()
    people = known.order_by(F("admitted_at").asc(nulls_last=True)).prefetch_related(held)
    return homes.select_related("group").prefetch_related(Prefetch("members", queryset=people, to_attr="people"))


def _visible_people(viewer: Member) -> Any:
    homes = Household.objects.known_to(viewer)
    return Member.objects.admitted().filter(household__in=homes).select_related("household__group", "user")


def _household_form(request: SiteRequest, home: Household | None = None) -> tuple[HouseholdForm, str]:
    if "lookup" in request.POST:
        return HouseholdForm.looked_up(request, of=home)
    return HouseholdForm(request.POST or None, of=home), ""


def _household_page(
    request: SiteRequest, form: HouseholdForm, alert: str, *, home: Household | None = None
) -> HttpResponse:
    context = {"form": form, "alert": alert, "home": home}
    return show(request, "tenant/members/household.html", tab="menu", status=form.status, **context)
