"""What nobody sends by accident gets a plain refusal as problem details, never an error of ours."""

import json
from base64 import urlsafe_b64encode

import pytest

from controlplane.accounts.models import ApiToken, User
from controlplane.tenancy import bound
from tenants.members.models import Group, Invitation, Member


def post(client, path, body):
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(path, text, content_type="application/json")


@pytest.mark.parametrize("path", ["/api/v1/auth/code/", "/api/v1/auth/token/"])
def test_brackets_by_the_thousand(browser, tonan, path):
    answer = post(browser(tonan), path, "[" * 20_000)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_body_larger_than_we_take(browser, tonan):
    answer = post(browser(tonan), "/api/v1/auth/code/", {"email": "a" * 6_000_000})
    assert answer.status_code == 413
    assert answer.json()["status"] == 413


@pytest.mark.parametrize(
    "place",
    [
        [False, float("inf")],
        [False, True, "0001-01-01T00:00:00+23:59", 1],
        [False, True, "9999-12-31T23:59:59-23:59", 1],
        [False, None],
        "x",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/posts/", "/api/v1/members/"])
def test_a_cursor_nobody_was_given(client_for, member, path, place):
    cursor = urlsafe_b64encode(json.dumps(place).encode()).decode()
    assert client_for(member).get(path, {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_nobody_means(client_for, member, day):
    answer = client_for(member).put(
        "/api/v1/events/1/rsvp/", json.dumps({"answer": "yes", "on": day}), content_type="application/json"
    )
    assert answer.status_code == 400
    assert "on" in answer.json()["errors"]


@pytest.mark.parametrize("title", ["改行\r\nあり", "\u202e逆さ", "\u200b", "\x01"])
def test_a_title_the_pages_would_refuse(client_for, officer, title):
    answer = post(client_for(officer), "/api/v1/posts/", {"title": title})
    assert answer.status_code == 400
    assert "title" in answer.json()["errors"]


def test_a_community_s_post_without_a_community_says_which_field(client_for, member):
    answer = post(client_for(member), "/api/v1/posts/", {"title": "題", "audience": "community"})
    assert answer.status_code == 400
    assert "community" in answer.json()["errors"]


def test_a_plan_still_being_built_is_not_sold(client_for, officer):
    answer = post(client_for(officer), "/api/v1/subscription/checkout/", {"plan": "premium"})
    assert answer.status_code == 400
    assert "plan" in answer.json()["errors"]


def test_an_invitation_s_group_is_the_new_home_s(browser, tonan, officer):
    with bound(tonan):
        group = Group.objects.get(name="2組")
        _row, code = Invitation.objects.invite(by=officer, group=group)
        user = User.objects.create(email="invited@example.jp")
        _token, secret = ApiToken.objects.issue(user)
    answer = browser(tonan).post(
        "/api/v1/members/",
        json.dumps({"name": "会員 9", "invitation": code}),
        content_type="application/json",
        headers={"Authorization": f"Token {secret}"},
    )
    assert answer.status_code == 201
    with bound(tonan):
        assert Member.objects.for_user(user).household.group == group


def test_the_calendar_feed_is_found_through_me_and_closed_by_revoking(client_for, member, browser, tonan, fujishiro):
    url = client_for(member).get("/api/v1/me/").json()["calendar_url"]
    path = url.split(".localhost")[1].split("/", 1)[1]
    for door in (f"/{path}", f"/api/v1/{path}"):
        feed = browser(tonan).get(door)
        assert feed.status_code == 200
        assert feed.content.startswith(b"BEGIN:VCALENDAR")
        assert browser(fujishiro).get(door).status_code == 404
    with bound(tonan):
        member.revoke_calendar()
    assert browser(tonan).get(f"/api/v1/{path}").status_code == 404
