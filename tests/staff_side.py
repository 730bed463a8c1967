"""How staff come in, in tests: a clock that can be put forward, digits as an app shows them, the steps one by one."""

import html
import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from webauthn.helpers import bytes_to_base64url

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import public


class Clock:
    """`clock.go_on(hours=1)`: for the code under test it is later now."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.really = now
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self.really() + self.ahead

    def go_on(self, **amount: float) -> None:
        self.ahead += timedelta(**amount)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(timezone.now)
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture
def required(settings: Any) -> None:
    """As in production."""
    settings.STAFF_SECOND_FACTOR = True


class Person:
    """An operator or official at a browser of their own, with an app in their pocket."""

    def __init__(self, client: Client, user: User, clock: Clock, secret: str = "") -> None:
        self.client, self.user, self.clock, self.secret = client, user, clock, secret

    def prove_contact(self, onward: str = "") -> HttpResponse:
        """The first factor: the code of the mail."""
        self.client.post("/sign-in/", {"email": self.user.email, "next": onward})
        with public():
            sent = Message.objects.filter(to=self.user.email, subject__startswith="6けた").latest("pk")
        return self.client.post("/sign-in/code/", {"code": re.search(r"\d{6}", sent.subject)[0]})

    def set_up_app(self) -> list[str]:
        """Write the secret into the app and type its digits; the recovery codes that are shown, if any."""
        page = self.client.get("/sign-in/set-up/app/").content.decode()
        self.secret = re.search(r'class="b secret"[^>]*>([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        answer = self.client.post("/sign-in/set-up/app/", {"code": self.digits()})
        assert answer.status_code in {200, 302}, answer.content.decode()
        return re.findall(r"<li>([2-9A-Z]{5}-[2-9A-Z]{5})</li>", html.unescape(answer.content.decode()))

    def digits(self) -> str:
        """What the app shows after it has changed once."""
        self.clock.go_on(seconds=30)
        return pyotp.TOTP(self.secret).at(self.clock.now())

    def show(self, **typed: str) -> HttpResponse:
        """The second factor: digits unless told otherwise."""
        return self.client.post("/sign-in/second/", typed or {"code": self.digits()})

    def come_in(self) -> HttpResponse:
        self.prove_contact()
        return self.show()

    @property
    def is_in(self) -> bool:
        return self.client.get("/security/").status_code == 200


class SoftKey:
    """What a phone's key does, in a few lines: for answers a browser would give, and for those it would not."""

    def __init__(self, origin: str = "", host: str = "") -> None:
        self.origin = origin or f"{settings.SCHEME}://{settings.APEX_HOST}{settings.PUBLIC_PORT}"
        self.host = host or settings.APEX_HOST
        self.id, self.uses = secrets.token_bytes(16), 0
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, page: HttpResponse) -> str:
        """The answer to the options on the page where a key is made."""
        client = self._client("webauthn.create", page)
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(0x45) + about})
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def show(self, page: HttpResponse) -> str:
        """The answer to the options on the page where one comes in."""
        self.uses += 1
        client, data = self._client("webauthn.get", page), self._data(0x05)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _client(self, kind: str, page: HttpResponse) -> bytes:
        options = json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page.content.decode())[1]))
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _answer(self, **response: bytes) -> str:
        name, said = bytes_to_base64url(self.id), {each: bytes_to_base64url(given) for each, given in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})


PersonAt = Callable[..., Person]


@pytest.fixture
def person_at(apex: Callable[..., Client], clock: Clock) -> PersonAt:
    """`person_at(operator)`: in front of an empty browser. `person_at(operator, like=before)`: with the same app."""

    def arrive(user: User, like: Person | None = None) -> Person:
        return Person(apex(), user, clock, like.secret if like else "")

    return arrive


@pytest.fixture
def settled(person_at: PersonAt, operator: User, required: None) -> Person:
    """The operator, with an app set up, signed in."""
    person = person_at(operator)
    person.prove_contact()
    person.recovery = person.set_up_app()  # type: ignore[attr-defined]
    return person
