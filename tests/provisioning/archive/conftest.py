"""Associations that are really there: snapshots, swaps and threads need commits, so what is made here is taken down."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from controlplane.accounts.contacts import Contact
from controlplane.accounts.models import ApiToken, LoginCode
from controlplane.associations.models import Association, Domain
from controlplane.audit.models import Entry
from controlplane.cities.models import City
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, schemas, shape
from controlplane.tenancy.binding import schema_name
from provisioning import archive
from provisioning.models import Archive, Erasure, SchemaRelease
from tenants.calendar.models import Event as Gathering
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Post
from tenants.members.models import Group, Household, Member, Seat
from tests.stored import default_storage


@dataclass
class Living:
    """An association with people in it, and its archive at any moment."""

    association: Association
    good: bytes = b""

    @property
    def uuid(self) -> UUID:
        return self.association.uuid

    def member(self, who: str) -> Member:
        return Member.objects.with_seats().get(user__email=f"{who}@{self.association.slug}.example.jp")

    def archive(self) -> io.BytesIO:
        file = io.BytesIO()
        archive.export(self.association, file)
        return file

    def client(self, who: str) -> Client:
        client = Client(HTTP_HOST=f"{self.association.slug}.{settings.APEX_HOST}")
        with bound(self.association):
            client.force_login(self.member(who).user)
        return client


Settle = Callable[[str], Living]


@pytest.fixture
def settle(django_db_setup: None, django_db_blocker: Any) -> Iterator[Settle]:
    """Make an association of this slug, committed; everything there is more of afterwards is taken down again."""
    with _taking_down(django_db_blocker):
        yield settle_association


@pytest.fixture(scope="module")
def shared_living(django_db_setup: None, django_db_blocker: Any) -> Iterator[Living]:
    """One for all tests of a module that change nothing, with its archive as `good`."""
    with _taking_down(django_db_blocker):
        shared = settle_association("reading")
        shared.good = shared.archive().getvalue()
        yield shared


@pytest.fixture
def run_committed_tasks() -> Callable[[], AbstractContextManager[None]]:
    """`with run_committed_tasks():` runs what the block enqueues, where commits are real."""

    @contextmanager
    def run() -> Iterator[None]:
        current_app.conf.task_always_eager = True
        try:
            yield
        finally:
            current_app.conf.task_always_eager = False

    return run


@contextmanager
def _taking_down(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        before = everything()
        with public():
            known = set(Association.objects.values_list("pk", flat=True))
        yield
        connection.close()  # whatever state the test left it in
        _take_down(before, known)
        connection.close()


@pytest.fixture
def living(settle: Settle) -> Living:
    return settle("tokoji")


def settle_association(slug: str) -> Living:
    with public():
        association = Association.objects.create(
            slug=slug,
            name=f"{slug}町内会",
            kana="",
            city=City.objects.get(slug="kyoto"),
            ward="伏見区",
            households=80,
            live_at=timezone.now(),
        )
        Domain.objects.create(host=f"{slug}.{settings.APEX_HOST}", association=association, is_primary=True)
    schemas.build(association.uuid)
    with public():
        SchemaRelease.note(association.uuid)
    with bound(association):
        _furnish(slug)
    return Living(association)


def _furnish(slug: str) -> None:
    first, second = (Group.objects.create(name=f"{n}組", position=n) for n in (1, 2))
    chair = Seat.objects.create(title="会長", kind=Seat.Kind.REPRESENTATIVE)
    desk = Seat.objects.create(title="会計", kind=Seat.Kind.OFFICER)
    people = {who: _person(slug, who, group) for who, group in (("chair", first), ("desk", first), ("plain", second))}
    chair.hand_over(people["chair"], by="tests")
    desk.hand_over(people["desk"], by="tests")
    officer, plain = (Member.objects.with_seats().get(pk=people[who].pk) for who in ("chair", "plain"))
    Household.objects.create(name="紙の家", group=first, channel=Household.Channel.PAPER, address="京都市伏見区")
    club = Community.start(by=officer, name="防災の会")
    club.join(plain)
    notice = Post.write(
        by=officer, as_seat=chair, title="清掃のお知らせ", body="軍手は会所にあります。\n𠮷田橋まで", pinned=True
    )
    talk = Post.write(by=plain, title="plainの話", body="plainの思い出", audience="community", community=club)
    for post, owner in ((notice, officer), (talk, plain)):
        attach(post, owner, f"{owner.name}の写真".encode())
    notice.comment(by=plain, body="plainの返事")
    notice.react(plain, "thanks")
    for person in (officer, plain):
        notice.read_by(person)
    start = timezone.now() + timedelta(days=3)
    event = Gathering.plan(by=officer, title="公園の清掃", starts_at=start, ends_at=start + timedelta(hours=1))
    event.answer(plain, "yes", companions=2)
    ApiToken.objects.issue(plain.user)
    LoginCode.objects.send(Contact.parse(plain.user.email), asked_from="192.0.2.9", site_name=slug)


def _person(slug: str, who: str, group: Group) -> Member:
    from controlplane.accounts.models import User

    user = User.objects.create(email=f"{who}@{slug}.example.jp")
    home = Household.objects.create(name=f"{who}家", group=group, address=f"{who}の住所", channel=Household.Channel.APP)
    return Member.objects.create(user=user, name=f"{who}さん本人", household=home, admitted_at=timezone.now())


def attach(post: Post, owner: Member, content: bytes) -> Attachment:
    """An attachment as `Attachment.objects.receive` leaves it; what the file holds is not the point here."""
    key = default_storage.save(
        f"attachments/{post.pk}-{owner.pk}-{hashlib.sha256(content).hexdigest()[:32]}", ContentFile(content)
    )
    return Attachment.objects.create(
        post=post, owner=owner, kind="photo", name="写真.webp", content_type="image/webp", size=len(content), key=key
    )


def rows_of(uuid: UUID) -> dict[str, str]:
    """A digest of the rows of each table of an association, live secrets included."""
    schema = schema_name(uuid)
    with connection.cursor() as cursor:
        digests = {}
        for table in shape.tables(schema):
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{schema}"."{table}" t')
            digests[table] = cursor.fetchone()[0]
        return digests


def everything() -> dict[str, set[str]]:
    """What there is at all: schemas, roles, rows in public about associations, objects."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")
        namespaces = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^a_'")
        roles = {row[0] for row in cursor.fetchall()}
    with public():
        rows = {
            f"{model.__name__} {pk}"
            for model in (Association, Domain, SchemaRelease, Erasure, Archive, Entry, Message)
            for pk in model.objects.values_list("pk", flat=True)
        }
    objects = {each.key for each in default_storage.bucket.objects.all()}
    return {"schemas": namespaces, "roles": roles, "rows": rows, "objects": objects}


def data_of(file: io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as whole:
        return {name: whole.read(name) for name in whole.namelist() if name.startswith(("data/", "files/"))}


def repack(file: io.BytesIO, change: Callable[[dict[str, bytes]], None], *, seal: bool = True) -> io.BytesIO:
    """The archive with other contents. `seal` makes the manifest tell the truth about them again."""
    with zipfile.ZipFile(file) as whole:
        contents = {name: whole.read(name) for name in whole.namelist()}
    change(contents)
    if seal:
        contents["manifest.json"] = sealed(contents)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            target.writestr(name, content)
    return packed


def sealed(contents: dict[str, bytes]) -> bytes:
    manifest = json.loads(contents["manifest.json"])
    for name in set(manifest["entries"]) - set(contents):
        del manifest["entries"][name]
    for name, content in contents.items():
        if name != "manifest.json":
            rows = manifest["entries"].get(name, {}).get("rows", 0)
            counted = content.count(b"\n") if name.startswith("data/") else rows
            digest = hashlib.sha256(content).hexdigest()
            manifest["entries"][name] = {"sha256": digest, "bytes": len(content), "rows": counted}
    return json.dumps(manifest).encode()


def _take_down(before: dict[str, set[str]], known: set[UUID]) -> None:
    now = everything()
    with connection.cursor() as cursor:
        for name in now["schemas"] - before["schemas"]:
            cursor.execute(f'DROP SCHEMA "{name}" CASCADE')
        for name in now["roles"] - before["roles"]:
            cursor.execute(f'REVOKE USAGE ON SCHEMA extensions FROM "{name}"; DROP ROLE "{name}"')
    with public():
        Domain.objects.exclude(association__in=known).delete()
        Association.objects.exclude(pk__in=known).delete()
        Erasure.objects.all().delete()
        for model in (Entry, Message):
            old = {int(row.split()[1]) for row in before["rows"] if row.startswith(f"{model.__name__} ")}
            model.objects.exclude(pk__in=old).delete()
    for key in now["objects"] - before["objects"]:
        default_storage.bucket.Object(key).delete()


@contextmanager
def meanwhile(*acts: Callable[[int], Any]) -> Iterator[list[list[Any]]]:
    """Run each act over and over in a thread of its own while the block lasts; yields what each has returned."""
    stop, begun = Event(), [Event() for _act in acts]
    results: list[list[Any]] = [[] for _act in acts]

    def repeat(number: int) -> None:
        try:
            while not stop.is_set():
                results[number].append(acts[number](len(results[number])))
                begun[number].set()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        threads = [pool.submit(repeat, number) for number in range(len(acts))]
        try:
            assert all(flag.wait(20) for flag in begun)
            yield results
        finally:
            stop.set()
            for thread in threads:
                thread.result()
