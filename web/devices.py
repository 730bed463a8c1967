"""入っている端末: where somebody is signed in and which programs hold a token of theirs, and ending either.

The same pages at a site and at the apex host; whose they are the session says, so that nobody sees anybody else's.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from controlplane.accounts.models import ApiToken, Device
from controlplane.accounts.ways import Way
from web.access import account_required
from web.tenant.page import show


@account_required
@require_safe
def devices(request: Any) -> HttpResponse:
    own, way = request.user.devices.alive(), Way.of(request)
    context = {
        "here": own.filter(session_key=way.session_key).first(),
        "others": own.but(way),
        "tokens": request.user.tokens.alive_now(),
    }
    return _page(request, "devices", context)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def device_end(request: Any, pk: int) -> HttpResponse:
    """One of the others; from the one at hand one signs out."""
    device: Device = get_object_or_404(request.user.devices.but(Way.of(request)), pk=pk)
    if request.method != "POST":
        return _ask(request, _("%(device)s を閉じますか") % {"device": device.shown}, _closing(), _("閉じる"))
    device.end()
    return _done(request, _("閉じました。"))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def devices_end(request: Any) -> HttpResponse:
    """All others, those too that were not here since devices are noted."""
    if request.method != "POST":
        title, press = _("ほかの端末を、すべて閉じますか"), _("ほかの端末からサインアウト")
        return _ask(request, title, _closing(), press)
    request.user.end_devices(but=Way.of(request))
    return _done(request, _("ほかの端末を、すべて閉じました。"))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_end(request: Any, pk: int) -> HttpResponse:
    token: ApiToken = get_object_or_404(request.user.tokens, pk=pk)
    if request.method != "POST":
        note = _("このプログラムは、すぐに使えなくなります。")
        return _ask(request, _("%(name)s の鍵を消しますか") % {"name": token.shown}, note, _("鍵を消す"))
    token.delete()
    return _done(request, _("鍵を消しました。"))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens_end(request: Any) -> HttpResponse:
    if request.method != "POST":
        note = _("鍵を持つプログラムは、すぐに使えなくなります。")
        return _ask(request, _("プログラムの鍵を、すべて消しますか"), note, _("すべての鍵を消す"))
    request.user.end_tokens()
    return _done(request, _("すべての鍵を消しました。"))


def _closing() -> str:
    return _("閉じた端末では、もう一度、番号を入れるまで入れません。")


def _ask(request: Any, title: str, note: str, press: str) -> HttpResponse:
    return _page(request, "ask", {"title": title, "note": note, "press": press})


def _done(request: Any, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("devices")


def _page(request: Any, name: str, context: dict[str, Any]) -> HttpResponse:
    """At a site in its frame, at the apex host in the staff's."""
    template = f"devices/{'site' if request.site else 'apex'}_{name}.html"
    if request.member and request.member.is_admitted:
        return show(request, template, tab="menu", **context)
    return render(request, template, context | {"active_tab": "menu", "unread_count": 0})


urlpatterns = [
    path("", devices, name="devices"),
    path("others/removal/", devices_end, name="devices_end"),
    path("<int:pk>/removal/", device_end, name="device_end"),
    path("tokens/removal/", tokens_end, name="tokens_end"),
    path("tokens/<int:pk>/removal/", token_end, name="token_end"),
]
