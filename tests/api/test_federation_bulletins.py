"""A federation's notices over the API: its officers write and read counts, members read what arrived, nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from controlplane.associations.features import Feature
from controlplane.associations.models import Association, FederationMembership
from controlplane.tenancy import bound, public, routing
from tenants.calendar.models import Event
from tenants.feed import bulletins
from tests.api.conftest import Api, token_of
from tests.conftest import _cast, browser_at

AT = "federation/bulletins/"
WORDS = {"title": "合同防災訓練", "body": "10月に行います。"}


@pytest.fixture
def federation(tonan):
    with public():
        Association.objects.filter(pk=tonan.pk).update(kind="federation")
        tonan.refresh_from_db()
        tonan.grant(Feature.MEMBER_ASSOCIATIONS, source="city")
    return tonan


@pytest.fixture
def membership(federation, fujishiro):
    with public():
        row = FederationMembership.objects.ask(federation, fujishiro, by="連合会の役員")
        row.accept(by="役員")
    return row


@pytest.fixture
def there(fujishiro):
    """`there(role)` on 藤城台自治会's own host."""

    def calling(role="member"):
        person = getattr(_cast(fujishiro), role)
        return Api(browser_at(fujishiro), token_of(fujishiro, person.user))

    return calling


def hand_out():
    for uuid in bulletins.waiting():
        bulletins.receive(uuid)


def test_officers_tell_members_and_counts_come_back(api, officer, membership, there):
    made = api(officer).post(AT, **WORDS, url="https://www.example.jp/")
    assert made.status_code == 201, made.content.decode()
    hand_out()
    found = api(officer).get(f"{AT}{made.json()['id']}/").json()
    assert found["counts"] == {"sent": 1, "arrived": 1, "households": 5, "read_households": 0}
    assert [row["association"] for row in found["associations"]] == ["fujishiro"]
    assert [row["title"] for row in api(officer).get(AT).json()["results"]] == [WORDS["title"]]
    there = there().get(f"bulletins/{made.json()['id']}/").json()
    assert (there["sent_by"], there["sender"], there["files"]) == ("federation", "桃南会", [])
    assert there["body"].endswith("https://www.example.jp/")


def test_it_is_corrected_and_withdrawn(api, officer, membership, there):
    client, at = api(officer), f"{AT}{api(officer).post(AT, **WORDS).json()['id']}/"
    assert client.patch(at, title="日を変えます").json()["title"] == "日を変えます"
    hand_out()
    assert [row["title"] for row in there().get("bulletins/").json()["results"]] == ["日を変えます"]
    assert client.delete(at).status_code == 204
    assert client.patch(at, title="x").status_code == 400
    hand_out()
    assert there().get("bulletins/").json()["results"] == []
    assert there().get(f"bulletins/{at.split('/')[2]}/").status_code == 404


def test_it_goes_to_some_members_and_to_nobody_else(api, officer, membership):
    assert api(officer).post(AT, **WORDS, associations=["fujishiro"]).status_code == 201
    refused = api(officer).post(AT, **WORDS, associations=["fujishiro", "nowhere"])
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["associations"])


def test_without_members_or_the_plan_nothing_is_sent(api, officer, federation):
    assert list(api(officer).post(AT, **WORDS).json()["errors"]) == ["audience"]
    with public():
        federation.revoke(Feature.MEMBER_ASSOCIATIONS, source="city")
    routing.forget_all()
    assert api(officer).post(AT, **WORDS).status_code == 402
    assert api(officer).get(AT).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": ["x"]}, "title"),
        ({"body": "あ" * 20_001}, "body"),
        ({"body": None}, "body"),
        ({"kind": "x"}, "kind"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"officers_only": "perhaps"}, "officers_only"),
        ({"associations": "fujishiro"}, "associations"),
        ({"associations": [{"x": 1}]}, "associations"),
    ],
)
def test_wrong_words_are_refused_by_field(api, officer, membership, wrong, field):
    answer = api(officer).post(AT, **{**WORDS, **wrong})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_what_is_for_officers_no_member_reads(api, officer, membership, there):
    made = api(officer).post(AT, **WORDS, officers_only=True).json()
    hand_out()
    assert there("officer").get(f"bulletins/{made['id']}/").status_code == 200
    assert there().get(f"bulletins/{made['id']}/").status_code == 404


def test_a_federation_s_dates_are_read_by_its_members_alone(api, officer, federation, membership, there, member):
    starts = timezone.now() + timedelta(days=3)
    with bound(federation):
        Event.plan(by=officer, title="合同清掃", starts_at=starts, ends_at=starts + timedelta(hours=1), shared=True)
    (row,) = there().get("federation-dates/").json()["results"]
    assert (row["title"], row["federation"], row["called_off"]) == ("合同清掃", "桃南会", False)
    assert api(member).get("federation-dates/").json()["results"] == []
    assert there().get("federation-dates/?from=x").status_code == 400
    assert api(None).get("federation-dates/").status_code == 401


def test_nobody_else_writes_or_reads(api, officer, member, leader, membership, there, closed):
    made = api(officer).post(AT, **WORDS).json()
    for caller in (api(member), api(leader), there("officer"), there()):
        for path in (AT, f"{AT}{made['id']}/", f"{AT}{UUID(int=1)}/"):
            assert caller.get(path).status_code == 404
        assert caller.post(AT, **WORDS).status_code == 404
        assert caller.delete(f"{AT}{made['id']}/").status_code == 404
    assert api(officer).get(f"{AT}{UUID(int=1)}/").status_code == 404
    for path in (AT, f"{AT}{made['id']}/", f"bulletins/{made['id']}/", "federation-dates/"):
        closed("get", path)
