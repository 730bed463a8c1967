"""What a post said before it was corrected: for officers and whoever may change it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tenants.feed.models import Post
from web.access import member_required
from web.tenant.page import SiteRequest, show

SHOWN = 50


@member_required
@require_safe
def history(request: SiteRequest, pk: int) -> HttpResponse:
    known = Post.objects.visible_to(request.member) | Post.objects.changeable_by(request.member)
    post = get_object_or_404(known, pk=pk)
    if not post.may_change(request.member):
        raise Http404
    versions = post.versions.select_related("by").order_by("-number")[:SHOWN]
    return show(request, "tenant/feed/history.html", post=post, versions=versions)
