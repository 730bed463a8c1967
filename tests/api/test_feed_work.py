"""Drafts, versions, circulars, reports and receiving, as programs use them; and everything closed to outsiders."""

import pytest

from controlplane.tenancy import bound
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Post
from tests.web.tenant.feed.test_writing import photo


@pytest.fixture
def notice(tonan) -> Post:
    with bound(tonan):
        return Post.objects.get(title="清掃のお知らせ")


@pytest.fixture
def circular(tonan, officer) -> Post:
    with bound(tonan):
        return Post.write(by=officer, kind="circular", title="回覧")


def test_a_draft_is_a_post_without_a_time(api, officer, leader, member):
    draft = api(officer).post("posts/", title="書きかけ", publish_at=None).json()
    assert draft["publish_at"] is None
    assert [each["id"] for each in api(officer).get("posts/drafts/").json()["results"]] == [draft["id"]]
    assert api(leader).get("posts/drafts/").json()["results"] == []
    assert api(member).get(f"posts/{draft['id']}/").status_code == 404
    assert draft["id"] not in [each["id"] for each in api(officer).get("posts/").json()["results"]]
    api(officer).patch(f"posts/{draft['id']}/", publish_at="2026-01-01T09:00:00+09:00")
    assert api(member).get(f"posts/{draft['id']}/").status_code == 200


def test_a_change_to_an_old_version_is_refused_with_409(api, officer, notice):
    first = api(officer).patch(f"posts/{notice.pk}/", body="はじめ", version=notice.version)
    assert first.json()["version"] == notice.version + 1
    second = api(officer).patch(f"posts/{notice.pk}/", body="あと", version=notice.version)
    assert second.status_code == 409
    assert second["Content-Type"] == "application/problem+json"
    assert api(officer).get(f"posts/{notice.pk}/").json()["body"] == "はじめ"
    versions = api(officer).get(f"posts/{notice.pk}/versions/").json()["results"]
    assert [each["number"] for each in versions] == [notice.version]


def test_what_was_withdrawn_comes_back(api, officer, member, notice):
    api(officer).delete(f"posts/{notice.pk}/")
    assert api(officer).get("posts/withdrawn/").json()["results"][0]["id"] == notice.pk
    assert api(member).get("posts/withdrawn/").json()["results"] == []
    assert api(officer).put(f"posts/{notice.pk}/restoration/").status_code == 204
    assert api(member).get(f"posts/{notice.pk}/").status_code == 200


def test_an_event_goes_along_if_the_writer_sees_it(api, officer):
    event = api(officer).get("events/").json()["results"][0]["id"]
    assert api(officer).post("posts/", title="清掃", event=event).json()["event"] == event
    for wrong in (999_999, "x", -1, True, [1], {"a": 1}, 2**70):
        assert api(officer).post("posts/", title="清掃", event=wrong).status_code == 400


def test_a_household_confirms_and_its_leader_may_for_one_on_paper(api, leader, member, circular, tonan):
    url = f"posts/{circular.pk}/confirmation/"
    assert api(member).put(url).json()["confirmed"] == 1
    assert api(member).put(url).json()["household_confirmed_at"]
    missing = api(leader).get(f"posts/{circular.pk}/confirmations/").json()["results"]
    assert "紙の家" in [home["name"] for home in missing]
    paper = next(home["id"] for home in missing if home["name"] == "紙の家")
    assert api(leader).put(f"posts/{circular.pk}/confirmations/{paper}/").json()["confirmed"] == 2
    assert api(leader).delete(f"posts/{circular.pk}/confirmations/{paper}/").status_code == 204
    assert api(leader).put(f"posts/{circular.pk}/confirmations/{member.household_id}/").status_code == 404
    assert api(member).delete(url).status_code == 204
    assert api(member).get(url).json()["confirmed"] == 0


def test_a_comment_is_reported_hidden_and_shown_again(api, officer, leader, member, notice):
    comment = api(member).get(f"posts/{notice.pk}/comments/").json()["results"][0]["id"]
    path = f"posts/{notice.pk}/comments/{comment}"
    assert api(leader).post(f"{path}/report/", reason="気になります").status_code == 204
    [told] = api(officer).get("reports/").json()["results"]
    assert (told["kind"], told["comment"], told["reason"]) == ("report", comment, "気になります")
    hiding = api(officer).put(f"{path}/hiding/", reason="電話番号").json()
    assert api(member).get(f"posts/{notice.pk}/comments/").json()["results"] == []
    assert api(officer).put(f"reports/{hiding['id']}/settlement/").status_code == 204
    assert api(member).get(f"posts/{notice.pk}/comments/").json()["results"]


@pytest.fixture
def talk(tonan, officer, member, leader) -> Post:
    """What 組長 said in 防災の会, which 会員1 leads now."""
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
        for person in (member, leader):
            club.memberships.update_or_create(member=person, defaults={"state": "active"})
        club.memberships.filter(member=member).update(role="moderator")
        return Post.write(by=leader, title="会の話", audience="community", community=club)


def test_a_moderator_hides_what_was_reported_in_the_community_and_shows_it_again(
    api, officer, member, leader, talk, notice, forbidden
):
    path = f"posts/{talk.pk}"
    forbidden(member, "put", f"{path}/hiding/", reason="x")
    assert api(officer).post(f"{path}/report/", reason="ひどいことば").status_code == 204
    assert api(officer).post(f"posts/{notice.pk}/report/", reason="よそのこと").status_code == 204
    [told] = api(member).get("reports/").json()["results"]
    assert (told["post"], told["reason"], told["by"]) == (talk.pk, "ひどいことば", None)
    assert all(each["by"] for each in api(officer).get("reports/").json()["results"])
    forbidden(member, "put", f"posts/{notice.pk}/hiding/", reason="x")
    forbidden(member, "put", f"reports/{told['id']}/settlement/")
    forbidden(leader, "get", "reports/")
    hiding = api(member).put(f"{path}/hiding/", reason="やさしく話しましょう").json()
    assert hiding["by"]["id"] == member.pk
    assert api(leader).get(f"{path}/").status_code == 404
    assert api(member).put(f"reports/{hiding['id']}/settlement/").status_code == 204
    assert api(leader).get(f"{path}/").status_code == 200


def test_a_withdrawal_takes_a_reason(api, officer, member, notice, tonan, closed, forbidden):
    path = f"posts/{notice.pk}/withdrawal/"
    for wrong in ("あ" * 201, ["x"], {"x": 1}, None, "a\x00b"):
        assert api(officer).put(path, reason=wrong).status_code == 400
    forbidden(member, "put", path, reason="x")
    closed("put", path)
    assert api(officer).put(path, reason="日にちがちがいました").status_code == 204
    with bound(tonan):
        assert Post.objects.get(pk=notice.pk).withdrawn_reason == "日にちがちがいました"
    assert api(officer).put(path).status_code == 404
    assert api(officer).put(f"posts/{notice.pk}/restoration/").status_code == 204
    assert api(officer).put(path).status_code == 204


@pytest.mark.parametrize("reason", ["", " ", "あ" * 501, None, 7, ["x"], {"x": 1}, "a\x00b"])
def test_a_report_of_any_shape_is_answered(api, member, notice, reason):
    answer = api(member).post(f"posts/{notice.pk}/report/", reason=reason)
    assert answer.status_code == (204 if reason == 7 else 400)


def test_one_chooses_how_to_hear_of_news(api, member):
    assert api(member).get("me/news/").json() == {"choice": "daily"}
    assert api(member).put("me/news/", choice="now").json() == {"choice": "now"}
    assert api(member).get("me/news/").json() == {"choice": "now"}
    for wrong in ("", "often", None, 1, ["now"]):
        assert api(member).put("me/news/", choice=wrong).status_code == 400


def test_officers_open_and_close_talk(api, officer, member, notice):
    assert api(officer).put("feed-rules/", comments=False, reactions=True).status_code == 200
    told = api(member).get("feed-rules/").json()
    assert (told["comments"], told["reactions"]) == (False, True)
    assert api(member).post(f"posts/{notice.pk}/comments/", body="x").status_code == 400
    assert api(officer).put("feed-rules/", comments="x").status_code == 400


def test_photos_have_words_and_an_order(api, tonan, officer, member, leader):
    with bound(tonan):
        one, two = (Attachment.objects.receive(photo(name), by=officer).pk for name in ("a.jpg", "b.jpg"))
    told = api(officer).patch(f"attachments/{two}/", alt="公園", caption="きれいになりました")
    assert (told.json()["alt"], told.json()["caption"]) == ("公園", "きれいになりました")
    assert api(leader).patch(f"attachments/{two}/", alt="x").status_code == 404
    assert api(officer).patch(f"attachments/{two}/", alt="あ" * 201).status_code == 400
    post = api(officer).post("posts/", title="写真", attachments=[two, one]).json()
    assert [each["id"] for each in post["attachments"]] == [two, one]
    feed = next(each for each in api(member).get("posts/").json()["results"] if each["id"] == post["id"])
    assert [each["caption"] for each in feed["attachments"]] == ["きれいになりました", ""]
    assert api(member).patch(f"attachments/{two}/", alt="x").status_code == 404


def test_members_do_not_do_officers_work(forbidden, member, notice, circular):
    forbidden(member, "put", f"posts/{notice.pk}/hiding/", reason="x")
    forbidden(member, "get", "reports/")
    forbidden(member, "put", "reports/1/settlement/")
    forbidden(member, "put", "feed-rules/", comments=True, reactions=True)
    forbidden(member, "get", f"posts/{circular.pk}/confirmations/")
    forbidden(member, "put", f"posts/{circular.pk}/confirmations/1/")
    forbidden(member, "get", f"posts/{notice.pk}/versions/")
    forbidden(member, "put", f"posts/{notice.pk}/restoration/")


def test_outsiders_find_nothing(closed, notice, circular):
    for path in ("drafts/", "withdrawn/", f"{notice.pk}/versions/", f"{circular.pk}/confirmations/"):
        closed("get", f"posts/{path}")
    for path in (f"{circular.pk}/confirmation/", f"{notice.pk}/hiding/", f"{notice.pk}/restoration/"):
        closed("put", f"posts/{path}")
    closed("post", f"posts/{notice.pk}/report/")
    closed("get", "reports/")
    closed("get", "me/news/")
