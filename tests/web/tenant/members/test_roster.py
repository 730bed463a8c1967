"""The roster: officers see everything, leaders their own group without contact data, members nothing."""

import pytest
from django.test import Client

from controlplane.audit.models import Entry
from controlplane.tenancy import bound
from tenants.members.models import Group, Household, Member

PAGES = ["/members/", "/members/1/", "/members/households/1/"]
OFFICERS_ONLY = [
    "/members/waiting/",
    "/members/households/add/",
    "/members/seats/",
    "/members/groups/",
    "/members/1/leave/",
]


def text(answer) -> str:
    return answer.content.decode()


def test_officers_see_every_home_with_its_address(client_for, officer, member, tonan):
    with bound(tonan):
        member.household.correct(by=officer, address="桃山町 1-2")
    page = text(client_for(officer).get("/members/"))
    assert "桃山町 1-2" in page
    assert "紙の家さんのお宅" in page
    assert "1組 組長" in page
    assert "1人が登録の承認を待っています" in page


@pytest.mark.parametrize("asked", ["高崎", "渡辺高崎", "渡邉　髙﨑", "三の", "3ノ"])
def test_a_home_is_found_in_other_letters_and_kept_as_written(client_for, officer, member, tonan, asked):
    with bound(tonan):
        Household.objects.filter(pk=member.household_id).update(name="渡邊 髙﨑", address="３ノ坪")
    page = text(client_for(officer).get("/members/", {"q": asked}))
    assert "渡邊 髙﨑" in page
    assert "紙の家さんのお宅" not in page


def test_a_leader_sees_the_own_group_without_addresses(client_for, leader, member, officer, tonan):
    with bound(tonan):
        leader.household.correct(by=officer, address="秘密の住所 1-2")
    page = text(client_for(leader).get("/members/"))
    assert "紙の家さんのお宅" in page
    assert "秘密の住所" not in page
    assert "会員1" not in page  # of another group
    assert "承認を待っています" not in page


def test_a_leader_sees_no_contact_data_of_a_person(client_for, leader, officer, tonan):
    with bound(tonan):
        officer.household.correct(by=officer, address="秘密の住所 1-2")
    for url in (f"/members/{officer.pk}/", f"/members/households/{officer.household_id}/"):
        page = client_for(leader).get(url)  # the chair lives in the leader's group
        assert page.status_code == 200
        assert officer.user.email not in text(page)
        assert "秘密の住所" not in text(page)
    assert officer.user.email in text(client_for(officer).get(f"/members/{officer.pk}/"))


def test_a_leader_does_not_find_another_group_s_people(client_for, leader, member):
    assert client_for(leader).get(f"/members/{member.pk}/").status_code == 404
    assert client_for(leader).get(f"/members/households/{member.household_id}/").status_code == 404


def test_a_leader_corrects_nothing(client_for, leader, officer, tonan):
    url = f"/members/households/{leader.household_id}/"
    client_for(leader).post(url, {"name": "べつの名", "channel": "none"})
    with bound(tonan):
        assert Household.objects.get(pk=leader.household_id).name != "べつの名"


@pytest.mark.parametrize(
    ("query", "found"), [("q=会員１", 1), ("q=桃南だけの話", 5), ("q=いない", 0), ("group=1", 3), ("channel=paper", 1)]
)
def test_narrowing(client_for, officer, query, found):
    answer = client_for(officer).get(f"/members/?{query}")
    assert answer.context["turning"].page.paginator.count == found


def test_a_leader_cannot_search_addresses(client_for, leader, officer, tonan):
    with bound(tonan):
        leader.household.correct(by=officer, address="秘密の住所 1-2")
    assert client_for(leader).get("/members/?q=秘密").context["turning"].page.paginator.count == 0
    assert client_for(officer).get("/members/?q=秘密").context["turning"].page.paginator.count == 1


def test_the_roster_costs_the_same_however_many_live_here(client_for, officer, tonan, django_assert_max_num_queries):
    client = client_for(officer)
    with bound(tonan):
        for n in range(40):
            home = Household.objects.add(name=f"世帯{n}", by=officer)
            Member.objects.create(name=f"世帯{n}", household=home, admitted_at=officer.admitted_at)
    with django_assert_max_num_queries(30):
        page = client.get("/members/")
    assert "1〜30" in text(page)
    assert "世帯39" in text(client.get("/members/?page=2"))


def test_a_home_on_paper_is_added_and_counts_as_paper(client_for, officer, tonan):
    client = client_for(officer)
    with bound(tonan):
        group = Group.objects.get(name="2組")
    form = {"name": "ふじのハイツ　203", "group": group.pk, "channel": "paper", "postal_code": "", "address": ""}
    assert client.post("/members/households/add/", form)["Location"] == "/members/"
    with bound(tonan):
        home = Household.objects.get(name="ふじのハイツ 203")
        assert (home.group, home.channel) == (group, "paper")
        assert Entry.objects.about(home).get().verb == "household.add"


def test_a_home_needs_a_name_and_keeps_what_was_typed(client_for, officer):
    answer = client_for(officer).post("/members/households/add/", {"name": "", "channel": "paper", "address": "のこる"})
    assert answer.status_code == 422
    assert "のこる" in text(answer)


def test_the_postal_code_fills_in_the_address_of_a_home(client_for, officer):
    typed = {"name": "紙の家", "channel": "paper", "postal_code": "612-8033", "lookup": "1"}
    assert "京都市伏見区桃山町" in text(client_for(officer).post("/members/households/add/", typed))


def test_an_officer_corrects_group_and_channel(client_for, officer, member, tonan):
    with bound(tonan):
        group = Group.objects.get(name="1組")
    form = {"name": "会員1", "group": group.pk, "channel": "paper", "postal_code": "", "address": ""}
    client_for(officer).post(f"/members/households/{member.household_id}/", form)
    with bound(tonan):
        home = Household.objects.get(pk=member.household_id)
        assert (home.group, home.channel) == (group, "paper")
        assert Entry.objects.about(home).get().data["fields"] == ["group", "channel"]


def test_leaving_is_asked_once_more_and_written_down(client_for, officer, member, tonan):
    client = client_for(officer)
    away = client_for(member)
    assert "退会を書きとめますか" in text(client.get(f"/members/{member.pk}/leave/"))
    with bound(tonan):
        assert Member.objects.admitted().filter(pk=member.pk).exists()
    client.post(f"/members/{member.pk}/leave/")
    with bound(tonan):
        assert not Member.objects.admitted().filter(pk=member.pk).exists()
    assert away.get("/")["Location"] == "/sign-in/?next=/"


def test_the_representative_hands_over_before_leaving(client_for, officer, tonan):
    answer = client_for(officer).post(f"/members/{officer.pk}/leave/")
    assert answer.status_code == 422
    assert "引き継いでから" in text(answer)
    with bound(tonan):
        assert Member.objects.admitted().filter(pk=officer.pk).exists()


@pytest.mark.parametrize("url", PAGES + OFFICERS_ONLY)
def test_a_plain_member_finds_nothing(client_for, member, url):
    assert client_for(member).get(url).status_code == 404


@pytest.mark.parametrize("url", OFFICERS_ONLY)
def test_a_leader_finds_no_officers_page(client_for, leader, url):
    assert client_for(leader).get(url).status_code == 404


@pytest.mark.parametrize("url", PAGES + OFFICERS_ONLY)
def test_the_outsider_finds_nothing(client_for, outsider, url):
    assert client_for(outsider).get(url).status_code == 404
    foreign = Client(HTTP_HOST="tonan.kairan.localhost")
    foreign.cookies = client_for(outsider).cookies
    assert foreign.get(url)["Location"].startswith("/sign-in/")
