"""What changes something that two people may have open carries its version. New forms and endpoints join by themselves.

Three walks: over the forms there are, over the pages as they come (filled with what is stored), and over the API.
"""

import importlib
import pkgutil
from datetime import date
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import web
from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Bulletin, BulletinDraft
from controlplane.cities.models import CityDate
from controlplane.tenancy import bound, public
from tenants.communities.models import HandoverRecord
from tenants.members.models import Seat
from tests.conftest import browser_at
from tests.filled import forms
from web.editing import Edits
from web.forms import KairanForm

NEW = "makes something new"
ACT = "an act that is asked about each time: it changes no words anybody else has open"
OWN = "one's own answer or choice: the last one holds, and nobody else has it open"
SEARCH = "narrows what is shown"
DOOR = "a way in: it belongs to whoever stands there"

# Forms that carry no version, and why not.
WITHOUT = {
    "web.city.forms.PeriodForm": SEARCH,
    "web.operations.trail.TrailForm": SEARCH,
    "web.tenant.calendar.forms.answers.AnsweredFilter": SEARCH,
    "web.tenant.members.forms.HomeFilter": SEARCH,
    "web.tenant.members.forms.RosterFilter": SEARCH,
    "web.tenant.search.forms.SearchForm": SEARCH,
    "web.hosts.HostForm": NEW,
    "web.public.forms.AnswerForm": NEW,
    "web.public.forms.AssociationForm": NEW,
    "web.public.forms.PersonForm": NEW,
    "web.tenant.calendar.forms.acts.ImportForm": NEW,
    "web.tenant.communities.forms.InviteForm": NEW,
    "web.tenant.feed.forms.CommentForm": NEW,
    "web.tenant.joining.forms.AddressForm": "a part of others",
    "web.tenant.joining.forms.RegistrationForm": NEW,
    "web.tenant.members.forms.InvitationForm": NEW,
    "web.tenant.members.forms.SeatForm": NEW,
    "web.tenant.records.forms.FilesForm": NEW,
    "web.tenant.records.forms.NoteForm": NEW,
    "web.operations.forms.ApproveDropForm": ACT,
    "web.operations.forms.ApproveForm": ACT,
    "web.operations.forms.AskForm": ACT,
    "web.operations.forms.AskSupportForm": ACT,
    "web.operations.forms.CloseForm": ACT,
    "web.operations.forms.RejectForm": ACT,
    "web.operations.forms.RenameForm": ACT,
    "web.operations.forms.SuspendForm": ACT,
    "web.tenant.calendar.forms.acts.CancelForm": ACT,
    "web.tenant.communities.forms.RemovalForm": ACT,
    "web.tenant.feed.forms.ReasonForm": ACT,
    "web.tenant.members.forms.ErasingForm": ACT,
    "web.tenant.members.forms.PlaceForm": ACT,
    "web.tenant.support.forms.GrantForm": ACT,
    "web.tenant.calendar.forms.answers.AnswerForm": OWN,
    "web.tenant.calendar.forms.answers.ProxyForm": OWN,
    "web.tenant.feed.forms.ReceivingForm": OWN,
    "web.public.forms.CodeForm": DOOR,
    "web.public.forms.SignInForm": DOOR,
    "web.staff.forms.DigitsForm": DOOR,
    "web.staff.forms.PasskeyForm": DOOR,
    "web.staff.forms.RecoveryForm": DOOR,
    "web.tenant.joining.forms.CodeForm": DOOR,
    "web.tenant.joining.forms.ContactForm": DOOR,
    "web.tenant.joining.forms.InvitationCodeForm": DOOR,
    "web.tenant.joining.forms.SignInCodeForm": DOOR,
}
# Pages that come with words in a form and change nothing that somebody else may have open, and why.
FILLED = {
    "/calendar/1/": OWN,
    "/calendar/1/answers/": OWN,
    "/members/invitations/": NEW,
    "/sign-in/set-up/passkey/": NEW,
}
# Bodies of PUT and PATCH without a version, and why.
BODIES = {
    "patch /attachments/{id}/": "a line under a photo, of which only what is named is written",
    "put /communities/{id}/reply/": OWN,
    "put /events/{id}/occurrences/{on}/proxy/": OWN,
    "put /events/{id}/rsvp/": OWN,
    "put /me/news/": OWN,
    "put /posts/{id}/comments/{comment}/hiding/": ACT,
    "put /posts/{id}/hiding/": ACT,
    "put /posts/{id}/reaction/": OWN,
    "put /posts/{id}/withdrawal/": ACT,
}


def every_form() -> list[type[KairanForm]]:
    for module in pkgutil.walk_packages(web.__path__, "web."):
        if "development" not in module.name and module.name != "web.catalogue":
            importlib.import_module(module.name)
    return sorted(_below(KairanForm), key=lambda form: f"{form.__module__}.{form.__qualname__}")


def _below(form: type[KairanForm]) -> set[type[KairanForm]]:
    below = form.__subclasses__()
    return {*below, *(each for child in below for each in _below(child))}


def forms_without_a_version() -> set[str]:
    ours = [form for form in every_form() if form.__module__.startswith("web.")]
    named = {f"{form.__module__}.{form.__qualname__}" for form in ours if not issubclass(form, Edits)}
    return named - {"web.catalogue.SampleForm"}


def test_every_form_carries_a_version_or_says_why_not():
    assert forms_without_a_version() == set(WITHOUT)


def test_the_walk_over_forms_finds_one_that_forgot():
    forgot = type("Forgot", (KairanForm,), {"__module__": "web.nowhere"})
    assert "web.nowhere.Forgot" in forms_without_a_version()
    forgot.__module__ = "tests"


# --- the pages, as they come ---


@pytest.fixture
def numbers(tonan, officer, kyoto) -> dict[str, Any]:
    """Something to change at each place with a number in its address; elsewhere it is the first there is."""
    with bound(tonan):
        chair = Seat.objects.get(title="会長")
        told = HandoverRecord.write(by=officer, seat=chair, problem="雨の連絡", handling="電話した")
    with public():
        Association.objects.filter(pk=tonan.pk).update(kind="federation")
        tonan.refresh_from_db()
        tonan.grant(Feature.MEMBER_ASSOCIATIONS, source="city")
        said = {"by": "tests", "title": "土のう", "body": "3か所です。"}
        of_city = {**said, "city": kyoto, "audience": "all"}
        day = CityDate.announce(kyoto, by="tests", title="締め切り", starts_on=date(2031, 7, 1), ends_on=None)
        ours = BulletinDraft.objects.keep(**said, federation=tonan, audience="members")
        return {
            "/handover/": told.pk,
            "/operations/associations/": tonan.pk,
            "/city/dates/": day.pk,
            "/city/bulletins/": Bulletin.objects.publish(**of_city).pk,
            "/city/bulletins/drafts/": BulletinDraft.objects.keep(**of_city).pk,
            "/federation/bulletins/drafts/": ours.pk,
        }


def pages(urlconf: str, numbers: dict[str, Any]) -> list[str]:
    found = sorted(_addresses(get_resolver(urlconf).url_patterns))
    return [
        _numbered(each, numbers) for each in found if not each.startswith(("/api/", "/dev/")) and "str:" not in each
    ]


def _addresses(patterns: list[URLPattern | URLResolver], route: str = "/") -> list[str]:
    found = []
    for pattern in patterns:
        here = route + str(pattern.pattern)
        found += _addresses(pattern.url_patterns, here) if isinstance(pattern, URLResolver) else [here]
    return found


def _numbered(address: str, numbers: dict[str, Any]) -> str:
    before, sign, after = address.partition("<")
    return f"{before}{numbers.get(before, 1)}{_numbered(after.partition('>')[2], numbers)}" if sign else address


def filled(client: Client, addresses: list[str]) -> tuple[set[str], set[str]]:
    """The pages whose forms come with words in them, and those of them that forgot the version."""
    found, forgot = set(), set()
    for at in addresses:
        answer = client.get(at)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        with_words = [form for form in forms(answer.content.decode()) if form.words]
        found |= {at} if with_words else set()
        forgot |= {at} if any("version" not in form.values for form in with_words) else set()
    return found, forgot


def test_every_page_that_comes_filled_carries_the_version_of_what_it_shows(
    numbers, officer, tonan, client_for, apex, city_official, operator, outsider
):
    desks = [(client_for(officer), "controlplane.urls.tenant"), (apex(city_official), "controlplane.urls.public")]
    desks.append((apex(operator), "controlplane.urls.public"))
    found, forgot = set(), set()
    for client, urlconf in desks:
        there, without = filled(client, pages(urlconf, numbers))
        found, forgot = found | there, forgot | without
    assert forgot == set(FILLED)
    assert {"/posts/1/edit/", "/calendar/1/edit/", "/members/groups/1/", "/menu/profile/"} <= found
    assert {f"/city/dates/{numbers['/city/dates/']}/", f"/handover/{numbers['/handover/']}/edit/"} <= found
    assert filled(browser_at(tonan), ["/menu/profile/"]) == (set(), set())  # a stranger comes to no form
    assert filled(client_for(outsider), ["/posts/1/edit/"]) == (set(), set())


# --- the API ---


@pytest.mark.parametrize("host", ["site", "apex"])
def test_every_change_over_the_api_takes_a_version_and_says_what_a_second_one_hears(host, tonan, apex):
    client = browser_at(tonan) if host == "site" else apex()
    document = yaml.safe_load(client.get("/api/v1/schema/").content)
    forgot, walked = set(), set()
    for path, operations in document["paths"].items():
        for method in {"put", "patch"} & operations.keys():
            body = operations[method].get("requestBody")
            if not body:
                continue
            name = f"{method} {path.removeprefix('/api/v1')}"
            walked.add(name)
            shape = next(iter(body["content"].values()))["schema"]["$ref"].rpartition("/")[2]
            told = "409" in operations[method]["responses"]
            if "version" not in document["components"]["schemas"][shape]["properties"] or not told:
                forgot.add(name)
    assert sorted(forgot) == sorted(name for name in BODIES if name in walked)
    assert "patch /me/" in walked
