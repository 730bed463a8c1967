"""Communities: joining at once or by asking, hidden ones, the feed inside."""

import pytest

from controlplane.tenancy import bound
from tenants.communities.models import Community
from tenants.feed.models import Post


@pytest.fixture
def start(tonan, officer):
    def start(name, access="open"):
        with bound(tonan):
            return Community.start(by=officer, name=name, access=access)

    return start


def test_the_list_parts_mine_from_the_others(client_for, member, start):
    start("子ども会")
    start("役員の相談", "hidden")
    context = client_for(member).get("/communities/").context
    assert [each.name for each, _unread in context["mine"]] == ["防災の会"]
    assert [each.name for each in context["others"]] == ["子ども会"]


def test_each_says_how_much_is_new_inside(client_for, member, officer, tonan):
    with bound(tonan):
        room = Community.objects.get(name="防災の会")
        post = Post.write(by=officer, title="備蓄の水", audience="community", community=room)
    client = client_for(member)
    assert [unread for _each, unread in client.get("/communities/").context["mine"]] == [1]
    client.get(f"/posts/{post.pk}/")
    assert [unread for _each, unread in client.get("/communities/").context["mine"]] == [0]


def test_an_open_one_is_entered_at_once(client_for, member, start):
    room, client = start("子ども会"), client_for(member)
    text = client.post(f"/communities/{room.pk}/join/", follow=True).content.decode()
    assert "「子ども会」に入りました。" in text
    assert "ここに書く" in text


def test_one_by_approval_is_asked_for_and_an_officer_answers(client_for, member, officer, start, tonan):
    room, client = start("改修委員会", "approval"), client_for(member)
    with bound(tonan):
        Post.write(by=officer, title="中の話", audience="community", community=room)
    client.post(f"/communities/{room.pk}/join/")
    waiting = client.get(f"/communities/{room.pk}/").content.decode()
    assert "申し込み中です" in waiting
    assert "中の話" not in waiting
    office = client_for(officer)
    assert "1人が待っています" in office.get("/communities/").content.decode()
    text = office.post(
        f"/communities/{room.pk}/requests/", {"member": member.pk, "answer": "yes"}, follow=True
    ).content.decode()
    assert "さんが入りました。" in text
    assert "中の話" in client.get(f"/communities/{room.pk}/").content.decode()


def test_who_is_turned_away_may_ask_again(client_for, member, officer, start):
    room, client = start("改修委員会", "approval"), client_for(member)
    client.post(f"/communities/{room.pk}/join/")
    client_for(officer).post(f"/communities/{room.pk}/requests/", {"member": member.pk, "answer": "no"})
    assert "入りたいと申し込む" in client.get(f"/communities/{room.pk}/").content.decode()


def test_a_request_is_taken_back(client_for, member, start):
    room, client = start("改修委員会", "approval"), client_for(member)
    client.post(f"/communities/{room.pk}/join/")
    assert "申し込みをやめますか" in client.get(f"/communities/{room.pk}/leave/").content.decode()
    text = client.post(f"/communities/{room.pk}/leave/", follow=True).content.decode()
    assert "申し込みをやめました。" in text


def test_only_officers_answer_and_only_who_asked(client_for, member, leader, officer, start):
    room = start("改修委員会", "approval")
    client_for(member).post(f"/communities/{room.pk}/join/")
    said = {"member": member.pk, "answer": "yes"}
    assert client_for(leader).post(f"/communities/{room.pk}/requests/", said).status_code == 404
    for nobody in (leader.pk, "", "x"):
        assert client_for(officer).post(f"/communities/{room.pk}/requests/", {"member": nobody}).status_code == 404


def test_a_hidden_one_is_not_there_for_members(client_for, member, officer, start):
    room = start("役員の相談", "hidden")
    client = client_for(member)
    assert client.get(f"/communities/{room.pk}/").status_code == 404
    assert client.post(f"/communities/{room.pk}/join/").status_code == 404
    assert client_for(officer).get(f"/communities/{room.pk}/").status_code == 200


def test_its_talk_is_for_those_inside_only(client_for, member, leader, officer, tonan):
    with bound(tonan):
        room = Community.objects.get(name="防災の会")
        Post.write(by=officer, title="備蓄の水", audience="community", community=room)
    assert "備蓄の水" in client_for(member).get(f"/communities/{room.pk}/").content.decode()
    outside = client_for(leader).get(f"/communities/{room.pk}/").content.decode()
    assert "備蓄の水" not in outside
    assert "このコミュニティに入る" in outside
    assert "備蓄の水" not in client_for(member).get("/").content.decode()


def test_leaving_asks_first(client_for, member, tonan):
    client = client_for(member)
    assert "から出ますか" in client.get("/communities/2/leave/").content.decode()
    text = client.post("/communities/2/leave/", follow=True).content.decode()
    assert "「防災の会」から出ました。" in text
    assert client.get("/communities/2/leave/").status_code == 404


def test_officers_start_one_and_a_name_is_used_once(client_for, officer, member):
    client, typed = client_for(officer), {"name": "花だん当番", "description": "水やり", "access": "open"}
    assert "「花だん当番」を作りました。" in client.post("/communities/new/", typed, follow=True).content.decode()
    again = client.post("/communities/new/", typed)
    assert again.status_code == 422
    assert "同じ名前のコミュニティがあります。" in again.content.decode()
    assert "水やり" in again.content.decode()
    assert client_for(member).get("/communities/new/").status_code == 404


@pytest.mark.parametrize("path", ["", "leave/"])
def test_the_outsider_gets_nothing(client_for, outsider, start, path):
    room = start("子ども会")
    assert client_for(outsider).get(f"/communities/{room.pk}/{path}").status_code == 404
    for post in ("join/", "leave/", "requests/"):
        assert client_for(outsider).post(f"/communities/{room.pk}/{post}").status_code == 404
    assert "子ども会" not in client_for(outsider).get("/communities/").content.decode()
