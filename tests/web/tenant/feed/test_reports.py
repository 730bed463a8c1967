"""Reporting, hiding and settling, as pages."""

import pytest

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
