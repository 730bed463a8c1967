"""Seats and groups: handing over by date, adding, naming, ordering."""

from datetime import timedelta

import pytest
from django.utils import timezone

from controlplane.tenancy import bound
from tenants.feed.models import Post
from tenants.members.models import Group, Member, Seat
from web.tenant.members.turning import next_turn


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def chair(tonan):
    with bound(tonan):
        return Seat.objects.get(kind="representative")


def test_the_representative_hands_over_today(client_for, officer, member, chair, tonan):
    client = client_for(officer)
    today = timezone.localdate()
    answer = client.post(f"/members/seats/{chair.pk}/", {"to": member.pk, "on": today.isoformat()})
    assert answer["Location"] == "/members/seats/"
    with bound(tonan):
        assert Seat.objects.get(pk=chair.pk).holder == member
    assert client.get("/members/seats/").status_code == 404  # no officer any more
    assert client_for(member).get("/members/seats/").status_code == 200


def test_among_many_the_next_holder_is_looked_for_by_name(client_for, officer, member, chair, tonan, monkeypatch):
    monkeypatch.setattr("web.tenant.members.seats.OFFERED", 1)
    client, path = client_for(officer), f"/members/seats/{chair.pk}/"
    assert f'value="{member.pk}"' not in text(client.get(path))
    assert "お名前でさがしてから選びます" in text(client.get(path))
    assert "まだ見つかりません" in text(client.get(path, {"q": "いない"}))
    page = text(client.get(path, {"q": "会員1"}))
    assert f'<option value="{member.pk}">' in page
    assert "組長 桃南だけの話" not in page
    client.post(f"{path}?q=会員1", {"to": member.pk, "on": timezone.localdate().isoformat()})
    with bound(tonan):
        assert Seat.objects.get(pk=chair.pk).holder == member


def test_a_handover_planned_for_later_waits_for_its_day(client_for, officer, member, chair, tonan):
    day = timezone.localdate() + timedelta(days=40)
    client = client_for(officer)
    client.post(f"/members/seats/{chair.pk}/", {"to": member.pk, "on": day.isoformat()})
    page = text(client.get("/members/seats/"))
    assert member.name in page
    with bound(tonan):
        seat = Seat.objects.get(pk=chair.pk)
        assert seat.holder == officer
        assert seat.planned.member == member


def test_a_planned_handover_survives_one_in_between(tonan, officer, leader, member, chair):
    today = timezone.localdate()
    with bound(tonan):
        chair.hand_over(member, by=officer, on=today + timedelta(days=40))
        chair.hand_over(leader, by=officer, on=today)
        assert chair.holder == leader
        later = chair.terms.current(today + timedelta(days=40))
        assert [term.member for term in later] == [member]


def test_an_officer_does_not_take_the_representative_s_seat(client_for, officer, member, chair, tonan):
    with bound(tonan):
        Seat.objects.add(title="会計", kind="officer", by=officer).hand_over(member, by=officer)
    client = client_for(member)
    assert "代表者だけが引き継げます" in text(client.get(f"/members/seats/{chair.pk}/"))
    answer = client.post(f"/members/seats/{chair.pk}/", {"to": member.pk, "on": timezone.localdate().isoformat()})
    assert answer.status_code == 404
    with bound(tonan):
        assert Seat.objects.get(pk=chair.pk).holder == officer


def test_only_admitted_people_hold_seats(client_for, officer, waiting, chair):
    today = timezone.localdate().isoformat()
    answer = client_for(officer).post(f"/members/seats/{chair.pk}/", {"to": waiting.pk, "on": today})
    assert answer.status_code == 422


def test_adding_a_seat_leads_to_choosing_its_holder(client_for, officer, tonan):
    client = client_for(officer)
    with bound(tonan):
        group = Group.objects.get(name="2組")
    answer = client.post("/members/seats/", {"title": "2組　組長", "kind": "leader", "group": group.pk})
    with bound(tonan):
        seat = Seat.objects.get(title="2組 組長")
        assert (seat.kind, seat.group) == ("leader", group)
    assert answer["Location"] == f"/members/seats/{seat.pk}/"
    assert "まだ決まっていない" in text(client.get("/members/seats/"))


@pytest.mark.parametrize(
    "form",
    [{"title": "会長", "kind": "officer"}, {"title": "", "kind": "leader"}, {"title": "x", "kind": "representative"}],
)
def test_what_is_no_seat_is_said_plainly(client_for, officer, tonan, form):
    assert client_for(officer).post("/members/seats/", form).status_code == 422
    with bound(tonan):
        assert Seat.objects.count() == 2


def test_groups_are_added_renamed_and_ordered(client_for, officer, tonan):
    client = client_for(officer)
    client.post("/members/groups/", {"name": "３組"})
    with bound(tonan):
        third = Group.objects.get(name="3組")
    client.post(f"/members/groups/{third.pk}/", {"move": "up"})
    client.post(f"/members/groups/{third.pk}/", {"move": "up"})
    client.post(f"/members/groups/{third.pk}/", {"move": "up"})
    client.post(f"/members/groups/{third.pk}/", {"name": "東の組"})
    with bound(tonan):
        assert [group.name for group in Group.objects.all()] == ["東の組", "1組", "2組"]
    client.post(f"/members/groups/{third.pk}/", {"move": "down"})
    with bound(tonan):
        assert [group.name for group in Group.objects.all()] == ["1組", "東の組", "2組"]


def test_two_groups_do_not_share_a_name(client_for, officer, tonan):
    client = client_for(officer)
    assert "もうあります" in text(client.post("/members/groups/", {"name": "2組"}))
    with bound(tonan):
        first = Group.objects.get(name="1組")
    assert client.post(f"/members/groups/{first.pk}/", {"name": "２組"}).status_code == 422
    with bound(tonan):
        assert Group.objects.filter(name="1組").exists()


def test_nobody_below_an_officer_changes_the_order(client_for, leader, member, outsider, chair, tonan):
    for person in (leader, member, outsider):
        client = client_for(person)
        assert client.post("/members/seats/", {"title": "会計", "kind": "officer"}).status_code == 404
        assert client.post(f"/members/seats/{chair.pk}/", {"to": person.pk, "on": "2026-04-01"}).status_code == 404
        assert client.post("/members/groups/", {"name": "3組"}).status_code == 404
        assert client.post("/members/groups/1/", {"move": "down"}).status_code == 404
    with bound(tonan):
        assert (Seat.objects.count(), Group.objects.count()) == (2, 2)
        assert Member.objects.officers().count() == 1


def test_the_turn_of_the_year_tells_who_goes_who_stays_and_what_is_open(client_for, officer, member, chair, tonan):
    with bound(tonan):
        day = next_turn()
        Seat.objects.add(title="会計", kind="officer", by=officer)
        kept = Seat.objects.add(title="書記", kind="officer", by=officer)
        kept.hand_over(member, by=officer)
        chair.hand_over(member, by=officer, on=day)
        Post.write(by=officer, as_seat=chair, title="役職から", body="", publish_at=timezone.now())
        signed = Post.objects.filter(as_seat=chair).count()
    client = client_for(officer)
    page = text(client.get("/members/seats/"))
    row = {title: page.split(f'<th scope="row">{title}<')[1].split("</tr>")[0] for title in ("会長", "会計", "書記")}
    assert f"<b>{member.name}</b>" in row["会長"]
    assert "決まりました" in row["会長"]
    assert f"お知らせ {signed}" in row["会長"]
    assert f"?on={day.isoformat()}" in row["会長"]
    assert "まだ決まっていない" in row["会計"]
    assert "いまの方が続ける" in row["書記"]
    assert "会計です。" in page
    proposed = text(client.get(f"/members/seats/{kept.pk}/?on={day.isoformat()}"))
    assert f'value="{day.isoformat()}"' in proposed


@pytest.mark.parametrize("asked", ["2027-13-45", "きのう", "", "\x00"])
def test_a_day_that_is_none_is_today(client_for, officer, chair, asked):
    page = text(client_for(officer).get(f"/members/seats/{chair.pk}/", {"on": asked}))
    assert f'value="{timezone.localdate().isoformat()}"' in page


def test_the_list_of_seats_is_printed_for_this_year_and_the_next(
    client_for, officer, member, leader, outsider, chair, tonan
):
    with bound(tonan):
        chair.hand_over(member, by=officer, on=next_turn())
    page = text(client_for(officer).get("/members/seats/print/"))
    row = page.split('<th scope="row" class="nowrap">会長</th>')[1].split("</tr>")[0]
    assert officer.name in row
    assert f"<b>{member.name}</b>" in row
    for person in (leader, member, outsider):
        assert client_for(person).get("/members/seats/print/").status_code == 404
