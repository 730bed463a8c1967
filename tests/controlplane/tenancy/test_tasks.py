"""Tasks carry their association and fail closed."""

from contextlib import suppress

import pytest
from celery import current_app, shared_task

from controlplane.tenancy import Unbound, bound, current_uuid, public, sender
from controlplane.tenancy.tasks import HEADER, AssociationTask, KairanTask, PublicTask, SteppingTask
from tenants.feed.models import Post

seen: list[object] = []


@shared_task(base=AssociationTask)
def remember_posts() -> None:
    seen.append((current_uuid(), set(Post.objects.values_list("body", flat=True))))


@pytest.fixture(autouse=True)
def forget() -> None:
    seen.clear()


def test_every_task_has_one_of_our_bases():
    current_app.loader.import_default_modules()
    ours = [t for name, t in current_app.tasks.items() if not name.startswith("celery.")]
    assert ours
    for task in ours:
        assert isinstance(task, (AssociationTask, PublicTask, SteppingTask)), task.name
        assert isinstance(task, KairanTask)


def test_every_scheduled_task_exists():
    current_app.loader.import_default_modules()
    for entry in current_app.conf.beat_schedule.values():
        assert entry["task"] in current_app.tasks


def test_what_comes_again_soon_does_not_pile_up_without_a_worker():
    for entry in current_app.conf.beat_schedule.values():
        if isinstance(entry["schedule"], float):
            assert 600 <= entry["options"]["expires"] <= 20 * max(entry["schedule"], 30)


def test_a_task_works_in_the_schema_it_was_called_from(tonan, fujishiro, run_tasks):
    with run_tasks(), bound(fujishiro):
        remember_posts.on_commit()
    assert seen == [(fujishiro.uuid, {"藤城台だけの話"})]


def test_a_task_without_an_association_raises(tonan):
    with pytest.raises(Unbound):
        remember_posts.apply_async()
    with pytest.raises(Unbound):
        remember_posts.apply(throw=True)
    with public(), pytest.raises(Unbound):
        remember_posts.delay()
    assert seen == []


def test_a_task_for_a_suspended_or_unknown_association_is_dropped(tonan):
    with public():
        tonan.suspend(by="tests", reason="調査のため")
    for uuid in (tonan.uuid, "00000000-0000-0000-0000-000000000000"):
        remember_posts.apply(headers={HEADER: str(uuid)})
    assert seen == []


def test_nothing_is_enqueued_when_the_transaction_rolls_back(tonan, run_tasks):
    with run_tasks(), suppress(ZeroDivisionError), bound(tonan):
        remember_posts.on_commit()
        raise ZeroDivisionError
    assert seen == []


def test_a_broker_that_is_down_does_not_break_the_caller(tonan, monkeypatch, django_capture_on_commit_callbacks):
    def down(*_args, **_kwargs):
        raise current_app.connection().recoverable_connection_errors[0]("down")

    monkeypatch.setattr(AssociationTask, "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True), bound(tonan):
        remember_posts.on_commit()
    assert sender.flush()
    assert seen == []
