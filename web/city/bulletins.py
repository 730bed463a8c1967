"""Bulletins (市からのお知らせ): written by the city's staff, in numbers what became of them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controlplane.associations.models import Association, Bulletin, BulletinDraft
from controlplane.associations.reach import Reach
from controlplane.cities.models import City
from controlplane.rates import Cost, costs
from web.access import city_staff_required
from web.apex import ApexRequest
from web.bulletins import writing
from web.bulletins.forms import BulletinForm, SendingForm, WordsForm
from web.city.views import show
from web.forms import Choices, KairanForm, ManyChoices
from web.listing import turn
from web.tenant.page import refusals

PAGE = 20
AUDIENCES = (Bulletin.Audience.ALL, Bulletin.Audience.WARD, Bulletin.Audience.FEDERATION)


class CityBulletinForm(BulletinForm):
    audience = forms.ChoiceField(
        label=gettext_lazy("届け先"),
        choices=[(each.value, each.label) for each in AUDIENCES],
        widget=Choices(layout="pairs"),
        initial=Bulletin.Audience.ALL,
    )
    wards = forms.MultipleChoiceField(label=gettext_lazy("区"), required=False, widget=ManyChoices(layout="pairs"))
    to_federation = forms.ModelChoiceField(
        Association.objects.none(),
        label=gettext_lazy("自治連合会"),
        required=False,
        empty_label=gettext_lazy("自治連合会を選ぶ"),
    )

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city
        live = Association.objects.live().filter(city=city)
        by_ward = dict(live.order_by().values_list("ward").annotate(Count("pk")))
        federations: Any = self.fields["to_federation"]
        federations.queryset = live.filter(kind=Association.Kind.FEDERATION)
        audience, wards = (self.fields[name].widget for name in ("audience", "wards"))
        audience.notes = {"all": _groups(sum(by_ward.values())), "federation": _groups(federations.queryset.count())}
        wards.notes = {name: _groups(by_ward.get(name, 0)) for name in city.wards}
        self.fields["wards"].choices = [(name, name) for name in city.wards]  # type: ignore[attr-defined]

    def to_whom(self) -> dict[str, Any]:
        told = self.cleaned_data
        audience = told.get("audience", "")
        wards = told.get("wards", []) if audience == Bulletin.Audience.WARD else []
        to = told.get("to_federation") if audience == Bulletin.Audience.FEDERATION else None
        several = wards if len(wards) > 1 else []
        return {"audience": audience, "ward": wards[0] if wards else "", "chosen": several, "to_federation": to}


def _groups(count: int) -> str:
    return _("%(count)s団体") % {"count": count}


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulletins(request: ApexRequest) -> HttpResponse:
    """A new one to be written, beside those that were, and those that wait."""
    return _write(request, None)


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    return _write(request, _draft(request, bulletin))


def _write(request: ApexRequest, kept: BulletinDraft | None) -> HttpResponse:
    city = request.city_staff.city
    form = _form(request, kept)
    if request.method == "POST":
        kept = writing.kept(request, form, kept, by=request.city_staff.name, city=city)
        if kept and form.is_valid():
            return redirect("city:bulletin_draft" if writing.is_keeping(request) else "city:bulletin_check", kept.pk)
    to = kept.recipients() if kept else Association.objects.live().filter(city=city)
    return _page(
        request,
        "bulletins.html",
        form,
        draft=kept,
        files=list(kept.files) if kept else [],
        reach=Reach.of(to),
        drafts=list(BulletinDraft.objects.filter(city=city).select_related("to_federation")[:PAGE]),
        turning=turn(request, Bulletin.objects.filter(city=city).select_related("to_federation").with_counts(), PAGE),
    )


def _form(request: ApexRequest, draft: BulletinDraft | None = None) -> CityBulletinForm:
    city, drafting = request.city_staff.city, writing.is_keeping(request)
    if request.method != "POST":
        return CityBulletinForm(city=city, of=draft)
    return CityBulletinForm(request.POST, request.FILES, city=city, of=draft, drafting=drafting)


def _page(request: ApexRequest, template: str, form: KairanForm | None = None, **context: Any) -> HttpResponse:
    answer = show(request, template, "bulletins", {"form": form, **context})
    answer.status_code = form.status if form is not None else 200
    return answer


def _draft(request: ApexRequest, pk: UUID) -> BulletinDraft:
    drafts = BulletinDraft.objects.filter(city=request.city_staff.city).select_related("city", "to_federation")
    return get_object_or_404(drafts, pk=pk)


@city_staff_required
@require_safe
def reach(request: ApexRequest) -> HttpResponse:
    """How far it would go, for what is chosen just now: a part of the page, for htmx."""
    form = CityBulletinForm(request.GET, city=request.city_staff.city, drafting=True)
    form.is_valid()
    to = BulletinDraft(city=request.city_staff.city, **form.to_whom())
    return show(request, "bulletin_reach.html", "bulletins", {"reach": Reach.of(to.recipients())})


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    """What will be sent, to whom and when, looked through once more. Sent already: its page."""
    sent = Bulletin.objects.filter(city=request.city_staff.city, pk=bulletin)
    if sent.exists():
        return redirect("city:bulletin", bulletin=bulletin)
    kept = _draft(request, bulletin)
    form = SendingForm(request.POST if request.method == "POST" else None, of=kept)
    if form.is_valid():
        out = writing.sent(kept, form, by=request.city_staff.name)
        if form.is_valid():
            writing.say_sent(request, out)
            return redirect("city:bulletin", bulletin=bulletin) if out else redirect("city:bulletins")
    return _page(request, "bulletin_check.html", form, **writing.looked_through(kept))


@costs(Cost.PAPER)
@city_staff_required
@require_safe
def paper(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    return writing.paper(_draft(request, bulletin))


@city_staff_required
@require_POST
def discard(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    _draft(request, bulletin).discard(by=request.city_staff.name)
    messages.success(request, _("書きかけを消しました。"))
    return redirect("city:bulletins")


@city_staff_required
@require_safe
def document(request: ApexRequest, bulletin: UUID, pk: int) -> HttpResponse:
    return writing.document(request, bulletin, pk, city=request.city_staff.city)


def _sent(request: ApexRequest, pk: UUID) -> Bulletin:
    sent = Bulletin.objects.filter(city=request.city_staff.city).select_related("city", "to_federation")
    return get_object_or_404(sent.with_counts(), pk=pk)


@city_staff_required
@require_safe
def one(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    """One of them, with what came back by association."""
    found = _sent(request, bulletin)
    copies = found.copies.select_related("association").order_by("association__ward", "association__kana", "pk")
    turning = turn(request, copies)
    return _page(request, "bulletin.html", bulletin=found, files=list(found.files), turning=turning)


@city_staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ApexRequest, bulletin: UUID) -> HttpResponse:
    found = _sent(request, bulletin)
    form = WordsForm(request.POST if request.method == "POST" else None, of=found)
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
