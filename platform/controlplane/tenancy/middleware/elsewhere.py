"""What a host answers that has a site but does not serve it: not yet, not now, no longer, or at another address.

No data is touched: everything comes from the snapshot.
"""

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from controlplane.tenancy.routing import Site, url_of

AGAIN = "15"  # seconds


@dataclass(frozen=True)
class Answer:
    """A page for people and a problem for programs, of one status."""

    status: int
    template: str
    title: str | Promise
    retry_after: str = ""


# A closed site has ended: 410 tells calendars, feeds and search engines to stop asking, where 503 would have them come
# back for ninety days. Until the data is gone it may be brought back, so nobody may keep the answer (no-store).
_ANSWERS = {
    "preparing": Answer(503, "errors/503_preparing.html", _("ページを準備しています"), "60"),
    "suspended": Answer(503, "errors/suspended.html", _("このページは、お休みしています"), "60"),
    "closed": Answer(410, "errors/closed.html", _("このページは、閉じました")),
}


def not_open(request: HttpRequest, site: Site) -> HttpResponse:
    """The answer of a site that is preparing, suspended or closed, whatever was asked for."""
    answer = _ANSWERS[site.state]
    response = say(request, answer.status, answer.template, answer.title, {"site_name": site.name})
    if answer.retry_after:
        response["Retry-After"] = answer.retry_after
    response["Cache-Control"] = "no-store"
    return response


def away(request: HttpRequest) -> HttpResponse:
    """The answer while the database cannot be had: nothing is wrong with what was asked, it may be asked again."""
    response = say(request, 503, "errors/503.html", _("いまは、つながりにくくなっています"))
    response["Retry-After"] = AGAIN
    response["Cache-Control"] = "no-store"
    return response


def nobody(request: HttpRequest, host: str, apex_url: str) -> HttpResponse:
    """The answer of a host that nobody has."""
    context = {"host": host, "apex_url": apex_url}
    return say(request, 404, "errors/unknown_host.html", _("この住所のページはありません"), context)


def say(
    request: HttpRequest, status: int, template: str, title: str | Promise, context: dict[str, str] | None = None
) -> HttpResponse:
    """A page, or below /api/ a problem (RFC 9457): what is answered before, or instead of, a view."""
    if not request.path_info.startswith("/api/"):
        return render(request, template, context, status=status)
    return _problem(status, title)


def say_plainly(request: HttpRequest, status: int, template: str, title: str | Promise) -> HttpResponse:
    """The same for a page without a context, whose words are kept: it is answered many times a second."""
    if request.path_info.startswith("/api/"):
        return _problem(status, title)
    return HttpResponse(_written(template, get_language()), status=status)


@cache
def _written(template: str, _language: str | None) -> str:
    return render_to_string(template)


def _problem(status: int, title: str | Promise) -> JsonResponse:
    return JsonResponse(
        {"type": "about:blank", "title": str(title), "status": status, "detail": ""},
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


def moved(request: HttpRequest, site: Site) -> HttpResponse:
    """308: the same method, path and question at the primary host. Never kept: an association may move back."""
    target = url_of(site.moved_to, request.get_full_path())
    return HttpResponse(status=308, headers={"Location": target, "Cache-Control": "no-store"})
