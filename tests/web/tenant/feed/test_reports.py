"""Reporting, hiding and settling, as pages."""

import pytest

from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.communities.models import Community
from tenants.feed.models import Moderation, Post


@pytest.fixture
def comment(tonan, leader):
    with bound(tonan):
        return Post.objects.get(title="清掃のお知らせ").comment(by=leader, body="いやなことば")


def test_a_member_tells_the_officers_and_they_hide_it_and_show_it_again(client_for, officer, member, comment):
    page = f"/posts/{comment.post_id}/"
    answer = client_for(member).post(f"/comments/{comment.pk}/report/", {"reason": "気になります"}, follow=True)
    assert "役員に伝えました" in answer.content.decode()
    desk = client_for(officer)
    listed = desk.get("/reports/").content.decode()
    assert "気になります" in listed
    assert "いやなことば" in listed
    desk.post(f"/comments/{comment.pk}/hiding/", {"reason": "やさしいことばで話しましょう"})
    assert "いやなことば" not in client_for(member).get(page).content.decode()
    hidden = desk.get("/reports/")
    assert [row.comment_id for row in hidden.context["hidden"]] == [comment.pk]
    assert not list(hidden.context["told"])
    desk.post(f"/reports/{hidden.context['hidden'][0].pk}/settlement/")
    assert "いやなことば" in client_for(member).get(page).content.decode()


def test_a_whole_post_is_hidden_too(client_for, officer, member, tonan, leader):
    with bound(tonan):
        post = Post.write(by=leader, title="1組の話", audience="group", group_id=1)
    desk = client_for(officer)
    desk.post(f"/posts/{post.pk}/hiding/", {"reason": "電話番号がありました"})
    assert client_for(leader).get(f"/posts/{post.pk}/").status_code == 404
    answer = client_for(leader).post(f"/posts/{post.pk}/restoration/", follow=True)
    assert "役員がかくしたお知らせです" in answer.content.decode()


def test_officers_hide_in_a_community_they_are_not_in_what_they_were_told_of(client_for, officer, member, tonan):
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
        club.memberships.filter(member=officer).delete()
        post = Post.write(by=member, title="会の話", audience="community", community=club)
    desk = client_for(officer)
    assert desk.get(f"/posts/{post.pk}/hiding/").status_code == 404
    client_for(member).post(f"/posts/{post.pk}/report/", {"reason": "気になります"})
    assert desk.get(f"/posts/{post.pk}/").status_code == 404
    assert desk.post(f"/posts/{post.pk}/hiding/", {"reason": "やさしく"}).status_code == 302
    assert client_for(member).get(f"/posts/{post.pk}/").status_code == 404


@pytest.mark.parametrize("reason", ["", "  ", "あ" * 501])
def test_a_reason_is_asked_for(client_for, member, officer, comment, reason, tonan):
    for person, path in ((member, "report"), (officer, "hiding")):
        answer = client_for(person).post(f"/comments/{comment.pk}/{path}/", {"reason": reason})
        assert answer.status_code == 422
        assert answer.context["form"].errors["reason"]
    with bound(tonan):
        assert not Moderation.objects.exists()


def test_members_hide_nothing_and_outsiders_find_nothing(client_for, member, leader, outsider, comment):
    for person in (member, leader, outsider):
        client = client_for(person)
        assert client.get("/reports/").status_code == 404
        assert client.post(f"/comments/{comment.pk}/hiding/", {"reason": "x"}).status_code == 404
        assert client.post("/posts/1/hiding/", {"reason": "x"}).status_code == 404
        assert client.post("/reports/1/settlement/").status_code == 404
    assert client_for(outsider).post(f"/comments/{comment.pk}/report/", {"reason": "x"}).status_code == 404
    assert client_for(member).post("/posts/2/report/", {"reason": "x"}).status_code == 404


@pytest.fixture
def club(tonan, member, leader) -> Community:
    """会員1 leads 防災の会, 組長 is inside."""
    with bound(tonan):
        club = Community.objects.get(name="防災の会")
        club.memberships.create(member=leader, state="active")
        club.memberships.filter(member=member).update(role="moderator")
        return club


@pytest.fixture
def said(tonan, leader, club) -> Post:
    with bound(tonan):
        return Post.write(by=leader, title="会の話", body="いやなことば", audience="community", community=club)


def tell(client, thing: Post):
    return client.post(f"/posts/{thing.pk}/report/", {"reason": "つらいです"}, follow=True)


def test_a_moderator_hides_what_was_reported_in_the_community(client_for, officer, leader, member, club, said, tonan):
    desk, path = client_for(member), f"/communities/{club.pk}/reports/"
    assert desk.get(f"/posts/{said.pk}/hiding/").status_code == 404
    assert "この集まりの世話役が読みます" in desk.get(f"/posts/{said.pk}/report/").content.decode()
    tell(client_for(officer), said)
    assert path in desk.get(f"/communities/{club.pk}/").content.decode()
    page = desk.get(path).content.decode()
    assert "つらいです" in page
    assert officer.name not in page
    answer = desk.post(f"/posts/{said.pk}/hiding/", {"reason": "やさしく話しましょう"})
    assert answer["Location"] == path
    assert client_for(leader).get(f"/posts/{said.pk}/").status_code == 404
    with bound(tonan):
        assert Message.objects.filter(to=leader.user.email, body__contains="やさしく話しましょう").count() == 1
        hiding = Moderation.objects.hidden().get()
    assert "また見えるようにする" in desk.get(path).content.decode()
    assert desk.post(f"/reports/{hiding.pk}/settlement/", follow=True).status_code == 200
    assert client_for(leader).get(f"/posts/{said.pk}/").status_code == 200


def test_both_officers_and_moderators_are_written_to_but_not_who_said_it(
    client_for, officer, member, leader, said, tonan
):
    with bound(tonan):
        said.community.memberships.filter(member=leader).update(role="moderator")
    tell(client_for(officer), said)
    with bound(tonan):
        letters = Message.objects.filter(subject__contains="見てほしい")
        assert {letter.to for letter in letters} == {officer.user.email, member.user.email}
        assert f"/communities/{said.community_id}/reports/" in letters.get(to=member.user.email).body
    own = client_for(leader)
    assert "つらいです" not in own.get(f"/communities/{said.community_id}/reports/").content.decode()
    assert own.post(f"/posts/{said.pk}/hiding/", {"reason": "x"}).status_code == 404


def test_what_officers_hid_moderators_do_not_show(client_for, officer, member, said, tonan):
    tell(client_for(member), said)
    client_for(officer).post(f"/posts/{said.pk}/hiding/", {"reason": "やさしく"})
    with bound(tonan):
        hiding = Moderation.objects.hidden().get()
    desk = client_for(member)
    assert "また見えるようにする" not in desk.get(f"/communities/{said.community_id}/reports/").content.decode()
    assert desk.post(f"/reports/{hiding.pk}/settlement/").status_code == 404


def test_a_moderator_judges_nothing_elsewhere_and_nothing_any_more_when_relieved(
    client_for, officer, member, leader, outsider, said, comment, tonan
):
    tell(client_for(officer), said)
    client_for(officer).post(f"/comments/{comment.pk}/report/", {"reason": "x"})
    desk = client_for(member)
    assert desk.post(f"/comments/{comment.pk}/hiding/", {"reason": "x"}).status_code == 404
    assert client_for(leader).get(f"/communities/{said.community_id}/reports/").status_code == 404
    assert client_for(outsider).get(f"/communities/{said.community_id}/reports/").status_code == 404
    with bound(tonan):
        said.community.memberships.filter(member=member).update(role="member")
    assert desk.post(f"/posts/{said.pk}/hiding/", {"reason": "x"}).status_code == 404
    assert desk.get(f"/communities/{said.community_id}/reports/").status_code == 404
