"""Contacts as people type and paste them: what nobody sees is not there, and mail goes to the domain that is shown."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from controlplane.accounts.contacts import Contact, parse_email, parse_phone
from web.public.forms import SignInForm

UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202c\u2068\u2069\ufe0f\u3164\u115f\u034f\U000e0100"


@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from(UNSEEN))))
def test_what_nobody_sees_makes_no_other_address(marks):
    typed = "taro@example.jp"
    for place, mark in marks:
        typed = typed[:place] + mark + typed[place:]
    assert parse_email(typed) == "taro@example.jp"


@pytest.mark.parametrize(
    "typed",
    [
        "taro@example.jp。",
        "taro@example.jp｡",
        "taro@example.jp．",
        "taro@example。jp",
        " ｔａｒｏ＠example．ｊｐ、",
    ],
)
def test_the_end_of_a_sentence_is_no_part_of_an_address(typed):
    assert Contact.parse(typed).value == "taro@example.jp"


@pytest.mark.parametrize("typed", ["\u202a090-1234-5678\u202c", "090\u200b1234\u00ad5678", "090–1234–5678。"])
def test_a_number_as_an_address_book_gives_it(typed):
    assert Contact.parse(typed).value == "+819012345678"
    assert parse_phone(typed) == "+819012345678"


@pytest.mark.parametrize(
    "address",
    ["a..b@docomo.ne.jp", "a.@docomo.ne.jp", "a...b-_c..@docomo.ne.jp", "a..b@ezweb.ne.jp", "a.@t1.ezweb.ne.jp"],
)
def test_names_two_carriers_gave_out_are_taken_as_they_are(address):
    assert parse_email(address) == address
    name, _at, domain = address.rpartition("@")
    assert parse_email(f'"{name}"@{domain}') == address


@pytest.mark.parametrize(
    "address",
    [
        "a..b@example.jp",
        "a.@example.jp",
        ".a@docomo.ne.jp",
        "..@docomo.ne.jp",
        "a..b@notdocomo.ne.jp",
    ],
)
def test_nobody_else_s_odd_dots_are(address):
    with pytest.raises(ValidationError):
        parse_email(address)


@pytest.mark.parametrize("typed", ["kaicho@日本語.jp", "kaicho@xn--wgv71a119e.jp", "kaicho@日本語。ｊｐ"])
def test_a_japanese_domain_is_one_domain_however_it_is_written(typed):
    assert parse_email(typed) == "kaicho@日本語.jp"


@pytest.mark.parametrize("domain", ["straße.de", "ex・ample。jp", "βόλος.com", "xn--a.jp", "☃.jp", "日本語.jp-"])
def test_a_domain_that_would_become_another_one_is_refused(domain):
    with pytest.raises(ValidationError):
        parse_email(f"taro@{domain}")


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_is_taken_is_read_the_same_again(text):
    try:
        address = parse_email(f"taro@{text}.jp")
    except ValidationError:
        return
    assert parse_email(address) == address
    domain = address.rpartition("@")[2]
    assert domain.encode("idna").decode("idna") == domain


def test_a_form_takes_a_pasted_address():
    form = SignInForm({"email": "\u202ataro@example.jp\u200b\u202c。"})
    assert form.is_valid(), form.errors
    assert form.contact.value == "taro@example.jp"
