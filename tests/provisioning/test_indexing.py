"""Search gets to know what was there before it: in steps, once, whatever happens meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Event as Flag
from time import sleep

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from controlplane.tenancy import bound, public
from provisioning import indexing
from provisioning.models import SchemaRelease
from provisioning.tasks import catch_up_indexes, index_association, index_waiting_associations
from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Post
from tenants.members.models import Household, Member
from tenants.search import filling
from tenants.search.models import Entry, EntryQuerySet, Kind
from tenants.search.question import Question
from tenants.search.shelves import find

POSTS = 7


@pytest.fixture
def old(ending, monkeypatch):
    """An association that wrote before there was search; committed, as at the end of a rollout."""
    monkeypatch.setattr(filling, "BATCH", 2)
    with bound(ending):
        home = Household.objects.create(name="会員1", channel=Household.Channel.APP)
        Member.objects.create(name="会員1", household=home, admitted_at=timezone.now())
        for number in range(POSTS):
            Post.write(by=chair(), title=f"むかしの話{number}", body="清掃", attachments=[document(chair())])
        start = timezone.now() + timedelta(days=1)
        Event.plan(by=chair(), title="むかしの行事", starts_at=start, ends_at=start + timedelta(hours=1))
        Community.start(by=chair(), name="むかしの会")
    _before_search(ending)
    return ending


def chair():
    return Member.objects.with_seats().get(name="会長 1")


def plain():
    return Member.objects.with_seats().get(name="会員1")


def document(owner, text="むかしの書類"):
    file = {"kind": "document", "name": "書類.pdf", "content_type": "application/pdf", "size": 9, "key": "k"}
    return Attachment.objects.create(owner=owner, text=text, **file)


def found(association, words):
    with bound(association):
        return sorted(each.title for each in find(chair(), Question.asking(words)).found)


def entries(association):
    with bound(association):
        return sorted(Entry.objects.values_list("kind", "object_id", "text"))


def is_waiting(association):
    return association.pk in indexing.waiting(limit=None)


def _before_search(association):
    with bound(association):
        Entry.objects.all().delete()
    with public():
        SchemaRelease.objects.filter(association=association.pk).update(indexed_at=None)


ALL = 2 * POSTS + 2  # each post with a document, an event, a community


def test_the_beat_has_every_association_s_turn_come(old, monkeypatch):
    given = []
    monkeypatch.setattr(index_association, "delay", given.append)
    index_waiting_associations.apply(throw=True)
    assert str(old.pk) in given
    assert found(old, "むかしの") == []
    for uuid in given:
        index_association.apply([uuid], throw=True)
    assert len(entries(old)) == ALL
    assert "むかしの話3" in found(old, "むかしの話")
    assert not is_waiting(old)
    given.clear()
    index_waiting_associations.apply(throw=True)
    assert str(old.pk) not in given


def test_twice_is_once(old):
    assert indexing.index(old.pk) == ALL
    before = entries(old)
    assert indexing.index(old.pk) == 0
    assert entries(old) == before


def test_two_at_once_are_once(old):
    def go(_number):
        try:
            return indexing.index(old.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(go, range(3))) >= ALL
    assert len(entries(old)) == ALL
    assert not is_waiting(old)


def test_the_command_does_it_here_and_now_and_says_so(old):
    said = _command("status")
    assert "wait for search to know all they hold" in said
    assert f"{old.pk}: {ALL} entries made." in _command("index")
    assert not is_waiting(old)
    assert "Search knows everything." in _command("index")


def _command(act):
    out = StringIO()
    call_command("fleet", act, stdout=out)
    return out.getvalue()


def test_interrupted_between_two_batches_it_goes_on_where_it_was(old):
    def stop(made):
        if made >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.index(old.pk, stop)
    assert {of for _kind, of, _text in entries(old)} == set(_newest_posts(old)[:4])
    assert is_waiting(old)
    assert indexing.index(old.pk) == ALL - 4
    assert not is_waiting(old)


def _newest_posts(association):
    with bound(association):
        return list(Post.objects.order_by("-pk").values_list("pk", flat=True))


def test_killed_in_the_middle_of_a_batch_it_has_done_what_was_committed(old, monkeypatch):
    """Its backend is gone, as with kill -9, after the rows were written and before they were committed."""
    real, calls = EntryQuerySet.bulk_create, []

    def killed(self, *args, **kwargs):
        made = real(self, *args, **kwargs)
        calls.append(made)
        if len(calls) == 3:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE; SELECT pg_terminate_backend(pg_backend_pid())")
        return made

    monkeypatch.setattr(EntryQuerySet, "bulk_create", killed)
    with pytest.raises(Exception, match=r"terminat|closed"):
        indexing.index(old.pk)
    connection.close()
    monkeypatch.undo()
    assert len(entries(old)) == 4
    assert is_waiting(old)
    assert indexing.index(old.pk) == ALL - 4
    assert len(entries(old)) == ALL


def test_a_suspended_association_has_its_turn_afterwards(old):
    with public():
        old.suspend(by="tests", reason="届け出の確認のため")
    assert not is_waiting(old)
    assert indexing.index(old.pk) == 0
    assert entries(old) == []
    with public():
        old.resume(by="tests")
    assert is_waiting(old)
    assert indexing.index(old.pk) == ALL


def test_a_closed_association_stays_as_it_is_until_that_is_undone(old):
    with public():
        old.shut(timezone.now())
    assert not is_waiting(old)
    assert indexing.index(old.pk) == indexing.catch_up(old.pk) == 0
    assert entries(old) == []


def test_an_association_that_is_gone_is_no_error(old):
    assert indexing.index("00000000-0000-0000-0000-000000000000") == 0
    assert indexing.catch_up("00000000-0000-0000-0000-000000000000") == 0


def edit(association):
    with bound(association):
        post = Post.objects.get(title="むかしの話3")
        post.edit(by=chair(), title="あらためた話", body="新しいことば", attachments=[document(chair(), "新しい書類")])


def erase(association):
    with bound(association):
        plain().erase(by=chair())


@pytest.fixture
def said_by_one(old):
    """Posts of a person who is to be erased among those of others."""
    with bound(old):
        club = Community.objects.get()
        club.join(plain())
        theirs = {"audience": Post.Audience.COMMUNITY, "community": club}
        for number in range(3):
            Post.write(by=plain(), title=f"消える話{number}", attachments=[document(plain(), "消える書類")], **theirs)
    _before_search(old)
    return old


def as_it_should_be(association):
    """What filling from nothing makes of what is there now, for what anybody may find."""
    with bound(association):
        standing = set(Post.objects.filter(withdrawn_at=None).values_list("pk", flat=True))
        now = {row for row in Entry.objects.values_list("kind", "object_id", "text") if _is_found(row, standing)}
        Entry.objects.all().delete()
    filling.fill(lambda: bound(association))
    with bound(association):
        rows = Entry.objects.values_list("kind", "object_id", "text")
        return now == {row for row in rows if _is_found(row, standing)}


def _is_found(row, standing):
    """Documents that their post let go of, and withdrawn posts, nobody is shown."""
    kind, pk, _text = row
    if kind == Kind.DOCUMENT:
        return Attachment.objects.filter(pk=pk, post__in=standing).exists()
    return kind != Kind.POST or pk in standing


@pytest.mark.parametrize("act", [edit, erase])
def test_what_was_being_written_when_the_filling_came_by_is_right(said_by_one, act):
    came_by = Flag()
    with ThreadPoolExecutor(1) as pool:
        with bound(said_by_one):
            act(said_by_one)
            done = pool.submit(_index_elsewhere, said_by_one, lambda made: came_by.set())
            assert came_by.wait(30)
            sleep(filling.PAUSE)  # a round or two past what is locked
            assert not done.done()
        done.result(timeout=60)
    _has_followed(said_by_one, act)


@pytest.mark.parametrize("act", [edit, erase])
def test_what_is_written_while_the_filling_holds_it_is_right(said_by_one, act):
    """It waits for the batch, and then finds what the batch wrote."""
    writers = []
    with ThreadPoolExecutor(1) as pool:

        @contextmanager
        def batch():
            with bound(said_by_one):
                yield
                if not writers and _holds_what_is_written(act):
                    writers.append(pool.submit(_closing, lambda: act(said_by_one)))
                    _until(_somebody_waits)

        filling.fill(batch)
        [writer] = writers
        writer.result(timeout=60)
    _has_followed(said_by_one, act)


def _holds_what_is_written(act):
    title = "むかしの話3" if act is edit else "消える話2"
    return Entry.objects.filter(kind=Kind.POST, text__startswith=title).exists()


def _has_followed(association, act):
    if act is edit:
        assert found(association, "新しい") == ["あらためた話", "書類.pdf"]
        assert found(association, "むかしの話3") == []
    else:
        assert [text for _kind, _of, text in entries(association) if "消える" in text] == []
        assert found(association, "むかしの話3") == ["むかしの話3"]
    assert as_it_should_be(association)


def _index_elsewhere(association, progress):
    _closing(lambda: indexing.index(association.pk, progress))


def _closing(act):
    try:
        act()
    finally:
        connection.close()


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def _until(holds: Callable[[], bool]) -> None:
    for _n in range(600):
        if holds():
            return
        sleep(0.05)
    raise AssertionError("It never came to that.")


@pytest.fixture
def filled(old):
    """Its turn is over, in the hours after a rollout."""
    indexing.index(old.pk)
    return old


def by_former_release(association, act):
    """What a process that knows no search writes: all but the entries."""
    with bound(association):
        before = list(Entry.objects.all())
        act()
        Entry.objects.all().delete()
        Entry.objects.bulk_create(before)


def catch_up():
    for uuid in indexing.lately_indexed():
        indexing.catch_up(uuid)


def test_what_the_former_release_wrote_afterwards_is_taken_up(filled):
    def act():
        Post.write(by=chair(), title="あとの話", attachments=[document(chair(), "あとの書類")])
        Post.objects.get(title="むかしの話1").edit(by=chair(), title="あとから直した話")
        Event.objects.get().change(by=chair(), title="あとから直した行事")
        Community.objects.update(name="あとから直した会")

    by_former_release(filled, act)
    assert found(filled, "あと") == []
    catch_up()
    assert found(filled, "あとの") == ["あとの話", "書類.pdf"]
    assert found(filled, "あとから直した") == ["あとから直した会", "あとから直した行事", "あとから直した話"]
    assert found(filled, "むかしの話1") == []
    before = entries(filled)
    assert indexing.catch_up(filled.pk) == 0
    assert entries(filled) == before


def test_words_the_former_release_erased_leave_the_index(said_by_one):
    indexing.index(said_by_one.pk)
    by_former_release(said_by_one, lambda: plain().erase(by=chair()))
    assert [text for _kind, _of, text in entries(said_by_one) if "消える" in text]
    catch_up()
    assert [text for _kind, _of, text in entries(said_by_one) if "消える" in text] == []


def test_the_hourly_beat_looks_only_where_a_rollout_was_lately(filled, monkeypatch):
    from provisioning import tasks

    given = []
    monkeypatch.setattr(tasks.catch_up_index, "delay", given.append)
    catch_up_indexes.apply(throw=True)
    assert str(filled.pk) in given
    by_former_release(filled, lambda: Post.write(by=chair(), title="あとの話"))
    tasks.catch_up_index.apply([str(filled.pk)], throw=True)
    assert found(filled, "あとの話") == ["あとの話"]
    with public():
        SchemaRelease.objects.filter(association=filled.pk).update(changed_at=timezone.now() - timedelta(days=9))
    given.clear()
    catch_up_indexes.apply(throw=True)
    assert str(filled.pk) not in given
