"""The feed over HTTP: who reads, who writes, in which order, and in how many statements."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from controlplane.accounts.models import ApiToken
from controlplane.tenancy import bound, public
from tenants.communities.models import Community
from tenants.feed.models import Post


@pytest.fixture
def notice(tonan):
    with bound(tonan):
        return Post.objects.get(title="清掃のお知らせ")


@pytest.fixture
def room(tonan):
    with bound(tonan):
        return Community.objects.get(name="役員のへや")


def titles(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [post["title"] for post in answer.json()["results"]]


def test_a_post_carries_its_author_counts_and_my_own_standing(api, member, notice):
    post = api(member).get(f"posts/{notice.pk}/").json()
    assert post["author"] == {"kind": "seat", "id": notice.as_seat_id, "name": "会長"}
    assert post["counts"] == {
        "comments": 1,
        "reactions": {"thanks": 0, "understood": 0, "help": 0},
        "read_households": 0,
    }
    assert (post["my_reaction"], post["read"], post["attachments"]) == (None, False, [])


def test_each_sees_what_is_meant_for_them(api, officer, member):
    assert titles(api(member).get("posts/")) == ["清掃のお知らせ"]
    assert set(titles(api(officer).get("posts/"))) == {"清掃のお知らせ", "役員だけ", "へやの話"}


def test_filters_narrow_the_feed(api, officer, room):
    api(officer).post("posts/", kind="report", title="夏まつりの写真", body="たくさんの人でした")
    assert titles(api(officer).get("posts/", kind="report")) == ["夏まつりの写真"]
    assert titles(api(officer).get("posts/", audience="officers")) == ["役員だけ"]
    assert titles(api(officer).get("posts/", community=room.pk)) == ["へやの話"]
    assert titles(api(officer).get("posts/", q="まつり たくさん")) == ["夏まつりの写真"]
    assert api(officer).get("posts/", kind="rumour").status_code == 400


def test_newest_first_pinned_on_top_page_by_page_in_both_directions(api, tonan, officer):
    for n in range(5):
        api(officer).post("posts/", title=f"お知らせ{n}", pinned=n == 2)
    first = api(officer).get("posts/", audience="everyone", page_size=2)
    assert titles(first) == ["お知らせ2", "お知らせ4"]
    with public():
        assert first.json()["next"].startswith(tonan.url("/api/v1/posts/?"))
    api(officer).post("posts/", title="あとから")
    second = api(officer).follow(first.json()["next"])
    third = api(officer).follow(second.json()["next"])
    assert (titles(second), titles(third)) == (["お知らせ3", "お知らせ1"], ["お知らせ0", "清掃のお知らせ"])
    assert third.json()["next"] is None
    assert titles(api(officer).follow(third.json()["previous"])) == titles(second)
    assert titles(api(officer).follow(second.json()["previous"])) == ["お知らせ4", "あとから"][::-1]


@pytest.mark.parametrize("cursor", ["x", "WzFd", "bnVsbA==", "W2ZhbHNlLCAieCIsICJ5IiwgInoiXQ==", "%00", "４"])
def test_a_cursor_that_is_none_is_404(api, member, cursor):
    assert api(member).get("posts/", cursor=cursor).status_code == 404


def test_the_list_is_one_statement_however_long(api, officer, django_assert_num_queries):
    for n in range(3):
        api(officer).post("posts/", title=f"お知らせ{n}")
    program = api(officer)
    program.get("posts/")
    with django_assert_num_queries(3):  # savepoint, the list, savepoint released
        assert len(titles(program.get("posts/"))) == 6


def test_the_feed_reads_the_same_on_every_road(api, client_for, tonan, officer, leader, member):
    """By token in one statement, by token with a filter, by the web's session; a post by itself only says more."""
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
    group = leader.household.group_id
    api(officer).post("posts/", title="回覧", kind="circular", audience="group", group=group, comments_open=False)
    api(officer).post("posts/", title="役員と組長へ", audience="seats", pinned=True)
    api(member).post(
        "posts/", title="\\ \" % 'こ' \u2028 𠮷 %s", body="改行\nと\tタブ", audience="community", community=club.pk
    )
    for person in (officer, leader, member):
        program = api(person)
        quick = program.get("posts/").json()
        filtered = program.get("posts/", page_size=20).json()
        in_browser = client_for(person).get("/api/v1/posts/").json()
        assert quick["results"] == filtered["results"] == in_browser["results"]
        for post in quick["results"]:
            alone = _with_moments(program.get(f"posts/{post['id']}/").json())
            assert {name: alone[name] for name in post} == _with_moments(post)


def _with_moments(post):
    """PostgreSQL writes a moment without the zeros at its end."""
    return {
        name: datetime.fromisoformat(what) if what and name.endswith("_at") else what for name, what in post.items()
    }


@pytest.mark.parametrize("token", ["", "x", "here stands the digest of the token", "'; --", "%s", "\u3000"])
def test_a_token_that_is_none_is_turned_away(browser, tonan, token):
    answer = browser(tonan).get("/api/v1/posts/", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 401


def test_a_token_that_ran_out_opens_no_feed(api, tonan, member):
    program = api(member)
    assert program.get("posts/").status_code == 200
    with bound(tonan):
        ApiToken.objects.update(expires_at=timezone.now())
    assert program.get("posts/").status_code == 401


def test_an_officer_writes_as_their_seat(api, officer, member, notice):
    answer = api(officer).post(
        "posts/", kind="urgent", title="断水", body="9時まで", as_seat=notice.as_seat_id, comments_open=False
    )
    assert answer.status_code == 201
    assert answer.json()["author"]["name"] == "会長"
    assert titles(api(member).get("posts/"))[0] == "断水"


def test_what_is_wrong_is_said_by_field(api, officer):
    answer = api(officer).post("posts/", kind="rumour", audience="group")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"kind", "title"}
    no_group = api(officer).post("posts/", title="x", audience="group")
    assert set(no_group.json()["errors"]) == {"group"}


def test_members_write_into_their_communities_only(api, tonan, member, room, forbidden):
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
    assert api(member).post("posts/", title="集まります", audience="community", community=club.pk).status_code == 201
    unknown = api(member).post("posts/", title="x", audience="community", community=room.pk)
    missing = api(member).post("posts/", title="x", audience="community", community=9999)
    assert unknown.status_code == missing.status_code == 400
    assert str(unknown.json()).replace(str(room.pk), "") == str(missing.json()).replace("9999", "")
    forbidden(member, "post", "posts/", title="x")


def test_nobody_writes_as_a_seat_that_is_not_theirs(api, leader, notice):
    answer = api(leader).post("posts/", title="x", audience="seats", as_seat=notice.as_seat_id)
    assert set(answer.json()["errors"]) == {"as_seat"}


def test_a_scheduled_post_waits_and_its_author_can_still_open_and_change_it(api, officer, member):
    later = (timezone.now() + timedelta(days=1)).isoformat()
    post = api(officer).post("posts/", title="あした", publish_at=later).json()
    assert "あした" not in titles(api(member).get("posts/"))
    assert api(member).get(f"posts/{post['id']}/").status_code == 404
    assert api(officer).get(f"posts/{post['id']}/").json()["title"] == "あした"
    assert api(officer).patch(f"posts/{post['id']}/", title="あさって").json()["title"] == "あさって"


def test_a_post_is_changed_and_withdrawn_by_its_author_or_an_officer(api, officer, member, notice, forbidden):
    forbidden(member, "patch", f"posts/{notice.pk}/", title="x")
    forbidden(member, "delete", f"posts/{notice.pk}/")
    changed = api(officer).patch(f"posts/{notice.pk}/", pinned=True)
    assert (changed.json()["pinned"], changed.json()["title"]) == (True, "清掃のお知らせ")
    assert changed.json()["edited_at"]
    assert api(officer).delete(f"posts/{notice.pk}/").status_code == 204
    assert api(officer).get(f"posts/{notice.pk}/").status_code == 404


def test_posts_are_closed_to_outsiders(closed, notice):
    closed("get", "posts/")
    closed("post", "posts/")
    closed("get", f"posts/{notice.pk}/")
    closed("patch", f"posts/{notice.pk}/")
    closed("delete", f"posts/{notice.pk}/")
