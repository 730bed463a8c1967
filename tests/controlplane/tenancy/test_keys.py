"""P5: every kind of key the product hands out, tried at every door and in every place but its own.

A new member of `Purpose` has to be given a row here: how its holder gets the key, and the door it opens.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import requests
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.db import ProgrammingError
from django.http import Http404

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import ApiToken, ContactChange, LoginCode, WrongCode
from controlplane.associations.models import Association, Operator
from controlplane.associations.models.support import SupportAccess
from controlplane.outbox.models import Message
from controlplane.sending import keys as form_keys
from controlplane.tenancy import BadToken, Purpose, bound, public, sign, unsign
from provisioning.models import Application
from tenants.feed.models.receiving import Receiving
from tenants.members.models import BadFamilyCode, BadInvitation, Household, Invitation, Member
from tests.stored import default_storage
from tests.undone import undone
from web.public.application import find as find_application

CLOSED = (BadToken, BadInvitation, BadFamilyCode, WrongCode, Http404, ProgrammingError)
CONTACT = Contact.parse("somebody@example.jp")


@dataclass(frozen=True)
class Kind:
    """`make` hands the key out at home, `opens` is what answers to it wherever it is called."""

    make: Callable[[Association, Member], str]
    opens: Callable[[str], Any]
    at_apex: bool = False


def session(_association: Association, member: Member) -> str:
    store = SessionStore()
    store["_auth_user_id"] = str(member.user.pk)
    store.create()
    return str(store.session_key)


def login_code(association: Association, _member: Member) -> str:
    LoginCode.objects.send(CONTACT, asked_from="192.0.2.9", site_name=association.name)
    return str(re.search(r"\d{6}", Message.objects.filter(to=CONTACT.value).latest("pk").subject)[0])


def application(association: Association, _member: Member) -> str:
    fields = {"name": "申込の会", "kind": "association", "city": association.city, "ward": "西京区", "households": 9}
    fields |= {"postal_code": "6158106", "address": "京都市西京区", "representative_name": "会長"}
    fields |= {"representative_email": "kaicho@example.jp", "representative_phone": "+81751234567"}
    return Application.objects.submit(**fields)[0].applicant_path.split("/")[2]


def objection(_association: Association, member: Member) -> str:
    told = {"old": "former@example.jp", "new": "new@example.jp"}
    return str(member.user.contact_changes.create(channel="mail", **told).token)


def support(association: Association, _member: Member) -> str:
    with public():
        access = SupportAccess.grant(association, by="会長", hours=1)
        return access.hand_key(by=Operator.objects.get())


KINDS: dict[str, Kind] = {
    Purpose.CONTACT: Kind(
        lambda _a, _m: sign(Purpose.CONTACT, CONTACT.value), partial(unsign, Purpose.CONTACT), at_apex=True
    ),
    Purpose.CALENDAR: Kind(lambda _a, member: member.calendar_token, lambda key: Member.objects.of_calendar(key)),
    Purpose.APPLICATION: Kind(application, find_application, at_apex=True),
    Purpose.FAMILY: Kind(lambda _a, m: m.household.family_code, lambda key: Household.objects.of_family_code(key)),
    Purpose.NEWS: Kind(lambda _a, member: Receiving.of(member).token, lambda key: Receiving.opened_by(key)),
    Purpose.DEVICE: Kind(lambda _a, _m: sign(Purpose.DEVICE, CONTACT.value), partial(unsign, Purpose.DEVICE)),
    Purpose.SUPPORT: Kind(support, SupportAccess.come_in),
    Purpose.FORM: Kind(lambda _a, _m: f"{form_keys.of_page(7)}-1", lambda key: form_keys.was_made_for(key, 7)),
    Purpose.OBJECTION: Kind(objection, lambda key: ContactChange.objects.opened_by(key)),
    "session": Kind(session, lambda key: SessionStore(key).load()),
    "api token": Kind(lambda _a, member: ApiToken.objects.issue(member.user)[1], lambda k: ApiToken.objects.alive(k)),
    "invitation": Kind(lambda _a, m: Invitation.objects.invite(by=m)[1], lambda k: Invitation.objects.open(k)),
    "login code": Kind(login_code, lambda key: LoginCode.objects.redeem(CONTACT, key, tried_from="192.0.2.9") is None),
}


@pytest.fixture
def keys(tonan, officer, operator) -> dict[str, str]:
    """One key of each kind, as its holder at 桃南会 or at the apex host has it."""
    made = {}
    for name, kind in KINDS.items():
        with public() if kind.at_apex else bound(tonan):
            made[name] = kind.make(tonan, officer)
    return made


def opens(kind: Kind, key: str) -> bool:
    """Whether the door opens; nothing that happens behind it stays."""
    with undone():
        try:
            return bool(kind.opens(key))
        except CLOSED:
            return False


def test_every_purpose_has_a_row():
    assert set(Purpose) <= set(KINDS), f"Say how a holder gets {set(Purpose) - set(KINDS)}, and what it opens."


def test_each_key_opens_its_own_door_at_home(keys, tonan):
    for name, kind in KINDS.items():
        with public() if kind.at_apex else bound(tonan):
            assert opens(kind, keys[name]), name


@pytest.mark.parametrize("name", KINDS)
def test_no_key_opens_its_door_in_another_place(keys, tonan, fujishiro, name):
    kind = KINDS[name]
    elsewhere: dict[str, AbstractContextManager[None]] = {"fujishiro": bound(fujishiro)}
    elsewhere |= {"tonan": bound(tonan)} if kind.at_apex else {"apex": public()}
    for place, binding in elsewhere.items():
        with binding:
            assert not opens(kind, keys[name]), place


@pytest.mark.parametrize("name", KINDS)
def test_no_key_opens_the_door_of_another_kind(keys, tonan, fujishiro, name):
    """At home and elsewhere, each against all other doors."""
    for place in (partial(bound, tonan), partial(bound, fujishiro), public):
        with place():
            opened = [door for door, kind in KINDS.items() if door != name and opens(kind, keys[name])]
        assert opened == []


@pytest.mark.parametrize("name", KINDS)
def test_no_key_opens_a_door_after_a_letter_was_changed(keys, tonan, name):
    kind, key = KINDS[name], keys[name]
    changed = {key[:-1], key[1:], key + "A", key[::-1], "", "0", key[:-1] + ("A" if key[-1] != "A" else "B")}
    with public() if kind.at_apex else bound(tonan):
        assert not any(opens(kind, each) for each in changed - {key})


LINKS = {
    Purpose.CALENDAR: "/calendar.ics?token={}",
    f"{Purpose.CALENDAR} api": "/api/v1/calendar.ics?token={}",
    Purpose.APPLICATION: "/apply/{}/",
    "invitation": "/i/{}/",
}


@pytest.mark.parametrize("name", LINKS)
def test_links_are_worth_nothing_on_another_host(keys, apex, browser, tonan, fujishiro, name):
    kind = name.removesuffix(" api")
    hosts = {"tonan": browser(tonan), "fujishiro": browser(fujishiro), "apex": apex()}
    home = "apex" if KINDS[kind].at_apex else "tonan"
    path = LINKS[name].format(keys[kind])
    answers = {host: client.get(path).status_code for host, client in hosts.items()}
    assert answers.pop(home) == 200
    assert set(answers.values()) <= {302, 308, 400, 401, 404}, answers  # 308: to the path with a slash, which is none


def test_a_presigned_link_leads_to_no_other_object(tonan, fujishiro):
    for association, word in ((tonan, "桃南だけの話"), (fujishiro, "藤城台だけの話")):
        with bound(association):
            default_storage.save("attachments/same", ContentFile(word.encode()))
            default_storage.save("attachments/other", ContentFile(word.encode()))
    with bound(tonan):
        link = default_storage.url("attachments/same")
    assert requests.get(link, timeout=5).status_code == 200
    for moved in (
        link.replace(tonan.uuid.hex, fujishiro.uuid.hex),
        link.replace("attachments/same", "attachments/other"),
        link.replace("X-Amz-Expires=300", "X-Amz-Expires=30000"),
    ):
        assert moved != link
        assert requests.get(moved, timeout=5).status_code in {400, 401, 403}
    assert requests.put(link, data=b"x", timeout=5).status_code in {400, 401, 403}
