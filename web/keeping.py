"""What is typed survives: a form that could not be taken is kept, and comes back filled in on its own page.

It is kept where somebody is not signed in any more (web.access), where a page was too old (web.errors), and where
something else had been sent from the same form (web.once); nothing is ever sent but by a press of the person's own.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.crypto import get_random_string
from django.utils.datastructures import MultiValueDict
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect

from controlplane.accounts import limits
from controlplane.sending import keys
from controlplane.sending.models import Kept
from controlplane.sending.models.kept import LIFE, Why
from web import filling
from web.referer import own_page

GetResponse = Callable[[Any], HttpResponse]
Asker = Any  # an HttpRequest with what the middleware set on it
OWN = {"csrfmiddlewaretoken", keys.NAME}  # of each page anew
SHOWN_ONCE = {"code"}  # of a sign-in: of no use later


class KeepingMiddleware:
    """Sets `request.typed`, what was kept for this page; fills it in; lets go of what was sent after all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Asker) -> HttpResponse:
        request.unsent = False  # set where something sent was turned away before its view
        request.typed = SimpleLazyObject(lambda: _typed(request))
        response = self.get_response(request)
        if request.method == "POST":
            _let_go(request, response)
        elif _is_page(request, response) and (kept := _of_page(request)):
            _fill_in(request, response, kept)
        if new := request.__dict__.get("kept_secret"):
            _set_cookie(response, new)
        return response


def turned_away(request: Asker, why: Why, *, trusted: bool = True, onward: str = "", **more: str) -> str | None:
    """Keep what was sent; the path of the page its form is on, or None when it could not be kept.

    `trusted` is false where the request has not proven that it comes from a page of this host: then its origin must.
    """
    request.unsent = True
    form = request.POST.get(keys.NAME, "")
    if not form or not (trusted or _is_from_here(request)):
        return None
    page = page_of(request)
    stranger = "" if request.user.is_authenticated else limits.network_address(request.META)
    kept = Kept.objects.keep(
        {name: request.POST.getlist(name) for name in request.POST if name not in OWN | SHOWN_ONCE},
        secret=_secret(request) or _new_secret(request),
        form=form,
        path=request.get_full_path(),
        page=page,
        why=why,
        account=request.user.pk,
        stranger=stranger,
        more={"files": len(request.FILES), **more},
    )
    is_another = request.user.is_authenticated and not keys.was_made_for(form, request.user.pk)
    return page if kept and not is_another else None


def page_of(request: HttpRequest) -> str:
    """The page a form was sent from, as the browser tells; without a word of it, where it was sent to."""
    return own_page(request) or request.get_full_path()


def lead(request: Asker, url: str) -> HttpResponse:
    """To another page; htmx is told to open it whole."""
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)


def waiting(request: Asker) -> list[Kept]:
    """What this browser has kept elsewhere: of whoever asks, or, while nobody is signed in, of anybody."""
    secret = _secret(request)
    if not secret or not hasattr(request, "user"):
        return []
    if not request.user.is_authenticated:
        return list(Kept.objects.in_browser(secret))
    here = request.get_full_path()
    return [kept for kept in Kept.objects.made_for(secret, request.user.pk) if kept.page != here]


def mine(request: Asker) -> list[tuple[Kept, dict[str, list[str]]]]:
    """Everything kept of who asks, with what was typed."""
    secret = _secret(request)
    rows = Kept.objects.made_for(secret, request.user.pk) if secret else []
    return [(kept, kept.open(secret)["fields"]) for kept in rows]


def was_asked(request: Asker) -> bool:
    """Whether this browser has been told that something was sent from here already."""
    kept = Kept.objects.in_browser(secret) if (secret := _secret(request)) else Kept.objects.none()
    return kept.filter(path=request.get_full_path(), why=Why.AGAIN).exists()


def words_of(fields: dict[str, list[str]]) -> list[str]:
    """What somebody wrote, without what only machines read."""
    values = [value.strip() for values in fields.values() for value in values]
    return [value for value in values if any(letter.isalpha() and not letter.isascii() for letter in value)]


def _typed(request: Asker) -> MultiValueDict[str, str]:
    kept = _of_page(request)
    return MultiValueDict(kept.open(_secret(request))["fields"] if kept else {})


def _of_page(request: Asker) -> Kept | None:
    secret = _secret(request)
    if not secret or request.method != "GET":
        return None
    here = request.get_full_path()
    return next((kept for kept in Kept.objects.made_for(secret, request.user.pk) if kept.page == here), None)


def _is_page(request: Asker, response: HttpResponse) -> bool:
    is_html = response.get("Content-Type", "").startswith("text/html")
    return bool(_secret(request)) and response.status_code == 200 and is_html and not request.htmx


def _fill_in(request: Asker, response: HttpResponse, kept: Kept) -> None:
    told = kept.open(_secret(request))
    words = render_to_string("sending/came_back.html", {"kept": kept, **told}, request)
    page = response.content.decode()
    filled = filling.fill(page, told["fields"], path=kept.path, at=kept.page, hidden=OWN, before=words)
    if filled is None:  # the form is gone, and so is the place for it; what was written is not
        gone = render_to_string("sending/form_gone.html", {"kept": kept}, request)
        filled = re.sub(r"<main\b[^>]*>", lambda main: main[0] + gone, page, count=1)
    response.content = filled.encode()


def _let_go(request: Asker, response: HttpResponse) -> None:
    """What was kept on its way to where something has now been taken."""
    secret = _secret(request)
    if secret and response.status_code < 400 and not request.unsent:
        Kept.objects.in_browser(secret).filter(path=request.get_full_path()).delete()


def _is_from_here(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    if origin:
        return origin == f"{request.scheme}://{request.get_host()}"
    return bool(own_page(request))


def _secret(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.KEPT_COOKIE_NAME, "")[:64]


def _new_secret(request: Asker) -> str:
    request.kept_secret = get_random_string(43)
    return str(request.kept_secret)


def _set_cookie(response: HttpResponse, secret: str) -> None:
    response.set_cookie(
        settings.KEPT_COOKIE_NAME,
        secret,
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
