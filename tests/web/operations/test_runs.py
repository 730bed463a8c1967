"""A run as it goes: its steps, its errors, another try."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import public
from provisioning.models import Run, Step


@pytest.fixture
def run(application):
    with public():
        return application.approve(by="運営 1", slug="momoyama2")


def test_the_page_follows_the_run_until_it_ends(desk, run):
    page = desk.get(f"/operations/runs/{run.pk}/").content.decode()
    assert f'hx-get="/operations/runs/{run.pk}/progress/"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    with public():
        Run.objects.filter(pk=run.pk).update(state="live", finished_at=timezone.now())
    part = desk.get(f"/operations/runs/{run.pk}/progress/").content.decode()
    assert "hx-get" not in part
    assert "http-equiv" not in desk.get(f"/operations/runs/{run.pk}/").content.decode()


def test_steps_say_how_far_they_are(desk, run):
    with public():
        run.steps.filter(position__lt=4).update(
            state=Step.State.DONE, started_at=timezone.now(), finished_at=timezone.now()
        )
        run.steps.filter(position=4).update(state=Step.State.RUNNING, attempts=2, error="OperationalError: gone")
    part = desk.get(f"/operations/runs/{run.pk}/progress/").content.decode()
    assert "4／9" in part
    assert "2回目。続きから進めています。" in part
    assert "OperationalError: gone" in part
    assert "アドレスをとる" in part


def test_a_failed_run_is_tried_again(desk, run):
    with public():
        Run.objects.filter(pk=run.pk).update(state="failed")
        run.steps.filter(position=2).update(state="failed", attempts=5, error="RuntimeError: x")
    assert "止まったところから、やりなおす" in desk.get(f"/operations/runs/{run.pk}/").content.decode()
    assert desk.post(f"/operations/runs/{run.pk}/retry/").url == f"/operations/runs/{run.pk}/"
    with public():
        run.refresh_from_db()
        assert run.state == "queued"
        assert run.steps.get(position=2).attempts == 0


def test_the_list_is_narrowed_by_state(desk, run):
    assert "桃山南第2町内会" in desk.get("/operations/runs/?state=queued").content.decode()
    assert "桃山南第2町内会" not in desk.get("/operations/runs/?state=failed").content.decode()
    assert "桃山南第2町内会" in desk.get("/operations/runs/?state=nonsense").content.decode()


def test_runs_that_need_a_hand_are_found(desk, run):
    def listed():
        return "桃山南第2町内会" in desk.get("/operations/runs/?state=stuck").content.decode()

    assert not listed()
    with public():
        Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=6))
    assert listed()
    with public():
        Run.objects.filter(pk=run.pk).update(created_at=timezone.now(), state="failed")
    assert listed()
    with public():
        Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=1), state="live")
    assert not listed()


def test_durations_and_the_whole_last_error_are_told(desk, run):
    long_error = "OperationalError: " + "接続できません " * 100
    with public():
        began = timezone.now() - timedelta(seconds=28)
        Run.objects.filter(pk=run.pk).update(created_at=began, finished_at=timezone.now(), state="failed")
        run.steps.filter(position=0).update(state="done", started_at=began, finished_at=began + timedelta(seconds=3))
        run.steps.filter(position=1).update(state="failed", attempts=5, error=long_error)
    page = desk.get(f"/operations/runs/{run.pk}/").content.decode()
    assert "3.00秒" in page
    assert long_error.strip() in page
    assert "28秒" in desk.get("/operations/runs/").content.decode()
