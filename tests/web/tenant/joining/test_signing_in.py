"""Signing in: a code to any contact, nothing revealed, a new session key, back to where one wanted to go."""

import re

import pytest
from django.conf import settings

from controlplane.accounts.models import LoginCode, User
from controlplane.outbox.models import Message
from controlplane.tenancy import bound

ADDRESS = "member@tonan.example.jp"


def ask(client, contact=ADDRESS, **more):
    return client.post("/sign-in/", {"contact": contact, **more})


def code_for(association, contact=ADDRESS) -> str:
    with bound(association):
        return re.search(r"[0-9]{6}", Message.objects.filter(to=contact).latest("pk").body)[0]


def enter(client, association, contact=ADDRESS, **more):
    return client.post("/sign-in/code/", {"code": code_for(association, contact), **more})


@pytest.mark.parametrize(
    "typed", ["member@tonan.example.jp", " ＭＥＭＢＥＲ＠tonan.example.jp ", "newcomer@example.jp", "０９０−1234−5678"]
)
def test_every_well_formed_contact_gets_a_code_and_the_same_answer(browser, tonan, typed):
    client = browser(tonan)
    answer = ask(client, typed)
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")
    with bound(tonan):
        assert Message.objects.count() == 1
        assert LoginCode.objects.count() == 1
    assert "届いた番号を入れてください" in client.get("/sign-in/code/").content.decode()


def test_a_short_message_binds_its_code_to_the_host_it_was_asked_at(browser, tonan):
    ask(browser(tonan), "090-1234-5678")
    with bound(tonan):
        body = Message.objects.get().body
    assert re.fullmatch(r"(\d{6}) .+\n@tonan\.kairan\.localhost #\1", body)


@pytest.mark.parametrize(
    ("typed", "says"), [("", "入れてください"), ("a@", "形になっていません"), ("075-123-4567", "060・070・080・090")]
)
def test_an_ill_formed_contact_is_said_plainly(browser, tonan, typed, says):
    answer = ask(browser(tonan), typed)
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_right_code_leads_home_with_a_new_session_key(browser, tonan, member):
    client = browser(tonan)
    ask(client)
    before = client.session.session_key
    answer = enter(client, tonan)
    assert answer["Location"] == "/"
    assert client.session.session_key != before
    assert client.get("/menu/").status_code == 200


def test_full_width_digits_with_blanks_are_fine(browser, tonan, member):
    client = browser(tonan)
    ask(client)
    wide = code_for(tonan).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert client.post("/sign-in/code/", {"code": f"{wide[:3]} {wide[3:]}"})["Location"] == "/"


def test_remembered_for_ninety_days_or_until_the_browser_closes(browser, tonan, member):
    for remember, seconds in ({"remember": "on"}, 90 * 24 * 3600), ({}, ""):
        client = browser(tonan)
        ask(client)
        enter(client, tonan, **remember)
        assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == seconds


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/calendar/?month=2026-07", "/calendar/?month=2026-07"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("http://fujishiro.kairan.localhost/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_stays_on_this_host(browser, tonan, member, wanted, reached):
    client = browser(tonan)
    ask(client, next=wanted)
    assert enter(client, tonan)["Location"] == reached


def test_the_page_one_wanted_is_kept_through_both_steps(browser, tonan, member):
    client = browser(tonan)
    asked = client.get("/menu/")
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/menu/"' in page


def test_a_wrong_code_is_said_plainly_and_counted(browser, tonan, member):
    client = browser(tonan)
    ask(client)
    code = code_for(tonan)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    answer = client.post("/sign-in/code/", {"code": wrong})
    assert answer.status_code == 422
    assert "番号がちがうか、古くなっています" in answer.content.decode()
    for _again in range(39):
        client.post("/sign-in/code/", {"code": wrong})
    answer = client.post("/sign-in/code/", {"code": code})
    assert "12けたの番号が届きます" in answer.content.decode()


def test_the_first_code_stays_good_when_it_is_asked_for_again(browser, tonan, member):
    client = browser(tonan)
    ask(client)
    first = code_for(tonan)
    page = client.post("/sign-in/code/", {"again": "1"}, follow=True)
    assert "まだ使えます" in page.content.decode()
    assert client.post("/sign-in/code/", {"code": first}).status_code == 302


def test_asked_for_again_it_is_said_what_was_sent_and_until_when_it_is_good(browser, tonan):
    pages = []
    for _n in range(2):
        client = browser(tonan)
        assert ask(client).status_code == 302
        pages.append(client.get("/sign-in/code/").content.decode())
    assert "に6けたの番号を送りました" in pages[0]
    assert "まだ使えます" in pages[1]
    with bound(tonan):
        assert Message.objects.filter(to=ADDRESS).count() == 1


def test_one_network_address_has_thirty_codes_in_a_quarter_of_an_hour_from_all_hosts(browser, tonan, fujishiro):
    for n in range(30):
        assert ask(browser((tonan, fujishiro)[n % 2]), f"a{n}@example.jp").status_code == 302
    for association in (tonan, fujishiro):
        answer = ask(browser(association), "one-more@example.jp")
        assert answer.status_code == 422
        assert "までお休みします" in answer.content.decode()


def test_when_guesses_are_used_up_the_page_asks_for_twelve_digits_and_takes_them(browser, tonan, member):
    stranger, owner = browser(tonan), browser(tonan)
    ask(stranger)
    wrong = f"{(int(code_for(tonan)) + 1) % 1_000_000:06d}"
    for _n in range(40):
        stranger.post("/sign-in/code/", {"code": wrong})
    ask(owner)
    assert "12けたの番号" in owner.get("/sign-in/code/").content.decode()
    with bound(tonan):
        body = Message.objects.filter(to=ADDRESS).latest("pk").body
    long = re.search(r"\d{4} \d{4} \d{4}", body)[0]
    assert owner.post("/sign-in/code/", {"code": long})["Location"] == "/"


def test_a_hall_full_of_people_comes_in_over_one_line(browser, tonan):
    for n in range(40):
        client = browser(tonan)
        ask(client, f"a{n}@example.jp")
        assert enter(client, tonan, f"a{n}@example.jp").status_code == 302


def test_who_has_come_in_here_before_is_not_kept_out_by_whoever_shares_the_line(browser, tonan, member):
    owner = browser(tonan)
    ask(owner)
    enter(owner, tonan, remember="on")
    owner.post("/sign-out/")
    for n in range(31):
        ask(browser(tonan), f"a{n}@example.jp")
    assert ask(browser(tonan)).status_code == 422
    assert ask(owner).status_code == 302
    assert ask(owner, "other@example.jp").status_code == 422


def test_one_network_address_tries_sixty_codes_in_a_quarter_of_an_hour(browser, tonan, member):
    client = browser(tonan)
    ask(client)
    right = code_for(tonan)
    other = browser(tonan)
    ask(other, "newcomer@example.jp")
    for _n in range(60):
        other.post("/sign-in/code/", {"code": "000000"})
    answer = client.post("/sign-in/code/", {"code": right})
    assert answer.status_code == 422
    assert "までお休みします" in answer.content.decode()


def test_a_cache_that_is_down_keeps_nobody_out(browser, tonan, member, cache_at):
    cache_at(1)
    client = browser(tonan)
    ask(client)
    assert enter(client, tonan)["Location"] == "/"


def test_somebody_who_is_in_is_sent_home(client_for, member, waiting):
    assert client_for(member).get("/sign-in/")["Location"] == "/"
    assert client_for(waiting).get("/sign-in/", follow=True).redirect_chain[-1] == ("/waiting/", 302)


def test_the_code_page_without_a_code_on_its_way_starts_over(browser, tonan):
    assert browser(tonan).get("/sign-in/code/")["Location"] == "/sign-in/"


def test_signing_out_takes_a_post(client_for, member):
    client = client_for(member)
    assert client.get("/sign-out/")["Location"] == "/menu/"
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/menu/").status_code == 302


def test_the_outsider_cannot_use_a_code_from_home(browser, tonan, fujishiro, outsider):
    away = browser(fujishiro)
    ask(away, outsider.user.email)
    code = code_for(fujishiro, outsider.user.email)
    here = browser(tonan)
    ask(here, outsider.user.email)
    if code != code_for(tonan, outsider.user.email):
        assert here.post("/sign-in/code/", {"code": code}).status_code == 422
    here.post("/sign-in/code/", {"code": code_for(tonan, outsider.user.email)})
    assert here.get("/menu/")["Location"] == "/register/"  # proven, and still nobody here
    with bound(tonan):
        assert User.objects.get(email=outsider.user.email).pk is not None
