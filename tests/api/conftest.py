"""Programs that call the API: as a member with a token of their own site, as a user of the apex host, or as nobody."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from controlplane.accounts.models import ApiToken, User
from controlplane.associations.models import Association
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tests.conftest import browser_at


class Api:
    """`api.post("posts/", title="…")` speaks JSON to one host, with a token if it has one."""

    def __init__(self, client: Client, token: str = "") -> None:
        self.client = client
        self.headers = {"Authorization": f"Token {token}"} if token else {}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, **body: Any) -> HttpResponse:
        return self._send("post", path, body)

    def put(self, path: str, **body: Any) -> HttpResponse:
        return self._send("put", path, body)

    def patch(self, path: str, **body: Any) -> HttpResponse:
        return self._send("patch", path, body)

    def delete(self, path: str) -> HttpResponse:
        return self._send("delete", path, {})

    def follow(self, link: str) -> HttpResponse:
        return self.client.get(link[link.index("/api/") :], headers=self.headers)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> HttpResponse:
        return getattr(self.client, method)(
            f"/api/v1/{path}", body, content_type="application/json", headers=self.headers
        )


ApiOf = Callable[..., Api]


@pytest.fixture
def api(tonan: Association) -> ApiOf:
    """`api(member)` on 桃南会's host with the member's token; `api()` as nobody."""

    def calling(person: Any = None) -> Api:
        if person is None:
            return Api(browser_at(tonan))
        return Api(browser_at(tonan), token_of(person.__dict__["association"], person.user))

    return calling


@pytest.fixture
def apex_api(db: None) -> ApiOf:
    """`apex_api(user)` on the apex host with the user's token; `apex_api()` as nobody."""

    def calling(user: User | None = None) -> Api:
        client = Client(HTTP_HOST=settings.APEX_HOST)
        if user is None:
            return Api(client)
        with public():
            return Api(client, ApiToken.objects.issue(user)[1])

    return calling


@pytest.fixture
def closed(api: ApiOf, outsider: Any, waiting: Any) -> Callable[..., None]:
    """`closed("get", "posts/1/")`: 401 for nobody and for the outsider's token, 404 for who is not yet admitted."""

    def check(method: str, path: str) -> None:
        for person, expected in ((None, 401), (outsider, 401), (waiting, 404)):
            answer = getattr(api(person), method)(path)
            assert answer.status_code == expected, (method, path, person, answer.content.decode())
            assert answer["Content-Type"] == "application/problem+json"

    return check


@pytest.fixture
def forbidden(api: ApiOf) -> Callable[..., None]:
    """`forbidden(member, "post", "groups/", name="x")`: 404, as if there were nothing."""

    def check(person: Any, method: str, path: str, **body: Any) -> None:
        answer = getattr(api(person), method)(path, **body)
        assert answer.status_code == 404, (method, path, answer.content.decode())

    return check


@pytest.fixture
def code_sent() -> Callable[..., str]:
    """`code_sent("a@example.jp", tonan)`: the six digits last sent there, as the person reads them."""

    def read(to: str, association: Association | None = None) -> str:
        with bound(association) if association else public():
            body = Message.objects.filter(to=to).latest("pk").body
        found = re.search(r"\b\d{6}\b", body)
        assert found, body
        return found.group()

    return read


def token_of(association: Association, user: User) -> str:
    with bound(association):
        return ApiToken.objects.issue(user)[1]
