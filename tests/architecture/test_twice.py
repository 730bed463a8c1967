"""P13: a task that is delivered twice takes effect once. Every registered task is tried, by the names of its arguments.

The whole database (times left out), the object store and the letters are compared after the first and second delivery.
"""

import inspect
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from billing.models import StripeEvent
from controlplane.associations.models import Association, Bulletin
from controlplane.associations.models.custom_domains import CustomDomain
from controlplane.outbox.models import Message
from controlplane.outbox.tasks import send_for_association
from controlplane.tenancy import bound, public
from controlplane.tenancy.tasks import HEADER, AssociationTask
from provisioning.models import Application, Archive, Closure
from tenants.calendar.models import Event, Telling
from tenants.feed.models import Post
from tenants.members.models import Member

current_app.loader.import_default_modules()
TASKS = {name: task for name, task in sorted(current_app.tasks.items()) if not name.startswith(("celery.", "tests."))}
DELIVERIES = 1_000


@pytest.fixture(autouse=True)
def eager() -> Iterator[None]:
    current_app.conf.task_always_eager = True
    current_app.conf.task_eager_propagates = True
    yield
    current_app.conf.task_always_eager = False


@pytest.fixture
def due(tonan, fujishiro, kyoto) -> dict[str, Any]:
    """Something to do for every task, by the name of the argument that says what."""
    for place in (public, lambda: bound(fujishiro)):
        with place():
            Message.queue("mail", "all@example.jp", subject="題", body="本文")
    with bound(tonan):
        message = Message.objects.create(channel="mail", to="one@example.jp", subject="題", body="本文")
        officer = Member.objects.with_seats().get(pk=Member.objects.officers().get().pk)
        post = Post.write(by=officer, title="橋が通れません", kind="urgent")
        Event.objects.get().cancel(by=officer, to="everybody")
        telling = Telling.objects.get()
    with public():
        public_message = Message.objects.get()
        event = StripeEvent.objects.create(stripe_id="evt_1", type="x", created_at=timezone.now())
        Bulletin.objects.publish(by="tests", city=kyoto, audience="all", title="題", body="本文")
        Bulletin.objects.address()
        domain = CustomDomain.objects.ask(tonan, "kairan.example.org", by="tests")
        return {
            "message_id": {True: message.pk, False: public_message.pk},
            "event_id": event.pk,
            "association_uuid": str(tonan.pk),
            "uuids": [str(tonan.pk), str(fujishiro.pk)],
            "run_id": _run(kyoto),
            "archive_id": Archive.objects.ask(tonan.pk, by="tests").pk,
            "closure_id": Closure.begin(fujishiro, by="tests", reason="統合のため").pk,
            "domain_id": domain.pk,
            "by": "tests",
            "post_id": post.pk,
            "telling_id": telling.pk,
            "after": 0,
        }


def _run(kyoto: Any) -> int:
    fields = {"name": "二度の会", "kind": "association", "city": kyoto, "ward": "西京区", "households": 9}
    fields |= {"postal_code": "6158106", "address": "京都市西京区", "representative_name": "会長"}
    fields |= {"representative_email": "kaicho@example.jp", "representative_phone": "+81751234567"}
    application, _new = Application.objects.submit(**fields)
    return application.approve(by="tests", slug="twice").pk


@pytest.mark.parametrize("name", TASKS)
def test_a_second_delivery_changes_nothing(due, tonan, name):
    task = TASKS[name]
    deliver = _delivery(task, due, tonan)
    deliver()
    first = _state()
    deliver()
    assert _changes(first, _state()) == {}


def _delivery(task: Any, due: dict[str, Any], tonan: Association) -> Callable[[], Any]:
    names = list(inspect.signature(task.run).parameters)
    unknown = set(names) - set(due)
    assert not unknown, f"{task.name} takes {unknown}: put one that is due into `due`."
    in_association = isinstance(task, AssociationTask)
    given = [due[name][in_association] if isinstance(due[name], dict) else due[name] for name in names]
    headers = {HEADER: str(tonan.pk)} if in_association else {}
    return lambda: task.apply(given, headers=headers, throw=True)


def _state() -> dict[str, Any]:
    """Every table of every schema by its rows, what was written, and what is in the object store.

    Times and row numbers are left out: a row may be replaced by its equal.
    """
    columns = """
        SELECT n.nspname, c.relname, array_remove(array_agg(
                 CASE WHEN a.atttypid = 'timestamptz'::regtype OR a.attname = 'id' THEN a.attname::text END), NULL)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' GROUP BY 1, 2"""
    state: dict[str, Any] = {"letters": len(mail.outbox)}
    with connection.cursor() as cursor:
        cursor.execute(columns)
        for schema, table, times in cursor.fetchall():
            cursor.execute(f'SELECT (to_jsonb(t) - %s::text[])::text FROM "{schema}"."{table}" t', [times])
            state[f"{schema}.{table}"] = Counter(row for (row,) in cursor.fetchall())
    state["objects"] = {each.key for each in default_storage.bucket.objects.all()}
    return state


def _changes(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {key: (first.get(key), second.get(key)) for key in first | second if first.get(key) != second.get(key)}


def test_the_measure_finds_a_second_effect(due, tonan):
    first = _state()
    with bound(tonan):
        Message.objects.update(attempts=1)
    assert [key for key in _changes(first, _state()) if key.endswith(".outbox_message")]


def test_many_messages_delivered_many_times_in_any_order_are_each_sent_once(tonan):
    with bound(tonan):
        messages = Message.objects.bulk_create(
            Message(channel="mail", to=f"{n}@example.jp", subject="題", body="本文") for n in range(DELIVERIES // 4)
        )
    deliveries = [message.pk for message in messages] * 4
    random.Random(13).shuffle(deliveries)
    for pk in deliveries:
        send_for_association.apply([pk], headers={HEADER: str(tonan.pk)}, throw=True)
    assert Counter(letter.to[0] for letter in mail.outbox) == {f"{n}@example.jp": 1 for n in range(DELIVERIES // 4)}
    with bound(tonan):
        assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_workers_with_the_same_message_at_the_same_moment_send_it_once(django_db_setup, django_db_blocker, mailoutbox):
    with django_db_blocker.unblock():
        with public():
            tonan = Association.objects.get(slug="tonan")
        with bound(tonan):
            pks = [
                Message.objects.create(channel="mail", to=f"{n}@example.jp", subject="題", body="本文").pk
                for n in range(10)
            ]

        def deliver(pk: int) -> None:
            try:
                send_for_association.apply([pk], headers={HEADER: str(tonan.pk)}, throw=True)
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(deliver, pks * 8))
        with bound(tonan):
            Message.objects.filter(pk__in=pks).delete()
        connection.close()
    assert Counter(letter.to[0] for letter in mailoutbox) == {f"{n}@example.jp": 1 for n in range(10)}
