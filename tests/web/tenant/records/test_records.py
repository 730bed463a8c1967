"""Handover records on the pages: written, found, printed, taken along as a table."""

import pytest

from controlplane.tenancy import bound
from tenants.communities.models import Community, HandoverRecord
from tenants.members.models import Seat

WORDS = {"happened_on": "2026-06-28", "problem": "雨で中止の連絡が遅れた", "handling": "朝6時に緊急で送る。",
         "result": "", "outcome": "rule"}  # fmt: skip


@pytest.fixture
def record(tonan, leader):
    with bound(tonan):
        seat = Seat.objects.get(title="1組 組長")
        return HandoverRecord.write(by=leader, seat=seat, problem="空き家の草", handling="区役所に伝えた。")


@pytest.fixture
def last_year(tonan, record):
    with bound(tonan):
        HandoverRecord.objects.filter(pk=record.pk).update(fiscal_year=2019)
    return record


def text(answer) -> str:
    return answer.content.decode()


def test_a_leader_writes_a_record_and_finds_it_again(client_for, leader, tonan):
    client = client_for(leader)
    with bound(tonan):
        seat = Seat.objects.get(title="1組 組長")
    assert "1組 組長" in text(client.get("/handover/new/"))
    answer = client.post("/handover/new/", {**WORDS, "to": f"s{seat.pk}"}, follow=True)
    assert "記録を残しました。" in text(answer)
    assert WORDS["problem"] in text(client.get("/handover/?q=緊急"))
    assert WORDS["problem"] not in text(client.get("/handover/?q=カラス"))


def test_what_is_missing_is_said_and_what_was_typed_stays(client_for, leader):
    answer = client_for(leader).post("/handover/new/", {**WORDS, "problem": "", "to": "s999999999999999999999"})
    assert answer.status_code == 422
    assert WORDS["handling"] in text(answer)


def test_a_member_writes_for_the_community_they_are_in(client_for, member, tonan):
    client = client_for(member)
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
    client.post("/handover/new/", {**WORDS, "to": f"c{club.pk}"})
    assert WORDS["problem"] in text(client.get(f"/communities/{club.pk}/records/"))


def test_it_is_changed_and_taken_back_within_its_year(client_for, leader, record):
    client = client_for(leader)
    changed = client.post(f"/handover/{record.pk}/edit/", {**WORDS, "problem": "草が道に出ている"}, follow=True)
    assert "草が道に出ている" in text(changed)
    assert "取り下げますか" in text(client.get(f"/handover/{record.pk}/remove/"))
    client.post(f"/handover/{record.pk}/remove/")
    assert client.get(f"/handover/{record.pk}/").status_code == 404


def test_last_year_s_is_read_and_noted_only(client_for, leader, last_year):
    client, address = client_for(leader), f"/handover/{last_year.pk}/"
    assert "前の年度の記録です" in text(client.get(address))
    assert client.get(f"{address}edit/").status_code == 404
    assert client.post(f"{address}remove/").status_code == 404
    assert client.post(f"{address}notes/", {"text": " "}).status_code == 422
    assert "持ち主から返事がきた" in text(
        client.post(f"{address}notes/", {"text": "持ち主から返事がきた"}, follow=True)
    )
    assert "令和元年度" in text(client.get("/handover/"))
    assert last_year.problem in text(client.get("/handover/?year=2019"))


def test_nonsense_in_the_address_shows_a_page(client_for, leader, record):
    for query in ("year=x", "year=99999999999", "of=s99999999999999999999", "of=zz", "page=-1", "q=%00"):
        assert client_for(leader).get(f"/handover/?{query}").status_code == 200


def test_paper_and_table_hold_what_the_list_holds(client_for, leader, member, record):
    client = client_for(leader)
    assert record.problem in text(client.get("/handover/print/"))
    table = client.get("/handover/records.csv")
    assert table["Content-Type"].startswith("text/csv")
    assert record.problem in text(table)
    assert record.problem not in text(client.get("/handover/print/?year=2019"))
    other = client_for(member)
    assert record.problem not in text(other.get("/handover/print/")) + text(other.get("/handover/records.csv"))


def test_officers_read_a_seat_s_records_and_do_not_write_them(client_for, officer, record):
    client = client_for(officer)
    assert record.problem in text(client.get(f"/handover/{record.pk}/"))
    assert client.get(f"/handover/{record.pk}/edit/").status_code == 404
    assert client.post(f"/handover/{record.pk}/notes/", {"text": "x"}).status_code == 404


def test_a_seat_s_records_are_no_neighbour_s(client_for, member, outsider, record):
    for person in (member, outsider):
        client = client_for(person)
        for path in ("", "edit/", "remove/"):
            assert client.get(f"/handover/{record.pk}/{path}").status_code == 404
        assert client.post(f"/handover/{record.pk}/notes/", {"text": "x"}).status_code == 404
