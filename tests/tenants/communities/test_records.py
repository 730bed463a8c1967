"""Handover records: whose they are, who reads them, frozen with their year, carried to the successor."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from controlplane.audit.models import Entry
from controlplane.tenancy import bound
from tenants.communities.models import Community, HandoverRecord, fiscal_year
from tenants.members.models import Member, Seat
from tenants.search import models as index
from tenants.search.filling import fill
from tenants.search.question import Author, Question
from tenants.search.shelves import find

WORDS = {"problem": "ごみ置き場のカラス", "handling": "網を新しくした。", "result": "来なくなった。"}


@pytest.fixture(autouse=True)
def at_home(tonan):
    with bound(tonan):
        yield


@pytest.fixture
def seat():
    return Seat.objects.get(title="1組 組長")


@pytest.fixture
def club():
    return Community.objects.get(name="防災の会")


@pytest.fixture
def write(leader, seat):
    def write(**fields):
        return HandoverRecord.write(by=leader, seat=seat, **{**WORDS, **fields})

    return write


@pytest.fixture
def at_new_year(monkeypatch):
    """`at_new_year()`: from now on it is 1 April of the next fiscal year."""

    def go() -> None:
        day = date(fiscal_year() + 1, 4, 1)
        monkeypatch.setattr(timezone, "localdate", lambda *args: day)

    return go


def test_a_fiscal_year_begins_on_the_first_of_april():
    assert [fiscal_year(day) for day in (date(2027, 3, 31), date(2027, 4, 1), date(2027, 12, 31))] == [2026, 2027, 2027]


def test_a_seat_s_records_are_read_by_its_holder_and_officers(write, officer, leader, member, waiting):
    found = write()
    for person in (leader, officer):
        assert found in HandoverRecord.objects.visible_to(person)
    for person in (member, waiting):
        assert not HandoverRecord.objects.visible_to(person).exists()


def test_a_community_s_records_are_read_by_those_inside(officer, leader, member, club):
    found = HandoverRecord.write(by=member, community=club, **WORDS)
    assert found in HandoverRecord.objects.visible_to(member)
    assert found not in HandoverRecord.objects.visible_to(leader)
    club.join(leader)
    assert found in HandoverRecord.objects.visible_to(leader)


def test_support_from_outside_reads_none(write):
    write()
    assert not HandoverRecord.objects.visible_to(Member.visitor("運営")).exists()


def test_only_who_holds_the_seat_or_is_inside_writes(officer, leader, member, seat, club):
    for person, owner in ((officer, {"seat": seat}), (member, {"seat": seat}), (leader, {"community": club})):
        with pytest.raises(PermissionError):
            HandoverRecord.write(by=person, **owner, **WORDS)
    for owner in ({}, {"seat": seat, "community": club}):
        with pytest.raises(ValidationError):
            HandoverRecord.write(by=leader, **owner, **WORDS)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"problem": "  "}, "problem"),
        ({"handling": " "}, "handling"),
        ({"result": "あ" * 4001}, "result"),
        ({"outcome": "never"}, "outcome"),
        ({"happened_on": date(2100, 1, 1)}, "happened_on"),
        ({"happened_on": date(1800, 1, 1)}, "happened_on"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(write, wrong, field):
    with pytest.raises(ValidationError) as refused:
        write(**wrong)
    assert list(refused.value.message_dict) == [field]


def test_the_successor_reads_all_years_and_the_former_holder_none(write, officer, leader, member, seat):
    found = write()
    seat.hand_over(member, by=officer)
    leader, member = (Member.objects.get(pk=each.pk) for each in (leader, member))
    assert found in HandoverRecord.objects.visible_to(member)
    assert not HandoverRecord.objects.visible_to(leader).exists()
    assert found.signature == "1組 組長"
    found.edit(by=member, handling="網を、もう一度新しくした。")
    with pytest.raises(PermissionError):
        found.edit(by=leader, handling="x")


def test_within_its_year_it_is_changed_and_the_trail_keeps_what_it_said(write, leader):
    found = write()
    found.edit(by=leader, handling="ネットを新しくした。")
    assert found.handling == "ネットを新しくした。"
    assert Entry.objects.get(verb="record.edit").data["before"] == {"handling": "網を新しくした。"}
    found.remove(by=leader)
    assert not HandoverRecord.objects.visible_to(leader).exists()


def test_in_april_it_is_frozen_and_notes_are_appended(write, leader, at_new_year):
    found = write()
    at_new_year()
    assert found.is_frozen
    for act in (lambda: found.edit(by=leader, handling="x"), lambda: found.remove(by=leader)):
        with pytest.raises(ValidationError):
            act()
    note = found.add_note("網は8,400円でした。", by=leader)
    found = HandoverRecord.objects.visible_to(leader).for_reading().get()
    assert (found.handling, list(found.notes.all())) == ("網を新しくした。", [note])
    assert note.fiscal_year == found.fiscal_year + 1


def test_notes_are_written_by_who_may_write_and_are_not_empty(write, officer, leader):
    found = write()
    with pytest.raises(PermissionError):
        found.add_note("x", by=officer)
    for text in ("  ", "あ" * 4001):
        with pytest.raises(ValidationError):
            found.add_note(text, by=leader)


def test_records_are_found_by_their_words_and_their_notes(write, leader):
    found, other = write(), write(problem="空き家の草")
    found.add_note("まち美化事務所に聞いた", by=leader)
    known = HandoverRecord.objects.visible_to(leader)
    assert list(known.search("カラス 網")) == [found]
    assert list(known.search("美化事務所")) == [found]
    assert set(known.search("来なく")) == {found, other}


def test_an_ended_community_s_records_are_read_and_not_added_to(officer, member, club):
    found = HandoverRecord.write(by=member, community=club, **WORDS)
    club.close(by=officer)
    assert found in HandoverRecord.objects.visible_to(member)
    with pytest.raises(PermissionError):
        HandoverRecord.write(by=member, community=club, **WORDS)
    with pytest.raises(PermissionError):
        found.add_note("x", by=member)


def test_in_a_community_its_author_changes_a_record_and_who_leads_it_what_a_seat_said(officer, leader, member, club):
    club.join(leader)
    found = HandoverRecord.write(by=member, community=club, **WORDS)
    for other in (leader, officer):
        with pytest.raises(PermissionError):
            found.edit(by=other, problem="x")
    found.edit(by=member, problem="からす")
    HandoverRecord.write(by=leader, community=club, **WORDS).edit(by=officer, problem="カラス")
    with pytest.raises(PermissionError):
        found.remove(by=leader)
    found.remove(by=officer)


def test_who_is_erased_takes_their_own_words_along_and_leaves_the_seat_s(write, officer, leader, member, club):
    spoken, own = write(), HandoverRecord.write(by=member, community=club, **WORDS)
    own.edit(by=member, handling="秘密")
    for person in (leader, member):
        person.erase(by=officer)
    own.refresh_from_db()
    spoken.refresh_from_db()
    assert (own.problem, own.handling, own.removed_at is None) == ("消えた記録", "", False)
    assert spoken.handling == WORDS["handling"]
    assert "網" not in str(Entry.objects.filter(verb="record.edit").values_list("data", flat=True))


def test_a_table_has_one_line_a_record_with_its_notes(write, leader):
    write().add_note("つけたし", by=leader)
    heading, line = HandoverRecord.objects.visible_to(leader).for_reading().rows()
    assert len(heading) == len(line)
    assert line[2:5] == ["1組 組長", "1組 組長", WORDS["problem"]]
    assert "つけたし" in line[-1]


def test_years_run_back_to_the_first_record(write, leader):
    found = write(happened_on=timezone.localdate() - timedelta(days=1))
    HandoverRecord.objects.filter(pk=found.pk).update(fiscal_year=2019)
    assert HandoverRecord.objects.visible_to(leader).years() == [fiscal_year(), 2019]


def found(who, words="カラス", **narrowed):
    return [each.thing.pk for each in find(who, Question.asking(words, **narrowed)).found]


def test_search_finds_a_record_for_those_who_may_read_it_and_nobody_else(write, officer, leader, member, waiting, club):
    of_seat = write()
    of_club = HandoverRecord.write(by=member, community=club, **WORDS)
    everybody = {"officer": officer, "leader": leader, "member": member, "waiting": waiting}
    for who, person in everybody.items():
        visible = set(HandoverRecord.objects.visible_to(person).values_list("pk", flat=True))
        assert set(found(person)) == visible, who
    assert found(member) == [of_club.pk]
    assert found(leader) == [of_seat.pk]
    assert found(leader, what="record") == [of_seat.pk]
    assert found(leader, what="notice") == []
    assert found(officer, author=Author("seat", of_seat.seat_id)) == [of_seat.pk]
    assert found(member, author=Author("member", member.pk)) == [of_club.pk]


def test_a_record_that_the_index_names_is_found_as_well(write, officer, leader, member, club, monkeypatch):
    """Old ones, behind the thousand that are looked through: there the circles decide what is read at all."""
    monkeypatch.setattr(index, "NEAR", 1)
    of_seat, of_club = write(happened_on=date(2020, 4, 2)), HandoverRecord.write(by=member, community=club, **WORDS)
    assert found(leader) == [of_seat.pk]
    assert set(found(officer)) >= {of_seat.pk}
    assert found(member) == [of_club.pk]


def test_the_next_holder_finds_what_the_seat_recorded_and_the_former_no_longer(write, officer, leader, member, seat):
    record = write()
    seat.hand_over(member, by=officer)
    successor, former = (Member.objects.with_seats().get(pk=who.pk) for who in (member, leader))
    assert found(successor) == [record.pk]
    assert found(former) == []


def test_search_knows_a_record_as_it_is_now(write, leader, tonan):
    record = write()
    record.edit(by=leader, handling="箱を置いた。")
    assert found(leader, "網") == []
    record.add_note("フクロウの人形も試した。", by=leader)
    assert found(leader, "ふくろう") == [record.pk]
    rows = sorted(index.Entry.objects.filter(kind=index.Kind.RECORD).values_list("object_id", "at", "text", "grams"))
    index.Entry.objects.all().delete()
    fill(lambda: bound(tonan))
    made = index.Entry.objects.filter(kind=index.Kind.RECORD).values_list("object_id", "at", "text", "grams")
    assert sorted(made) == rows
    record.remove(by=leader)
    assert not index.Entry.objects.filter(kind=index.Kind.RECORD).exists()


def test_search_forgets_what_the_erased_had_recorded(officer, member, club):
    own = HandoverRecord.write(by=member, community=club, **WORDS)
    theirs = HandoverRecord.write(by=officer, community=club, problem="倉庫の鍵", handling="2本ある。")
    theirs.add_note("ひみつの隠し場所", by=member)
    member.erase(by=officer)
    texts = index.Entry.objects.filter(kind=index.Kind.RECORD).values_list("object_id", "text")
    assert own.pk not in dict(texts)
    assert "ひみつ" not in dict(texts)[theirs.pk]
