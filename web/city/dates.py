"""The city's dates: what stands on its associations' calendars, told and corrected here."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from controlplane.cities.models import CityDate
from web.access import city_staff_required
from web.apex import ApexRequest
from web.city.forms import DateForm
from web.city.views import show
from web.listing import turn
from web.tenant.page import refusals


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def dates(request: ApexRequest) -> HttpResponse:
    """What is coming, and a form for one more."""
    staff = request.city_staff
    form = DateForm(staff.city, request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals(form):
            told = CityDate.announce(staff.city, by=staff.name, **form.cleaned_data)
            messages.success(request, _("「%(title)s」を、団体のカレンダーに出しました。") % {"title": told.title})
            return redirect("city:dates")
    return _page(request, form)


def _page(request: ApexRequest, form: DateForm, told: CityDate | None = None) -> HttpResponse:
    coming = request.city_staff.city.dates.filter(ends_on__gte=timezone.localdate())
    context: dict[str, Any] = {"form": form, "told": told, "turning": turn(request, coming)}
    response = show(request, "dates.html", "dates", context)
    response.status_code = form.status
    return response


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def date(request: ApexRequest, pk: int) -> HttpResponse:
    """One date, to be corrected or taken off."""
    staff = request.city_staff
    told = get_object_or_404(staff.city.dates, pk=pk)
    form = DateForm(staff.city, request.POST if request.method == "POST" else None, of=told)
    if form.is_valid():
        with refusals(form):
            told.correct(by=staff.name, **form.cleaned_data)
            messages.success(request, _("なおしました。団体のカレンダーも、1分ほどで変わります。"))
            return redirect("city:dates")
    return _page(request, form, told)


@city_staff_required
@require_POST
def withdraw(request: ApexRequest, pk: int) -> HttpResponse:
    told = get_object_or_404(request.city_staff.city.dates, pk=pk)
    told.withdraw(by=request.city_staff.name)
    messages.success(request, _("「%(title)s」を、団体のカレンダーから消しました。") % {"title": told.title})
    return redirect("city:dates")
