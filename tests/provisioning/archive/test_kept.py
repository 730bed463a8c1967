"""Archives in the object store: asked for, made by a task, fetched, and gone after a week."""

import io
from datetime import timedelta

import pytest
import requests
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from controlplane.tenancy import bound, public
from provisioning import archive, tasks
from provisioning.models import Archive
from tests.stored import default_storage as stored_files


def ask(living) -> Archive:
    with public():
        asked = Archive.objects.ask(living.uuid, by="代表者")
        return Archive.objects.select_related("association").get(pk=asked.pk)


def reread(kept: Archive) -> Archive:
    with public():
        return Archive.objects.select_related("association").get(pk=kept.pk)


def test_it_is_made_and_fetched_by_a_link(living):
    kept = ask(living)
    assert kept.is_under_way
    tasks.make_archive(kept.pk)
    kept = reread(kept)
    assert (kept.state, kept.done + 1, kept.total, kept.error) == ("ready", 2, 2, "")
    assert kept.expires_at - kept.finished_at == timedelta(days=7)
    with bound(living.association):
        link = kept.link()
    answer = requests.get(link, timeout=10)
    assert len(answer.content) == kept.size
    assert f"kairan-{living.association.slug}-" in answer.headers["Content-Disposition"]
    assert archive.verify(io.BytesIO(answer.content)).association == living.uuid
    assert requests.get(link.split("?")[0], timeout=10).status_code in (400, 403)


def test_asking_twice_is_one_archive_and_so_is_making_it_twice(living):
    first, second = ask(living), ask(living)
    assert first == second
    tasks.make_archive(first.pk)
    key = reread(first).key
    tasks.make_archive(first.pk)
    assert reread(first).key == key


def test_there_is_a_limit_to_a_day(living):
    for _n in range(5):
        tasks.make_archive(ask(living).pk)
    with pytest.raises(ValidationError, match="5回"):
        ask(living)


def test_a_failure_is_noted_and_another_can_be_asked_for(living, monkeypatch):
    kept = ask(living)
    monkeypatch.setattr(default_storage, "save", lambda name, content: (_ for _ in ()).throw(OSError("disk full")))
    tasks.make_archive(kept.pk)
    monkeypatch.undo()
    kept = reread(kept)
    assert (kept.state, kept.key) == ("failed", "")
    assert "disk full" in kept.error
    assert ask(living) != kept


def test_one_whose_worker_died_is_taken_up_again(living, run_committed_tasks):
    kept = ask(living)
    with public():
        Archive.objects.filter(pk=kept.pk).update(state="making", leased_until=timezone.now() + timedelta(minutes=1))
    with run_committed_tasks():
        tasks.make_waiting_archives()
    assert reread(kept).state == "making"
    with public():
        Archive.objects.filter(pk=kept.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    with run_committed_tasks():
        tasks.make_waiting_archives()
    assert reread(kept).state == "ready"


def test_after_a_week_it_is_gone_and_the_row_says_so(living):
    kept = ask(living)
    tasks.make_archive(kept.pk)
    key = reread(kept).key
    tasks.remove_expired_archives()
    assert reread(kept).state == "ready"
    with public():
        Archive.objects.filter(pk=kept.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        assert not reread(kept).is_ready
    tasks.remove_expired_archives()
    assert (reread(kept).state, reread(kept).key) == ("removed", "")
    with bound(living.association):
        assert not stored_files.exists(key)


def test_an_archive_holds_no_other_archive(living):
    tasks.make_archive(ask(living).pk)
    assert not [name for name in archive.verify(living.archive()).entries if "archives/" in name]
