"""Room for photos and documents: how full it is, what takes most of it, and taking something away."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tenants.feed.models import Attachment, Room
from tenants.members.models import Act
from web.access import allowed_to
from web.tenant.page import SiteRequest, refusals, show

FILES = 20


@allowed_to(Act.SEE_ROOM)
@require_safe
def room(request: SiteRequest) -> HttpResponse:
    """Files by size, of the posts this officer reads: a hidden community's stay its own."""
    files = Paginator(Attachment.objects.largest_seen_by(request.member), FILES).get_page(request.GET.get("page"))
    return show(request, "tenant/feed/room.html", tab="menu", room=Room.now(), files=files)


@allowed_to(Act.SEE_ROOM)
@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more, then takes it away for good. The post it stood in stays."""
    file = get_object_or_404(Attachment.objects.select_related("post"), pk=pk)
    if not (file.post and file.may_see(request.member)):
        raise Http404
    if request.method == "POST":
        with refusals():
            file.remove(by=request.member)
        messages.success(request, _("「%(name)s」を消しました。") % {"name": file.name})
        return redirect("room")
    return show(request, "tenant/feed/room_removal.html", tab="menu", file=file)
