"""Communities: joining at once or by asking, hidden ones, the feed inside."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.calendar.models import Event
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Post
from tenants.members.models import Group


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


@pytest.fixture
def led(tonan, member, officer):
    """防災の会, led by 会員1, who is no officer."""
    with bound(tonan):
        room = Community.objects.get(name="防災の会")
        room.memberships.get(member=member).appoint(by=officer)
    return room


def text(answer) -> str:
    return answer.content.decode()


def test_the_tabs_show_talk_events_files_records_and_people(client_for, member, officer, outsider, tonan, led):
    with bound(tonan):
        start = timezone.now() + timedelta(days=2)
        Event.plan(
            by=officer,
            title="備蓄の点検",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            audience="community",
            community=led,
        )
        post = Post.write(by=member, title="表です", audience="community", community=led)
        Attachment.objects.create(
            owner=member, post=post, kind="document", name="備蓄の表", content_type="application/pdf", size=9, key="x"
        )
    client, at = client_for(member), f"/communities/{led.pk}/"
    assert "備蓄の点検" in text(client.get(f"{at}events/"))
    assert "公園の清掃" not in text(client.get(f"{at}events/"))
    assert "備蓄の表" in text(client.get(f"{at}files/"))
    assert "世話役" in text(client.get(f"{at}people/"))
    assert "この年度の記録がならびます" in text(client.get(f"{at}records/"))
    assert client_for(outsider).get("/communities/999/files/").status_code == 404


def test_who_is_not_inside_sees_neither_people_nor_files(client_for, leader, led):
    for tab in ("events", "files", "records", "people"):
        assert client_for(leader).get(f"/communities/{led.pk}/{tab}/").status_code == 404


def test_no_contact_and_no_address_of_anybody_is_among_the_people(client_for, member, officer, led, tonan):
    with bound(tonan):
        officer.household.address = "桃山町1番地"
        officer.household.save()
    for person in (member, officer):
        shown = text(client_for(person).get(f"/communities/{led.pk}/people/"))
        assert officer.user.email not in shown
        assert "桃山町1番地" not in shown


def test_a_moderator_asks_a_group_and_a_neighbour_answers_by_one_button(client_for, member, leader, led, tonan):
    with bound(tonan):
        first = Group.objects.get(name="1組")
    client = client_for(member)
    asked = client.post(f"/communities/{led.pk}/invite/", {"group": first.pk, "seat": ""}, follow=True)
    assert "1人に声をかけました。" in text(asked)
    with bound(tonan):
        letter = Message.objects.get()
        assert (letter.to, f"/communities/{led.pk}/" in letter.body) == (leader.user.email, True)
    neighbour = client_for(leader)
    assert "声がかかっています" in text(neighbour.get("/communities/"))
    assert "入らない" in text(neighbour.get(f"/communities/{led.pk}/"))
    answered = neighbour.post(f"/communities/{led.pk}/reply/", {"answer": "yes"}, follow=True)
    assert "「防災の会」に入りました。" in text(answered)
    again = neighbour.post(f"/communities/{led.pk}/reply/", {"answer": "no"}, follow=True)
    assert "もう終わっています" in text(again)


def test_somebody_is_found_by_name_and_asked(client_for, member, leader, led):
    client = client_for(member)
    assert leader.name in text(client.get(f"/communities/{led.pk}/invite/?q=組長"))
    assert "見つかりません" in text(client.get(f"/communities/{led.pk}/invite/?q=だれか"))
    assert "1人に声をかけました。" in text(
        client.post(f"/communities/{led.pk}/invite/", {"member": leader.pk}, follow=True)
    )
    assert client.post(f"/communities/{led.pk}/invite/", {"group": "", "seat": ""}).status_code == 422


def test_a_moderator_hands_over_and_the_last_one_cannot_leave(client_for, member, officer, led, tonan):
    client = client_for(member)
    with bound(tonan):
        other = led.memberships.get(member=officer)
        own = led.memberships.get(member=member)
        other.relieve(by=officer)
    refused = client.post(f"/communities/{led.pk}/leave/", follow=True)
    assert "世話役は1人は必要です" in text(refused)
    client.post(f"/communities/{led.pk}/people/{other.pk}/", {"act": "hand_over"})
    with bound(tonan):
        other.refresh_from_db()
        own.refresh_from_db()
        assert (other.is_moderator, own.is_moderator) == (True, False)
    assert client.get(f"/communities/{led.pk}/people/{other.pk}/").status_code == 404  # no longer theirs to lead


def test_taking_somebody_out_asks_for_a_reason(client_for, member, leader, led, tonan):
    with bound(tonan):
        led.join(leader)
        row = led.memberships.get(member=leader)
    client, at = client_for(member), f"/communities/{led.pk}/people/{row.pk}/"
    assert client.post(at, {"act": "remove", "reason": ""}).status_code == 422
    client.post(at, {"act": "remove", "reason": "お引っ越し"})
    assert client_for(leader).get(f"/communities/{led.pk}/files/").status_code == 404


def test_it_ends_is_read_and_begins_again(client_for, member, officer, led):
    client = client_for(member)
    assert "終わりにしますか" in text(client.get(f"/communities/{led.pk}/close/"))
    closed = text(client.post(f"/communities/{led.pk}/close/", follow=True))
    assert "に終わった集まりです" in closed
    assert "ここに書く" not in closed
    assert "終わった集まり" in text(client.get("/communities/"))
    assert client.post(f"/communities/{led.pk}/reopen/").status_code == 404
    assert "ここに書く" in text(client_for(officer).post(f"/communities/{led.pk}/reopen/", follow=True))


def test_a_plain_member_and_an_outsider_lead_nothing(client_for, leader, outsider, led, tonan):
    with bound(tonan):
        led.join(leader)
    for person in (leader, outsider):
        client = client_for(person)
        for path in ("invite/", "change/", "close/", "people/1/"):
            assert client.get(f"/communities/{led.pk}/{path}").status_code == 404


def test_communities_are_searched_by_name(client_for, member, start):
    start("夏まつり")
    found = text(client_for(member).get("/communities/?q=夏"))
    assert "夏まつり" in found
    assert "防災の会" not in found
    assert "という集まりは、まだありません" in text(client_for(member).get("/communities/?q=冬"))
