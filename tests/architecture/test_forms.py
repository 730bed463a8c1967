"""Every form of every page, as each role finds it: it carries a key, and pressed twice it does its work once.

The pages are found by their links, so that a new form needs no line here. Blank controls are filled in with samples.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.sending import keys
from controlplane.tenancy import bound, public
from provisioning.models import Application
from tests.architecture.conftest import host_of
from tests.pressing import Form, forms_of

ROLES = [("tonan", "representative"), ("tonan", "leader"), ("tonan", "member"), ("tonan", "waiting")]
DESKS = [("apex", "operator"), ("apex", "official")]
MOST = 400  # pages of one role
UNCOUNTED = {"sessions.Session", "accounts.Device", "sending.Taken", "sending.Kept"}
SAMPLES = {
    "email": "atarashii@example.jp",
    "url": "https://example.jp/",
    "number": "3",
    "time": "10:00",
    "date": f"{timezone.localdate() + timedelta(days=20):%Y-%m-%d}",
    "textarea": "見本の文です。",
}
NAMED = {
    "postal_code": "612-8001",
    "address": "京都市伏見区桃山町1",
    "households": "180",
    "capacity": "",
    "question_1": "",
    "question_2": "",
    "choices_1": "",
    "choices_2": "",
    "slug": "atarashii",
    "host": "atarashii.example.jp",
    "contact": "atarashii@example.jp",
    "position": "7",
    "ends_at": "12:00",
    "rrule": "",
    "until": "",
    "expires_at": "",
}

# What the walk has to have made, twice pressed and once done; a page that hides its form from the walk is missed here.
MADE = {
    "representative": {
        "calendar.Event", "calendar.Rsvp", "calendar.Telling", "communities.Community", "communities.HandoverRecord",
        "communities.Membership", "feed.Comment", "feed.Moderation", "feed.Post", "feed.PostVersion", "feed.Reaction",
        "members.Group", "members.Household", "members.Invitation", "members.Seat", "associations.CustomDomain",
        "associations.SupportAccess", "provisioning.Archive",
    },
    "member": {"calendar.Rsvp", "feed.Comment", "feed.Moderation", "communities.HandoverRecord"},
    "official": {"associations.BulletinDraft", "cities.CityDate"},
    "operator": {
        "associations.Association", "associations.SupportAccess", "associations.Suspension", "provisioning.Closure",
        "provisioning.Question", "provisioning.Run",
    },
}  # fmt: skip
ELSEWHERE = {"plan_checkout", "plan_portal"}  # to Stripe's pages, which live minutes: one is opened anew each time
APPLICATION = {
    "name": "桃山南第2町内会",
    "kind": "association",
    "postal_code": "612-8001",
    "address": "京都市伏見区桃山町1",
    "households": 180,
    "representative_name": "代表 1",
    "representative_email": "daihyo@example.jp",
    "representative_phone": "+81756111144",
}


class Walk:
    """One role's way through all the pages its links lead to, a page of each kind once."""

    def __init__(self, client: Client, start: str, host: str) -> None:
        self.client, self.host = client, host
        self.queue, self.seen = [start], {self.kind(start)}

    def pages(self) -> Iterator[tuple[str, Any]]:
        while self.queue and len(self.seen) < MOST:
            page = self.queue.pop(0)
            answer = self.client.get(page)
            if answer.status_code in (301, 302):
                self.note(page, answer["Location"])
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield page, answer
                for link in lxml.html.fromstring(answer.content.decode()).xpath("//a/@href"):
                    self.note(page, link)

    def note(self, page: str, link: str) -> None:
        url = urlsplit(urljoin(f"http://{self.host}{page}", link))
        path = f"{url.path}?{url.query}" if url.query else url.path
        if url.hostname == self.host and self.kind(path) not in self.seen:
            self.seen.add(self.kind(path))
            self.queue.append(path)

    def kind(self, path: str) -> tuple[str, str]:
        url = urlsplit(path)
        urlconf = "public" if self.host == settings.APEX_HOST else "tenant"
        try:
            view = resolve(url.path, f"controlplane.urls.{urlconf}").view_name
        except Resolver404:
            view = url.path
        return view, ",".join(sorted(pair.split("=")[0] for pair in url.query.split("&")))


def filled(form: Form, answer: Any) -> Form:
    """With samples where a browser would find a blank control."""
    tree = lxml.html.fromstring(answer.content.decode())
    for element in tree.xpath("//form[@method='post']//*[self::input or self::textarea or self::select]"):
        name, kind = element.get("name"), element.get("type", element.tag)
        if name in form.fields and form.fields[name] in ([""], [None]):
            if element.tag != "select" and kind not in ("hidden", "radio", "checkbox"):
                form.fields[name] = [NAMED.get(name, SAMPLES.get(kind, "見本"))]
        elif kind == "radio" and name not in form.fields:
            form.fields[name] = [element.get("value")]
    return form


def rows() -> Counter[str]:
    counted: Counter[str] = Counter()
    for place, names in ((public(), settings.SHARED_APPS), (bound(_tonan[0]), settings.TENANT_APPS)):
        models = [model for model in apps.get_models() if model._meta.app_config.name in names]
        asked = [f"SELECT '{m._meta.label}', count(*) FROM {m._meta.db_table}" for m in models]
        with place, connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            counted.update(dict(cursor.fetchall()))
    return Counter({label: number for label, number in counted.items() if label not in UNCOUNTED})


_tonan: list[Association] = []


@pytest.fixture
def walk(visitor_from, tonan, kyoto) -> Any:
    _tonan[:] = [tonan]
    with public():
        Application.objects.submit(city=kyoto, **APPLICATION)

    def begin(home: str, role: str) -> Walk:
        host = host_of(home)
        client = Client(HTTP_HOST=host, raise_request_exception=False)
        client.cookies = visitor_from(home, role).cookies
        start = {"operator": "/operations/", "official": "/city/"}.get(role, "/")
        return Walk(client, start, host)

    return begin


@pytest.mark.parametrize(("home", "role"), [*ROLES, *DESKS, ("apex", "stranger"), ("tonan", "stranger")])
def test_every_form_carries_a_key_of_its_own(walk, home, role):
    without, found = [], 0
    for page, answer in walk(home, role).pages():
        forms = forms_of(answer.client, answer, page)
        found += len(forms)
        own = [form.fields.get(keys.NAME, [""]) for form in forms]
        without += [
            f"{page}: {form.action}" for form, key in zip(forms, own, strict=True) if not keys.looks_right(key[0])
        ]
        assert len({tuple(key) for key in own}) == len(own), page
    assert without == []
    assert found > 2


@pytest.mark.parametrize(("home", "role"), [*ROLES[:3], *DESKS])
def test_every_form_pressed_twice_does_its_work_once(walk, home, role):
    wrong, made, pressed = [], set(), set()
    way = walk(home, role)
    for page, answer in way.pages():
        for form in forms_of(way.client, answer, page):
            kind = way.kind(urljoin(f"http://{way.host}{page}", form.action).removeprefix(f"http://{way.host}")), page
            if kind in pressed or view_of(way, form) in {"sign_out", *ELSEWHERE}:
                continue
            pressed.add(kind)
            with undone(way.client):
                caches["default"].clear()
                filled(form, answer)
                before = rows()
                first = press(form)
                once = rows()
                second = press(form)
                twice = rows()
            new = {label for label, number in (once - before).items() if number}
            made |= new
            if first.status_code >= 500 or second.status_code >= 500:
                wrong.append(f"{page} → {form.action}: {first.status_code}, {second.status_code}")
            if twice != once:
                wrong.append(f"{page} → {form.action}: {first.status_code}, then {dict(twice - once)}")
    assert wrong == []
    assert MADE.get(role, set()) <= made, sorted(made)


def view_of(way: Walk, form: Form) -> str:
    return way.kind(urljoin(form.page, form.action))[0]


def press(form: Form) -> Any:
    """By the button that does what the form is for."""
    return form.press(*form.button)


class undone:
    """What is pressed inside is taken back, with the session."""

    def __init__(self, client: Client) -> None:
        self.client, self.cookies, self.atomic = client, client.cookies.copy(), transaction.atomic()

    def __enter__(self) -> None:
        self.atomic.__enter__()

    def __exit__(self, *exc: Any) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.client.cookies = self.cookies
