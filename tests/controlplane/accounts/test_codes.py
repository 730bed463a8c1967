"""Six-digit codes: single use, ten minutes, five tries, and no more than a person would ask for."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from controlplane.accounts.contacts import Contact, parse_email, parse_mobile, parse_phone
from controlplane.accounts.models import CODE_TRIES, CODES_PER_DAY, CODES_PER_HOUR, LoginCode, TooManyCodes, WrongCode
from controlplane.outbox.models import Message
from controlplane.tenancy import bound, public

MAIL = Contact.parse("neighbour@example.jp")


def send(contact: Contact = MAIL) -> str:
    LoginCode.objects.send(contact, site_name="桃南会")
    return re.search(r"\d{6}", Message.objects.latest("pk").body)[0]


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_opens_once(tonan):
    with bound(tonan):
        code = send()
        LoginCode.objects.redeem(MAIL, code)
        with pytest.raises(WrongCode):
            LoginCode.objects.redeem(MAIL, code)


def test_a_new_code_retires_the_old_one(tonan):
    with bound(tonan):
        old, new = send(), send()
        if old != new:
            with pytest.raises(WrongCode):
                LoginCode.objects.redeem(MAIL, old)
        LoginCode.objects.redeem(MAIL, new)


def test_a_stale_code_is_wrong(tonan):
    with bound(tonan):
        code = send()
        LoginCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(WrongCode):
            LoginCode.objects.redeem(MAIL, code)


def test_after_five_wrong_tries_even_the_right_code_is_wrong(tonan):
    with bound(tonan):
        code = send()
        for _try in range(CODE_TRIES):
            with pytest.raises(WrongCode):
                LoginCode.objects.redeem(MAIL, other(code))
        with pytest.raises(WrongCode):
            LoginCode.objects.redeem(MAIL, code)


def test_another_contact_s_code_is_wrong(tonan):
    with bound(tonan):
        code = send()
        with pytest.raises(WrongCode):
            LoginCode.objects.redeem(Contact.parse("other@example.jp"), code)


def test_nobody_is_sent_more_codes_than_they_would_ask_for(tonan):
    with bound(tonan):
        for _send in range(CODES_PER_HOUR):
            send()
        with pytest.raises(TooManyCodes):
            send()


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


@pytest.mark.parametrize("typed", ["", "12", "090-1234", "abc", "075-123-4567", "+1 212 555 0100", "0" * 500])
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


def test_guessing_has_one_chance_in_ten_thousand_per_account_and_day():
    contacts = 2  # an account's mail and its telephone
    assert contacts * CODES_PER_DAY * CODE_TRIES <= 1_000_000 / 10_000


def test_a_day_s_codes_are_used_up_until_a_day_later(tonan):
    with bound(tonan):
        for _send in range(CODES_PER_DAY):
            send()
            LoginCode.objects.update(created_at=F("created_at") - timedelta(hours=2))
        with pytest.raises(TooManyCodes):
            send()


def test_who_ask_at_the_same_moment_get_no_more_codes(django_db_setup, django_db_blocker):
    start = Barrier(12)

    def ask(_n: int) -> bool:
        try:
            start.wait(timeout=30)
            with public():
                LoginCode.objects.send(MAIL, site_name="回覧")
        except TooManyCodes:
            return False
        finally:
            connection.close()
        return True

    with django_db_blocker.unblock():
        try:
            with ThreadPoolExecutor(12) as pool:
                sent = list(pool.map(ask, range(12)))
            with public():
                live = LoginCode.objects.filter(destination=MAIL.value, expires_at__gt=timezone.now())
                assert live.count() == 1
        finally:
            with public():
                LoginCode.objects.filter(destination=MAIL.value).delete()
                Message.objects.filter(to=MAIL.value).delete()
    assert sent.count(True) == CODES_PER_HOUR


def test_a_pretended_code_sends_nothing_opens_nothing_and_is_counted(tonan):
    with bound(tonan):
        for _ask in range(CODES_PER_HOUR):
            LoginCode.objects.pretend(MAIL)
        assert not Message.objects.filter(to=MAIL.value).exists()
        with pytest.raises(WrongCode):
            LoginCode.objects.redeem(MAIL, "")
        with pytest.raises(TooManyCodes):
            send()
