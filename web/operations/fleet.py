"""更新: which release the associations' schemas stand at, the rollout as it happens, those it left aside."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.audit.models import Entry
from provisioning.models import Fleet, RolloutRecord, SchemaRelease, Spare
from provisioning.models.rollouts import is_under_way
from web.access import operator_required
from web.apex import ApexRequest
from web.listing import turn
from web.operations.desk import show


@operator_required
@require_safe
def fleet(request: ApexRequest) -> HttpResponse:
    failed = SchemaRelease.objects.failed().select_related("association").order_by("-failed_at", "pk")
    context = {
        "turning": turn(request, failed),
        "spares": Spare.objects.ready().count(),
        "rollouts": Entry.objects.filter(verb="fleet.migrate")[:10],
    }
    return show(request, "fleet.html", "fleet", progress() | context)


@operator_required
@require_safe
def fleet_progress(request: ApexRequest) -> HttpResponse:
    """The part that changes; it asks for itself again while a rollout is under way."""
    return render(request, "operations/_rollout.html", progress())


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def rollout(request: ApexRequest) -> HttpResponse:
    """Begin with those that wait; GET asks first."""
    if request.method == "POST":
        RolloutRecord.ask_for(by=request.operator)
        messages.success(request, _("更新をはじめます。"))
        return redirect("operations:fleet")
    return show(request, "fleet_rollout.html", "fleet", {"fleet": Fleet.now()})


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def fleet_retry_all(request: ApexRequest) -> HttpResponse:
    """Take up all that were left aside; GET asks first."""
    if request.method == "POST":
        count = SchemaRelease.objects.take_up(by=request.operator)
        messages.success(request, _("%(count)s団体を、もう一度ためします。") % {"count": count})
        return redirect("operations:fleet")
    return show(request, "fleet_retry.html", "fleet", {"count": SchemaRelease.objects.failed().count()})


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def fleet_retry(request: ApexRequest, slug: str) -> HttpResponse:
    """Take up one that was left aside; GET shows its error and asks first."""
    failed = SchemaRelease.objects.failed().select_related("association")
    row = get_object_or_404(failed, association__slug=slug)
    if request.method == "POST":
        SchemaRelease.objects.filter(pk=row.pk).take_up(by=request.operator)
        messages.success(request, _("%(name)sを、もう一度ためします。") % {"name": row.association.name})
        return redirect("operations:fleet")
    return show(request, "fleet_retry.html", "fleet", {"row": row})


def progress() -> dict[str, Any]:
    state, record = Fleet.now(), RolloutRecord.objects.first()
    going = bool(record and record.ended_at is None and is_under_way())
    return {
        "fleet": state,
        "record": record,
        "going": going,
        "interrupted": bool(record and record.ended_at is None and not going),
        "waves": [(wave.label, look_of(wave, record)) for wave in RolloutRecord.Wave] if record and going else [],
        "rate": state.rate(record.begun_at) if record and going else 0,
        "left": span(state.time_left(record.begun_at)) if record and going else "",
    }


def look_of(wave: RolloutRecord.Wave, record: RolloutRecord) -> str:
    order = list(RolloutRecord.Wave)
    now = order.index(RolloutRecord.Wave(record.wave))
    return "done" if order.index(wave) < now else "now" if order.index(wave) == now else "todo"


def span(left: timedelta | None) -> str:
    if left is None:
        return ""
    seconds = round(left.total_seconds())
    if seconds < 90:
        return _("あと%(count)s秒くらい") % {"count": max(1, seconds)}
    return _("あと%(count)s分くらい") % {"count": round(seconds / 60)}
