"""The frame of operations' pages: where one is, and how much waits at each place."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from controlplane.metering.models import CeilingHour
from controlplane.outbox.models import Message
from provisioning.models import Application, SchemaRelease
from web.apex import ApexRequest


def show(
    request: ApexRequest, template: str, place: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page of operations; `place` is queue, associations, messages, runs, fleet, parts or log."""
    frame = {
        "active_nav": place,
        "queue_count": Application.objects.undecided().count(),
        "bounced_count": Message.objects.bounced().count(),
        "ceiling": CeilingHour.objects.now(),
        "aside_count": SchemaRelease.objects.failed().count(),
    }
    return render(request, f"operations/{template}", frame | (context or {}), status=status)
