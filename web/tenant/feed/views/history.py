"""What a post said before it was corrected: for those who look after it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tenants.feed.models import Post
from web.access import member_required
from web.tenant.page import SiteRequest, show

SHOWN = 50


@member_required
@require_safe
def history(request: SiteRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.looked_after_by(request.member), pk=pk)
    versions = post.versions.select_related("by").order_by("-number")[:SHOWN]
    return show(request, "tenant/feed/history.html", post=post, versions=versions)
