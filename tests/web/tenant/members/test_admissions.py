"""Admission: an officer looks, places, lets in or turns down; the person is told."""

from controlplane.accounts.models import User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound
from tenants.members.models import Group, Member


def text(answer) -> str:
    return answer.content.decode()


def test_an_officer_lets_somebody_in_and_they_are_told(client_for, officer, waiting, tonan):
    client, theirs = client_for(officer), client_for(waiting)
    page = text(client.get("/members/waiting/"))
    assert waiting.name in page
    assert waiting.user.email in page
    with bound(tonan):
        group = Group.objects.get(name="1組")
    client.post(f"/members/waiting/{waiting.pk}/admit/", {f"{waiting.pk}-group": group.pk})
    with bound(tonan):
        person = Member.objects.select_related("household").get(pk=waiting.pk)
        assert person.is_admitted
        assert person.household.group == group
        message = Message.objects.get(to=waiting.user.email)
        assert "http://tonan.kairan.localhost" in message.body
    assert theirs.get("/").status_code == 200
    assert "承認を待っている方は、いません" in text(client.get("/members/waiting/"))


def test_letting_in_twice_tells_once(client_for, officer, waiting, tonan):
    client = client_for(officer)
    for _n in range(2):
        client.post(f"/members/waiting/{waiting.pk}/admit/")
    with bound(tonan):
        assert Message.objects.filter(to=waiting.user.email).count() == 1
        assert Member.objects.get(pk=waiting.pk).household.group.name == "2組"  # nothing chosen, nothing changed


def test_turning_down_is_asked_once_more(client_for, officer, waiting, tonan):
    client, theirs = client_for(officer), client_for(waiting)
    assert "お断りしますか" in text(client.get(f"/members/waiting/{waiting.pk}/decline/"))
    assert theirs.get("/waiting/").status_code == 200
    client.post(f"/members/waiting/{waiting.pk}/decline/")
    assert theirs.get("/waiting/")["Location"] == "/sign-in/?next=/waiting/"
    with bound(tonan):
        theirs.force_login(User.objects.get(pk=waiting.user_id))
    assert theirs.get("/waiting/")["Location"] == "/register/"  # a mistake can be made good
    with bound(tonan):
        assert not Member.objects.waiting().exists()


def test_who_was_let_in_is_not_turned_down(client_for, officer, member, tonan):
    answer = client_for(officer).post(f"/members/waiting/{member.pk}/decline/", follow=True)
    assert "もう承認された方です" in text(answer)
    with bound(tonan):
        assert Member.objects.admitted().filter(pk=member.pk).exists()


def test_letting_in_takes_a_post(client_for, officer, waiting):
    assert client_for(officer).get(f"/members/waiting/{waiting.pk}/admit/").status_code == 405


def test_nobody_below_an_officer_lets_in(client_for, leader, member, outsider, waiting, tonan):
    for person in (leader, member, outsider):
        for act in ("admit", "decline"):
            assert client_for(person).post(f"/members/waiting/{waiting.pk}/{act}/").status_code == 404
    with bound(tonan):
        assert Member.objects.waiting().filter(pk=waiting.pk).exists()
