"""メール・ショートメールの使用量: what the month's short messages came to, what is left, and what was not sent."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from controlplane.associations.models import Association
from controlplane.metering.models import Usage
from controlplane.outbox.models import Message
from controlplane.tenancy import public
from tenants.members.models import Act
from web.access import allowed_to
from web.tenant.page import SiteRequest, show

ROWS = 20


@allowed_to(Act.SEE_USAGE)
@require_safe
def message_usage(request: SiteRequest) -> HttpResponse:
    with public():
        usage = Usage.of(Association.objects.get(pk=request.site.uuid))
    stopped = Message.objects.stopped().filter(created_at__gte=usage.month)
    context = {
        "usage": usage,
        "mails": Message.objects.mails_sent_since(usage.month),
        "stopped": Paginator(stopped.by_letter(), ROWS).get_page(request.GET.get("page")),
    }
    return show(request, "tenant/menu/message_usage.html", tab="menu", **context)
