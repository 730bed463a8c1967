"""連絡できない: messages that came back, and sending them again."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from controlplane.outbox.models import Message
from provisioning.models import Application
from web.access import operator_required
from web.apex import ApexRequest
from web.listing import turn
from web.operations.desk import show


@operator_required
@require_safe
def messages(request: ApexRequest) -> HttpResponse:
    turning = turn(request, Message.objects.bounced())
    senders = Application.objects.filter(representative_email__in=[message.to for message in turning.page])
    known = {application.representative_email: application for application in senders.order_by("pk")}
    rows = [(message, known.get(message.to)) for message in turning.page]
    return show(request, "messages.html", "messages", {"turning": turning, "rows": rows})


@operator_required
@require_POST
def resend(request: ApexRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(Message, pk=pk)
    message.resend(by=request.operator)
    notices.success(request, _("%(to)sへ、もう一度送ります。") % {"to": message.to})
    return redirect("operations:messages")
