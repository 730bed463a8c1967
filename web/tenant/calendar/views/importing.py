"""Bringing an .ics file in: choose it, look at what is in it, take over what is ticked. Nothing is kept in between."""

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.calendar import imports
from tenants.calendar.models import Event
from tenants.members.models import Act
from web.access import allowed_to
from web.tenant.calendar.forms import ImportForm
from web.tenant.page import SiteRequest, show

AUDIENCES = (Event.Audience.EVERYONE, Event.Audience.OFFICERS)


@allowed_to(Act.FILL_CALENDAR)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: SiteRequest) -> HttpResponse:
    if request.method != "POST":
        return _start(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _start(request, form)
    content = form.cleaned_data["file"].read(imports.LARGEST + 1)
    try:
        drafts = imports.read(content, by=request.member, host=request.site.host)
    except ValidationError as error:
        form.add_error("file", error.messages)
        return _start(request, form)
    return _preview(request, content, drafts)


def _start(request: SiteRequest, form: ImportForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return show(request, "tenant/calendar/import.html", tab="calendar", status=status, form=form)


def _preview(
    request: SiteRequest, content: bytes, drafts: imports.Drafts, chosen: set[str] | None = None, problem: str = ""
) -> HttpResponse:
    """What is in the file, all of it ticked at first; refused, the ticks are as they were sent."""
    shown = [draft for draft in drafts if draft.may_be_taken]
    context: dict[str, Any] = {
        "drafts": shown,
        "chosen": {draft.uid for draft in shown} if chosen is None else chosen,
        "a_year": imports.a_year(shown),
        "most": imports.TIMES,
        "problem": problem,
        "told": drafts.told,
        "known": sum(draft.known for draft in drafts),
        "problems": [draft for draft in drafts if draft.problem and not draft.known],
        "content": base64.b64encode(content).decode(),
        "audiences": [(audience.value, audience.label) for audience in AUDIENCES],
    }
    status = 200 if chosen is None else 422
    return show(request, "tenant/calendar/import_preview.html", tab="calendar", status=status, **context)


@allowed_to(Act.FILL_CALENDAR)
@require_POST
def take(request: SiteRequest) -> HttpResponse:
    """The file comes back with the ticks and is read once more: nothing of it was trusted in between."""
    audience = request.POST.get("audience", Event.Audience.EVERYONE)
    try:
        content = base64.b64decode(request.POST.get("content", ""), validate=True)
        drafts = imports.read(content, by=request.member, host=request.site.host)
    except (ValidationError, binascii.Error):
        messages.error(request, _("ファイルを読めませんでした。もう一度、選びなおしてください。"))
        return redirect("calendar_import")
    chosen = set(request.POST.getlist("uid"))
    if not chosen or audience not in AUDIENCES:
        return _preview(request, content, drafts, chosen, _("取り込む予定が、まだ選ばれていません。"))
    try:
        taken = imports.take(drafts, chosen, audience, by=request.member)
    except ValidationError as error:
        return _preview(request, content, drafts, chosen, " ".join(error.messages))
    messages.success(request, _("%(n)s件の予定を、カレンダーに入れました。") % {"n": len(taken)})
    return redirect("calendar")
