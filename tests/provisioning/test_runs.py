"""A run goes from approval to a live site, heals after any interruption, and is driven by one worker at a time."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, schemas, shape, template
from provisioning.models import Run, Step
from provisioning.models.runs import MAX_ATTEMPTS
from provisioning.steps import STEPS
from provisioning.tasks import drive_waiting_runs
from tenants.members.models import Member
from tests.stored import default_storage

HOST = "katagihara1.kairan.localhost"


@pytest.fixture
def run(apply) -> Run:
    application = apply()
    with public():
        return application.approve(by="運営 1", slug="katagihara1")


def state(run: Run) -> str:
    with public():
        return Run.objects.get(pk=run.pk).state


def steps(run: Run) -> list[str]:
    with public():
        return list(run.steps.values_list("state", flat=True))


def test_from_approval_to_the_representative_walking_in(run, run_tasks):
    assert Client().get("/", HTTP_HOST=HOST).status_code == 503
    with run_tasks():
        run.drive()
    assert state(run) == Run.State.LIVE
    assert steps(run) == ["done"] * len(STEPS)
    with bound(run.association):
        representative = Member.objects.with_seats().get()
        assert representative.is_representative
        assert representative.user == User.objects.get(email="kaicho@katagihara1.example.jp")
    assert Client().get("/sign-in/", HTTP_HOST=HOST).status_code == 200


def test_the_representative_gets_the_address_and_the_manual_once(run):
    run.drive()
    with public():
        message = Message.objects.get(pk=Run.objects.get(pk=run.pk).manual_message_id)
        assert run.association.url() in message.body
        assert message.attachment_name.endswith(".pdf")
        with default_storage.open(message.attachment) as manual:
            assert manual.read(4) == b"%PDF"
    again(run)
    with public():
        assert Message.objects.filter(to=message.to, attachment__gt="").count() == 1


@pytest.mark.parametrize("broken", [work.name for work in STEPS])
def test_a_worker_that_dies_at_any_step_is_healed_by_the_next(run, broken, monkeypatch):
    """Dying is simulated where it hurts most: after the work, before the note of it."""
    work = next(work for work in STEPS if work.name == broken)
    real = type(work).do

    class Killed(BaseException):
        pass

    def die(self, run):
        real(self, run)
        raise Killed

    already = broken == "slug"  # its work is done at approval
    monkeypatch.setattr(type(work), "do", die)
    if already:
        monkeypatch.setattr(type(work), "done", lambda self, run: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        run.drive()
    assert state(run) == Run.State.RUNNING
    monkeypatch.undo()
    run.drive()
    assert state(run) == Run.State.RUNNING, "the dead worker's lease still holds"
    again(run)
    assert state(run) == Run.State.LIVE
    with public():
        assert Message.objects.filter(attachment__gt="").count() == 1


def test_a_failing_step_is_recorded_tried_again_and_then_given_to_operations(run, monkeypatch):
    def refuse(_uuid):
        raise OSError("disk full")

    monkeypatch.setattr(schemas, "make_tables", refuse)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        again(run)
        with public():
            step = run.steps.get(name="tables")
        assert step.attempts == attempt
        assert "disk full" in step.error
    assert state(run) == Run.State.FAILED
    monkeypatch.undo()
    with public():
        run.retry(by="運営 1")
    run.drive()
    assert state(run) == Run.State.LIVE


def test_a_partial_schema_is_never_called_done(run):
    run.drive()
    with public():
        run.steps.exclude(position__lt=3).update(state="waiting")
        Run.objects.filter(pk=run.pk).update(state="running")
    with template.pinned(schemas.schema_name(run.association_id)):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'calendar'")
            for table in shape.tables(schemas.schema_name(run.association_id)):
                if table.startswith("calendar_"):
                    cursor.execute(f"DROP TABLE {table} CASCADE")
    again(run)
    assert state(run) == Run.State.LIVE
    assert not schemas.missing_migrations(run.association_id)


def test_only_one_worker_drives_a_run(run, monkeypatch):
    drives = []
    real = Run._carry_out

    def while_another_tries(self, work, fence):
        drives.append(work.name)
        other = Run(pk=self.pk)
        assert other._take_lease() is None
        return real(self, work, fence)

    monkeypatch.setattr(Run, "_carry_out", while_another_tries)
    run.drive()
    assert drives == [work.name for work in STEPS]


def test_a_worker_that_lost_its_lease_stops_without_writing(run, monkeypatch):
    work = STEPS[2]
    real = type(work).do

    def overtaken(self, run):
        real(self, run)
        with public():
            Run.objects.filter(pk=run.pk).update(fence=99)

    monkeypatch.setattr(type(work), "do", overtaken)
    run.drive()
    with public():
        assert run.steps.get(name=work.name).state == Step.State.RUNNING
    assert state(run) == Run.State.RUNNING


def test_the_beat_finds_a_run_whose_wake_up_was_lost(run, run_tasks):
    """An emptied broker loses nothing: the row is still waiting."""
    with run_tasks():
        drive_waiting_runs.apply(throw=True)
    assert state(run) == Run.State.LIVE


def test_a_planted_schema_stops_the_run_and_stays(run):
    from django.db import connection

    name = schemas.schema_name(run.association_id)
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{name}"')
    run.drive()
    with public():
        step = run.steps.get(name="schema")
    assert "ForeignSchema" in step.error
    assert schemas.schema_stamp(run.association_id) == ""


def again(run: Run) -> None:
    """Another worker, after the lease and the pause have run out."""
    with public():
        Run.objects.filter(pk=run.pk).update(leased_until=None, next_attempt_at=timezone.now() - timedelta(seconds=1))
    run.drive()
