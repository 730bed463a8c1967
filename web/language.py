"""Choosing the language: a cookie of this browser, and, for whoever is signed in, their account too."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from controlplane import languages
from controlplane.tenancy import current_or_none
from web.once import each_time
from web.referer import own_page

A_YEAR = 60 * 60 * 24 * 365
GetResponse = Callable[[Any], HttpResponse]


class LanguageMiddleware:
    """Outside of everything that says something: the browser's choice, else what it asks for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with languages.spoken(languages.asked_for(request)):
            response = self.get_response(request)
            response.setdefault("Content-Language", languages.tag_of(translation.get_language()))
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


class OwnLanguageMiddleware:
    """Behind authentication: whoever is signed in reads the language of their account, at whichever browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if current_or_none() and request.session.session_key and SESSION_KEY in request.session:
            own = getattr(request.user, "language", "")
            if own in languages.CODES:
                translation.activate(own)  # the outer one puts back what was before
        return self.get_response(request)


@each_time
def language(request: Any) -> HttpResponse:
    """For everybody, signed in or not, on every host."""
    onward = own_path(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.method != "POST":
        context = {"next": onward or came_from(request), "active_tab": "menu", "unread_count": 0}
        return render(request, "language/site.html" if request.site else "language/apex.html", context)
    code = request.POST.get("language", "")
    response = redirect(onward or "/")
    if code in languages.CODES:
        remember(response, code, secure=request.is_secure())
        if request.user.is_authenticated:
            request.user.speak(code)
    return response


def remember(response: HttpResponse, code: str, *, secure: bool) -> None:
    """Host-only, like the size of letters."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax"
    )


def own_path(request: HttpRequest, url: str) -> str:
    """The path to go on to: one of this host's own, or nothing."""
    own = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if own else ""


def came_from(request: HttpRequest) -> str:
    """The page of this host one came from."""
    return own_page(request, but=request.path)
