"""The last place asked for by several at the same moment, in transactions of their own: it is given once."""

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


def test_the_last_place_is_given_once_and_freed_once(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with public():
            tonan = Association.objects.get(slug="tonan")
        try:
            with bound(tonan):
                people = {
                    who: Member.objects.with_seats().get(user__email=f"{who}@tonan.example.jp")
                    for who in ("officer", "leader", "member")
                }
                start = timezone.now() + timedelta(days=5)
                event = Event.plan(
                    by=people["officer"],
                    title=TITLE,
                    starts_at=start,
                    ends_at=start + timedelta(hours=1),
                    capacity=1,
                    waiting_list=True,
                )
            on = timezone.localdate(start)

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
        finally:
            with bound(tonan):
                Event.objects.filter(title=TITLE).delete()
                Message.objects.filter(subject__contains=TITLE).delete()
                Entry.objects.filter(object_type="calendar.event", object_id=str(event.pk)).delete()
            with public():
                Waiting.objects.filter(association=tonan).delete()
            connection.close()
