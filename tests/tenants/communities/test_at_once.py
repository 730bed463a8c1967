"""Two moderators at the same moment, in transactions of their own: nothing is answered twice, one of them stays."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.associations.models import Association
from controlplane.audit.models import Entry
from controlplane.dispatch.models import Waiting
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public
from tenants.communities.models import Community
from tenants.members.models import Member


@pytest.fixture
def tonan(django_db_setup, django_db_blocker) -> Iterator[Association]:
    """桃南会 as committed: others must see what happens. What was left there is taken away again."""
    with django_db_blocker.unblock():
        with public():
            association = Association.objects.get(slug="tonan")
        yield association
        with bound(association):
            rooms = Community.objects.filter(name="同時の会")
            keys = [str(pk) for pk in rooms.values_list("pk", flat=True)]
            rooms.delete()
            Message.objects.filter(to__endswith="@tonan.example.jp").delete()
            Entry.objects.filter(object_type="communities.community", object_id__in=keys).delete()
        with public():
            Waiting.objects.filter(association=association).delete()
        connection.close()


@pytest.fixture
def people(tonan) -> dict[str, Member]:
    with bound(tonan):
        return {
            who: Member.objects.get(user__email=f"{who}@tonan.example.jp") for who in ("officer", "leader", "member")
        }


@pytest.fixture
def room(tonan, people) -> Community:
    """Led by two, and somebody stands at the door."""
    with bound(tonan):
        room = Community.start(by=people["officer"], name="同時の会", access="approval")
        room.join(people["member"])
        room.invite(by=people["officer"], members=[people["leader"]])
        room.answer(people["leader"], yes=True)
        room.memberships.get(member=people["leader"]).appoint(by=people["officer"])
        return room


def at_once(tonan, *acts: Callable[[], object]) -> list[bool]:
    """Which of them were not refused."""

    def one(act: Callable[[], object]) -> bool:
        try:
            with bound(tonan):
                act()
            return True
        except ValidationError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(one, acts))


def test_of_two_who_answer_at_the_same_moment_one_holds(tonan, people, room):
    person, by = people["member"], people["officer"]
    at_once(tonan, *[partial(room.let_in, person, by=by), partial(room.turn_away, person, by=by)] * 3)
    with bound(tonan):
        verbs = ["community.let_in", "community.turn_away"]
        assert Entry.objects.filter(verb__in=verbs, object_id=str(room.pk)).count() == 1


def test_two_moderators_who_leave_at_the_same_moment_do_not_both_get_away(tonan, people, room):
    gone = at_once(tonan, partial(room.leave, people["officer"]), partial(room.leave, people["leader"]))
    assert sorted(gone) == [False, True]
    with bound(tonan):
        assert room.memberships.moderators().count() == 1
