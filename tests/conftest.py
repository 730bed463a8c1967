"""The cast: two associations made once, equal primary keys, a canary in every text; each test rolls back.

`tonan` (桃南会) is the house the tests live in, `fujishiro` (藤城台自治会) is where the outsider lives.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_django.fixtures
from celery import current_app
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.associations.models import Association, Domain, Operator
from controlplane.cities.models import City, CityStaff, WardOffice
from controlplane.tenancy import bound, public, routing, schemas, unbound
from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.feed.models import Post
from tenants.members.models import Group, Household, Member, Seat
from tests import leaks
from tests.silent import Silent, silent

CANARY = {"tonan": "桃南だけの話", "fujishiro": "藤城台だけの話"}


def pytest_configure() -> None:
    """Static files as they lie in the tree: no manifest to collect before a page can be tested."""
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.SPARE_SCHEMAS = 0  # the tests of spares ask for some
    settings.RATE_FACTOR = 0  # walks open thousands of pages a minute; tests/web/test_rates.py counts
    settings.ASSOCIATION_SHARE = 0  # and one association's; tests/controlplane/tenancy/test_admission.py measures
    # The database is set up whatever is chosen with -k: tests that commit from threads use no `db` fixture.
    pytest_django.fixtures._get_databases_for_setup = lambda _items: ({"default"}, set())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        _flush_caches()
        with public():
            city = City.objects.create(slug="kyoto", name="京都市")
            WardOffice.objects.create(city=city, name="伏見区役所", kind="ward", ward="伏見区", tel="075-611-1144")
            operator = User.objects.create(email="operator@example.jp")
            Operator.objects.create(user=operator, name="運営 1")
            official = User.objects.create(email="city@example.jp")
            CityStaff.objects.create(user=official, city=city, name="職員 1")
        for slug, name, households in (("tonan", "桃南会", 200), ("fujishiro", "藤城台自治会", 120)):
            association = _found(city, slug, name, households)
            _settle(association, CANARY[slug])
            leaks.canaries[association.uuid.hex] = CANARY[slug]
        yield
        assert leaks.after_all() == []


@dataclass
class Cast:
    """The people of one association."""

    association: Association
    officer: Member
    leader: Member
    member: Member
    waiting: Member


@pytest.fixture
def kyoto(db: None) -> City:
    with public():
        return City.objects.get(slug="kyoto")


@pytest.fixture
def tonan(db: None) -> Association:
    return _association("tonan")


@pytest.fixture
def fujishiro(db: None) -> Association:
    return _association("fujishiro")


@pytest.fixture
def cast(tonan: Association) -> Cast:
    return _cast(tonan)


@pytest.fixture
def officer(cast: Cast) -> Member:
    """会長 of 桃南会: representative and officer."""
    return cast.officer


@pytest.fixture
def leader(cast: Cast) -> Member:
    """1組 組長 of 桃南会."""
    return cast.leader


@pytest.fixture
def member(cast: Cast) -> Member:
    """A plain admitted member of 桃南会, 2組."""
    return cast.member


@pytest.fixture
def waiting(cast: Cast) -> Member:
    """Registered at 桃南会, not yet admitted."""
    return cast.waiting


@pytest.fixture
def outsider(fujishiro: Association) -> Member:
    """A plain member of 藤城台自治会; always in the room, never let in."""
    return _cast(fujishiro).member


@pytest.fixture
def operator(db: None) -> User:
    with public():
        return User.objects.get(email="operator@example.jp")


@pytest.fixture
def city_official(db: None) -> User:
    with public():
        return User.objects.get(email="city@example.jp")


ClientFor = Callable[[Member], Client]


@pytest.fixture
def client_for(tonan: Association, fujishiro: Association) -> ClientFor:
    """A browser signed in as this member, on the host of the member's own association."""

    def sign_in(person: Member) -> Client:
        association = person.__dict__.get("association", tonan)
        client = browser_at(association)
        with bound(association):
            client.force_login(person.user)
        return client

    return sign_in


@pytest.fixture
def browser() -> Callable[[Association], Client]:
    """An anonymous browser at an association's host."""
    return browser_at


@pytest.fixture
def apex(db: None) -> Callable[..., Client]:
    """A browser at the apex host, signed in as the given user or anonymous."""

    def at_apex(user: User | None = None) -> Client:
        client = Client(HTTP_HOST=settings.APEX_HOST)
        if user:
            with public():
                client.force_login(user)
        return client

    return at_apex


@pytest.fixture
def run_tasks(
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[Any]]],
) -> Callable[[], AbstractContextManager[None]]:
    """`with run_tasks():` runs what the block enqueues, with the caller's binding blanked, as a worker would."""

    @contextmanager
    def run() -> Iterator[None]:
        current_app.conf.task_always_eager = True
        current_app.conf.task_eager_propagates = True
        try:
            with django_capture_on_commit_callbacks() as callbacks:
                yield
            while callbacks:
                with unbound(), django_capture_on_commit_callbacks() as more:
                    for callback in callbacks:
                        callback()
                callbacks = more
        finally:
            current_app.conf.task_always_eager = False

    return run


@pytest.fixture(autouse=True)
def clean_caches() -> Iterator[None]:
    """Limits and host snapshots live in the cache, which no rollback reaches. What it held is looked at first."""
    leaks.watch_logs()
    yield
    leaked = leaks.since_last()
    _flush_caches()
    assert leaked == []


@pytest.fixture
def cache_at(settings: Any) -> Callable[[int], None]:
    """Have everything that is cached looked up at another port of this machine; nobody listens at 1."""

    def look_at(port: int) -> None:
        settings.CACHES = {
            name: {**cache, "LOCATION": f"redis://127.0.0.1:{port}/0"} for name, cache in settings.CACHES.items()
        }

    return look_at


@pytest.fixture
def hung() -> Iterator[Silent]:
    """A server that takes connections and never answers."""
    with silent() as server:
        yield server


def browser_at(association: Association) -> Client:
    return Client(HTTP_HOST=f"{association.slug}.{settings.APEX_HOST}")


def _flush_caches() -> None:
    routing.forget_all()


def _association(slug: str) -> Association:
    with public():
        return Association.objects.get(slug=slug)


def _found(city: City, slug: str, name: str, households: int) -> Association:
    with public():
        association = Association.objects.create(
            slug=slug, name=name, kana=name, city=city, ward="伏見区", households=households, live_at=timezone.now()
        )
        Domain.objects.create(host=f"{slug}.{settings.APEX_HOST}", association=association, is_primary=True)
    schemas.build(association.uuid)
    return association


def _settle(association: Association, canary: str) -> None:
    """Fill a schema with people and things, in the same order everywhere, so that primary keys are equal."""
    with bound(association):
        first, second = (Group.objects.create(name=f"{n}組", position=n) for n in (1, 2))
        chair = Seat.objects.create(title="会長", kind=Seat.Kind.REPRESENTATIVE)
        lead = Seat.objects.create(title="1組 組長", kind=Seat.Kind.LEADER, group=first)
        officer = _person(association, "officer", f"会長 {canary}", first)
        leader = _person(association, "leader", f"組長 {canary}", first)
        member = _person(association, "member", f"会員1 {canary}", second)
        _person(association, "waiting", f"会員2 {canary}", second, admitted=False)
        chair.hand_over(officer, by="tests")
        lead.hand_over(leader, by="tests")
        officer = Member.objects.with_seats().get(pk=officer.pk)
        Household.objects.create(name="紙の家", group=first, channel=Household.Channel.PAPER, address=canary)
        room = Community.start(by=officer, name="役員のへや", description=canary, access=Community.Access.HIDDEN)
        club = Community.start(by=officer, name="防災の会", description=canary)
        club.join(member)
        notice = Post.write(by=officer, as_seat=chair, title="清掃のお知らせ", body=canary)
        Post.write(by=officer, title="役員だけ", body=canary, audience=Post.Audience.OFFICERS)
        Post.write(by=officer, title="へやの話", body=canary, audience=Post.Audience.COMMUNITY, community=room)
        notice.comment(by=member, body=canary)
        start = timezone.now() + timedelta(days=3)
        Event.plan(
            by=officer, title="公園の清掃", description=canary, starts_at=start, ends_at=start + timedelta(hours=1)
        )


def _person(association: Association, who: str, name: str, group: Group, *, admitted: bool = True) -> Member:
    user = User.objects.create(email=f"{who}@{association.slug}.example.jp")
    return Member.objects.create(
        user=user,
        name=name,
        household=Household.objects.create(name=name.split()[0], group=group, channel=Household.Channel.APP),
        admitted_at=timezone.now() if admitted else None,
    )


def _cast(association: Association) -> Cast:
    with bound(association):
        people = {}
        for who in ("officer", "leader", "member", "waiting"):
            person = Member.objects.with_seats().get(user__email=f"{who}@{association.slug}.example.jp")
            person.__dict__["association"] = association
            people[who] = person
    return Cast(association, **people)


@pytest.fixture
def assert_unbound() -> Callable[[], None]:
    """Fails when the connection still stands in somebody's schema."""

    def check() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('search_path'), current_user = session_user")
            assert cursor.fetchone() == ("unbound", True)

    return check
