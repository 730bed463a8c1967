"""Visitors of every role from every place, with the keys they have at home."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client

from controlplane.accounts.models import ApiToken, User
from controlplane.associations.models import Association
from controlplane.staff import sessions
from controlplane.tenancy import bound, public
from tenants.members.models import Member, Seat
from tests.undone import undone

METHODS = ("get", "post", "put", "patch", "delete")
ROLES = ("waiting", "member", "leader", "officer", "representative")


@dataclass(frozen=True)
class Visitor:
    """Somebody with a session and an API token of their own site, or with neither."""

    cookies: SimpleCookie
    token: str = ""

    def visits(self, host: str, url: str, methods: Sequence[str] = METHODS) -> Iterator[tuple[str, HttpResponse]]:
        """Try a URL with each method, with the session and, in the API, with the token; nothing that is done stays."""
        keys: list[dict[str, Any]] = [{}]
        if self.token and url.startswith("/api/"):
            keys.append({"headers": {"Authorization": f"Token {self.token}"}})
        caches["routing"].clear()  # the limits on how often one may ask
        for method in methods:
            for key in keys:
                with undone():
                    client = Client(HTTP_HOST=host, raise_request_exception=False)
                    client.cookies = SimpleCookie() if key else self.cookies.copy()
                    yield f"{method} {host}{url}{' by token' if key else ''}", getattr(client, method)(url, **key)


VisitorFrom = Callable[[str, str], Visitor]


@pytest.fixture
def visitor_from(tonan: Association, fujishiro: Association, operator: User, city_official: User) -> VisitorFrom:
    """`visitor_from("tonan", "leader")`; of the apex host "operator" and "official"; a "stranger" is from nowhere."""

    def arrive(home: str, role: str) -> Visitor:
        if role == "stranger":
            return Visitor(SimpleCookie())
        if home == "halfway":
            return _halfway(operator if role.startswith("operator") else city_official)
        if home == "apex":
            with public():
                return _with_keys(settings.APEX_HOST, {"operator": operator, "official": city_official}[role])
        association = {"tonan": tonan, "fujishiro": fujishiro}[home]
        with bound(association):
            return _with_keys(host_of(home), _person(home, role))

    return arrive


def _halfway(user: User) -> Visitor:
    """Somebody of the staff who has typed the code of their mail, and has not shown the second factor."""
    client = Client(HTTP_HOST=settings.APEX_HOST)
    client.get("/sign-in/")
    with public():
        session = client.session
        sessions.halfway(session, user, onward="")
        session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return Visitor(client.cookies)


def host_of(slug: str) -> str:
    return settings.APEX_HOST if slug == "apex" else f"{slug}.{settings.APEX_HOST}"


def _person(home: str, role: str) -> User:
    """The cast's, and a vice-chair made for the visit: an officer who is not the representative."""
    who = "officer" if role == "representative" else role
    if role != "officer":
        return User.objects.get(email=f"{who}@{home}.example.jp")
    user = User.objects.create(email=f"vice@{home}.example.jp")
    member = Member.objects.get(user__email=f"member@{home}.example.jp")
    vice = Member.objects.create(
        user=user, household=member.household, name=member.name, admitted_at=member.admitted_at
    )
    Seat.objects.create(title="副会長", kind=Seat.Kind.OFFICER).hand_over(vice, by="tests")
    return user


def _with_keys(host: str, user: User) -> Visitor:
    client = Client(HTTP_HOST=host)
    client.force_login(user)
    return Visitor(client.cookies, ApiToken.objects.issue(user)[1])
