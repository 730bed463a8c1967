"""The entry form (申込) in three steps, and the applicant's own page afterwards."""

from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from controlplane.accounts import limits
from controlplane.accounts.code_answers import WrongCode
from controlplane.accounts.login_codes import LoginCode, TooManyCodes
from controlplane.cities.models import City
from controlplane.tenancy import BadToken, Purpose, unsign
from provisioning.models import Application, NotOpen
from web import codes
from web.postal import find_address
from web.public.entry import ASSOCIATION, PERSON, PROOF, Entry
from web.public.forms import AnswerForm, CodeForm, outside


def apply(request: HttpRequest) -> HttpResponse:
    """One button, one act; whatever comes back is the same form, with everything typed so far."""
    if request.method != "POST":
        return show(request, Entry(), ASSOCIATION)
    act = ACTS.get(request.POST.get("act", ""), to_person)
    return act(request, Entry(request.POST.dict()))


def fill_address(request: HttpRequest, entry: Entry) -> HttpResponse:
    found = find_address(entry.typed.get("postal_code", ""))
    elsewhere = outside(found.city) if found and City.objects.at(found.city) is None else ""
    association, _person = entry.unchecked(address=entry.fill_address())
    context: dict[str, Any] = {"found": found, "elsewhere": elsewhere, "looked_up": True}
    return show(request, entry, ASSOCIATION, association=association, **context)


def to_association(request: HttpRequest, entry: Entry) -> HttpResponse:
    return show(request, entry, ASSOCIATION, association=entry.unchecked()[0])


def to_person(request: HttpRequest, entry: Entry) -> HttpResponse:
    if not entry.association.is_valid():
        return show(request, entry, ASSOCIATION, status=422)
    return show(request, entry, PERSON, person=entry.unchecked()[1])


def send_code(request: HttpRequest, entry: Entry) -> HttpResponse:
    if (again := first_mistake(request, entry)) is not None:
        return again
    contact, address = entry.person.contact, limits.network_address(request.META)
    try:
        sent = LoginCode.objects.send(
            contact, asked_from=address, site_name=pgettext("product", "回覧"), host=settings.APEX_HOST
        )
    except TooManyCodes as error:
        entry.person.add_error("representative_email", codes.paused(error))
        return show(request, entry, PERSON, status=429)
    return show(request, entry, PROOF, code=CodeForm(), said=sent.said(contact))


def prove(request: HttpRequest, entry: Entry) -> HttpResponse:
    if (again := first_mistake(request, entry)) is not None:
        return again
    if not entry.code.is_valid():
        return show(request, entry, PROOF, status=422)
    try:
        typed, address = entry.code.cleaned_data["code"], limits.network_address(request.META)
        LoginCode.objects.redeem(entry.person.contact, typed, tried_from=address)
    except (TooManyCodes, WrongCode) as error:
        entry.code.add_error("code", codes.refused(error))
        return show(request, entry, PROOF, status=422)
    entry.prove()
    return show(request, entry, PROOF)


def submit(request: HttpRequest, entry: Entry) -> HttpResponse:
    if (again := first_mistake(request, entry)) is not None:
        return again
    if not entry.is_proven:
        entry.code.add_error(
            None, _("メールが届くことを、まだたしかめていません。番号を入れて「たしかめる」を押してください。")
        )
        return show(request, entry, PROOF, status=422)
    application, is_new = entry.submit()
    if is_new:
        messages.success(request, _("お申し込みを受け取りました。ありがとうございます。"))
    else:
        messages.info(request, _("このお申し込みは、もう受け取っています。あとから変えたところは、入っていません。"))
    return redirect(application.applicant_path)


ACTS: dict[str, Callable[[HttpRequest, Entry], HttpResponse]] = {
    "address": fill_address,
    "edit": to_association,
    "next": to_person,
    "send": send_code,
    "prove": prove,
    "submit": submit,
}


def first_mistake(request: HttpRequest, entry: Entry) -> HttpResponse | None:
    """The earliest step that is not right any more."""
    for step, form in ((ASSOCIATION, entry.association), (PERSON, entry.person)):
        if not form.is_valid():
            return show(request, entry, step, status=422)
    return None


def show(request: HttpRequest, entry: Entry, step: int, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = {
        "entry": entry,
        "step": step,
        "steps": [_("団体のこと"), _("代表者の連絡先"), _("たしかめる")],
        "carried": entry.carried(step),
        "association": entry.association if entry.typed else entry.unchecked()[0],
        "person": entry.person,
        "code": entry.code,
        "proven": step == PROOF and entry.is_proven,
        "mail_domain": mail_domain(),
    }
    return render(request, "public/apply.html", shown | context, status=status)


def mail_domain() -> str:
    """The domain a receiver has to let through."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


def applicant(request: HttpRequest, token: str) -> HttpResponse:
    """The applicant's page: where the application stands, and what operations ask. The token is the key."""
    application = find(token)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            application.answer(form.cleaned_data["text"])
            messages.success(request, _("お返事を送りました。ありがとうございます。"))
        except NotOpen:
            messages.info(request, _("いまは、お返事をお願いしていません。"))
        return redirect(application.applicant_path)
    context = {
        "application": application,
        "stage": application.stage.value,
        "questions": application.questions.all(),
        "run": application.association.runs.first() if application.association else None,
        "form": form,
    }
    return render(request, "public/applicant.html", context, status=422 if form.errors else 200)


def find(token: str) -> Application:
    try:
        pk = unsign(Purpose.APPLICATION, token)
    except BadToken as error:
        raise Http404 from error
    application = Application.objects.select_related("association", "city").filter(pk=pk).first()
    if application is None:
        raise Http404
    return application
