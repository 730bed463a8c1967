"""Who I am on this host."""

from controlplane.tenancy import bound
from tenants.members.models import Household, Member


def test_an_officer_sees_account_role_member_and_household(api, officer):
    me = api(officer).get("me/").json()
    assert me["account"] == {"email": officer.user.email, "phone": None}
    assert me["role"] == "officer"
    assert me["member"]["name"] == officer.name
    assert [seat["kind"] for seat in me["member"]["seats"]] == ["representative"]
    assert me["household"]["id"] == officer.household_id


def test_each_has_their_role(api, apex_api, leader, member, waiting, operator, city_official):
    roles = [api(person).get("me/").json()["role"] for person in (leader, member, waiting)]
    assert roles == ["leader", "member", "waiting"]
    assert apex_api(operator).get("me/").json()["role"] == "operator"
    official = apex_api(city_official).get("me/").json()
    assert (official["role"], official["city"], official["member"]) == ("city", "kyoto", None)


def test_a_member_changes_their_own_name_and_household(api, member):
    program = api(member)
    answer = program.patch("me/", kana="かいいん", address="桃山町1", channel="mail")
    assert answer.status_code == 200
    me = program.get("me/").json()
    assert me["member"]["name"] == member.name
    assert me["member"]["kana"] == "かいいん"
    assert (me["household"]["address"], me["household"]["channel"]) == ("桃山町1", "mail")


def test_an_empty_name_is_400(api, member):
    answer = api(member).patch("me/", name=" ")
    assert answer.status_code == 400
    assert "name" in answer.json()["errors"]


def test_on_the_apex_host_there_is_nothing_to_change(apex_api, operator):
    assert apex_api(operator).patch("me/", name="x").status_code == 404


def test_nobody_and_the_outsider_are_401(api, outsider):
    for program in (api(), api(outsider)):
        assert program.get("me/").status_code == 401
        assert program.patch("me/", name="x").status_code == 401


def test_who_waits_at_a_family_s_door_neither_sees_nor_changes_the_home(api, tonan, member, waiting):
    with bound(tonan):
        Household.objects.filter(pk=member.household_id).update(address="桃山町2", postal_code="612-8033")
        Member.objects.filter(pk=waiting.pk).update(household=member.household_id)
    program = api(waiting)
    me = program.get("me/")
    assert me.json()["household"]["address"] == me.json()["member"]["contact"]["address"] == ""
    assert "612-8033" not in me.content.decode()
    assert program.patch("me/", channel="none", address="x").status_code == 404
    with bound(tonan):
        assert Household.objects.get(pk=member.household_id).address == "桃山町2"
