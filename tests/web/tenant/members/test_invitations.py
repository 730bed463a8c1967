"""Invitations: made, shown once, printed, withdrawn; leaders into their own group only."""

import re

import pytest

from controlplane.tenancy import bound, public
from tenants.members.models import BadInvitation, Group, Invitation, Seat

FORM = {"group": "", "seat": "", "uses": "３０人", "days": "30"}


def text(answer) -> str:
    return answer.content.decode()


def code_on(page: str) -> str:
    return re.search(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){2}", page)[0]


def test_a_made_invitation_shows_its_link_its_qr_and_its_code(client_for, officer, tonan):
    answer = client_for(officer).post("/members/invitations/", FORM)
    page = text(answer)
    code = code_on(page)
    with public():
        assert tonan.url(f"/i/{code}/") in page
    assert "<svg" in page
    assert 'class="qr"' in page
    assert "style=" not in page
    assert answer["Cache-Control"] == "no-store"
    with bound(tonan):
        invitation = Invitation.objects.open(code)
        assert invitation.max_uses == 30
        assert invitation.invited_by.startswith("会長")


def test_the_code_is_never_shown_again(client_for, officer):
    client = client_for(officer)
    code = code_on(text(client.post("/members/invitations/", FORM)))
    listed = text(client.get("/members/invitations/"))
    assert code not in listed
    assert f"{code[:4]}…" in listed


def test_withdrawing_ends_it(client_for, officer, tonan):
    client = client_for(officer)
    code = code_on(text(client.post("/members/invitations/", FORM)))
    with bound(tonan):
        pk = Invitation.objects.open(code).pk
    client.post(f"/members/invitations/{pk}/withdraw/")
    with bound(tonan), pytest.raises(BadInvitation):
        Invitation.objects.open(code)


def test_a_seat_is_for_one_person(client_for, officer, tonan):
    with bound(tonan):
        seat = Seat.objects.add(title="会計", kind="officer", by=officer)
    answer = client_for(officer).post("/members/invitations/", FORM | {"seat": seat.pk})
    assert answer.status_code == 422
    assert "1人分だけ" in text(answer)


def test_only_the_representative_invites_into_the_representative_s_seat(client_for, officer, member, tonan):
    with bound(tonan):
        Seat.objects.add(title="会計", kind="officer", by=officer).hand_over(member, by=officer)
        chair = Seat.objects.get(kind="representative")
    form = FORM | {"seat": chair.pk, "uses": "1"}
    assert client_for(member).post("/members/invitations/", form).status_code == 422
    with bound(tonan), pytest.raises(PermissionError):
        type(member).objects.with_seats().get(pk=member.pk).invite(seat=chair)
    assert client_for(officer).post("/members/invitations/", form).status_code == 200


def test_a_leader_invites_into_the_own_group_without_a_seat(client_for, leader, tonan):
    client = client_for(leader)
    with bound(tonan):
        own, other = Group.objects.get(name="1組"), Group.objects.get(name="2組")
    assert "役職" not in text(client.get("/members/invitations/")).split("いま使える招待")[0].split("新しい招待")[1]
    assert client.post("/members/invitations/", FORM | {"group": other.pk}).status_code == 422
    assert client.post("/members/invitations/", FORM).status_code == 422
    code = code_on(text(client.post("/members/invitations/", FORM | {"group": own.pk})))
    with bound(tonan):
        assert Invitation.objects.open(code).group == own


def test_a_leader_neither_sees_nor_withdraws_the_officers_invitations(client_for, officer, leader, tonan):
    with bound(tonan):
        row, code = officer.invite()
    assert code[:4] not in text(client_for(leader).get("/members/invitations/"))
    assert client_for(leader).post(f"/members/invitations/{row.pk}/withdraw/").status_code == 404
    with bound(tonan):
        assert Invitation.objects.open(code)


@pytest.mark.parametrize("wrong", [{"uses": "0"}, {"uses": "501"}, {"uses": "たくさん"}, {"days": "9999"}])
def test_bounds(client_for, officer, tonan, wrong):
    assert client_for(officer).post("/members/invitations/", FORM | wrong).status_code == 422
    with bound(tonan):
        assert not Invitation.objects.exists()


def test_the_flyer_is_a_pdf_of_an_open_invitation(client_for, officer, tonan):
    client = client_for(officer)
    with bound(tonan):
        row, code = officer.invite()
    answer = client.post("/members/invitations/flyer/", {"code": code})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    with bound(tonan):
        row.withdraw(by=officer)
    assert client.post("/members/invitations/flyer/", {"code": code})["Location"] == "/members/invitations/"


def test_members_and_outsiders_invite_nobody(client_for, member, outsider, tonan):
    for person in (member, outsider):
        assert client_for(person).post("/members/invitations/", FORM).status_code == 404
        assert client_for(person).post("/members/invitations/flyer/", {"code": "ABCD-EFGH-JKLM"}).status_code == 404
    with bound(tonan):
        assert not Invitation.objects.exists()
