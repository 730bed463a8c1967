"""An association with people in it, what they do during an outage, and what has to be there afterwards.

Needs Django, set up for the stage's servers.
"""

import base64
import hashlib
import hmac
import io
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q
from django.utils import timezone
from PIL import Image

from billing.models import StripeEvent
from controlplane.accounts.models import ApiToken, User
from controlplane.associations.features import Feature
from controlplane.associations.models import Association, Domain
from controlplane.cities.models import City
from controlplane.dispatch.models import Waiting, Wakeup
from controlplane.outbox.models import CLAIM, Message
from controlplane.tenancy import bound, public, schemas
from provisioning.models import SchemaRelease
from tenants.calendar.models import Event, Rsvp
from tenants.feed.models import Post
from tenants.members.models import Household, Member, Seat
from tests.outages.stage import Stage

PATIENCE = 12.0  # seconds a client waits for an answer
AT_WORK = timedelta(seconds=15)  # more than a gateway keeps a worker waiting
SLUG = "tonan"
MAILS = [f"reader{n}@example.jp" for n in range(4)]
DOCUMENT = b"%PDF-1.4 " + b"x" * 50_000
HALF = 20_000  # bytes of it that are sent during the outage
PHONES = ["+819012345678", "+818012345678"]


@dataclass
class Answer:
    """What somebody got, in how many seconds; status 0: nothing."""

    act: str
    seconds: float
    status: int
    about: str  # what is looked for afterwards

    @property
    def promised(self) -> bool:
        """They were told that it is done."""
        return 200 <= self.status < 300

    def __str__(self) -> str:
        return f"{self.seconds:5.2f} {self.status or '---'}"


class Neighbours:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.number, self.about = stage, 0, ""
        self.association = _found()
        with bound(self.association):
            self.officer, self.member = _people()
            self.event = _event(self.officer)
            self.tokens = {who.pk: ApiToken.objects.issue(who.user)[1] for who in (self.officer, self.member)}
            self.sessions = {who.pk: _session(who.user) for who in (self.officer, self.member)}

    def act(self, name: str) -> Answer:
        """Do one thing as a browser or a program would, and look at the clock."""
        self.number, self.about = self.number + 1, ""
        began = time.monotonic()
        try:
            status = int(getattr(self, f"_{name}")().status_code)
        except requests.RequestException:
            status = 0
        return Answer(name, time.monotonic() - began, status, self.about)

    def lost(self, answer: Answer) -> str:
        """What is wrong with it now that the part is back. Nothing is when it is there once, or was refused."""
        times = getattr(self, f"_times_{answer.act}", lambda _answer: None)(answer)
        if times is None:
            return ""
        if answer.promised and times == 0:
            return f"{answer.act}: lost"
        if times > 1:
            return f"{answer.act}: {times} times"
        return f"{answer.act}: not answered, but done" if times and not answer.promised else ""

    def settle(self, patience: float = 60) -> str:
        """Put the clock forward and wait until nothing is left to do. Says what is."""
        until = time.monotonic() + patience
        while left := self._left():
            if time.monotonic() > until:
                return left
            self._put_forward()
            time.sleep(1)
        return ""

    # What people do: each says what it is about before it asks.

    def _read(self) -> requests.Response:
        return self._browse("GET", "/", self.member)

    def _answer(self) -> requests.Response:
        said = {"answer": "yes" if self.number % 2 else "no", "companions": self.number % 9}
        self.about = json.dumps(said)
        return self._call("PUT", f"events/{self.event.pk}/rsvp/", self.member, json=said)

    def _post(self) -> requests.Response:
        return self._write("お知らせ")

    def _photo(self) -> requests.Response:
        picture = io.BytesIO()
        Image.new("RGB", (640, 480), (self.number % 256, 90, 140)).save(picture, "JPEG")
        file = {"file": ("photo.jpg", picture.getvalue(), "image/jpeg")}
        sent = self._call("POST", "attachments/", self.officer, files=file)
        return self._write("写真", attachments=[sent.json()["id"]]) if sent.status_code == 201 else sent

    def _code(self) -> requests.Response:
        self.about = f"code{self.number:04}@example.jp"
        return self._call("POST", "auth/code/", json={"email": self.about})

    def _sms(self) -> requests.Response:
        self.about = f"+8190{10_000_000 + self.number}"
        return self._call("POST", "auth/code/", json={"phone": self.about})

    def _urgent(self) -> requests.Response:
        return self._write("緊急", kind="urgent")

    def _upload(self) -> requests.Response:
        name = base64.b64encode(b"kaigi.pdf").decode()
        begun = {"Upload-Length": str(len(DOCUMENT)), "Upload-Metadata": f"filename {name}"}
        answer = self._browse("POST", "/uploads/", self.officer, headers=begun)
        if answer.status_code != 201:
            return answer
        self.about = "/" + answer.headers["Location"].split("/", 3)[3]
        return self._piece(self.about, 0, DOCUMENT[:HALF])

    def _webhook(self) -> requests.Response:
        self.about = f"evt_{self.number}"
        told = {"id": self.about, "type": "customer.subscription.updated", "livemode": False}
        at, about = int(time.time()), {"object": {"id": f"sub_{self.number}"}}
        body = json.dumps({**told, "created": at, "data": about})
        signed = hmac.new(settings.STRIPE_WEBHOOK_SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"Host": settings.APEX_HOST, "Stripe-Signature": f"t={at},v1={signed}"}
        return self._send("POST", "/api/v1/webhooks/stripe/", headers=headers, data=body)

    # How often it is there afterwards; None where nothing was promised that could be counted.

    def _times_answer(self, answer: Answer) -> int | None:
        if not answer.promised:
            return None
        with bound(self.association):
            return Rsvp.objects.filter(event=self.event, **json.loads(answer.about)).count()

    def _times_post(self, answer: Answer) -> int:
        with bound(self.association):
            return Post.objects.filter(title=answer.about).count()

    def _times_photo(self, answer: Answer) -> int:
        with bound(self.association):
            return Post.objects.filter(title=answer.about, attachments__isnull=False).count() if answer.about else 0

    def _times_code(self, answer: Answer) -> int:
        return sum(row["to"] == answer.about for row in self.stage.outbox())

    _times_sms = _times_code

    def _times_urgent(self, answer: Answer) -> int:
        """Everybody exactly once; the worst of them counts."""
        with bound(self.association):
            post = Post.objects.filter(title=answer.about).first()
        if post is None:
            return 0
        words = (post.title, f"/posts/{post.pk}/")
        told = [(row["to"], row["subject"] + row["body"]) for row in self.stage.outbox()]
        heard = [to for to, text in told if any(word in text for word in words)]
        times = [heard.count(to) for to in (*MAILS, *PHONES)]
        return 0 if 0 in times else max(times)

    def _times_upload(self, answer: Answer) -> int | None:
        """What was taken is still there, and the rest is taken."""
        if not answer.promised:
            return None
        at = int(self._browse("HEAD", answer.about, self.officer).headers.get("Upload-Offset", -1))
        rest = self._piece(answer.about, at, DOCUMENT[HALF:])
        return int(at == HALF and rest.headers.get("Upload-Offset") == str(len(DOCUMENT)))

    def _times_webhook(self, answer: Answer) -> int:
        with public():
            return StripeEvent.objects.filter(stripe_id=answer.about, processed_at__isnull=False).count()

    def _left(self) -> str:
        with bound(self.association):
            messages = Message.objects.filter(state="queued").count()
            posts = Post.objects.filter(tell_at__isnull=False).count()
        with public():
            events = StripeEvent.objects.filter(processed_at=None).count()
        left = {"messages": messages, "posts to tell of": posts, "Stripe's events": events}
        return ", ".join(f"{number} {what}" for what, number in left.items() if number)

    def _put_forward(self) -> None:
        """What is to be tried later is tried now."""
        now = timezone.now()
        with bound(self.association):
            # But for one that may be on its way at this moment: its claim keeps others from sending it too.
            claimed = Q(next_attempt_at__gt=now + CLAIM - AT_WORK, next_attempt_at__lte=now + CLAIM)
            Message.objects.filter(~claimed, state="queued").update(next_attempt_at=now)
        with public():
            StripeEvent.objects.filter(processed_at=None).update(next_attempt_at=now)
            Waiting.objects.filter(due_at__gt=now).update(due_at=now)
            Wakeup.objects.filter(purpose="news", due_at__gt=now, due_at__lt=now + timedelta(minutes=10)).delete()
            Wakeup.objects.note(self.association.uuid, "news", now)

    # How they reach the product.

    def _write(self, title: str, **more: Any) -> requests.Response:
        self.about = f"{title} {self.number:04}"
        told = {"title": self.about, "body": "本文", **more}
        return self._call("POST", "posts/", self.officer, json=told)

    def _piece(self, path: str, at: int, content: bytes) -> requests.Response:
        head = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        return self._browse("PATCH", path, self.officer, headers=head, data=content)

    def _call(self, method: str, path: str, who: Member | None = None, **more: Any) -> requests.Response:
        token = {"Authorization": f"Token {self.tokens[who.pk]}"} if who else {}
        return self._send(method, f"/api/v1/{path}", headers=token, **more)

    def _browse(
        self, method: str, path: str, who: Member, headers: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        form = {"X-CSRFToken": "a" * 32, "Tus-Resumable": "1.0.0"}
        cookies = {"session": self.sessions[who.pk], "csrf": "a" * 32}
        return self._send(method, path, headers={**form, **(headers or {})}, cookies=cookies, **more)

    def _send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> requests.Response:
        address = f"198.51.{self.number // 250}.{self.number % 250}"
        whose = {"Host": f"{SLUG}.{settings.APEX_HOST}", "X-Forwarded-For": address}
        url = f"http://127.0.0.1:{self.stage.port}{path}"
        return requests.request(
            method, url, headers={**whose, **headers}, timeout=PATIENCE, allow_redirects=False, **more
        )


ACTS = ("read", "answer", "post", "photo", "code", "sms", "urgent", "upload", "webhook")


def until_read(neighbours: Neighbours, patience: float = 60) -> None:
    """The site serves again."""
    until = time.monotonic() + patience
    while not neighbours.act("read").promised and time.monotonic() < until:
        time.sleep(0.2)


def _found() -> Association:
    with public():
        city = City.objects.create(slug="kyoto", name="京都市")
        association = Association.objects.create(
            slug=SLUG, name="桃南会", city=city, ward="伏見区", households=200, live_at=timezone.now()
        )
        Domain.objects.create(host=f"{SLUG}.{settings.APEX_HOST}", association=association, is_primary=True)
    schemas.build(association.uuid)
    with public():
        SchemaRelease.note(association.uuid)
        association.grant(Feature.SMS_300, source="outages")  # urgent news by short message is paid for
    return association


def _people() -> tuple[Member, Member]:
    officer, member = _person("会長", email="officer@example.jp"), _person("会員", email=MAILS[0])
    for n, address in enumerate(MAILS[1:]):
        _person(f"会員{n}", email=address)
    for n, phone in enumerate(PHONES):
        _person(f"電話{n}", phone=phone)
    seat = Seat.objects.create(title="会長", kind=Seat.Kind.REPRESENTATIVE)
    seat.hand_over(officer, by="outages")
    return Member.objects.with_seats().get(pk=officer.pk), member


def _person(name: str, **contact: str) -> Member:
    home = Household.objects.create(name=name, channel=Household.Channel.APP)
    user = User.objects.create(**contact)
    return Member.objects.create(user=user, name=name, household=home, admitted_at=timezone.now())


def _event(officer: Member) -> Event:
    start = timezone.now() + timedelta(days=3)
    Event.plan(by=officer, title="公園の清掃", starts_at=start, ends_at=start + timedelta(hours=1))
    return Event.objects.get()


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
