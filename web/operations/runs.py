"""Runs: making sites, step by step, as it happens."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from controlplane.outbox.models import Message
from provisioning.models import Run, Step
from provisioning.models.runs import RunQuerySet
from web.access import operator_required
from web.apex import ApexRequest
from web.listing import turn
from web.operations.desk import show

TAGS = {Run.State.QUEUED: "wait", Run.State.RUNNING: "info", Run.State.LIVE: "ok", Run.State.FAILED: "stop"}
LOOKS = {Step.State.WAITING: "todo", Step.State.RUNNING: "now", Step.State.DONE: "done", Step.State.FAILED: "fail"}


@operator_required
@require_safe
def runs(request: ApexRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = Run.objects.select_related("association")
    counts = rows.counts_by_state()
    stuck = rows.stuck().count()
    turning = turn(request, narrowed(rows, state))
    context = {
        "turning": turning,
        "rows": [(run, TAGS[Run.State(run.state)]) for run in turning.page],
        "tabs": [
            ("", _("すべて"), sum(counts.values())),
            ("stuck", _("手助けがいる"), stuck),
            *((s.value, s.label, counts[s.value]) for s in Run.State),
        ],
        "state": state,
    }
    return show(request, "runs.html", "runs", context)


def narrowed(rows: RunQuerySet, state: str) -> RunQuerySet:
    if state == "stuck":
        return rows.stuck()
    return rows.filter(state=state) if state in Run.State.values else rows


@operator_required
@require_safe
def run(request: ApexRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Run.objects.select_related("association__city", "association__application"), pk=pk)
    return show(request, "run.html", "runs", progress(found))


@operator_required
@require_safe
def run_progress(request: ApexRequest, pk: int) -> HttpResponse:
    """The part of a run's page that changes; it asks for itself again until the run has ended."""
    found = get_object_or_404(Run.objects.select_related("association"), pk=pk)
    return render(request, "operations/_progress.html", progress(found))


@operator_required
@require_POST
def retry(request: ApexRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Run, pk=pk)
    found.retry(by=request.operator)
    messages.success(request, _("止まったところから、もう一度はじめました。"))
    return redirect("operations:run", pk=pk)


def progress(run: Run) -> dict[str, Any]:
    steps = list(run.steps.all())
    return {
        "run": run,
        "tag": TAGS[Run.State(run.state)],
        "steps": [(step, LOOKS[Step.State(step.state)]) for step in steps],
        "total": len(steps),
        "done": sum(step.state == Step.State.DONE for step in steps),
        "unfinished": run.state in Run.UNFINISHED,
        "manual": Message.objects.filter(pk=run.manual_message_id).first() if run.manual_message_id else None,
    }
