"""団体: all associations in a list, each with how it fares; from what the platform knows, never from what is inside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OrderBy, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.models import Subscription
from billing.plans import PLANS, PlanCode, find
from controlplane.associations.models import Association, AssociationQuerySet
from controlplane.dispatch.models import DeliveryCount
from controlplane.tenancy import template
from provisioning.models import Run, SchemaRelease
from web.access import operator_required
from web.apex import ApexRequest
from web.listing import Sorting, asked, turn
from web.operations.associations import TAGS
from web.operations.desk import show
from web.operations.queue import wards

LATELY = 7  # days of messages that came back
GIGABYTE = 1_000_000_000
COLUMNS = {
    "name": "name",
    "ward": "ward",
    "households": "households",
    "live": "live_at",
    "storage": "standing__newest__storage_bytes",
    "active": "standing__newest__last_active_on",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something about an association that somebody should look at."""

    name: str
    label: Callable[[], str]
    tag: str


FAULTS = (
    Fault("behind", lambda: _("更新を待っている"), "wait"),
    Fault("left_aside", lambda: _("更新できなかった"), "stop"),
    Fault("failed", lambda: _("作業が止まった"), "stop"),
    Fault("bounced", lambda: _("戻ってきた連絡"), "wait"),
)


class NullsLast(Sorting):
    """What is not known comes last, whichever way one sorts."""

    def sort(self, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        return rows.order_by(OrderBy(F(self.field), descending=self.down, nulls_last=True), "pk")


@operator_required
@require_safe
def associations(request: ApexRequest) -> HttpResponse:
    sorting = NullsLast(request, COLUMNS, "name")
    turning = turn(request, sorting.sort(chosen(request)))
    plans = dict(
        Subscription.objects.running().filter(association__in=turning.page).values_list("association_id", "plan")
    )
    context = {
        "turning": turning,
        "rows": [row(each, plans.get(each.pk) or PlanCode.FREE) for each in turning.page],
        "headers": sorting.headers,
        "wards": wards(),
        "states": [
            ("live", _("公開中")),
            ("preparing", _("作成中")),
            ("suspended", _("止めている")),
            ("closed", _("閉じた")),
        ],
        "plans": PLANS,
        "faults": [("fine", _("よい")), *((fault.name, fault.label()) for fault in FAULTS)],
        "sizes": [(str(size), _("%(size)s GB 以上") % {"size": size}) for size in (1, 5, 20)],
        "silences": [(str(days), _("%(days)s日以上、だれも見ていない") % {"days": days}) for days in (30, 60, 180)],
    }
    return show(request, "associations.html", "associations", context)


def row(association: Association, plan: str) -> dict[str, Any]:
    standing = getattr(association, "standing", None)
    return {
        "association": association,
        "tag": TAGS[association.state],
        "figures": standing and standing.newest,
        "plan": find(plan),
        "faults": [(fault.label(), fault.tag) for fault in FAULTS if association.__dict__[fault.name]],
    }


def chosen(request: ApexRequest) -> AssociationQuerySet:
    found = with_faults(Association.objects.with_state()).select_related("city", "standing__newest")
    found = found.search(asked(request, "q"))
    if (state := request.GET.get("state", "")) in TAGS:
        found = found.in_state(state)
    if ward := asked(request, "ward"):
        found = found.filter(ward=ward)
    if plan := asked(request, "plan"):
        found = found.filter(pk__in=Subscription.objects.associations_on(plan))
    return by_use(request, by_health(request, found))


def with_faults(rows: AssociationQuerySet) -> AssociationQuerySet:
    """Each with whether it is behind or was left aside by a rollout, and has a stopped run or messages that bounced."""
    releases = SchemaRelease.objects.filter(association=OuterRef("pk"))
    here = template.release_fingerprint()
    behind = releases.exclude(fingerprint=here)
    bounces = DeliveryCount.objects.lately(LATELY).filter(association=OuterRef("pk"), bounced__gt=0)
    return rows.annotate(
        behind=Exists(behind.filter(failed_at=None)),
        left_aside=Exists(behind.filter(failed_at__isnull=False)),
        failed=Exists(Run.objects.filter(association=OuterRef("pk"), state=Run.State.FAILED)),
        bounced=Exists(bounces),
    )


def by_health(request: ApexRequest, rows: AssociationQuerySet) -> AssociationQuerySet:
    wanted, names = request.GET.get("health", ""), [fault.name for fault in FAULTS]
    if wanted == "fine":
        return rows.filter(**dict.fromkeys(names, False))
    return rows.filter(**{wanted: True}) if wanted in names else rows


def by_use(request: ApexRequest, rows: AssociationQuerySet) -> AssociationQuerySet:
    size, silence = request.GET.get("storage", ""), request.GET.get("silent", "")
    if size in ("1", "5", "20"):
        rows = rows.filter(standing__newest__storage_bytes__gte=int(size) * GIGABYTE)
    if silence in ("30", "60", "180"):
        since = timezone.localdate() - timedelta(days=int(silence))
        never = Q(standing__newest__isnull=False, standing__newest__last_active_on=None)
        rows = rows.filter(Q(standing__newest__last_active_on__lt=since) | never)
    return rows
