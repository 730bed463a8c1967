"""Uploads in pieces that go on where a line broke: the tus protocol 1.0 (creation, termination, expiration).

https://tus.io/protocols/resumable-upload. A refusal is a sentence in plain text, to be shown as it is.
"""

import base64
import binascii
from functools import wraps
from typing import Any, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from controlplane.rates import Cost, costs
from controlplane.tenancy.storage import AWAY
from tenants.feed.models import Upload
from tenants.feed.models.uploads import OffsetMoved
from tenants.members.models import Act
from web import arrival
from web.access import allowed_to
from web.tenant.page import SiteRequest, fragment

VERSION = "1.0.0"
PIECE = 4 * 1024 * 1024  # bytes of a request held in memory at once


class View(Protocol):
    def __call__(self, request: SiteRequest, /, *args: Any, **kwargs: Any) -> HttpResponse: ...


def _spoken(view: View) -> View:
    """Who does not speak this version is told which one we do. Nothing of it may be kept by a cache."""

    @wraps(view)
    def answer(request: SiteRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=412, headers={"Tus-Version": VERSION})
        else:
            response = view(request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return answer


@costs(Cost.FILE)
@allowed_to(Act.SEND_FILES)
@require_http_methods(["OPTIONS", "POST"])
@_spoken
def uploads(request: SiteRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        told = {"Tus-Version": VERSION, "Tus-Extension": "creation,termination,expiration"}
        return HttpResponse(status=204, headers={**told, "Tus-Max-Size": str(settings.ATTACHMENT_MAX_BYTES)})
    length, name = _number(request, "Upload-Length"), _name(request)
    if length is None or name is None:
        return _sentence(_("ファイルの長さか名前が、読みとれません。えらびなおしてください。"), 400)
    try:
        upload = Upload.objects.begin(by=request.member, name=name, length=length)
    except ValidationError as error:
        return _refusal(error)
    return _state(upload, 201, Location=request.site.url(reverse("upload", args=[upload.pk])))


@costs(Cost.PIECE)
@allowed_to(Act.SEND_FILES)
@require_http_methods(["HEAD", "PATCH", "DELETE"])
@_spoken
def upload(request: SiteRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Upload.objects.open_for(request.member), pk=pk)
    if request.method == "HEAD":
        return _state(found, 200, **{"Upload-Length": str(found.length)})
    if request.method == "DELETE":
        found.give_up()
        return HttpResponse(status=204)
    return _take(request, found)


def _take(request: SiteRequest, upload: Upload) -> HttpResponse:
    """What arrives of a piece counts, also when the line breaks within it: by now it is here (web.arrival)."""
    at = _number(request, "Upload-Offset")
    if request.content_type != arrival.PIECE:
        return _sentence(_("この送り方は、使えません。"), 415)
    if at is None:
        return _sentence(_("どこまで送ったかが、読みとれません。"), 400)
    try:
        while content := request.read(PIECE):
            upload.append(content, at=at)
            at += len(content)
    except OffsetMoved:
        return _state(Upload.objects.get(pk=upload.pk), 409)
    except Upload.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        return _refusal(error)
    return _state(upload, 204)


@costs(Cost.FILE)
@allowed_to(Act.SEND_FILES)
@require_POST
@_spoken
def attachment(request: SiteRequest, pk: int) -> HttpResponse:
    """Once whole: the form's part for what has come in. Asked for again, it says the same."""
    found = get_object_or_404(Upload.objects.open_for(request.member), pk=pk)
    try:
        file = found.finish()
    except Upload.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        return _refusal(error)
    return fragment(request, "tenant/feed/_sent_file.html", file=file)


def _state(upload: Upload, status: int, **more: str) -> HttpResponse:
    expires = http_date(upload.expires_at.timestamp())
    return HttpResponse(
        status=status, headers={"Upload-Offset": str(upload.received), "Upload-Expires": expires, **more}
    )


_STATUS = {"size": 413, "room": 507, "unfinished": 409, "busy": 503, "scanner": 503, AWAY: 503}


def _refusal(error: ValidationError) -> HttpResponse:
    return _sentence(error.messages[0], _STATUS.get(error.code or "", 422))


def _sentence(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _number(request: HttpRequest, header: str) -> int | None:
    said = request.headers.get(header, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None


def _name(request: HttpRequest) -> str | None:
    """The file's name from Upload-Metadata: pairs of a word and base64, with commas between; None for nonsense."""
    pairs = [pair.split(" ", 1) for pair in request.headers.get("Upload-Metadata", "").split(",")]
    said = {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}
    try:
        return base64.b64decode(said.get("filename", ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
