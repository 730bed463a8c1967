"""Handover records: found by year, owner and words; written, changed within their year, noted; printed, exported."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controlplane.rates import Cost, costs
from controlplane.spreadsheet import as_csv
from tenants.communities.models import Community, HandoverRecord
from tenants.communities.models.records import HandoverRecordQuerySet
from tenants.feed.models import Attachment
from tenants.members.models import Act, Seat
from web.access import member_required, neighbour_required
from web.listing import asked, csv_download, turn
from web.tenant.page import SiteRequest, about_file, frame, is_away, number, refusals, show, status_of
from web.tenant.records.forms import FilesForm, NoteForm, RecordForm

PAGE = 30
PRINTED = 300  # a year's; what is more is exported


@member_required
@require_safe
def records(request: SiteRequest) -> HttpResponse:
    """All one may read; one's seats and communities to choose from."""
    known = HandoverRecord.objects.visible_to(request.member)
    narrowed = _narrowed(request, known)
    seats = Seat.objects.filter(pk__in=known.values("seat")) | request.member.seats()
    rooms = Community.objects.readable_by(request.member).order_by("name")
    context = {
        **narrowed,
        "turning": turn(request, narrowed["shown"].for_reading(), PAGE),
        "owners": [*((f"s{seat.pk}", seat) for seat in seats), *((f"c{room.pk}", room) for room in rooms)],
        "may_write": request.member.may(Act.WRITE_RECORD),
    }
    return show(request, "tenant/records/records.html", tab="menu", layout=frame(request), **context)


def _narrowed(request: SiteRequest, known: HandoverRecordQuerySet) -> dict[str, Any]:
    """By owner, then by words over all years or else by one year."""
    owner, words = request.GET.get("of", ""), asked(request, "q")
    if pk := number(owner[1:]):
        known = known.filter(**{"seat" if owner.startswith("s") else "community": pk})
    years = known.years()
    year = number(request.GET.get("year", "")) or years[0]
    shown = known.search(words) if words else known.filter(fiscal_year=min(year, 9999))
    return {"years": years, "year": year, "words": words, "of": owner, "shown": shown}


def _known(request: SiteRequest, pk: int) -> HandoverRecord:
    return get_object_or_404(HandoverRecord.objects.visible_to(request.member).for_reading(), pk=pk)


@member_required
@require_safe
def one(request: SiteRequest, pk: int) -> HttpResponse:
    return _page(request, _known(request, pk), NoteForm())


def _page(
    request: SiteRequest, found: HandoverRecord, form: NoteForm, sending: FilesForm | None = None
) -> HttpResponse:
    context = {
        "record": found,
        "form": form,
        "sending": sending or FilesForm(),
        "files": found.attachments.defer("text").order_by("-kind", "pk"),
        "may_edit": request.member.may(Act.EDIT_RECORD, found),
        "may_remove": request.member.may(Act.REMOVE_RECORD, found),
        "may_note": request.member.may(Act.WRITE_RECORD, found.seat or found.community),
    }
    status = status_of(form, sending)
    return show(request, "tenant/records/record.html", tab="menu", status=status, **context)


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SiteRequest) -> HttpResponse:
    """For one of one's seats or communities; who has neither finds nothing here."""
    begun = {"to": f"c{number(request.GET.get('community', ''))}"} if "community" in request.GET else {}
    begun |= {"to": f"s{number(request.GET.get('seat', ''))}"} if "seat" in request.GET else {}
    form = RecordForm(request.POST if request.method == "POST" else None, member=request.member, initial=begun)
    if not form.seats and not form.rooms:
        raise Http404
    if form.is_valid():
        with refusals(form):
            written = HandoverRecord.write(by=request.member, **form.fields_of_record())
            messages.success(request, _("記録を残しました。"))
            return redirect("record", pk=written.pk)
    return _form(request, form)


def _form(request: SiteRequest, form: RecordForm, record: HandoverRecord | None = None) -> HttpResponse:
    return show(request, "tenant/records/write.html", tab="menu", status=form.status, form=form, record=record)


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SiteRequest, pk: int) -> HttpResponse:
    found = _changeable(request, pk)
    form = RecordForm(request.POST if request.method == "POST" else None, member=request.member, of=found)
    if form.is_valid():
        with refusals(form):
            found.edit(by=request.member, **form.fields_of_record())
            messages.success(request, _("なおしました。"))
            return redirect("record", pk=pk)
    return _form(request, form, found)


def _changeable(request: SiteRequest, pk: int, act: Act = Act.EDIT_RECORD) -> HandoverRecord:
    found = _known(request, pk)
    if not request.member.may(act, found):
        raise Http404
    return found


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SiteRequest, pk: int) -> HttpResponse:
    """Asks once more."""
    found = _changeable(request, pk, Act.REMOVE_RECORD)
    if request.method == "POST":
        with refusals():
            found.remove(by=request.member)
        messages.success(request, _("「%(title)s」を取り下げました。") % {"title": found.problem})
        return redirect("records")
    return show(request, "tenant/records/remove.html", tab="menu", record=found)


@neighbour_required
@require_POST
def note(request: SiteRequest, pk: int) -> HttpResponse:
    found, form = _known(request, pk), NoteForm(request.POST)
    if form.is_valid():
        with refusals(form):
            found.add_note(form.cleaned_data["text"], by=request.member)
            messages.success(request, _("書きそえました。"))
            return redirect("record", pk=pk)
    return _page(request, found, form)


@neighbour_required
@require_POST
def add_files(request: SiteRequest, pk: int) -> HttpResponse:
    """Photos and documents beside the words. What is refused says why; the others are kept."""
    found, form = _changeable(request, pk), FilesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, NoteForm(), form)
    for upload in form.cleaned_data["chosen"]:
        if is_away(form):  # one wait is enough
            break
        try:
            with refusals():
                _put(request, Attachment.objects.receive(upload, by=request.member), found)
        except ValidationError as error:
            form.add_error("chosen", about_file(upload.name, error))
    return _page(request, found, NoteForm(), form) if form.errors else redirect("record", pk=pk)


def _put(request: SiteRequest, file: Attachment, record: HandoverRecord) -> None:
    """A file that the record does not take is not kept either."""
    try:
        file.put_into(record, by=request.member)
    except (ValidationError, PermissionError):
        Attachment.objects.filter(pk=file.pk).forget()
        raise


@neighbour_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_file(request: SiteRequest, pk: int, n: int) -> HttpResponse:
    """Asks once more, then takes it away for good."""
    found = _changeable(request, pk, Act.REMOVE_RECORD)
    file = get_object_or_404(found.attachments, pk=n)
    if request.method == "POST":
        with refusals():
            file.remove(by=request.member)
        messages.success(request, _("「%(name)s」を消しました。") % {"name": file.name})
        return redirect("record", pk=pk)
    return show(request, "tenant/records/remove_file.html", tab="menu", record=found, file=file)


@member_required
@require_safe
def on_paper(request: SiteRequest) -> HttpResponse:
    """The same choice on A4, in the order of the days."""
    narrowed = _narrowed(request, HandoverRecord.objects.visible_to(request.member))
    shown = narrowed["shown"].for_reading().order_by("happened_on", "pk")[:PRINTED]
    context = narrowed | {"records": shown, "printed_on": timezone.localdate()}
    return show(request, "tenant/records/print.html", tab="menu", unread=0, **context)


@costs(Cost.TABLE)
@member_required
@require_safe
def table(request: SiteRequest) -> HttpResponse:
    """The same choice as a table to keep."""
    narrowed = _narrowed(request, HandoverRecord.objects.visible_to(request.member))
    rows = narrowed["shown"].for_reading().rows()
    return csv_download(as_csv(rows), f"kairan-records-{narrowed['year']}.csv")
