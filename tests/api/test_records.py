"""Handover records: written for one's seat or community, frozen with their year, noted."""

import pytest

from controlplane.tenancy import bound
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import Attachment
from tenants.members.models import Seat
from tests.web.tenant.feed.test_writing import photo

WORDS = {"problem": "雨で中止の連絡が遅れた", "handling": "朝6時に送る。"}


@pytest.fixture
def seat(tonan):
    with bound(tonan):
        return Seat.objects.get(title="1組 組長")


@pytest.fixture
def record(api, leader, seat):
    return api(leader).post("handover-records/", seat=seat.pk, **WORDS).json()


def test_a_leader_writes_changes_and_takes_back(api, leader, record, forbidden):
    at = f"handover-records/{record['id']}/"
    assert (record["signature"], record["frozen"], record["outcome"]) == ("1組 組長", False, "done")
    assert api(leader).patch(at, result="うまくいった。").json()["result"] == "うまくいった。"
    assert api(leader).post(f"{at}notes/", text="電話は8軒").json()["notes"][0]["text"] == "電話は8軒"
    assert api(leader).delete(at).status_code == 204
    forbidden(leader, "get", at)


def test_the_list_is_narrowed(api, leader, officer, member, seat, record):
    for query, count in (({"q": "雨"}, 1), ({"q": "雪"}, 0), ({"seat": seat.pk}, 1), ({"year": 2019}, 0)):
        assert len(api(officer).get("handover-records/", **query).json()["results"]) == count
    assert api(member).get("handover-records/").json()["results"] == []
    assert api(leader).get("handover-records/", year="x").status_code == 400


def test_last_year_s_is_not_changed(api, leader, record, tonan):
    with bound(tonan):
        HandoverRecord.objects.update(fiscal_year=2019)
    at = f"handover-records/{record['id']}/"
    assert api(leader).get(at).json()["frozen"] is True
    assert api(leader).patch(at, result="x").status_code == 400
    assert api(leader).delete(at).status_code == 400
    assert api(leader).post(f"{at}notes/", text="x").status_code == 201


def test_files_are_put_beside_it_and_taken_away(api, tonan, leader, officer, member, record, forbidden, closed):
    at = f"handover-records/{record['id']}/attachments/"
    with bound(tonan):
        one, theirs = (Attachment.objects.receive(photo(), by=who).pk for who in (leader, officer))
    told = api(leader).post(at, attachments=[one])
    assert [each["id"] for each in told.json()["attachments"]] == [one]
    assert api(officer).get(f"attachments/{one}/").json()["url"]
    forbidden(member, "get", f"attachments/{one}/")
    for wrong in ([theirs], [one], [], ["x"], [10**30], 7, None):
        assert api(leader).post(at, attachments=wrong).status_code == 400
    with bound(tonan):
        mine = Attachment.objects.receive(photo(), by=officer).pk
    forbidden(officer, "post", at, attachments=[mine])
    assert api(leader).post("posts/", title="写真", audience="group", group=1, attachments=[one]).status_code == 400
    forbidden(officer, "delete", f"{at}{one}/")
    closed("post", at)
    closed("delete", f"{at}{one}/")
    assert api(leader).delete(f"{at}{one}/").status_code == 204
    assert api(leader).delete(f"{at}{one}/").status_code == 404


def test_wrong_words_are_refused_by_field(api, leader, seat):
    for wrong in ({"problem": " "}, {"handling": "あ" * 4001}, {"happened_on": "1800-01-01"}, {"outcome": 3}):
        answer = api(leader).post("handover-records/", **{"seat": seat.pk, **WORDS, **wrong})
        assert set(answer.json()["errors"]) == set(wrong)
    assert "seat" in api(leader).post("handover-records/", **WORDS).json()["errors"]


def test_nobody_writes_for_a_seat_or_community_of_others(api, officer, leader, seat, tonan):
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
    assert api(officer).post("handover-records/", seat=seat.pk, **WORDS).status_code == 400
    assert api(leader).post("handover-records/", community=club.pk, **WORDS).status_code == 400


def test_records_are_closed_to_outsiders(closed, record):
    closed("get", "handover-records/")
    closed("post", "handover-records/")
    for method in ("get", "patch", "delete"):
        closed(method, f"handover-records/{record['id']}/")
    closed("post", f"handover-records/{record['id']}/notes/")
