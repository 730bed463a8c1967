"""届き方: how mail and short messages went, in counts that associations hand up; nobody's address, no word of any."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controlplane.dispatch.models import DeliveryCount
from controlplane.outbox.models import Message
from web.access import operator_required
from web.apex import ApexRequest
from web.operations.desk import show

PERIODS = (7, 30, 90)
RARE = 5  # messages: a domain with fewer could be somebody's own
MOST = 20


@operator_required
@require_safe
def deliverability(request: ApexRequest) -> HttpResponse:
    days = next((days for days in PERIODS if request.GET.get("days") == str(days)), 30)
    channel = request.GET.get("channel", "")
    counts = DeliveryCount.objects.lately(days)
    if channel in Message.Channel.values:
        counts = counts.filter(channel=channel)
    channels = dict(Message.Channel.choices)
    by_day = sorted(counts.by("day", "channel"), key=lambda row: (row["day"], row["channel"]), reverse=True)
    reasons = sorted(counts.exclude(bounced=0).by("reason"), key=lambda row: -row["bounced"])[:MOST]
    context = {
        "days": days,
        "periods": PERIODS,
        "channel": channel,
        "channels": Message.Channel.choices,
        "total": add_up(by_day),
        "by_day": [row | {"channel": channels.get(row["channel"], row["channel"])} for row in by_day],
        "by_domain": by_domain(counts.filter(channel=Message.Channel.MAIL).by("domain")),
        "reasons": reasons,
    }
    return show(request, "deliverability.html", "messages", context)


def add_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(row[name] for row in rows) for name in ("sent", "waiting", "bounced")}


def by_domain(rows: Any) -> list[dict[str, Any]]:
    """The domains with most messages; the rare ones, and all that have no room, in one line under no name."""
    ordered = sorted(rows, key=lambda row: (-size(row), row["domain"]))
    named = [row for row in ordered if row["domain"] and size(row) >= RARE][:MOST]
    names = {row["domain"] for row in named}
    others = [row for row in ordered if row["domain"] not in names]
    return [*named, {"domain": "", **add_up(others)}] if others else named


def size(row: dict[str, Any]) -> int:
    return int(row["sent"] + row["waiting"] + row["bounced"])
