"""Who is erased is gone from every table and file, and no archive brings them back."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from controlplane.cities.models import City
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public, shape
from controlplane.tenancy.binding import schema_name
from provisioning import archive
from provisioning.models import Erasure
from tenants.communities.models import Membership
from tenants.feed.models import Attachment, Comment, Post, Reaction, ReadReceipt
from tenants.members.models import Group, Member, Seat
from tests.provisioning.archive.conftest import data_of, everything, rows_of
from tests.stored import default_storage

# Everything that tells of the person `plain`: name, household, contact, address, words.
TRACES = ("plainさん本人", "plain家", "plain@", "plainの住所", "plainの思い出", "plainの話", "plainの返事")


def traces(uuid) -> set[str]:
    """Where in the schema something of the person is still written."""
    schema, found = schema_name(uuid), set()
    with connection.cursor() as cursor:
        for table in shape.tables(schema):
            cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t')
            for (row,) in cursor.fetchall():
                found |= {f"{table}: {trace}" for trace in TRACES if trace in row}
    return found


def erase(living, who: str = "plain") -> int:
    with bound(living.association):
        person, officer = living.member(who), living.member("chair")
        person.erase(by=officer)
        return person.pk


def test_nothing_of_them_is_left_in_any_table(living):
    client = living.client("plain")
    client.get("/")
    with bound(living.association):
        person = living.member("plain")
        person.ask_for_admission(site_name="会", url="/")
        Message.queue("mail", "chair@tokoji.example.jp", subject="登録", body=f"{person.name}さんが登録しました。")
        Post.objects.get(title="plainの話").edit(by=person, body="plainの思い出の続き")
    assert len(traces(living.uuid)) > 8
    erase(living)
    assert traces(living.uuid) == set()
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_nothing_of_them_is_left_in_the_object_store(living):
    with bound(living.association):
        keys = list(Attachment.objects.filter(owner=living.member("plain")).values_list("key", flat=True))
        assert all(default_storage.exists(key) for key in keys)
    erase(living)
    with bound(living.association):
        assert not any(default_storage.exists(key) for key in keys)
        assert not Attachment.objects.filter(key__in=keys).exists()
        assert Attachment.objects.count() == 1  # the officer's is the association's


def test_the_row_stays_and_counts_hold(living):
    pk = erase(living)
    with bound(living.association):
        person = Member.objects.get(pk=pk)
        assert (person.name, person.kana, person.user_id) == ("退会した会員", "", None)
        assert person.is_erased
        assert str(person.household) == "退会した世帯"
        notice = Post.objects.get(title="清掃のお知らせ")
        assert notice.comment_count == notice.comments.count() == 1
        assert notice.read_households == ReadReceipt.objects.filter(post=notice).count() == 1
        assert notice.reaction_counts == {}
        assert not Reaction.objects.filter(member=pk).exists()
        assert not Membership.objects.filter(member=pk).exists()
        assert Comment.objects.get(author=pk).body == "（退会した会員のコメントは、消えました）"


def test_what_was_said_as_a_seat_is_the_association_s(living):
    with bound(living.association):
        desk = living.member("desk")
        seat = Seat.objects.get(title="会計")
        said = Post.write(by=desk, as_seat=seat, title="会計報告", body="よい年でした")
    erase(living, "desk")
    with bound(living.association):
        said.refresh_from_db()
        assert (said.title, said.body, said.signature, said.withdrawn_at) == ("会計報告", "よい年でした", "会計", None)
        assert seat.holder is None


def test_a_home_that_others_live_in_keeps_its_name(living):
    with bound(living.association):
        home = living.member("plain").household
        Member.objects.create(name="家族", household=home)
    erase(living)
    with bound(living.association):
        home.refresh_from_db()
        assert (home.name, home.address) == ("plain家", "plainの住所")


def test_the_name_goes_from_the_trail_and_the_invitations(living):
    with bound(living.association):
        desk = living.member("desk")
        invitation, _code = desk.invite(group=Group.objects.first())
    erase(living, "desk")
    with bound(living.association):
        invitation.refresh_from_db()
        assert invitation.invited_by == "退会した会員"
        assert not invitation.is_open
    assert _names_in(living.uuid, "deskさん本人") == []


def _names_in(uuid, name: str) -> list[str]:
    schema = schema_name(uuid)
    with connection.cursor() as cursor:
        found = []
        for table in shape.tables(schema):
            cursor.execute(f'SELECT count(*) FROM "{schema}"."{table}" t WHERE t::text LIKE %s', [f"%{name}%"])
            found += [table] * cursor.fetchone()[0]
        return found


def test_the_representative_hands_over_first(living):
    with bound(living.association), pytest.raises(ValidationError, match="引き継いで"):
        living.member("chair").erase(by=living.member("chair"))
    with bound(living.association), pytest.raises(ValidationError, match="引き継いで"):
        living.member("chair").erase(by=living.member("desk"))


def test_only_officers_erase_others(living):
    before = rows_of(living.uuid)
    with bound(living.association), pytest.raises(PermissionError):
        living.member("desk").erase(by=living.member("plain"))
    assert rows_of(living.uuid) == before


def test_who_erased_is_noted_without_a_name(living):
    pk = erase(living)
    with bound(living.association):
        desk = living.member("desk")
        desk.erase(by=desk)
    with public():
        noted = set(Erasure.objects.filter(association_uuid=living.uuid).values_list("member", "by"))
    assert noted == {(pk, "officer"), (desk.pk, "self")}


def test_an_erasure_that_fails_notes_nothing_and_erases_nothing(living, monkeypatch):
    before, files = rows_of(living.uuid), everything()
    monkeypatch.setattr("tenants.members.models.erasing._forget_person", lambda member: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(living)
    assert rows_of(living.uuid) == before
    assert everything() == files


def test_erased_stays_erased_after_a_restore(living):
    file = living.archive()
    assert b"plain" in b"".join(data_of(file).values())
    erase(living)
    archive.restore(living.association, file, by="tests")
    assert traces(living.uuid) == set()
    assert not [content for content in data_of(living.archive()).values() if b"plain" in content]
    with bound(living.association):
        assert Post.objects.get(title="清掃のお知らせ").read_households == 1


def test_erased_stays_erased_after_an_undone_restore(living):
    file = living.archive()
    erase(living)
    kept = archive.restore(living.association, file, by="tests")
    copy = io.BytesIO()
    kept.fetch(copy)
    archive.restore(living.association, copy, by="tests")
    assert traces(living.uuid) == set()


def test_erased_stays_erased_in_an_import_and_in_what_is_made_of_that(living):
    file = living.archive()
    erase(living)
    with public():
        city = City.objects.get(slug="kyoto")
    made = archive.take_in(file, slug="newcomer", city=city, by="tests")
    assert traces(made.uuid) == set()
    with public():
        assert Erasure.objects.filter(association_uuid=made.uuid).count() == 1
    with bound(made):
        assert not Attachment.objects.filter(owner__name="退会した会員").exists()


def test_erased_while_the_archive_is_loaded(living, monkeypatch):
    """The restore has looked up who is erased already when somebody else is."""
    from provisioning.archive import restoring

    file = living.archive()
    real = restoring._take_place

    def late(*args, **kwargs):
        erase(living)
        real(*args, **kwargs)

    monkeypatch.setattr(restoring, "_take_place", late)
    archive.restore(living.association, file, by="tests")
    assert traces(living.uuid) == set()


def test_somebody_erased_who_was_the_representative_then(living):
    """They could only go after handing over; the archive still has them in the seat."""
    file = living.archive()
    with bound(living.association):
        chair, desk = living.member("chair"), living.member("desk")
        Seat.objects.get(title="会長").hand_over(desk, by=chair)
        chair = living.member("chair")
        chair.erase(by=chair)
    archive.restore(living.association, file, by="tests")
    assert _names_in(living.uuid, "chairさん本人") == []
    with bound(living.association):
        assert Seat.objects.get(title="会長").holder is None


def test_a_newcomer_never_gets_an_erased_person_s_number(living):
    """Else the next restore would erase somebody who never asked for it."""
    file = living.archive()
    with bound(living.association):
        home = living.member("desk").household
        late = Member.objects.create(name="あとから来た人", household=home)
        late.erase(by=living.member("chair"))
    archive.restore(living.association, file, by="tests")
    with bound(living.association):
        newcomer = Member.objects.create(name="その次の人", household_id=home.pk)
    assert newcomer.pk > late.pk
    archive.restore(living.association, living.archive(), by="tests")
    with bound(living.association):
        assert Member.objects.get(pk=newcomer.pk).name == "その次の人"
