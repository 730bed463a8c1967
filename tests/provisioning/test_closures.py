"""An association closes: shut at once, brought back as it was, its dump verified, its drop approved by two."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import bound, public
from provisioning import archive
from provisioning.models import Approval, Closure
from tenants.members.models import Member
from tests.provisioning.endings import approve, close, exists, fresh, letters, over, pass_days, ripe, visit
from tests.stored import default_storage as stored_files

# --- closing and undoing ---


def test_closing_shuts_the_site_and_tells_the_representative_until_when(ending):
    closure = close(ending)
    page = visit(ending)
    assert page.status_code == 410
    assert "おわり町内会のページは、閉じました" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert closure.last_day == timezone.localdate() + timedelta(days=90)
    last = closure.last_day
    day = f"{last.year}年{last.month}月{last.day}日（{'月火水木金土日'[last.weekday()]}"
    assert [subject.startswith(f"おわり町内会のページを閉じました。{day}") for subject in letters()] == [True]


@pytest.mark.parametrize("path", ["/api/v1/posts/", "/api/v1/nowhere/"])
def test_programs_are_told_in_their_own_form(ending, path):
    close(ending)
    answer = visit(ending, path)
    assert answer.status_code == 410
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 410


def test_a_closed_association_is_in_no_list_of_live_ones_and_works_no_task(ending):
    close(ending)
    with public():
        for state, found in (("closed", True), ("live", False), ("suspended", False), ("preparing", False)):
            assert Association.objects.in_state(state).filter(pk=ending.pk).exists() == found, state
        assert Association.objects.open_for_work(ending.uuid) is None
        assert Association.objects.with_state().get(pk=ending.pk).state == "closed"


def test_undoing_brings_everything_back_as_it_was(ending):
    with bound(ending):
        before = list(Member.objects.values())
    closure = close(ending)
    with public():
        fresh(closure).undo(by="運営 1")
        assert Association.objects.get(pk=ending.pk).state == "live"
    assert visit(ending, "/sign-in/").status_code == 200
    with bound(ending):
        assert list(Member.objects.values()) == before
    assert letters()[1] == "おわり町内会のページを、また開きました"


def test_what_was_suspended_before_is_suspended_again(ending):
    with public():
        ending.suspend(by="運営 1", reason="相談中")
    closure = close(ending)
    assert visit(ending).status_code == 410
    with public():
        fresh(closure).undo(by="運営 1")
    assert visit(ending).status_code == 503


def test_closing_twice_is_closing_once_and_undoing_twice_is_undoing_once(ending):
    first, second = close(ending), close(ending)
    assert first == second
    with public():
        fresh(first).undo(by="運営 1")
        fresh(first).undo(by="運営 1")
    assert len(letters()) == 2
    again = close(ending)
    assert again != first


def test_a_reason_is_wanted_and_what_never_was_live_is_not_closed(ending):
    with public():
        with pytest.raises(ValidationError, match="理由"):
            Closure.begin(ending, by="運営 1", reason=" ")
        Association.objects.filter(pk=ending.pk).update(live_at=None)
        with pytest.raises(ValidationError, match="まだ公開していない"):
            Closure.begin(ending, by="運営 1", reason="合併のため")
        Association.objects.filter(pk=ending.pk).update(live_at=timezone.now())


def test_the_end_is_announced_once(ending):
    closure = close(ending)
    pass_days(closure, settings.CLOSURE_RETENTION_DAYS - settings.CLOSURE_WARNING_DAYS - 2)
    fresh(closure).tend()
    assert len(letters()) == 1
    pass_days(closure, 3)
    fresh(closure).tend()
    fresh(closure).tend()
    assert len(letters()) == 2
    assert "を過ぎると消えます" in letters()[1]


# --- the dump ---


def test_no_dump_is_made_before_retention_is_over(ending):
    closure = close(ending)
    pass_days(closure, settings.CLOSURE_RETENTION_DAYS - 1)
    fresh(closure).tend()
    assert fresh(closure).dump_verified_at is None


def test_the_dump_is_verified_and_lies_outside_the_association_s_own_files(ending):
    closure = ripe(ending)
    assert closure.dump_verified_at
    with public(), stored_files.open(closure.dump_key) as stored:
        content = stored.read()
    assert hashlib.sha256(content).hexdigest() == closure.dump_sha256
    assert len(content) == closure.dump_bytes
    with bound(ending):
        assert not stored_files.exists(closure.dump_key)


def test_a_store_that_gives_back_something_else_proves_nothing(ending, two, monkeypatch):
    real = default_storage.save
    monkeypatch.setattr(
        default_storage, "save", lambda name, content: real(name, ContentFile(b"x" + content.read()[1:]))
    )
    closure = ripe(ending)
    assert closure.dump_verified_at is None
    assert "DamagedDump" in closure.dump_error
    with pytest.raises(ValidationError, match="まだ承認できません"):
        approve(closure, two[0])
    monkeypatch.undo()
    fresh(closure).tend()
    assert fresh(closure).dump_verified_at
    assert fresh(closure).dump_error == ""


def test_another_association_s_archive_is_no_dump_of_this_one(ending, fujishiro_committed, monkeypatch):
    real = archive.export
    monkeypatch.setattr(archive, "export", lambda _association, file: real(fujishiro_committed, file))
    closure = ripe(ending)
    assert closure.dump_verified_at is None
    assert "another association's" in closure.dump_error


@pytest.fixture
def fujishiro_committed(ending):
    with public():
        return Association.objects.get(slug="fujishiro")


# --- approving ---


def test_two_different_people_have_to_approve(ending, two):
    closure = ripe(ending)
    approve(closure, two[0])
    with pytest.raises(ValidationError, match="もう承認しています"):
        approve(closure, two[0])
    fresh(closure).tend()
    assert exists(ending)
    approve(closure, two[1])
    fresh(closure).tend()
    assert not exists(ending)


@pytest.mark.parametrize("typed", ["", "おわり", "おわり町内会会", "桃南会"])
def test_the_name_has_to_be_typed(ending, two, typed):
    closure = ripe(ending)
    with pytest.raises(ValidationError) as refusal:
        approve(closure, two[0], typed)
    assert "「おわり町内会」と入れてください。" in refusal.value.message_dict["name"]
    with public():
        assert not Approval.objects.filter(closure=closure).exists()


def test_nothing_is_approved_before_retention_is_over_or_after_undoing(ending, two):
    closure = close(ending)
    with pytest.raises(ValidationError, match="まだ承認できません"):
        approve(closure, two[0])
    over(closure)
    fresh(closure).tend()
    with public():
        fresh(closure).undo(by="運営 1")
    with pytest.raises(ValidationError, match="まだ承認できません"):
        approve(closure, two[0])


def test_an_operator_who_has_left_counts_no_longer(ending, two):
    closure = ripe(ending)
    approve(closure, two[0])
    with public():
        two[0].delete()
    approve(closure, two[1])
    fresh(closure).tend()
    assert exists(ending)
    with public():
        assert "運営 a" in [approval.name for approval in closure.approvals.all()]
