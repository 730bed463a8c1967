"""Comments, reactions, reading, and whom a post has reached."""

import pytest

from controlplane.associations.models import Grant
from controlplane.tenancy import bound, public, routing
from tenants.feed.models import Post


@pytest.fixture
def notice(tonan):
    with bound(tonan):
        return Post.objects.get(title="清掃のお知らせ")


@pytest.fixture
def ledger(tonan):
    with public():
        tonan.grant("delivery_ledger", source=Grant.Source.SELF_HOSTED)
        routing.forget(tonan.host)  # what a commit would do


def test_comments_are_read_oldest_first_and_written(api, member, officer, notice):
    answer = api(member).post(f"posts/{notice.pk}/comments/", body="行きます")
    assert answer.status_code == 201
    comments = api(officer).get(f"posts/{notice.pk}/comments/").json()["results"]
    assert [comment["body"] for comment in comments][1:] == ["行きます"]
    assert comments[1]["author"] == {"id": member.pk, "name": member.name}
    assert api(member).post(f"posts/{notice.pk}/comments/", body=" ").status_code == 400
    assert api(member).get(f"posts/{notice.pk}/").json()["counts"]["comments"] == 2


def test_comments_can_be_closed(api, officer, member):
    post = api(officer).post("posts/", title="聞くだけ", comments_open=False).json()
    assert api(member).post(f"posts/{post['id']}/comments/", body="でも").status_code == 400


def test_a_comment_is_taken_away_by_its_author_or_an_officer(api, member, leader, officer, notice, forbidden):
    first, second = (api(member).post(f"posts/{notice.pk}/comments/", body=text).json()["id"] for text in "ab")
    forbidden(leader, "delete", f"posts/{notice.pk}/comments/{first}/")
    assert api(member).delete(f"posts/{notice.pk}/comments/{first}/").status_code == 204
    assert api(officer).delete(f"posts/{notice.pk}/comments/{second}/").status_code == 204
    assert api(officer).delete(f"posts/{notice.pk}/comments/{second}/").status_code == 404


def test_one_reaction_each_the_last_holds(api, member, leader, notice):
    path = f"posts/{notice.pk}/reaction/"
    api(leader).put(path, kind="thanks")
    api(member).put(path, kind="thanks")
    answer = api(member).put(path, kind="help")
    assert answer.json()["my_reaction"] == "help"
    assert answer.json()["counts"]["reactions"] == {"thanks": 1, "understood": 0, "help": 1}
    assert api(member).delete(path).status_code == 204
    assert api(member).get(f"posts/{notice.pk}/").json()["my_reaction"] is None
    assert api(member).put(path, kind="like").status_code == 400


def test_reading_twice_counts_the_household_once(api, member, notice):
    for _twice in range(2):
        answer = api(member).put(f"posts/{notice.pk}/read/")
        assert (answer.status_code, answer.json()["read_households"]) == (200, 1)
    assert api(member).get(f"posts/{notice.pk}/").json()["read"] is True


def test_delivery_is_paid_and_the_answer_names_the_plan(api, officer, notice):
    answer = api(officer).get(f"posts/{notice.pk}/delivery/")
    assert answer.status_code == 402
    assert (answer.json()["plan"], answer.json()["feature"]) == ("standard", "delivery_ledger")
    assert answer["Content-Type"] == "application/problem+json"


def test_delivery_counts_homes_and_leaders_see_their_own_unknown_ones(api, ledger, officer, leader, member, notice):
    api(member).put(f"posts/{notice.pk}/read/")
    reach = api(officer).get(f"posts/{notice.pk}/delivery/").json()
    assert (reach["total"], reach["reached"], reach["paper"], reach["unknown"]) == (5, 1, 0, 4)
    assert [(each["group"]["name"], each["unknown"]) for each in reach["groups"]] == [("1組", 3), ("2組", 1)]
    assert api(leader).get(f"posts/{notice.pk}/delivery/").json() == reach
    every, own = (api(who).get(f"posts/{notice.pk}/delivery/unknown/").json()["results"] for who in (officer, leader))
    assert (len(every), len(own)) == (4, 3)
    assert {home["id"] for home in own} < {home["id"] for home in every}


def test_responses_are_closed_to_members_where_needed_and_to_outsiders(closed, ledger, member, notice, forbidden):
    for path in ("delivery/", "delivery/unknown/"):
        forbidden(member, "get", f"posts/{notice.pk}/{path}")
        closed("get", f"posts/{notice.pk}/{path}")
    closed("get", f"posts/{notice.pk}/comments/")
    closed("post", f"posts/{notice.pk}/comments/")
    closed("put", f"posts/{notice.pk}/reaction/")
    closed("delete", f"posts/{notice.pk}/reaction/")
    closed("put", f"posts/{notice.pk}/read/")


def test_who_may_not_read_a_post_may_not_answer_it(api, tonan, member, forbidden):
    with bound(tonan):
        secret = Post.objects.get(title="役員だけ")
    forbidden(member, "get", f"posts/{secret.pk}/comments/")
    forbidden(member, "post", f"posts/{secret.pk}/comments/", body="x")
    forbidden(member, "put", f"posts/{secret.pk}/reaction/", kind="thanks")
    forbidden(member, "put", f"posts/{secret.pk}/read/")
