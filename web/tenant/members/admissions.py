"""Who registered and waits: an officer looks at one after the other."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.members.models import Act, Group, Member
from web.access import allowed_to
from web.listing import turn
from web.tenant.members.forms import PlaceForm
from web.tenant.page import SiteRequest, show

AT_ONCE = 5  # each with a list of the groups


@allowed_to(Act.ADMIT)
def admissions(request: SiteRequest) -> HttpResponse:
    turning = turn(request, Member.objects.waiting().select_related("household__group", "user"), AT_ONCE)
    groups, family = list(Group.objects.all()), _families(turning.page)
    waiting = [
        {"person": person, "form": _place_form(person, groups), "family": family.get(person.household_id, ())}
        for person in turning.page
    ]
    return show(request, "tenant/members/admissions.html", tab="menu", waiting=waiting, turning=turning)


@allowed_to(Act.ADMIT)
@require_POST
def admit(request: SiteRequest, pk: int) -> HttpResponse:
    """Let somebody in and tell them; twice, or by two officers, is once."""
    person = get_object_or_404(Member.objects.present().select_related("household", "user"), pk=pk)
    if person.is_admitted:
        return redirect("admissions")
    form = PlaceForm(request.POST, prefix=str(pk))
    if form.is_valid():
        person.household.correct(by=request.member, group=form.cleaned_data["group"] or person.household.group)
    person.admit(by=request.member)
    person.send_welcome(site_name=request.site.name, url=request.site.url())
    messages.success(request, _("%(name)sさんを承認しました。本人にもお知らせします。") % {"name": person.name})
    return redirect("admissions")


@allowed_to(Act.ADMIT)
def decline(request: SiteRequest, pk: int) -> HttpResponse:
    """Ask once more, then turn the registration down."""
    person = get_object_or_404(Member.objects.present().select_related("household__group"), pk=pk)
    if request.method != "POST" and not person.is_admitted:
        return show(request, "tenant/members/decline.html", tab="menu", person=person)
    try:
        person.decline(by=request.member)
    except ValidationError as error:  # another officer was faster
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("%(name)sさんの登録を断りました。") % {"name": person.name})
    return redirect("admissions")


def _place_form(person: Member, groups: Iterable[Group]) -> PlaceForm:
    return PlaceForm(prefix=str(person.pk), initial={"group": person.household.group_id}, groups=groups)


def _families(people: Iterable[Member]) -> dict[int, list[Member]]:
    """Who lives there already, by home: somebody who joined by a family's code can be asked about."""
    found: dict[int, list[Member]] = {}
    for person in Member.objects.admitted().filter(household__in=[each.household_id for each in people]):
        found.setdefault(person.household_id, []).append(person)
    return found
