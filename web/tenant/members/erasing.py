"""Erasing a person: an officer for somebody, or anybody for themselves. Asked once more, with a mark to set."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from tenants.members.models import ERASED, Act, Member
from web.access import allowed_to, neighbour_required
from web.tenant.members.forms import ErasingForm
from web.tenant.page import SiteRequest, refusals, show


@allowed_to(Act.ERASE)
def erase(request: SiteRequest, pk: int) -> HttpResponse:
    """Also somebody who has left already: their name is still on what they wrote."""
    person = get_object_or_404(Member.objects.exclude(name=ERASED).select_related("household", "user"), pk=pk)
    if person == request.member:
        return redirect("erase_me")
    form, home = _form(request), person.household_id
    if form.is_valid() and _erased(person, form, by=request.member):
        messages.success(request, _("情報を消しました。これからは「%(name)s」と出ます。") % {"name": ERASED})
        return redirect("household", home)
    return _page(request, "tenant/members/erase.html", form, person)


@neighbour_required
def erase_me(request: SiteRequest) -> HttpResponse:
    form, person = _form(request), request.member
    if form.is_valid() and _erased(person, form, by=person):
        request.session.flush()
        messages.success(request, _("退会して、情報を消しました。これまで、ありがとうございました。"))
        return redirect("sign_in")
    return _page(request, "tenant/menu/erase.html", form, person)


def _form(request: SiteRequest) -> ErasingForm:
    return ErasingForm(request.POST if request.method == "POST" else None)


def _erased(person: Member, form: ErasingForm, *, by: Member) -> bool:
    with refusals(form):
        person.erase(by=by)
    return not form.errors


def _page(request: SiteRequest, template: str, form: ErasingForm, person: Member) -> HttpResponse:
    context = {"form": form, "person": person, "seats": list(person.seats()), "is_last": person.is_last_at_home}
    return show(request, template, tab="menu", status=422 if form.errors else 200, **context)
