"""Objecting to a changed contact, from the letter that told of it, without signing in. The same on every host."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from controlplane.accounts.models import ContactChange, TooLate
from controlplane.staff import letters
from controlplane.tenancy import BadToken
from tenants.members.models import Member
from web.once import each_time


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@each_time
def objection(request: Any, token: str) -> HttpResponse:
    """Opening it changes nothing: mail programs open links by themselves."""
    try:
        change = ContactChange.objects.opened_by(token)
        if request.method == "POST":
            _put_back(request, change)
            change.refresh_from_db()
    except BadToken as error:
        raise Http404 from error
    except TooLate:
        return _page(request, "late", status=410)
    except ValidationError as error:
        return _page(request, "ask", change=change, problem=error.messages[0], status=409)
    if change.is_undone:
        return _page(request, "done", change=change)
    if change.is_too_late:
        return _page(request, "late", status=410)
    return _page(request, "ask", change=change)


def _put_back(request: Any, change: ContactChange) -> None:
    """Whoever looks after the account hears of it: a site's officers, or operations."""
    if request.site:
        Member.put_contact_back(change, site_name=request.site.name, url=request.site.url)
    elif change.undo():
        letters.contact_put_back(change.user)


def _page(request: Any, stage: str, *, status: int = 200, **context: Any) -> HttpResponse:
    template = f"objection/{'site' if request.site else 'apex'}.html"
    return render(request, template, context | {"stage": stage}, status=status)
