"""Two people at two browsers change the same thing: the second is told by whom, sees both, keeps what they typed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from controlplane.associations.models import Bulletin, BulletinDraft
from controlplane.cities.models import CityDate, CityStaff
from controlplane.tenancy import bound, public
from tenants.calendar.models import Event
from tenants.communities.models import Community, HandoverRecord
from tenants.feed.models import FeedRules, Post
from tenants.members.models import Group, Household, Member, Seat
from tests.filled import typed


@dataclass
class Page:
    """Somewhere something is changed: the address, the field two people write into, and what stands there."""

    at: str
    field: str
    stored: Callable[[], str]
    first: Client
    second: Client
    named: str  # how the first of the two is called
    mine: str = "あとの人の言葉"
    theirs: str = "先の人の言葉"


@pytest.fixture
def treasurer(tonan, member, officer):
    """会計 of 桃南会: a second officer."""
    with bound(tonan):
        seat = Seat.objects.add(title="会計", kind=Seat.Kind.OFFICER, by="tests")
        seat.hand_over(member, by="tests")
        HandoverRecord.write(by=officer, seat=Seat.objects.get(title="会長"), problem="雨の連絡", handling="電話した")
    return member


@pytest.fixture
def weekly(tonan, officer):
    with bound(tonan):
        start = timezone.make_aware(timezone.datetime(2031, 7, 5, 9))
        end = start + timedelta(hours=1)
        return Event.plan(
            by=officer,
            title="清掃",
            place="公園",
            starts_at=start,
            ends_at=end,
            rrule="FREQ=WEEKLY",
            audience="everyone",
        )


SITE = {
    "an event": (Event, {"rrule": "FREQ=WEEKLY"}, "/calendar/{pk}/edit/", "title"),
    "a community": (Community, {"name": "防災の会"}, "/communities/{pk}/change/", "description"),
    "a household": (Household, {"name": "紙の家"}, "/members/households/{pk}/", "address"),
    "a group": (Group, {"name": "2組"}, "/members/groups/{pk}/", "name"),
    "a record": (HandoverRecord, {"problem": "雨の連絡"}, "/handover/{pk}/edit/", "handling"),
    "a post": (Post, {"title": "清掃のお知らせ"}, "/posts/{pk}/edit/", "body"),
}


@pytest.fixture(params=[*SITE, "a city's date", "a bulletin", "a bulletin's draft"])
def page(request, tonan, kyoto, officer, treasurer, weekly, client_for, apex, city_official):
    if request.param in SITE:
        model, where, at, field = SITE[request.param]
        with bound(tonan):
            pk = model.objects.get(**where).pk

        def stored() -> str:
            with bound(tonan):
                return str(getattr(model.objects.get(pk=pk), field))

        # Only who holds its seat changes a record: there it is one person at two browsers.
        second = officer if request.param == "a record" else treasurer
        return Page(at.format(pk=pk), field, stored, client_for(officer), client_for(second), officer.name)
    with public():
        row: Any = _of_the_city(request.param, kyoto)
        CityStaff.objects.get(user=city_official)

    def told() -> str:
        with public():
            return str(type(row).objects.get(pk=row.pk).title)

    at = {
        "a city's date": f"/city/dates/{row.pk}/",
        "a bulletin": f"/city/bulletins/{row.pk}/edit/",
        "a bulletin's draft": f"/city/bulletins/drafts/{row.pk}/",
    }[request.param]
    return Page(at, "title", told, apex(city_official), apex(city_official), "職員 1")


def _of_the_city(kind: str, city: Any) -> Any:
    if kind == "a city's date":
        return CityDate.announce(city, by="tests", title="締め切り", starts_on=date(2031, 7, 1), ends_on=None)
    said = {"city": city, "audience": "all", "title": "土のう", "body": "3か所あります。"}
    if kind == "a bulletin":
        return Bulletin.objects.publish(by="tests", **said)
    return BulletinDraft.objects.keep(by="tests", **said)


def test_the_second_is_told_and_keeps_what_was_typed(page, outsider, client_for):
    opened = typed(page.first.get(page.at).content.decode())
    also = typed(page.second.get(page.at).content.decode())
    assert page.first.post(page.at, {**opened, page.field: page.theirs}).status_code == 302
    told = page.second.post(page.at, {**also, page.field: page.mine})
    text = told.content.decode()
    assert told.status_code == 409
    assert "ほかの方が、先になおしました" in text
    assert f"{page.named}さんがなおしました" in text
    assert "わたしの内容で上書きする" in text
    assert page.theirs in text
    assert text.count(page.mine) >= 2  # there and in the field
    assert page.stored() == page.theirs
    again = typed(text)
    assert again[page.field] == page.mine
    assert page.second.post(page.at, again).status_code == 302
    assert page.stored() == page.mine
    assert client_for(outsider).get(page.at).status_code in {302, 404}


def test_whoever_is_alone_is_told_nothing(page):
    opened = typed(page.first.get(page.at).content.decode())
    assert page.first.post(page.at, {**opened, page.field: page.theirs}).status_code == 302
    again = typed(page.first.get(page.at).content.decode())
    assert page.first.post(page.at, {**again, page.field: page.mine}).status_code == 302
    assert page.stored() == page.mine


def test_what_was_wrong_beside_it_comes_back_with_the_version_it_had(page):
    """A refused form is still of the version that was opened; a draft keeps what can be read of it, and counts that."""
    opened = typed(page.first.get(page.at).content.decode())
    required = "name" if "/communities/" in page.at or "/households/" in page.at else page.field
    if "/posts/" in page.at:
        required = "title"
    refused = page.first.post(page.at, {**opened, required: ""})
    assert refused.status_code == 422
    newer = int("/drafts/" in page.at)
    assert int(typed(refused.content.decode())["version"]) == int(opened["version"]) + newer


def test_a_called_off_event_stays_so_whoever_edits_it_from_an_old_form(
    client_for, officer, treasurer, weekly, tonan, outsider
):
    at = f"/calendar/{weekly.pk}/edit/"
    second = client_for(treasurer)
    opened = typed(second.get(at).content.decode())
    client_for(officer).post(f"/calendar/{weekly.pk}/cancel/", {"scope": "all", "reason": "雨のため", "to": "answered"})
    told = second.post(at, {**opened, "title": "秋の清掃"})
    assert told.status_code == 409
    assert "中止になっています" in told.content.decode()
    assert second.post(at, typed(told.content.decode())).status_code == 302
    without = {name: value for name, value in opened.items() if name != "version"}
    assert second.post(at, {**without, "title": "冬の清掃"}).status_code == 302
    with bound(tonan):
        now = Event.objects.get(pk=weekly.pk)
    assert (now.title, now.cancel_reason) == ("冬の清掃", "雨のため")
    assert now.cancelled_at
    assert client_for(outsider).get(at).status_code == 404


def test_the_rest_of_a_series_is_not_cut_from_one_that_changed_meanwhile(client_for, officer, treasurer, weekly, tonan):
    at = f"/calendar/{weekly.pk}/edit/?from=2031-07-19"
    second = client_for(treasurer)
    opened = typed(second.get(at).content.decode())
    whole = typed(second.get(f"/calendar/{weekly.pk}/edit/").content.decode())
    client_for(officer).post(f"/calendar/{weekly.pk}/edit/", {**whole, "place": "集会所"})
    told = second.post(at, {**opened, "title": "秋の清掃"})
    assert told.status_code == 409
    assert "集会所" in told.content.decode()
    assert at in told.content.decode()  # "as it is now" leads to the same half
    with bound(tonan):
        assert Event.objects.filter(title="秋の清掃").count() == 0
    assert second.post(at, typed(told.content.decode())).status_code == 302
    with bound(tonan):
        assert Event.objects.get(title="秋の清掃").place == "公園"
        assert Event.objects.get(pk=weekly.pk).place == "集会所"


def test_two_who_move_the_same_day_are_told_and_two_who_move_others_are_not(
    client_for, officer, treasurer, weekly, tonan
):
    first, second = client_for(officer), client_for(treasurer)
    same, other = (f"/calendar/{weekly.pk}/move/?on=2031-07-{day}" for day in (12, 19))
    opened, elsewhere = typed(second.get(same).content.decode()), typed(second.get(other).content.decode())
    assert first.post(same, {**opened, "place": "集会所"}).status_code == 302
    assert second.post(other, {**elsewhere, "place": "学校"}).status_code == 302
    told = second.post(same, {**opened, "place": "学校"})
    assert told.status_code == 409
    assert "集会所" in told.content.decode()
    assert second.post(same, typed(told.content.decode())).status_code == 302
    with bound(tonan):
        assert set(weekly.changes.values_list("place", flat=True)) == {"学校"}


def test_a_seat_that_somebody_handed_over_meanwhile_is_not_handed_over_again(
    client_for, officer, treasurer, leader, tonan
):
    with bound(tonan):
        seat = Seat.objects.add(title="防災", kind=Seat.Kind.OFFICER, by="tests")
    at = f"/members/seats/{seat.pk}/"
    second = client_for(treasurer)
    opened = typed(second.get(at).content.decode())
    assert client_for(officer).post(at, {**opened, "to": leader.pk}).status_code == 302
    told = second.post(at, {**opened, "to": treasurer.pk})
    assert told.status_code == 409
    assert leader.name in told.content.decode()
    with bound(tonan):
        assert seat.terms.get().member == leader
    assert second.post(at, typed(told.content.decode())).status_code == 302
    with bound(tonan):
        assert seat.terms.current().get().member == treasurer


def test_oneself_and_an_officer_correct_the_same_home(client_for, officer, member, tonan):
    own = client_for(member)
    opened = typed(own.get("/menu/profile/").content.decode())
    at = f"/members/households/{member.household_id}/"
    office = client_for(officer)
    office.post(at, {**typed(office.get(at).content.decode()), "address": "伏見区1-2"})
    told = own.post("/menu/profile/", {**opened, "kana": "かいいん"})
    assert told.status_code == 409
    assert "伏見区1-2" in told.content.decode()
    assert own.post("/menu/profile/", {**typed(told.content.decode()), "address": "伏見区1-2"}).status_code == 302
    with bound(tonan):
        now = Member.objects.select_related("household").get(pk=member.pk)
    assert (now.kana, now.household.address) == ("かいいん", "伏見区1-2")


def test_looking_an_address_up_does_not_take_a_newer_version_for_granted(client_for, officer, treasurer, tonan):
    with bound(tonan):
        home = Household.objects.get(name="紙の家")
    at = f"/members/households/{home.pk}/"
    second = client_for(treasurer)
    opened = typed(second.get(at).content.decode())
    client_for(officer).post(at, {**opened, "name": "みどりの家"})
    looked = typed(second.post(at, {**opened, "postal_code": "612-0000", "lookup": "1"}).content.decode())
    assert looked["version"] == opened["version"]
    assert second.post(at, {**looked, "postal_code": ""}).status_code == 409


def test_two_officers_lay_down_a_rule(client_for, officer, treasurer, tonan):
    second = client_for(treasurer)
    opened = typed(second.get("/menu/talk/").content.decode())
    closed = {name: value for name, value in opened.items() if name != "comments"}
    assert client_for(officer).post("/menu/talk/", closed).status_code == 302
    told = second.post("/menu/talk/", {name: value for name, value in opened.items() if name != "reactions"})
    assert told.status_code == 409
    with bound(tonan):
        assert not FeedRules.now().comments
    assert second.post("/menu/talk/", typed(told.content.decode())).status_code == 302
    with bound(tonan):
        assert (FeedRules.now().comments, FeedRules.now().reactions) == (True, False)


def test_the_same_change_made_twice_is_no_quarrel(client_for, officer, treasurer, tonan):
    with bound(tonan):
        group = Group.objects.get(name="2組")
    at = f"/members/groups/{group.pk}/"
    opened = typed(client_for(officer).get(at).content.decode())
    client_for(officer).post(at, {**opened, "name": "みどり組"})
    told = client_for(treasurer).post(at, {**opened, "name": "みどり組"})
    assert "あなたが書いた内容と同じです" in told.content.decode()


def test_overwriting_a_draft_keeps_it_a_draft(client_for, officer, tonan):
    """The button in the clash does what the one did that was pressed: nothing goes out by it."""
    client = client_for(officer)
    with bound(tonan):
        post = Post.write(by=officer, title="下書き", body="はじめ", publish_at=None)
    at = f"/posts/{post.pk}/edit/"
    opened = typed(client.get(at).content.decode())
    client.post(at, {**opened, "body": "ひとつめの窓", "draft": "1"})
    told = client.post(at, {**opened, "body": "ふたつめの窓", "draft": "1"}).content.decode()
    assert '<button class="button" type="submit" name="draft" value="1">' in told
    client.post(at, {**typed(told), "draft": "1"})
    with bound(tonan):
        now = Post.objects.get(pk=post.pk)
    assert now.is_draft
    assert now.body == "ふたつめの窓"


def test_what_goes_out_is_what_was_looked_through(apex, city_official, kyoto, outsider):
    with public():
        draft = BulletinDraft.objects.keep(by="tests", city=kyoto, audience="all", title="土のう", body="3か所です。")
    desk = apex(city_official)
    check = f"/city/bulletins/drafts/{draft.pk}/check/"
    opened = typed(desk.get(check).content.decode())
    with public():
        draft.rewrite(by="職員 2", body="4か所です。")
    told = desk.post(check, opened)
    assert told.status_code == 409
    assert "4か所です" in told.content.decode()
    with public():
        assert not Bulletin.objects.exists()
    assert desk.post(check, typed(told.content.decode())).status_code == 302
    with public():
        assert Bulletin.objects.get().body == "4か所です。"
