"""Codes: single use, ten minutes, sent again while good; strangers neither guess one nor keep its owner out."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier, Event
from time import sleep

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from controlplane.accounts.code_answers import Door, Outcome, SixDigitsOff, WrongCode
from controlplane.accounts.contacts import Contact, parse_email, parse_mobile, parse_phone
from controlplane.accounts.login_codes import CODES, GUESSES, LONG_GUESSES, MESSAGES, REST, LoginCode, TooManyCodes
from controlplane.metering.models import Count, LongCode
from controlplane.metering.models.long_codes import SENDINGS
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public

MAIL = Contact.parse("neighbour@example.jp")
PHONE = Contact.parse("090-1234-5678")
HOME, STRANGER = "192.0.2.1", "198.51.100.7"


def send(contact: Contact = MAIL, **how) -> str:
    LoginCode.objects.send(contact, **{"asked_from": HOME, "site_name": "桃南会"} | how)
    return newest(contact)


def newest(contact: Contact = MAIL) -> str:
    """The digits last sent there, as the person reads them."""
    body = Message.objects.filter(to=contact.value).latest("pk").body
    return re.search(r"\d{4} \d{4} \d{4}|\d{6}", body)[0].replace(" ", "")


def redeem(code: str, contact: Contact = MAIL, *, tried_from: str = HOME) -> None:
    LoginCode.objects.redeem(contact, code, tried_from=tried_from)


def sent_to(contact: Contact) -> int:
    return Message.objects.filter(to=contact.value).count()


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_opens_once(tonan):
    with bound(tonan):
        code = send()
        redeem(code)
        with pytest.raises(WrongCode):
            redeem(code)


def test_a_stale_code_is_wrong(tonan):
    with bound(tonan):
        code = send()
        LoginCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(WrongCode):
            redeem(code)


def test_another_contact_s_code_is_wrong(tonan):
    with bound(tonan):
        code = send()
        with pytest.raises(WrongCode):
            redeem(code, Contact.parse("other@example.jp"))


def test_the_code_itself_is_not_kept(tonan):
    with bound(tonan):
        code = send()
        assert code not in str(LoginCode.objects.values().get())


def test_a_short_message_begins_with_the_code(tonan):
    with bound(tonan):
        send(Contact.parse("090-1234-5678"))
        message = Message.objects.latest("pk")
    assert message.channel == "sms"
    assert message.to == "+819012345678"
    assert re.match(r"\d{6}", message.body)


@pytest.mark.parametrize(
    "typed", ["090-1234-5678", "０９０ １２３４ ５６７８", "09012345678", "+81 90 1234 5678", "090ー1234ー5678"]
)
def test_a_mobile_number_as_people_type_it(typed):
    assert parse_mobile(typed) == "+819012345678"


def test_060_is_a_mobile_number():
    assert parse_mobile("060-1234-5678") == "+816012345678"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12",
        "090-1234",
        "abc",
        "075-123-4567",
        "+1 212 555 0100",
        "0" * 500,
        "0800-123-4567",
        "0120-123-456",
        "050-1234-5678",
        "020-1234-5678",
        "0570-000-000",
    ],
)
def test_what_cannot_get_a_short_message_is_refused(typed):
    with pytest.raises(ValidationError):
        parse_mobile(typed)


def test_a_landline_is_a_telephone():
    assert parse_phone("075-611-1144") == "+81756111144"


@pytest.mark.parametrize("typed", ["ＴＡＮＡＫＡ＠Example.JP", " tanaka@example.jp "])
def test_an_address_in_any_width(typed):
    assert parse_email(typed) == "tanaka@example.jp"


@given(st.text(max_size=400))
def test_any_text_is_a_contact_or_a_plain_refusal(typed):
    try:
        answer = Contact.parse(typed).value
    except ValidationError as refusal:
        answer = refusal.messages[0]
    assert answer


@pytest.fixture
def clock(monkeypatch):
    """`clock(minutes=20)` goes on: everything here asks Django what time it is."""
    real, gone = timezone.now, [timedelta()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: real() + gone[0])

    def go_on(**much) -> None:
        gone[0] += timedelta(**much)

    return go_on


def test_asked_for_again_the_same_code_goes_out_again_and_lives_longer(tonan, clock):
    with bound(tonan):
        first = send()
        clock(minutes=9)
        answer = LoginCode.objects.send(MAIL, asked_from=HOME, site_name="桃南会")
        assert answer.outcome == Outcome.AGAIN
        assert (newest(), sent_to(MAIL), LoginCode.objects.count()) == (first, 2, 1)
        clock(minutes=9)
        redeem(first)


def test_within_a_minute_nothing_is_sent_and_it_is_said_that_the_last_one_is_good(tonan):
    with bound(tonan):
        code = send()
        answer = LoginCode.objects.send(MAIL, asked_from=STRANGER, site_name="桃南会")
        assert (answer.outcome, sent_to(MAIL)) == (Outcome.STILL_GOOD, 1)
        assert "まだ使えます" in answer.said(MAIL)
        redeem(code)


def test_whoever_uses_the_day_s_codes_up_keeps_nobody_out(tonan, clock):
    """The owner has the last one: it is long, good for a day, and needs no further message."""
    with bound(tonan):
        for _ask in range(50):
            LoginCode.objects.send(MAIL, asked_from=STRANGER, site_name="桃南会")
            clock(minutes=20)
        assert sent_to(MAIL) == CODES + SENDINGS
        answer = LoginCode.objects.send(MAIL, asked_from=HOME, site_name="桃南会")
        assert (answer.outcome, answer.is_long) == (Outcome.STILL_GOOD, True)
        assert len(newest()) == 12
        redeem(newest())
        with pytest.raises(WrongCode):
            redeem(newest())
        assert len(send()) == 6


def test_one_contact_is_counted_at_all_hosts_together(tonan, fujishiro, clock):
    for association in (tonan, fujishiro) * 10:
        with bound(association):
            LoginCode.objects.send(PHONE, asked_from=STRANGER, site_name=association.name)
        clock(minutes=11)
    sent = 0
    for association in (tonan, fujishiro):
        with bound(association):
            sent += sent_to(PHONE)
    assert sent == CODES + SENDINGS


def test_the_long_code_opens_wherever_its_owner_wants_to_go_once(tonan, fujishiro, clock):
    with bound(tonan):
        for _ask in range(CODES + 1):
            LoginCode.objects.send(MAIL, asked_from=STRANGER, site_name="桃南会")
            clock(minutes=11)
        code = newest()
    with bound(fujishiro):
        with pytest.raises(WrongCode):
            redeem(code, Contact.parse("outsider@example.jp"))
        redeem(code)
    with bound(tonan), pytest.raises(WrongCode):
        redeem(code)


def test_a_stranger_s_wrong_tries_do_not_spoil_the_owner_s_code(tonan):
    with bound(tonan):
        code = send()
        for _try in range(GUESSES - 1):
            with pytest.raises(WrongCode):
                redeem(other(code), tried_from=STRANGER)
        redeem(code)


def test_when_guesses_are_used_up_six_digits_open_nothing_and_twelve_do(tonan):
    with bound(tonan):
        code = send()
        for _try in range(GUESSES):
            with pytest.raises(WrongCode):
                redeem(other(code), tried_from=STRANGER)
        with pytest.raises(SixDigitsOff):
            redeem(code)
        long = send()
        assert len(long) == 12
        redeem(long)


def test_guessing_has_less_than_one_chance_in_ten_thousand_per_account_and_day(tonan, clock):
    """Counted by trying for a day, from ever other addresses, at whatever code is good."""
    looked_at = 0
    with bound(tonan):
        for n in range(200):
            address = f"198.51.100.{n}"
            LoginCode.objects.send(MAIL, asked_from=address, site_name="桃南会")
            good = LoginCode.objects.good(MAIL, Door.PEOPLE)
            try:
                redeem(other(good.code) if good else "000000", tried_from=address)
            except WrongCode as refusal:
                looked_at += good is not None and not isinstance(refusal, SixDigitsOff)
            clock(minutes=7)
    contacts = 2  # an account's mail and its telephone
    assert 0 < looked_at <= GUESSES
    assert contacts * (GUESSES / 10**6 + LONG_GUESSES / 10**12) <= 1 / 10_000


def test_guesses_at_the_long_code_end_too(tonan, clock, monkeypatch):
    monkeypatch.setattr("controlplane.accounts.login_codes.LONG_GUESSES", 3)
    with bound(tonan):
        for _ask in range(CODES + 1):
            LoginCode.objects.send(MAIL, asked_from=STRANGER, site_name="桃南会")
            clock(minutes=11)
        code = newest()
        for _try in range(3):
            with pytest.raises(WrongCode):
                redeem("0" * 12, tried_from=STRANGER)
        with pytest.raises(WrongCode):
            redeem(code)


def test_who_ask_at_the_same_moment_are_sent_one_code(django_db_setup, django_db_blocker):
    start = Barrier(12)

    def ask(_n: int) -> str:
        try:
            start.wait(timeout=30)
            with public():
                return LoginCode.objects.send(MAIL, asked_from=HOME, site_name="回覧").outcome
        finally:
            connection.close()

    with django_db_blocker.unblock():
        try:
            with ThreadPoolExecutor(12) as pool:
                outcomes = list(pool.map(ask, range(12)))
            with public():
                assert (LoginCode.objects.filter(destination=MAIL.value).count(), sent_to(MAIL)) == (1, 1)
        finally:
            with public():
                LoginCode.objects.filter(destination=MAIL.value).delete()
                Message.objects.filter(to=MAIL.value).delete()
                Count.objects.all().delete()
    assert sorted(outcomes) == ["sent", *["still_good"] * 11]


@pytest.fixture
def slow_queue(monkeypatch):
    """Queueing a code takes a second; the event says that one is at it."""
    queue, at_it = Message.queue_code, Event()

    def slowly(*args, **how):
        at_it.set()
        sleep(1)
        return queue(*args, **how)

    monkeypatch.setattr(Message, "queue_code", slowly)
    return at_it


def test_asking_again_while_the_code_is_typed_in_stops_neither(django_db_setup, django_db_blocker, slow_queue):
    def ask() -> str:
        with closing(connection), public():
            return LoginCode.objects.send(MAIL, asked_from=HOME, site_name="回覧").outcome

    def type_in(code: str) -> None:
        slow_queue.wait(timeout=30)
        with closing(connection), public():
            redeem(code)

    with django_db_blocker.unblock():
        try:
            with public():
                code = send()
                LoginCode.objects.filter(destination=MAIL.value).update(sent_at=timezone.now() - 2 * REST)
            slow_queue.clear()
            with ThreadPoolExecutor(2) as pool:
                asked, typed = pool.submit(ask), pool.submit(type_in, code)
                assert (asked.result(), typed.result()) == ("again", None)
        finally:
            with public():
                LoginCode.objects.filter(destination=MAIL.value).delete()
                Message.objects.filter(to=MAIL.value).delete()
                Count.objects.all().delete()


def test_whom_nothing_is_sent_is_told_the_same_as_whoever_is_sent_codes(db, clock):
    known, unknown = MAIL, Contact.parse("stranger@example.jp")
    with public():
        for n in range(20):
            answers = [
                LoginCode.objects.send(
                    contact, asked_from=STRANGER, site_name="回覧", door=Door.STAFF, known=contact == known
                )
                for contact in (known, unknown)
            ]
            first, second = ((each.outcome, each.is_long) for each in answers)
            assert first == second, n
            clock(minutes=(0.2, 3, 12)[n % 3])
        assert sent_to(unknown) == 0
        for code in ("", "000000", "0" * 12):
            with pytest.raises(WrongCode):
                LoginCode.objects.redeem(unknown, code, tried_from=HOME, door=Door.STAFF)


def test_what_strangers_are_not_sent_at_the_staff_s_door_is_not_missing_at_a_site(tonan, clock):
    with public():
        for _ask in range(10):
            LoginCode.objects.send(MAIL, asked_from=STRANGER, site_name="回覧", door=Door.STAFF, known=False)
            clock(minutes=12)
    with bound(tonan):
        redeem(send())


def test_on_a_device_of_one_s_own_strangers_asking_changes_nothing(tonan, clock):
    with bound(tonan):
        for _ask in range(CODES + 2):
            LoginCode.objects.send(MAIL, asked_from=HOME, site_name="桃南会")
            clock(minutes=11)
        assert len(send(trusted=True)) == 6


def test_even_whoever_answers_is_sent_only_so_many_a_day(tonan, clock):
    with bound(tonan):
        for _ask in range(MESSAGES):
            redeem(send(PHONE), PHONE)
            clock(seconds=REST.total_seconds() + 1)
        with pytest.raises(TooManyCodes):
            send(PHONE)
        assert sent_to(PHONE) == MESSAGES


def test_on_a_device_of_one_s_own_strangers_use_up_none_of_the_day_s_messages(tonan, clock):
    with bound(tonan):
        for _ask in range(MESSAGES):
            redeem(send(PHONE), PHONE)
            clock(seconds=REST.total_seconds() + 1)
        for _time in range(MESSAGES):
            redeem(send(PHONE, trusted=True), PHONE)
            clock(seconds=REST.total_seconds() + 1)
        with pytest.raises(TooManyCodes):
            send(PHONE, trusted=True)
        assert sent_to(PHONE) == 2 * MESSAGES


def test_neither_digits_nor_contact_can_be_read_where_it_is_counted(tonan, clock):
    with bound(tonan):
        for _ask in range(CODES + 1):
            LoginCode.objects.send(PHONE, asked_from=HOME, site_name="桃南会")
            clock(minutes=11)
        long = newest(PHONE)
    with public():
        kept = str([*Count.objects.values(), *LongCode.objects.values()])
    for secret in (PHONE.value, PHONE.value[3:], HOME, long):
        assert secret not in kept
