"""The queue of applications, and one application with what operations may do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from controlplane.associations.models import Association, AssociationQuerySet
from controlplane.audit.models import Entry
from controlplane.cities.models import WardOffice
from controlplane.rates import Cost, costs
from controlplane.spreadsheet import as_csv
from provisioning.models import Application, NotOpen, Stage
from provisioning.models.queue import ApplicationQuerySet
from web.access import operator_required
from web.apex import ApexRequest
from web.forms import KairanForm
from web.listing import Sorting, asked, csv_download, turn
from web.operations.desk import show
from web.operations.forms import ApproveForm, AskForm, RejectForm

COLUMNS = {"received": "created_at", "name": "name", "ward": "ward", "households": "households"}
STAGE_TAGS = {
    Stage.RECEIVED: "wait",
    Stage.UNREACHABLE: "stop",
    Stage.ASKED: "soft",
    Stage.PREPARING: "info",
    Stage.LIVE: "ok",
    Stage.REJECTED: "soft",
}


@operator_required
@require_safe
def queue(request: ApexRequest) -> HttpResponse:
    sorting = Sorting(request, COLUMNS, "-received")
    turning = turn(request, sorting.sort(chosen(request)))
    counts = narrowed(request).counts_by_stage()
    context = {
        "turning": turning,
        "rows": [(application, STAGE_TAGS[application.stage]) for application in turning.page],
        "headers": sorting.headers,
        "tabs": [("", _("すべて"), counts[""]), *((s.value, s.label, counts[s.value]) for s in Stage)],
        "stage": stage_of(request),
        "wards": wards(),
        "kinds": Association.Kind.choices,
        "median": Application.objects.median_minutes_to_live(),
        "now": timezone.now(),
    }
    return show(request, "queue.html", "queue", context)


@costs(Cost.TABLE)
@operator_required
@require_safe
def queue_csv(request: ApexRequest) -> HttpResponse:
    head = [
        _("受付"), _("団体"), _("よみがな"), _("種類"), _("市"), _("区"), _("郵便番号"), _("住所"), _("世帯"),
        _("代表者"), _("メール"), _("電話"), _("ようす"),
    ]  # fmt: skip
    rows = [csv_row(application) for application in Sorting(request, COLUMNS, "-received").sort(chosen(request))]
    return csv_download(as_csv([head, *rows]), "kairan-applications.csv")


def chosen(request: ApexRequest) -> ApplicationQuerySet:
    stage = stage_of(request)
    found = narrowed(request)
    return found.in_stage(stage) if stage else found.with_reach()


def narrowed(request: ApexRequest) -> ApplicationQuerySet:
    """By words, ward and kind, whatever the stage."""
    found = Application.objects.select_related("city", "association").search(asked(request, "q"))
    for name in ("ward", "kind"):
        if value := asked(request, name):
            found = found.filter(**{name: value})
    return found


def stage_of(request: ApexRequest) -> str:
    stage = request.GET.get("stage", "")
    return stage if stage in Stage.values else ""


def wards() -> list[str]:
    return list(dict.fromkeys(WardOffice.objects.exclude(ward="").order_by("position").values_list("ward", flat=True)))


def csv_row(each: Application) -> list[Any]:
    received = timezone.localtime(each.created_at).strftime("%Y-%m-%d %H:%M")
    place = [each.get_kind_display(), each.city.name, each.ward, each.postal_code, each.address, each.households]
    person = [each.representative_name, each.representative_email, each.representative_phone]
    return [received, each.name, each.kana, *place, *person, each.stage.label]


@operator_required
@require_safe
def application(request: ApexRequest, pk: int) -> HttpResponse:
    return show_application(request, found(pk))


@operator_required
@require_POST
def approval(request: ApexRequest, pk: int) -> HttpResponse:
    form = ApproveForm(request.POST)
    return decide(request, pk, form, "approve", lambda a: a.approve(by=request.operator, **form.cleaned_data))


@operator_required
@require_POST
def question(request: ApexRequest, pk: int) -> HttpResponse:
    form = AskForm(request.POST)
    return decide(request, pk, form, "ask", lambda a: a.ask(by=request.operator, text=form.cleaned_data["text"]))


@operator_required
@require_POST
def rejection(request: ApexRequest, pk: int) -> HttpResponse:
    form = RejectForm(request.POST)
    return decide(
        request, pk, form, "reject", lambda a: a.reject(by=request.operator, reason=form.cleaned_data["reason"])
    )


def decide(
    request: ApexRequest, pk: int, form: KairanForm, name: str, act: Callable[[Application], Any]
) -> HttpResponse:
    """Do one of the three; what the verb refuses comes back beside the field."""
    application = found(pk)
    if not form.is_valid():
        return show_application(request, application, **{name: form})
    try:
        result = act(application)
    except ValidationError as error:
        form.add_error(None, error)
        return show_application(request, application, **{name: form})
    except NotOpen:
        messages.info(request, _("この申し込みは、もう決まっています。"))
        return redirect("operations:application", pk=pk)
    if name == "approve":
        return redirect("operations:run", pk=result.pk)
    messages.success(request, _("質問を送りました。") if name == "ask" else _("お断りのメールを送りました。"))
    return redirect("operations:application", pk=pk)


def found(pk: int) -> Application:
    rows = Application.objects.select_related("city", "association").with_reach()
    return get_object_or_404(rows, pk=pk)


def namesakes(application: Application) -> AssociationQuerySet:
    """Associations of the same name in the same city, but for the one this application became."""
    same = Association.objects.filter(city=application.city, name__same=application.name)
    return same.exclude(pk=application.association_id) if application.association_id else same


def show_application(request: ApexRequest, application: Application, **forms: KairanForm) -> HttpResponse:
    context = {
        "application": application,
        "stage_tag": STAGE_TAGS[application.stage],
        "questions": application.questions.all(),
        "twins": Application.objects.resembling(application).select_related("city")[:10],
        "namesakes": namesakes(application),
        "run": application.association.runs.first() if application.association else None,
        "entries": Entry.objects.about(application)[:50],
        "approve": ApproveForm(initial={"slug": application.proposed_slug}),
        "ask": AskForm(),
        "reject": RejectForm(),
    }
    return show(request, "application.html", "queue", context | forms, status=422 if forms else 200)
