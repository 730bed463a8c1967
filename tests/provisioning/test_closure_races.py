"""Two at the same moment: approving, undoing, dropping. One order or the other, never something in between."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.tenancy import public
from provisioning.models import Approval
from tests.provisioning import endings
from tests.provisioning.endings import exists, fresh


@pytest.fixture
def ripe(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        association = endings.found_live()
        closure = endings.close(association)
        endings.over(closure)
        fresh(closure).tend()
        yield fresh(closure)
        endings.sweep(association)
        connection.close()


def at_once(*acts):
    barrier = Barrier(len(acts))

    def go(act):
        barrier.wait()
        try:
            act()
        except ValidationError:
            return "refused"
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(go, acts))


def approve(closure, operator):
    with public():
        fresh(closure).approve(by=operator, name="おわり町内会")


def test_one_person_in_many_windows_is_one_person(ripe):
    one, _other = endings.operators()
    answers = at_once(*[lambda: approve(ripe, one)] * 6)
    assert answers == ["done"] + ["refused"] * 5
    with public():
        assert Approval.objects.filter(closure=ripe).count() == 1
    fresh(ripe).tend()
    assert exists(ripe.association)


def test_two_people_at_once_are_two(ripe):
    one, other = endings.operators()
    assert at_once(lambda: approve(ripe, one), lambda: approve(ripe, other)) == ["done", "done"]
    fresh(ripe).tend()
    assert not exists(ripe.association)


@pytest.fixture
def approved(ripe):
    for operator in endings.operators():
        approve(ripe, operator)
    return ripe


def test_two_workers_drop_once(approved):
    at_once(*[lambda: fresh(approved).tend()] * 3)
    assert not exists(approved.association)
    closure = fresh(approved)
    assert closure.settled_at
    with public():
        verbs = [entry.verb for entry in endings.Entry.objects.about(closure.association)]
    assert verbs.count("association.drop") == 1


@pytest.mark.parametrize("_round", range(4))
def test_undoing_and_dropping_at_once_is_one_or_the_other(approved, _round):
    def undo():
        with public():
            fresh(approved).undo(by="運営 1")

    answers = at_once(undo, lambda: _tend(approved))
    closure = fresh(approved)
    if closure.undone_at:
        assert exists(approved.association)
        assert closure.dropped_at is None
        with public():
            assert closure.association.state == "live"
    else:
        assert "refused" in answers
        assert closure.dropped_at
        assert not exists(approved.association)


def _tend(closure):
    fresh(closure).tend()
