"""Pages that exist only in development: what was sent, who can sign in, every component. The one place where the apex
host reads inside associations."""

import re
from typing import Any

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import get_urlconf, set_urlconf

from controlplane.associations.models import Association, Operator
from controlplane.cities.models import CityStaff
from controlplane.tenancy import between_transactions, bound
from tenants.members.models import Member
from web.catalogue import sample

SHOWN = 100


def outbox(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("to", "").strip()
    found = [with_code(each) for each in sent() if wanted in each["to"]][:SHOWN]
    names = {str(each.uuid): each.name for each in Association.objects.all()}
    rows = [{**each, "place": names.get(each["association"] or "", "")} for each in found]
    return render(request, "development/outbox.html", {"rows": rows, "wanted": wanted})


def outbox_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse(sent(), safe=False)


def attachment(request: HttpRequest, pk: int, n: int) -> HttpResponse:
    with between_transactions():
        answer = requests.get(f"{gateways()}outbox/{pk}/attachments/{n}", timeout=10)
    kept = {name: answer.headers[name] for name in ("Content-Type", "Content-Disposition") if name in answer.headers}
    return HttpResponse(answer.content, status=answer.status_code, headers=kept)


def logins_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse(logins(), safe=False)


def logins_page(request: HttpRequest) -> HttpResponse:
    return render(request, "development/logins.html", {"rows": logins(), "port": settings.PUBLIC_PORT})


def catalogue(request: HttpRequest) -> HttpResponse:
    """Every component. Its frame is a site's, so links are made by the sites' map."""
    here = get_urlconf()
    set_urlconf("controlplane.urls.tenant")
    try:
        return render(request, "catalogue.html", sample())
    finally:
        set_urlconf(here)


def sent() -> list[dict[str, Any]]:
    """What the stand-in gateways were given, newest first."""
    with between_transactions():
        answer = requests.get(settings.OUTBOX_URL, timeout=10)
    answer.raise_for_status()
    messages: list[dict[str, Any]] = answer.json()
    return messages


def with_code(message: dict[str, Any]) -> dict[str, Any]:
    code = re.search(r"(?<!\d)\d{6}(?!\d)", f"{message['subject']} {message['body']}")
    return {**message, "code": code[0] if code else ""}


def gateways() -> str:
    return settings.OUTBOX_URL.removesuffix("outbox.json")


def logins() -> list[dict[str, str]]:
    """One login per role: operator, city, and officer and member of each live association."""
    found = [login("operator", settings.APEX_HOST, row.user.email) for row in Operator.objects.select_related("user")]
    found += [login("city", settings.APEX_HOST, row.user.email) for row in CityStaff.objects.select_related("user")]
    for association in Association.objects.live():
        found += logins_of(association)
    return found


def logins_of(association: Association) -> list[dict[str, str]]:
    """The representative and one plain member who can be reached by mail."""
    host = association.host
    with bound(association):
        people = list(Member.objects.admitted().filter(user__email__isnull=False).with_seats().order_by("pk"))
        officer = next((person for person in people if person.is_representative), None)
        plain = next((person for person in people if not (person.is_officer or person.is_leader)), None)
        pairs = (("officer", officer), ("member", plain))
        return [login(role, host, person.user.email) for role, person in pairs if person and person.user]


def login(role: str, host: str, email: str | None) -> dict[str, str]:
    return {"role": role, "host": host, "email": email or ""}
