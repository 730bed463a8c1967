"""The steps of telling associations something, alike for a city's desk and a federation's: kept, checked, sent.

Call bound to `public`; `request` brings what was typed, and the form whom it may go to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from controlplane.associations.models import Bulletin, BulletinDraft, BulletinFile
from controlplane.associations.reach import Reach
from controlplane.languages import spoken
from controlplane.tenancy import between_transactions
from provisioning.documents import post_pdf
from tenants.feed import uploads
from web.bulletins.forms import BulletinForm, SendingForm
from web.bulletins.reading import long_sentences
from web.templatetags.kairan import date_ja
from web.tenant.page import about_file, number, refusals

KEEPING = ("draft", "stay")  # buttons that only keep what is there


def is_keeping(request: HttpRequest) -> bool:
    return any(name in request.POST for name in KEEPING)


def kept(
    request: HttpRequest, form: BulletinForm, draft: BulletinDraft | None, *, by: str, **sender: Any
) -> BulletinDraft | None:
    """The draft as it is now, with its faults in the form; None when nothing was typed yet."""
    form.is_valid()
    if draft is None and form.is_blank:
        return None
    if draft is None:
        draft = BulletinDraft.objects.keep(by=by, **sender, **form.fields_of_draft())
    else:
        with _there(), refusals(form):
            draft.rewrite(by=by, **form.fields_of_draft())
    if form.clash is None:
        form.see(draft)
        draft.files.filter(pk__in=[number(pk) for pk in request.POST.getlist("drop")]).forget()
    for upload in form.cleaned_data.get("documents") or []:
        with _refused(form, upload.name):
            with between_transactions():
                clean = uploads.clean(upload)
            BulletinFile.objects.keep(draft.pk, clean)
    if not is_keeping(request) and form.is_valid():
        with refusals(form):
            draft.check_ready()
    return draft


def paper(draft: BulletinDraft) -> HttpResponse:
    """How it will look on paper at an association: the name of one stands for all, and there is no QR code yet."""
    with spoken(""):  # it goes round among all households
        name = draft.recipients().values_list("name", flat=True).first() or draft.sender
        content = post_pdf(
            association=name,
            title=str(draft),
            kind=str(draft.get_kind_display()),
            signature=draft.sender,
            published=date_ja(draft.send_at or timezone.now()),
            body=draft.text,
            url="",
        )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="kairan.pdf"'
    return response


def document(request: HttpRequest, bulletin: UUID, pk: int, **sender: Any) -> HttpResponse:
    """Of a draft or of one that was sent: led to the object store by a link that lives for minutes."""
    ours = [each.objects.filter(**sender, pk=bulletin) for each in (Bulletin, BulletinDraft)]
    if not any(each.exists() for each in ours):
        raise Http404
    found = get_object_or_404(BulletinFile.objects.filter(bulletin=bulletin), pk=pk)
    return HttpResponseRedirect(found.link(preview="preview" in request.GET))


def sent(draft: BulletinDraft, form: SendingForm, *, by: str) -> Bulletin | None:
    """What was sent of it; None when it waits for its hour, or when the form says why not."""
    with _there(), refusals(form):
        return draft.send(by=by, **form.cleaned_data)
    return None


@contextmanager
def _there() -> Iterator[None]:
    """Somebody else may have sent it or thrown it away in this moment."""
    try:
        yield
    except (Bulletin.DoesNotExist, BulletinDraft.DoesNotExist) as error:
        raise Http404 from error


@contextmanager
def _refused(form: BulletinForm, name: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        form.add_error("documents", about_file(name, error))


def looked_through(draft: BulletinDraft) -> dict[str, Any]:
    """What the last page before sending shows."""
    try:
        draft.check_ready()
        faults: list[str] = []
    except ValidationError as error:
        faults = error.messages
    return {
        "draft": draft,
        "files": list(draft.files),
        "faults": faults,
        "reach": Reach.of(draft.recipients()),
        "long": long_sentences(draft.body),
        "to": draft.to,
    }


def say_sent(request: HttpRequest, out: Bulletin | None) -> None:
    if out:
        messages.success(request, _("送りました。1分ほどで、各団体のホームに届きはじめます。"))
    else:
        messages.success(request, _("決めた日時に届けます。それまでは、なおすことも、やめることもできます。"))
