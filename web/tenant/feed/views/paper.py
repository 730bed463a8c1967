"""Any post on paper: large print, a QR code back to the post, and a list to tick off as it goes from door to door."""

import segno
from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from controlplane.languages import spoken
from controlplane.rates import Cost, costs
from provisioning.documents import post_pdf
from tenants.feed.models import Post
from tenants.members.models import Household
from web.access import member_required
from web.templatetags.kairan import date_ja
from web.tenant.feed.views.post import visible_post
from web.tenant.page import SiteRequest, number, show


@member_required
@require_safe
def paper(request: SiteRequest, pk: int) -> HttpResponse:
    post = visible_post(request.member, pk)
    url = request.site.url(reverse("post", args=[pk]))
    context = {
        "post": post,
        "qr": qr_code(url),
        "rounds": _rounds(request, post),
        "group": request.GET.get("group", ""),
    }
    return show(request, "tenant/feed/paper.html", unread=0, **context)


@costs(Cost.PAPER)
@member_required
@require_safe
def paper_pdf(request: SiteRequest, pk: int) -> HttpResponse:
    with spoken(""):  # it goes round among all households
        content = _sheet(request, visible_post(request.member, pk))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="kairan-{pk}.pdf"'
    return response


def _sheet(request: SiteRequest, post: Post) -> bytes:
    homes = _rounds(request, post)
    groups = {str(home.group) for home in homes if home.group}
    return post_pdf(
        association=request.site.name,
        title=post.title,
        kind=post.get_kind_display(),
        signature=post.signature,
        published=date_ja(post.publish_at),
        body=post.body,
        url=request.site.url(reverse("post", args=[post.pk])),
        group=groups.pop() if len(groups) == 1 else "",
        homes=[str(home) for home in homes],
    )


def qr_code(text: str) -> SafeString:
    """Inline SVG; segno writes nothing of the text itself into it."""
    return mark_safe(segno.make(text, error="m").svg_inline(omitsize=True, border=1))  # noqa: S308


def _rounds(request: SiteRequest, post: Post) -> list[Household]:
    """The houses on paper that this reader knows by name, in the order of the groups."""
    known = Household.objects.known_to(request.member).filter(pk__in=post.audience_households().values("pk"))
    if group := number(request.GET.get("group", "")):
        known = known.filter(group=group)
    return list(known.filter(channel=Household.Channel.PAPER).select_related("group"))
