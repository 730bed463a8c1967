"""What the pages of a site share: the typed request, the frame's context, fragments for htmx, a verb's refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict
from django_htmx.middleware import HtmxDetails

from controlplane.associations.models.support import Visit
from controlplane.tenancy.routing import Site
from controlplane.tenancy.storage import AWAY
from controlplane.versioned import EditedMeanwhile
from tenants.feed.models import Post
from tenants.members.models import Member
from web.editing import Edits
from web.forms import KairanForm


class SiteRequest(HttpRequest):
    """A request on an association's site, behind one of the decorators of `web.access`."""

    site: Site  # type: ignore[assignment]  # the stubs think of django.contrib.sites
    member: Member
    support: Visit | None  # operations looking in, see web.support
    htmx: HtmxDetails
    typed: MultiValueDict[str, str]  # into this page, and kept when it could not be taken: see web.keeping


def show(
    request: SiteRequest, template: str, *, tab: Any = "home", unread: Any = None, status: Any = 200, **context: Any
) -> HttpResponse:
    """A whole page. `unread` is the number on the home tab when the caller knows it already.

    Any, not str and int: mypy holds the values of an unpacked context against these too.
    """
    count = unread_count(request.member) if unread is None else unread
    response = render(request, template, {"active_tab": tab, "unread_count": count, **context}, status=status)
    if status == 503:
        response["Retry-After"] = "60"
    return response


def frame(request: SiteRequest) -> str:
    """What leaders and officers work on stands at their desk, with the list of their work; others have a page."""
    return f"layouts/site_{'desk' if request.member.is_leader else 'page'}.html"


def fragment(request: SiteRequest, template: str, *, status: Any = 200, **context: Any) -> HttpResponse:
    """A part of a page, for htmx to swap in; never to be taken for the page itself by a cache."""
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def unread_count(member: Member) -> int:
    """For the badge; nobody in particular (a page before signing in) has none, nor has who only visits."""
    if not member or member.visiting:
        return 0
    return Post.objects.visible_to(member).home().unread_by(member).count()


@contextmanager
def refusals(form: forms.Form | None = None) -> Iterator[None]:
    """What a verb refuses: a wrong value stands beside its field, a forbidden act looks like a missing page.

    What somebody else has changed meanwhile is shown beside what was typed.
    """
    try:
        yield
    except PermissionError as error:
        raise Http404 from error
    except EditedMeanwhile as meanwhile:
        if not isinstance(form, Edits):
            raise
        form.meet(meanwhile)
    except ValidationError as error:
        if form is None:
            raise
        for name, messages in by_field(error).items():
            form.add_error(name if name in form.fields else None, messages)


def about_file(name: str, error: ValidationError) -> list[ValidationError]:
    """Why this file was refused, among others in one field."""
    return [ValidationError(f"{name}：{text}", code=getattr(error, "code", None)) for text in error.messages]


def is_away(*sent: forms.Form | None) -> bool:
    """Whether somebody we need did not answer: nothing was wrong with what was sent."""
    return any(form.has_error(name, AWAY) for form in sent if form for name in form.errors)


def status_of(*sent: KairanForm | None) -> int:
    """Of a page whose form comes back: 503 where the same may be sent again, else what its forms say."""
    return 503 if is_away(*sent) else max((form.status for form in sent if form), default=200)


def number(text: str) -> int:
    """A primary key as a form or link sends it; 0, which nothing has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def by_field(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
