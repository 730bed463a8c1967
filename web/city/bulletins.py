"""Bulletins (市からのお知らせ): written by the city's staff, in numbers what became of them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.associations.models import Association, Bulletin
from controlplane.cities.models import City
from web.access import city_staff_required
from web.apex import ApexRequest
from web.bulletins import BulletinForm, WordsForm
from web.city.views import show
from web.forms import Choices
from web.listing import turn
from web.tenant.page import refusals

PAGE = 20


class CityBulletinForm(BulletinForm):
    audience = forms.ChoiceField(label=gettext_lazy("届け先"), widget=Choices(layout="pairs"), initial="all")
    ward = forms.ChoiceField(label=gettext_lazy("区"), required=False)
    to_federation = forms.ModelChoiceField(
        Association.objects.none(),
        label=gettext_lazy("自治連合会"),
        required=False,
        empty_label=gettext_lazy("自治連合会を選ぶ"),
    )
    field_order = ("audience", "ward", "to_federation", "kind", "title", "body")

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        live = Association.objects.live().filter(city=city)
        to: Any = self.fields["to_federation"]
        to.queryset = live.filter(kind=Association.Kind.FEDERATION)
        audience: Any = self.fields["audience"]
        audience.choices = [choice for choice in Bulletin.Audience.choices if choice[0] != Bulletin.Audience.MEMBERS]
        audience.widget.notes = {"all": _("%(count)s団体") % {"count": live.count()}}
        ward: Any = self.fields["ward"]
        ward.choices = [("", _("区を選ぶ")), *((name, name) for name in city.wards)]


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulletins(request: ApexRequest) -> HttpResponse:
    city = request.city_staff.city
    form = CityBulletinForm(request.POST if request.method == "POST" else None, city=city)
    if form.is_valid():
        with refusals(form):
            sent = Bulletin.objects.publish(by=str(request.city_staff.name), city=city, **form.fields_of_bulletin())
            messages.success(request, _("送りました。1分ほどで、各団体のホームに届きはじめます。"))
            return redirect("city:bulletin", bulletin=sent.pk)
    before = turn(request, Bulletin.objects.filter(city=city).with_counts(), PAGE)
    return _page(request, "bulletins.html", form, turning=before)


def _page(request: ApexRequest, template: str, form: forms.Form | None = None, **context: Any) -> HttpResponse:
    answer = show(request, template, "bulletins", {"form": form, **context})
    answer.status_code = 422 if form is not None and form.errors else 200
    return answer


def _sent(request: ApexRequest, pk: UUID) -> Bulletin:
    sent = Bulletin.objects.filter(city=request.city_staff.city).select_related("city", "to_federation")
    return get_object_or_404(sent.with_counts(), pk=pk)


@city_staff_required
@require_safe
def one(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    """One of them, with what came back by association."""
    found = _sent(request, bulletin)
    copies = found.copies.select_related("association").order_by("association__ward", "association__kana", "pk")
    return _page(request, "bulletin.html", bulletin=found, turning=turn(request, copies))


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    found = _sent(request, bulletin)
    said = {"title": found.title, "body": found.body}
    form = WordsForm(request.POST if request.method == "POST" else None, initial=said)
    if form.is_valid():
        with refusals(form):
            found.edit(by=str(request.city_staff.name), **form.cleaned_data)
            messages.success(request, _("なおしました。届いた団体のお知らせも、なおります。"))
            return redirect("city:bulletin", bulletin=bulletin)
    return _page(request, "bulletin_edit.html", form, bulletin=found)


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    """Asks once more."""
    found = _sent(request, bulletin)
    if request.method == "POST":
        found.withdraw(by=str(request.city_staff.name))
        messages.success(request, _("「%(title)s」を取り下げました。") % {"title": found.title})
        return redirect("city:bulletins")
    return _page(request, "bulletin_withdraw.html", bulletin=found)
