"""A slug is plain, or it is refused: property-tested."""

import re
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from controlplane.associations.models import Association
from controlplane.associations.slugs import RESERVED, validate_slug
from controlplane.tenancy import public, routing
from provisioning.models import Application


def accepted(slug: str) -> bool:
    try:
        validate_slug(slug)
    except ValidationError:
        return False
    return True


def full_width(word: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in word)


@given(st.text(max_size=60))
def test_whatever_is_accepted_is_a_plain_dns_label(slug):
    if accepted(slug):
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,38}[a-z0-9]", slug)
        assert "--" not in slug
        assert slug not in RESERVED
        assert slug == unicodedata.normalize("NFKC", slug) == slug.encode("idna").decode()


@given(st.from_regex(r"[a-z][a-z0-9]{2,30}", fullmatch=True))
def test_plain_words_are_accepted_unless_reserved(slug):
    assert accepted(slug) == (slug not in RESERVED)


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "ab",
        "a" * 41,
        "a" * 64,
        "a" * 300,
        "Tonan",
        "1tonan",
        "-tonan",
        "tonan-",
        "to--nan",
        "to---nan",
        "tonan\n",
        "tonan ",
        "to nan",
        "to\u00a0nan",
        "to\u200bnan",
        "to\u00adnan",
        "tonan\x00",
        "to.nan",
        "to_nan",
        "to/nan",
        "to%nan",
        "tónan",
        "ｔｏｎａｎ",
        "to－nan",
        "to‐nan",
        "桃南",
        "xn--abc",
        "xn--8ws00z",
        "аdmin",  # a Cyrillic a
        "tοnan",  # a Greek o
        "tonanſ",  # a long s, which NFKC makes an s
        "\u212aairan",  # the sign for kelvin
        "①tonan",
        *sorted(RESERVED),
    ],
)
def test_lookalikes_and_reserved_words_are_refused(slug):
    assert not accepted(slug)


@given(st.text(alphabet="abcxyz019-.ａ１－А_ \u200b\u00ad\u212a", min_size=1, max_size=45))
def test_words_of_letters_that_look_alike_are_plain_or_refused(slug):
    if accepted(slug):
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,38}[a-z0-9]", slug, re.ASCII)


@given(
    st.sampled_from(sorted(RESERVED)), st.sampled_from([str.upper, str.title, lambda word: word + "\u200b", full_width])
)
def test_no_spelling_of_a_reserved_word_is_accepted(word, spell):
    assert not accepted(spell(word))


@given(st.from_regex(r"[a-z][a-z0-9]{2,20}", fullmatch=True))
def test_an_accepted_slug_makes_a_host_of_its_own(slug):
    if accepted(slug):
        host = f"{slug}.kairan.localhost"
        assert routing.normalise_host(host) == host


@pytest.mark.parametrize("used", ["tonan", "fujishiro"])
def test_a_slug_in_use_is_refused_where_it_is_given(kyoto, tonan, fujishiro, used):
    fields = {"name": "二つ目", "kind": "association", "city": kyoto, "ward": "西京区", "households": 9}
    fields |= {"postal_code": "6158106", "address": "京都市西京区", "representative_name": "会長"}
    fields |= {"representative_email": "kaicho@example.jp", "representative_phone": "+81751234567"}
    with public():
        application, _new = Application.objects.submit(**fields)
        for taken in (used, used.upper(), "admin", f"{used}\n"):
            with pytest.raises(ValidationError) as refusal, transaction.atomic():
                application.approve(by="tests", slug=taken)
            assert set(refusal.value.message_dict) == {"slug"}
        assert Association.objects.filter(slug__istartswith=used).count() == 1
