"""The last place asked for by several at the same moment, in transactions of their own: it is given once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.dispatch.models import Waiting
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.calendar.models import Event, Guests, Rsvp
from tenants.members.models import Member

TITLE = "同時の行事"


@pytest.fixture(autouse=True)
def at_home():
    """No binding and no test's transaction around these: others must see what is committed."""


@pytest.fixture
def tonan(django_db_setup, django_db_blocker) -> Iterator[Association]:
    """桃南会 as committed. What was left there is taken away again."""
    with django_db_blocker.unblock():
        with public():
            association = Association.objects.get(slug="tonan")
        yield association
        with bound(association):
            events = Event.objects.filter(title=TITLE)
            keys = [str(pk) for pk in events.values_list("pk", flat=True)]
            events.delete()
            Message.objects.filter(subject__contains=TITLE).delete()
            Entry.objects.filter(object_type="calendar.event", object_id__in=keys).delete()
        with public():
            Waiting.objects.filter(association=association).delete()
        connection.close()


@pytest.fixture
def people(tonan) -> dict[str, Member]:
    with bound(tonan):
        found = Member.objects.with_seats()
        return {who: found.get(user__email=f"{who}@tonan.example.jp") for who in ("officer", "leader", "member")}


@pytest.fixture
def event(tonan, people) -> Event:
    """With one place, and a line for those who come too late."""
    start = timezone.now() + timedelta(days=5)
    when = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    with bound(tonan):
        return Event.plan(by=people["officer"], title=TITLE, capacity=1, waiting_list=True, **when)


def test_the_last_place_is_given_once_and_freed_once(tonan, people, event):
    on = timezone.localdate(event.starts_at)

    def answer(turn: tuple[str, str]) -> None:
        who, word = turn
        try:
            with bound(tonan):
                event.answer(people[who], word, on=on)
        finally:
            connection.close()

    def coming() -> tuple[int, int]:
        with bound(tonan):
            guests = Guests(event, on)
            return guests.coming, guests.rows.in_line().count()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(answer, [(who, "yes") for who in people] * 3))
        assert coming() == (1, 2)
        with bound(tonan):
            first = Rsvp.objects.filter(event=event).confirmed().get().member.user.email.partition("@")[0]
        list(pool.map(answer, [(first, "no")] * 4))
    assert coming() == (1, 1)
    with bound(tonan):
        assert Message.objects.filter(subject__contains=TITLE).count() == 1
